# SPDX-License-Identifier: GPL-2.0-only
"""How a test is written.

A Python file under tests/{lint,unit,oracle,linux,host}/ registers cases:

    from lib import board, case

    @case("linux/hw-breakpoint-lines", needs=board(smp=2))
    def lines(t):
        guest = t.guest(cpus=1)
        t.equal(hw_lines(guest.sh("dmesg").text), hw_lines(t.board.sh("dmesg").text),
                "guest and board print the same hw-breakpoint lines")

needs=board(..) takes the words of tools/harness/machine.py's Config (flavour, cpu, smp, memory,
packages, overlays, guest, module, append, ..). Cases with equal needs share one boot: leave the
board as you found it. A board that died, or whose console shows trouble (BUG, WARNING, Oops), is
replaced for the next case, and the case fails. Without `needs` there is no board; t.boot(board(..))
starts one of the case's own.

What a case has (lib/context.py):
    t.check(condition, text)       one claim; a case without any claim FAILs
    t.equal(got, wanted, text)     the same, and both values are shown
    t.contains(text, part, text)
    t.skip(reason)                 allowed only for cases named in tests/skips
    t.log(text)                    into build/results/CASE/log; so does everything that is printed
    t.board                        the shared board: .run(argv, stdin, timeout) -> Result, .sh(script),
                                   .agent.start(argv, pty=(24, 80)) -> Command, .put(file, path)
    t.guest(number=0, cpus=1, ..)  a stock guest on that board, same methods; shared between cases
                                   that ask with the same words, unless fresh=True
    t.boot(board(..))              another board, ended with the case
    t.until(condition, seconds)    wait for it, in seconds that the machine gives; False if in vain
    t.sleep(seconds)               let the machine give so many seconds
    t.dir                          a directory of the case's own, build/results/CASE/
    t.allow_log(regex)             console lines that are expected here
    Result                         .status .stdout .stderr (bytes) .text .errors (str) .check()

Other words of @case: tier ("check" without a boot, "test" the default, "long"), timeout in seconds
that the machine gives (120; tools/harness/patience.py), shard (cases with equal needs but another shard get a boot of their own, to run in parallel).

Verdicts are PASS FAIL SKIP XFAIL. The runner (lib/runner.py) takes them from a pipe of its own;
a case that says nothing, or a worker that dies, is FAIL. tests/skips names who may skip, and why.
"""

from .context import Context
from .registry import board, case

__all__ = ["Context", "board", "case"]
