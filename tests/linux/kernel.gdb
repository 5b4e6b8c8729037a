# SPDX-License-Identifier: GPL-2.0-only
# For debugging a kernel on several vCPUs, where a stop may not come or may be a different one.
#
# gdb keeps the other vCPUs stopped while it steps over a point.  If an interrupt comes first, its
# handler may wait for a lock that one of those vCPUs holds; the timer below then interrupts the
# step, and to_point() resumes all vCPUs.
#
# Without symbols gdb takes r11 for a frame pointer and looks for code where it points.  During a
# system call r11 belongs to the process, and its page may not be mapped; gdb then refuses to step.
python
import os, signal, threading

stops = []
gdb.events.stop.connect(stops.append)


def resume(command):
    """True if the guest stopped by itself, False if the timer interrupted it."""
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
    """Step from a breakpoint; retry at its next hit if another vCPU hit it or gdb refused."""
    start = int(gdb.parse_and_eval("(unsigned)$pc"))
    for _ in range(10):
        try:
            stepped = all(resume("stepi") for _ in range(count))
            if stepped and int(gdb.parse_and_eval("(unsigned)$pc")) != start:
                return
        except gdb.error as error:
            print(error)
        to_point()
end
