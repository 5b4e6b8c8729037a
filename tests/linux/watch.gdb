# SPDX-License-Identifier: GPL-2.0-only
# The demo's gdb session: a watchpoint on a variable, then a hardware breakpoint on a function.
set pagination off
set confirm off
set width 0
set startup-with-shell off
break main
run
watch counter
info watchpoints
continue
continue
continue
info watchpoints
delete
hbreak tally
continue
info breakpoints
backtrace
delete
continue
