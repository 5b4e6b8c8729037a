# SPDX-License-Identifier: GPL-2.0-only
"""How to write a test.

A Python file under tests/{lint,unit,oracle,linux,host}/ registers cases:

    from lib import board, case

    @case("linux/hw-breakpoint-lines", needs=board(smp=2))
    def lines(t):
        guest = t.guest(cpus=1)
        t.equal(hw_lines(guest.sh("dmesg").text), hw_lines(t.board.sh("dmesg").text),
                "guest and board print the same hw-breakpoint lines")

needs=board(..) takes the fields of Config in tools/harness/machine.py: flavour, cpu, smp, memory,
packages, overlays, guest, module, append and more. Cases with equal needs share one boot, so leave
the board as you found it. If a board dies or its console shows trouble (BUG, WARNING, Oops), the
case fails and the next case gets a new board. A case without `needs` has no board, but can boot
one with t.boot(board(..)).

What a case has (lib/context.py):
    t.check(condition, text)       makes a claim; a case without any claim FAILs
    t.equal(got, wanted, text)     the same, and a failure shows both values
    t.contains(text, part, text)
    t.fail(text)                   ends the case
    t.skip(reason)                 only for cases that tests/skips names
    t.log(text)                    writes to build/results/CASE/log, as print() does
    t.board                        the shared board: .run(argv, stdin, timeout) -> Result,
                                   .sh(script), .agent.start(argv, pty=(24, 80)) -> Command,
                                   .put(file, path)
    t.guest(number=0, cpus=1, ..)  a guest with a stock kernel on that board, with the same
                                   methods; cases that give equal arguments share it, unless
                                   fresh=True
    t.boot(board(..))              another board, which ends with the case
    t.until(condition, seconds)    waits for a condition; False if it did not come true
    t.sleep(seconds)
    t.dir                          a directory for this case, build/results/CASE/
    t.allow_log(regex)             console lines that are expected here
    Result                         .status .stdout .stderr (bytes) .text .errors (str) .check()

Other arguments of @case: tier ("check" needs no boot, "test" is the default, "long",
"matrix" is for tests/matrix/cells.py); timeout
(120); shard, which gives cases with equal needs boots of their own, so that they run in parallel.
All times are seconds that the machine gives (tools/harness/patience.py).

Verdicts are PASS, FAIL, SKIP and XFAIL. The runner (lib/runner.py) reads them from a pipe. A case
without a verdict is FAIL, and so is each case of a worker that dies. tests/skips says which cases
may skip, and why.
"""

from .context import Context
from .registry import board, case

__all__ = ["Context", "board", "case"]
