# SPDX-License-Identifier: GPL-2.0-only
"""The board itself: it starts a stock kernel in HYP mode, and passes commands on unchanged."""

from __future__ import annotations

import random
import re

from lib import Context, board, case

PLAIN = board(module=False)
HW_LINES = ["hw-breakpoint: found 5 (+1 reserved) breakpoint and 4 watchpoint registers.",
            "hw-breakpoint: maximum watchpoint size is 8 bytes."]


@case("linux/board-boots-stock-kernel", needs=PLAIN)
def boots(t: Context) -> None:
    log = t.board.sh("dmesg").check().text
    release = t.board.run(["uname", "-r"]).check().text.strip()
    t.check(re.fullmatch(r"6\.1\.0-\d+-armmp-lpae", release), f"{release} is Debian's kernel")
    t.contains(log, "CPU: All CPU(s) started in HYP mode.", "the board starts in HYP mode")
    for line in HW_LINES:
        t.contains(log, line, f"the kernel says: {line}")
    t.equal(t.board.sh("cat /proc/sys/kernel/tainted").text.strip(), "0",
            "nothing taints the kernel")


@case("linux/channel-is-transparent", needs=PLAIN)
def transparent(t: Context) -> None:
    data = random.Random(1).randbytes(700_000)
    result = t.board.run(["cat"], data)
    t.equal((result.status, result.stdout == data), (0, True),
            "700 kB of random bytes pass through cat unchanged")
    words = ["a b", "c\nd", "", "*", "\xff", "-n", "'\""]
    result = t.board.run(["sh", "-c", 'printf "%s|" "$@"', "sh", *words])
    t.equal(result.stdout.decode(), "".join(w + "|" for w in words), "arguments arrive unchanged")
    for status in (0, 1, 2, 77, 124, 125, 255):
        t.equal(t.board.sh(f"exit {status}").status, status, f"exit status {status}")
    t.equal(t.board.sh("kill -9 $$").status, 128 + 9, "the status after signal 9 is 137")
    t.equal(t.board.run(["no-such-program"]).status, 127, "the status of a missing program is 127")
    result = t.board.sh("echo out; echo err >&2")
    t.equal((result.stdout, result.stderr), (b"out\n", b"err\n"),
            "standard output and standard error arrive separately")


@case("linux/channel-serves-many", needs=PLAIN)
def many(t: Context) -> None:
    """A command that neither reads nor ends must not block the others."""
    deaf = t.board.agent.start(["sleep", "60"])
    commands = [t.board.agent.start(["sh", "-c", f"cat; exit {n}"]) for n in range(10)]
    for command in commands:
        command.write(b"x" * 100_000)
        command.close_stdin()
    for n, command in enumerate(commands):
        result = command.result(60)
        t.equal((result.status, len(result.stdout)), (n, 100_000), f"command {n} of 10 at once")
    t.check(not deaf.ended, "the command that sleeps still runs")
    deaf.kill()
    t.equal(deaf.wait(10), 137, "it can be killed")
    t.equal(t.board.sh("sleep 100 & echo $!").status, 0,
            "the board does not wait for a child that a command leaves behind")
