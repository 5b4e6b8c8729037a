# SPDX-License-Identifier: GPL-2.0-only
# For a kernel on several vCPUs, where a stop may not come, or not be the one that is waited for.
#
# gdb steps over a point with the other vCPUs standing still.  If an interrupt comes first, its
# handler may wait for a lock that one of those has: after a while they are all let go.
#
# Without symbols gdb takes r11 for a frame pointer and looks for code where it points.  In a
# system call r11 is the process's, and its page may not be there: then gdb refuses to step.
python
import os, signal, threading

stops = []
gdb.events.stop.connect(stops.append)


def resume(command):
    """Whether it stopped by itself."""
    timer = threading.Timer(20, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    try:
        gdb.execute(command)
    finally:
        timer.cancel()
    return not isinstance(stops[-1], gdb.SignalEvent)


def to_point():
    for _ in range(10):
        if resume("continue"):
            return


def steps(count):
    """From a breakpoint; where another vCPU came to it meanwhile, or gdb refused, from its next hit."""
    start = int(gdb.parse_and_eval("(unsigned)$pc"))
    for _ in range(10):
        try:
            if all(resume("stepi") for _ in range(count)) and int(gdb.parse_and_eval("(unsigned)$pc")) != start:
                return
        except gdb.error as error:
            print(error)
        to_point()
end
