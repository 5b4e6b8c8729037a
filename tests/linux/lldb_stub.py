# SPDX-License-Identifier: GPL-2.0-only
"""armvm --gdb on the board: steps by breakpoints, and Debian's lldb as the client."""

from __future__ import annotations

import re
import subprocess

from linux._stub import CPSR, DEBUGGEE, MAIN, PC, Relay, debuggee, holds, patient, symbols

from lib import Context, case

from rsp import Client, connect

STEPS = 23  # guests/debuggee.c: at_00 to at_22


@case("linux/gdb-stub-steps", needs=MAIN, timeout=200)
def steps(t: Context) -> None:
    """Every step of a path through A32 and T32; software and hardware breakpoints of each kind."""
    path = symbols(*(f"at_{n:02}" for n in range(STEPS)))
    thumb = range(7, 21)
    ticks, rounds, wrong, finish_now = symbols("ticks", "rounds", "wrong", "finish_now")
    with debuggee(t) as (armvm, relay):
        client = patient(Client(relay.port))
        client.ask("?")
        client.ask("qSupported:swbreak+;hwbreak+")
        t.equal(client.ask("vCont?"), "vCont;c;C;s;S;t", "the stub offers steps")

        def walk(how: str, count: int = STEPS) -> list[int]:
            """Step along the path from its first instruction, as long as the stub does."""
            seen = [client.register(PC)]
            while len(seen) < count and client.resume(how).startswith("T05thread:1;"):
                seen.append(client.register(PC))
            return seen

        def start() -> None:
            client.ask(f"Z1,{path[0]:x},4")
            client.resume("vCont;c")
            client.ask(f"z1,{path[0]:x},4")

        start()
        other = client.word(ticks + 4)
        t.equal([hex(at) for at in walk("vCont;s:1")], [hex(at) for at in path],
                "each step ends at the next instruction that executes")
        t.equal(client.word(ticks + 4), other, "the other vCPU stays stopped meanwhile")
        start()
        t.equal([hex(at) for at in walk("vCont;s:1;c", 10)], [hex(at) for at in path[:10]],
                "and so it does while the other vCPU runs")
        t.check(client.word(ticks + 4) > other, "which it did")
        # 4 is an A32 instruction, 2 and 3 are T32 ones of one and two halfwords.
        for kind, at in ((4, 2), (2, 12), (3, 14), (3, 20)):
            for point, reason in (("Z0", "swbreak"), ("Z1", "hwbreak")):
                spot = f"{point}, kind {kind}, at_{at:02}"
                t.equal(client.ask(f"{point},{path[at]:x},{kind:x}"), "OK", f"{spot}: set")
                t.equal(client.resume("vCont;c"), f"T05thread:1;{reason}:;", f"{spot}: stops")
                t.equal((client.register(PC), client.register(CPSR) >> 5 & 1),
                        (path[at], int(at in thumb)), f"{spot}: there, and in which set")
                client.ask(f"z{point[1:]},{path[at]:x},{kind:x}")
                t.equal(client.resume("vCont;s:1"), "T05thread:1;", f"{spot}: a step leaves it")
                t.equal(client.register(PC), path[at + 1], f"{spot}: for the next instruction")
        # Detach in the middle of the path with points set; the next client finds none of them.
        client.ask(f"Z0,{path[9]:x},2")
        client.ask(f"Z1,{path[14]:x},3")
        client.resume("vCont;c")
        t.equal(client.ask("D"), "OK", "detach")
        client.close()
        client = patient(connect(relay.port))
        before = client.word(rounds)
        client.send(b"vCont;c")
        t.sleep(1)
        t.check(client.stop().startswith("T02") and client.word(rounds) > before + 5,
                "after detaching and connecting again the guest runs through the path")
        t.equal(client.word(wrong), 0, "the guest noticed nothing")
        client.ask(f"M{finish_now:x},4:01000000")
        t.equal(client.resume(), "W00", "the guest ends")
        t.equal(armvm.wait(30), 0, "armvm ends with 0")


def lldb(t: Context, relay: Relay, *commands: str) -> str:
    """Run a session of Debian's lldb on this machine; return its output."""
    words = ["lldb-14", "--no-lldbinit", "--batch"]
    for command in ("settings set plugin.process.gdb-remote.packet-timeout 600",
                    "settings set stop-line-count-before 0", "settings set stop-line-count-after 0",
                    f"target create --arch armv7 {DEBUGGEE}",
                    f"gdb-remote 127.0.0.1:{relay.port}", *commands):
        words += ["-o", command]
    result = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, check=False)
    text = result.stdout.decode()
    t.log(f"-- lldb\n{text}")
    return text


@case("linux/lldb-stub", needs=MAIN, timeout=300)
def points(t: Context) -> None:
    """Breakpoints, steps in A32 and T32, a watchpoint, detach, and another session."""
    target_word, finish_now, own_break, work_thumb = symbols("target_word", "finish_now",
                                                             "own_break", "work_thumb")
    path = symbols(*(f"at_{n:02}" for n in range(STEPS)))
    pc = "register read pc"
    with debuggee(t) as (armvm, relay):
        text = lldb(
            t, relay, "breakpoint set --name stepped", "process continue", pc,
            *["thread step-inst", pc] * 8, "breakpoint delete --force",
            "breakpoint set --name work_thumb", "process continue", pc,
            "thread step-inst", pc, "breakpoint delete --force",
            "breakpoint set --hardware --name work_thumb", "process continue", pc,
            "thread step-inst", pc, "breakpoint delete --force",
            f"watchpoint set expression -s 4 -w write -- {target_word:#x}", "process continue",
            "watchpoint delete --force", "thread list", "process detach")

        def at(n: int) -> str:
            return rf"^ +pc = {path[n]:#010x}"

        there = rf"^ +pc = {work_thumb & ~1:#010x}"
        after = rf"^ +pc = (?:{(work_thumb & ~1) + 2:#010x}|{(work_thumb & ~1) + 4:#010x})"

        holds(t, text,
              ("a breakpoint stops", r"stop reason = breakpoint 1\.1"),
              ("at the first instruction", at(0)),
              *[(f"step {n}", at(n)) for n in range(1, 9)],
              ("a breakpoint in T32 code stops", r"stop reason = breakpoint 2\.1"),
              ("at its first instruction", there), ("a step leaves it", after),
              ("a hardware breakpoint stops", r"stop reason = breakpoint 3\.1"),
              ("there too", there), ("and a step leaves it", after),
              ("a watchpoint stops", r"stop reason = watchpoint 1"),
              ("vCPUs are threads", r"thread #2"),
              ("detach", r"Process 1 detached"))
        t.sleep(1)
        text = lldb(t, relay, f"breakpoint set --address {own_break:#x}", "process continue",
                    "breakpoint delete --force", f"memory write -s 4 {finish_now:#x} 1",
                    "process continue")
        holds(t, text, ("another session finds it running", r"stop reason = breakpoint 1\.1"),
              ("and lets it end", r"exited with status = 0"))
        t.equal(armvm.wait(30), 0, "armvm ends with 0")
        t.check(re.search("PASS debuggee: no other exception", bytes(armvm.stdout).decode()),
                "the guest noticed nothing")
