# SPDX-License-Identifier: GPL-2.0-only
"""tools/board as its users see it: what it promises when all goes well, and when it does not."""

from __future__ import annotations

import subprocess

from lib import Context, case
from lib.registry import TOP

BOARD = str(TOP / "tools" / "board")


def tool(*argv: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([BOARD, *argv], input=stdin, capture_output=True, check=False)


@case("linux/tool-status-and-output", shard="tool")
def status(t: Context) -> None:
    done = tool("--no-module", "--", "sh", "-c", 'cat; printf "%s" "$1"; echo no >&2; exit 7', "sh",
                "a\n b", stdin=b"\x00\xff\r\n")
    t.equal(done.returncode, 7, "the command's exit status is the tool's")
    t.equal(done.stdout, b"\x00\xff\r\na\n b", "standard input, output and arguments are unchanged")
    t.equal(done.stderr, b"no\n", "standard error holds only the command's")


@case("linux/tool-timeout-is-124", shard="tool")
def timeout(t: Context) -> None:
    done = tool("--no-module", "--timeout", "25", "--", "sleep", "1000")
    t.equal(done.returncode, 124, "the status of a command that does not end")
    t.check(b"last 40 lines" in done.stderr, "standard error has the end of the console")


@case("linux/tool-panic-is-125", shard="tool")
def panic(t: Context) -> None:
    # One CPU, so that no trace of another one follows the message.
    done = tool("--no-module", "--smp", "1", "--", "sh", "-c",
                "echo c >/proc/sysrq-trigger; sleep 60")
    t.equal(done.returncode, 125, "the status if the kernel panics under the command")
    t.check(b"sysrq triggered crash" in done.stderr, "standard error has the panic")


@case("linux/tool-log-trouble-is-125", shard="tool")
def trouble(t: Context) -> None:
    """The command succeeds, but the kernel logs a warning."""
    done = tool("--no-module", "--", "sh", "-c", "echo '<4>WARNING: CPU: 0 PID: 1' >/dev/kmsg")
    t.equal(done.returncode, 125, "the status if the console log has a WARNING")
    t.check(b"WARNING: CPU: 0" in done.stderr, "standard error has the line")


@case("linux/tool-boot-failure-is-125", shard="tool")
def boot(t: Context) -> None:
    done = tool("--no-module", "--smp", "1", "--append", "rdinit=/nonexistent root=/dev/none",
                "--", "true")
    t.equal(done.returncode, 125, "the status if the board cannot boot")
    t.check(b"Kernel panic" in done.stderr, "the end of the console says why")


@case("linux/tool-two-at-once", shard="tool")
def two(t: Context) -> None:
    argv = [BOARD, "--no-module", "--", "sh", "-c"]
    runs = [subprocess.Popen([*argv, f"sleep 3; echo {n}; exit {n}"],
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) for n in (3, 4)]
    try:
        for n, process in zip((3, 4), runs):
            out, _ = process.communicate()
            t.equal((process.returncode, out), (n, b"%d\n" % n), f"run {n}")
    finally:
        for process in runs:
            process.kill()


@case("linux/tool-wrong-use-is-125", shard="tool")
def wrong(t: Context) -> None:
    for argv in (["--bogus"], ["--smp", "0", "--", "true"], ["true"], ["--"],
                 ["--overlay", "/nonexistent", "--no-module", "--", "true"]):
        done = tool(*argv)
        t.equal((done.returncode, done.stdout), (125, b""), f"tools/board {' '.join(argv)}")
        t.check(done.stderr, "standard error gives the reason")
