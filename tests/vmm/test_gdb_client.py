#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""armvm --gdb with Debian's gdb as the client."""

import re
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from gdb_armvm import Armvm, KERNEL  # noqa: E402
from harness import run_cases  # noqa: E402
from limits import HANG  # noqa: E402


def gdb(armvm: Armvm, *commands: str) -> str:
    words = ["gdb-multiarch", "-q", "-nx", "-batch", "-ex", "set pagination off", "-ex",
             "set confirm off", "-ex", "set tcp connect-timeout 30", "-ex",
             f"target remote {armvm.host}:{armvm.port}"]
    for command in commands:
        words += ["-ex", command]
    result = subprocess.run([*words, KERNEL], stdin=subprocess.DEVNULL, capture_output=True,
                            timeout=HANG, check=False)
    text = result.stdout.decode() + result.stderr.decode()
    assert "could not connect" not in text, f"{text}\n{about(armvm)}"
    return text


def about(armvm: Armvm) -> str:
    """What may explain why gdb finds nobody: this has been seen once, on a busy machine."""
    sockets = [line for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()
               if f":{armvm.port:04X} " in line]
    return "\n".join([f"armvm: status {armvm.process.poll()}", *sockets])


def holds(text: str, *patterns: str) -> None:
    """The patterns match, in this order."""
    at = 0
    for pattern in patterns:
        match = re.compile(pattern, re.M).search(text, at)
        assert match, f"{pattern!r} does not match after the others in:\n{text}"
        at = match.end()


def test_gdb_points():
    with Armvm("--gdb-wait", cpus=1) as armvm:
        text = gdb(armvm, "hbreak store", "continue", "continue", "p *(int *)&words", "delete",
                   "watch *(int *)&words", "continue", "delete", "break after", "continue",
                   "delete", "rwatch *((int *)&words + 1)", "continue",
                   "info registers cpsr fpscr d31",
                   "detach")
        holds(text, r"^Hardware assisted breakpoint 1", r"^Breakpoint 1, loop \(\)",
              # It continued once around the loop, to the same place.
              r"^Breakpoint 1, loop \(\)", r"^\$1 = 1$",
              r"^Hardware watchpoint 2: ", r"^Old value = 1\nNew value = 2$",
              r"^Breakpoint 3, loop", r"^Hardware read watchpoint 4: ", r"^Value = 0$",
              r"^cpsr ", r"^fpscr ", r"^d31 ", r"\[Inferior 1 \(.*\) detached\]")


def test_gdb_steps_and_others():
    """The other vCPU runs while gdb steps one, unless gdb is told otherwise."""
    for locking, word in (("off", r"^\$1 = [1-9]"), ("step", r"^\$1 = 0$"), ("on", r"^\$1 = 0$")):
        with Armvm("--gdb-wait") as armvm:
            text = gdb(armvm, f"set scheduler-locking {locking}", "stepi 350",
                       "p *((int *)&words + 4)", "p *(int *)&words", "p/x $pc")
            holds(text, word, r"^\$2 = 50$", r"^\$3 = 0x40010000$")


def test_gdb_steps_by_the_stub():
    """By KVM_GUESTDBG_SINGLESTEP or by breakpoints; gdb cannot tell, nor what the guest is."""
    for abi, step in (("auto", 1), ("none", 1), ("auto", 0), ("none", 0)):
        with Armvm("--gdb-wait", step=step) as armvm:
            text = gdb(armvm, f"set osabi {abi}", "set debug remote 1", "stepi",
                       "set debug remote 0", "stepi 2", "p/x $pc", "p *(int *)&words", "stepi 4",
                       "p/x $pc", "hbreak store thread 1", "continue", "stepi", "p/x $pc",
                       "info threads")
            holds(text, r"Sending packet: \$vCont;s:1;c#")
            holds(text, r"^\$1 = 0x4001000c$", r"^\$2 = 1$", r"^\$3 = 0x40010000$",
                  r"^(Thread 1 .*hit )?Breakpoint 1", r"^\$4 = 0x4001000c$",
                  r"^\* 1 +Thread 1 \(vCPU 0\)")


def test_gdb_other_registers():
    with Armvm("--gdb-wait", cpus=1) as armvm:
        text = gdb(armvm, "set $sctlr = 0xc50078", "p/x $sctlr", "set $sp_irq = 77",
                   "info registers banked", "info registers cp15",
                   "monitor help", "monitor cp15", "set $pc = 0", "monitor reset",
                   "maintenance flush register-cache", "p/x $pc", "hbreak store", "continue",
                   "monitor quit")
        holds(text, r"^\$1 = 0xc50078$", r"^r8_usr +0x0 ", r"^sp_irq +0x4d ", r"^spsr_fiq ",
              r"^sctlr +0xc50078 ", r"^ttbcr ", r"^\$2 = 0x40010000$", r"^Breakpoint 1, ")
        holds(text, r"^monitor cp15 ", r"^sctlr +0x00c50078$")
        assert armvm.wait() == 130


def test_gdb_threads_and_guest_end():
    with Armvm("--gdb-wait") as armvm:
        # Each has run before their registers are compared.
        text = gdb(armvm, "break store thread 1", "continue", "delete",
                   "break store thread 2", "continue", "info threads", "delete",
                   "thread 1", "p $r0 == (int)&words", "thread 2", "p $r0 - (int)&words",
                   "set var $pc = (int)&off", "continue")
        holds(text, r'^Thread 2 "?.*hit Breakpoint 2', r"^\* 2 ", r"^\$1 = 1$", r"^\$2 = 16$",
              r"\[Inferior 1 \(.*\) exited normally\]")
        assert armvm.wait() == 0


if __name__ == "__main__":
    sys.exit(run_cases("gdb_client", globals()))
