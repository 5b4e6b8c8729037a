# SPDX-License-Identifier: GPL-2.0-only
"""armvm --gdb on the board: Debian's gdb-multiarch debugs guests that also debug themselves."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from linux._stub import DEBUGGEE, MAIN, PC, Client, Relay, debuggee, holds, patient, symbols, value

from lib import Context, case
from lib.registry import TOP
from lib.hwpoints import hwpoints

from rsp import connect

TEST_DEVICE = 0x0B000008


def gdb_words(relay: Relay, program: Path | None, commands: tuple[str, ...]) -> list[str]:
    words = ["gdb-multiarch", "-q", "-nx", "-batch"]
    for command in ("set pagination off", "set confirm off", "set tcp connect-timeout 600",
                    "set remotetimeout 600", "set architecture armv7",
                    f"target remote 127.0.0.1:{relay.port}", *commands):
        words += ["-ex", command]
    return words + ([str(program)] if program else [])


def gdb(t: Context, relay: Relay, *commands: str, program: Path | None = DEBUGGEE) -> str:
    """Run a session of Debian's gdb on this machine; return its output."""
    with (t.dir / "gdb").open("w+b") as said:
        try:
            subprocess.run(gdb_words(relay, program, commands), stdin=subprocess.DEVNULL,
                           stdout=said, stderr=subprocess.STDOUT, check=False)
        finally:
            said.seek(0)
            text = said.read().decode()
            t.log(f"-- gdb\n{text}")
    return text


@case("linux/gdb-stub-points", needs=MAIN, timeout=300)
def points(t: Context) -> None:
    """hbreak, watch, rwatch, break, stepi, memory, registers, threads, in a guest with two CPUs."""
    with debuggee(t, "--gdb-wait") as (armvm, relay):
        text = gdb(
            t, relay, "p $pc == (unsigned)&_start", f"p/x {value('marker')}", "hbreak *&work",
            "continue", f"p {value('rounds')}", "info threads", "continue",
            f"p {value('rounds')}", "delete",
            f"watch {value('target_word')}", "continue", "continue", "delete",
            f"rwatch {value('readme')}", "continue", "delete", "tbreak *&work_thumb", "continue",
            "p $cpsr & 0x20", "stepi", "p (int)$pc - (int)&work_thumb", "hbreak *&work_thumb",
            "continue", "delete",
            # gdb reads back what it wrote; then the guest uses a value that gdb wrote.
            "set var $keep = $r4", "set var $r4 = 0x1234abcd", "maintenance flush register-cache",
            "printf \"r4 is %x\\n\", $r4", "set var $r4 = $keep", "set var $r0 = 4000",
            f"watch {value('scratch')}", "continue", "delete",
            "p $cpsr & 0x1f", "p $sp > (unsigned)&_start",
            f"set var {value('marker')} = 42", f"p {value('marker')}", "x/wx 0x09000018",
            f"p {value('own_bkpts')} == {value('rounds')} + 1", f"p {value('wrong')}",
            "thread 2", "p $r0", "thread 1", f"set var {value('finish_now')} = 1", "continue")
        holds(t, text,
              ("the guest is stopped at its first instruction", r"^\$1 = 1$"),
              ("memory can be read with the MMU off", r"^\$2 = 0x12345678$"),
              ("hbreak", r"^Hardware assisted breakpoint 1 at"),
              ("the breakpoint stops", r"hit Breakpoint 1, 0x[0-9a-f]+ in work \(\)"),
              ("it stops in the first round", r"^\$3 = 0$"),
              ("vCPU 0 is a thread", r"^\* 1 +Thread 1 \(vCPU 0\)"),
              ("so is vCPU 1", r"^  2 +Thread 2 \(vCPU 1\)"),
              ("continue steps over the breakpoint", r"hit Breakpoint 1, 0x[0-9a-f]+ in work \(\)"),
              ("it stops again one round later", r"^\$4 = 1$"),
              ("watch", r"^Hardware watchpoint 2: "),
              ("the watchpoint stops with both values", r"^Old value = 1\nNew value = 2$"),
              ("and so it does the next time", r"^Old value = 2\nNew value = 3$"),
              ("rwatch", r"^Hardware read watchpoint 3: "),
              ("it stops at the load", r"^Value = 0$"),
              ("a breakpoint in Thumb code", r"Temporary breakpoint 4, 0x[0-9a-f]+ in work_thumb"),
              ("CPSR says Thumb", r"^\$5 = 32$"),
              ("stepi advances by one instruction", r"^\$6 = [24]$"),
              ("hbreak in Thumb code", r"hit Breakpoint 5, 0x[0-9a-f]+ in work_thumb"),
              ("a register that gdb wrote reads back", r"^r4 is 1234abcd$"),
              ("the guest uses a register that gdb wrote", r"^New value = 4003$"),
              ("the mode is SVC", r"^\$7 = 19$"),
              ("the stack pointer is that of SVC mode", r"^\$8 = 1$"),
              ("memory can be written", r"^\$9 = 42$"),
              ("a device cannot be read", r"Cannot access memory at address 0x9000018"),
              ("the guest took each of its own BKPTs", r"^\$10 = 1$"),
              ("and no other exception", r"^\$11 = 0$"),
              ("the other thread has its own registers", r"^\$12 = 1$"),
              ("the guest ends", r"\[Inferior 1 \(.*\) exited normally\]"))
        t.equal(armvm.wait(30), 0, "armvm ends with 0")
        console = bytes(armvm.stdout).decode()
        t.contains(console, "PASS debuggee: it took each of its own BKPTs",
                   "the guest reports that it took all of its BKPTs and none of gdb's")
        t.check("FAIL" not in console, "and that nothing unexpected came")


@case("linux/gdb-stub-interrupt-and-detach", needs=MAIN, timeout=300)
def detach(t: Context) -> None:
    """gdb interrupts a running guest, detaches and connects again; with long descriptors."""
    with debuggee(t, append="lpae=1") as (armvm, relay):
        # Simulate Ctrl-C one second after gdb has resumed the guest.
        text = gdb(t, relay, "python import os, threading",
                   "python gdb.events.cont.connect(lambda event: "
                   "threading.Timer(1, os.kill, (os.getpid(), 2)).start())",
                   "continue", f"p {value('rounds')}", "info threads", f"p/x {value('marker')}",
                   "detach")
        holds(t, text,
              ("the interrupt stops it", r"received signal SIGINT, Interrupt"),
              ("it has been running", r"^\$1 = [1-9]"),
              ("the other CPU is a thread too", r"Thread 2 \(vCPU 1\)"),
              ("memory can be read through long descriptors", r"^\$2 = 0x12345678$"),
              ("detach", r"\[Inferior 1 \(.*\) detached\]"))
        t.sleep(1)
        text = gdb(t, relay, f"p {value('rounds')}", f"set var {value('finish_now')} = 1",
                   "continue")
        holds(t, text, ("another session finds it still running", r"^\$1 = [1-9]"),
              ("and lets it end", r"exited normally"))
        t.equal(armvm.wait(30), 0, "armvm ends with 0")


@case("linux/gdb-stub-guest-keeps-its-own", needs=MAIN, timeout=300)
def own(t: Context) -> None:
    """The client's points suspend the guest's own, which work before and after; BKPTs always do."""
    names = ("rounds", "own_hits", "own_breaks", "own_bkpts", "wrong", "finish_now", "work",
             "target_word", "own_break", "own_bkpt", "ticks")
    rounds, hits, breaks, bkpts, wrong, finish_now, work, watched, own_break, own_bkpt, ticks = \
        symbols(*names)
    counted = {"rounds": rounds, "hits": hits, "breaks": breaks, "bkpts": bkpts, "wrong": wrong}

    def counts(client: Client) -> dict[str, int]:
        return {name: client.word(address) for name, address in counted.items()}

    def let_run(client: Client, seconds: float = 1.5) -> dict[str, int]:
        client.send(b"c")
        t.sleep(seconds)
        client.stop()
        return counts(client)

    with debuggee(t) as (armvm, relay):
        t.sleep(1)
        client = patient(Client(relay.port))
        client.ask("?")
        first = counts(client)
        t.log(f"{first}")
        t.check(first["rounds"] > 5,
                f"it makes {first['rounds']} rounds before the client connects")
        t.check(all(abs(first[n] - first["rounds"]) <= 1 for n in ("hits", "breaks", "bkpts")),
                f"each round has its own three events: {first}")
        idle = let_run(client)
        t.check(idle["rounds"] > first["rounds"] and abs(idle["hits"] - idle["rounds"]) <= 1,
                f"a client without points suspends nothing: {idle}")
        # A watchpoint on a device register, in turns with one on memory.
        t.equal(client.ask(f"Z2,{TEST_DEVICE:x},4"), "OK", "a watchpoint on a device register")
        for _ in range(2):
            said = client.resume()
            t.equal(said, f"T05thread:1;watch:{TEST_DEVICE:x};",
                    "it stops before the device sees the store")
            t.equal(client.ask(f"z2,{TEST_DEVICE:x},4"), "OK", "it is removed")
            client.ask(f"Z2,{watched:x},4")
            said = client.resume()
            t.equal(said, f"T05thread:1;watch:{watched:x};",
                    "a watchpoint on memory stops at the next round's store")
            client.ask(f"z2,{watched:x},4")
            client.ask(f"Z2,{TEST_DEVICE:x},4")
        client.ask(f"z2,{TEST_DEVICE:x},4")
        before = counts(client)
        t.equal(client.ask("Z1,40000000,4"), "OK", "a breakpoint where nothing executes")
        suspended = let_run(client)
        made = suspended["rounds"] - before["rounds"]
        t.check(made > 5, f"{made} rounds with it")
        t.check(suspended["hits"] - before["hits"] <= 1
                and suspended["breaks"] - before["breaks"] <= 1,
                f"the guest's own points are suspended: {before} {suspended}")
        t.check(abs(suspended["bkpts"] - before["bkpts"] - made) <= 1, "its BKPTs are not")
        # With a software breakpoint set, every BKPT goes to the stub first.
        t.equal(client.ask("Z0,40010000,4"), "OK", "a software breakpoint where nothing executes")
        soft = let_run(client)
        made = soft["rounds"] - suspended["rounds"]
        t.check(made > 5 and abs(soft["bkpts"] - suspended["bkpts"] - made) <= 1,
                f"the guest still takes its own BKPTs, {made}: {suspended} {soft}")
        # Points of the client at the places where the guest has its own.
        client.ask(f"Z0,{own_bkpt:x},4")
        taken = counts(client)["bkpts"]
        t.check(client.resume().startswith("T05thread:1;"),
                "a software breakpoint on the guest's BKPT stops")
        t.equal(client.register(PC), own_bkpt, "the PC is at the BKPT")
        t.check(client.resume().startswith("T05thread:1;"), "it stops again")
        t.check(client.word(bkpts) - taken <= 1, "the guest's handler did not run in between")
        client.ask(f"z0,{own_bkpt:x},4")
        client.ask(f"Z1,{own_break:x},4")
        client.resume()
        t.equal(client.register(PC), own_break,
                "a hardware breakpoint stops where the guest has one too")
        t.check(client.ask("Hc1") == "OK" and client.ask(f"z1,{own_break:x},4") == "OK",
                "it is removed")
        client.ask(f"Z1,{work:x},4")
        other = client.word(ticks + 4)
        client.resume("c")
        t.equal((client.register(PC), client.word(ticks + 4)), (work, other),
                "one thread alone runs to the next breakpoint; the other CPU stays stopped")
        last = counts(client)
        t.equal(last["wrong"], 0, "the guest saw none of this")
        # All points are still set; detaching removes them.
        t.equal(client.ask("D"), "OK", "detach")
        t.sleep(1.5)
        client = patient(connect(relay.port))
        after = counts(client)
        made = after["rounds"] - last["rounds"]
        t.check(made > 5, f"the guest ran for {made} more rounds")
        t.check(all(abs(after[n] - last[n] - made) <= 1 for n in ("hits", "breaks", "bkpts")),
                f"each round had each of its own events: {last} {after}")
        t.equal(after["wrong"], 0, "and no other")
        client.ask(f"M{finish_now:x},4:01000000")
        t.equal(client.resume(), "W00", "the stub reports the guest's end")
        t.equal(armvm.wait(30), 0, "armvm ends with 0")


@case("linux/gdb-stub-linux-guest", needs=MAIN, timeout=400)
def linux(t: Context) -> None:
    """A stock kernel on two vCPUs is stopped, examined and resumed, and works as before."""
    t.board.sh("ip link set lo up").check()
    port = 2345
    guest = t.guest(cpus=2, fresh=True, extra=("--gdb", str(port)))
    relay = Relay(t.board, port)
    try:
        table = guest.sh("grep -w sys_newuname /proc/kallsyms").check().text
        t.log(table)
        at = {line.split()[2]: int(line.split()[0], 16) for line in table.splitlines()}
        program = guest.agent.start(["sh", "-c", "while :; do uname -r; sleep 0.2; done"])
        go_on, uname = "python to_point()", at["sys_newuname"]
        text = gdb(t, relay, f"source {TOP / 'tests/linux/kernel.gdb'}", "info threads",
                   f"x/i {uname:#x}", f"hbreak *{uname:#x}", go_on, "p $pc", "p $cpsr & 0x1f",
                   "python steps(2)", "p $pc", "delete", f"break *{uname:#x}", go_on, "delete",
                   "watch -l *(unsigned *)($r0 + 130)", go_on, "delete", "detach", program=None)
        holds(t, text,
              ("vCPUs are threads", r"Thread 1 \(vCPU 0\)"),
              ("kernel memory can be read through the guest's tables", rf"^ +{uname:#x}:\t\w"),
              ("a hardware breakpoint in the kernel stops", r"hit Breakpoint 1, "),
              ("the PC is at the system call", rf"^\$1 = .*{uname:#x}"),
              ("the mode is SVC", r"^\$2 = 19$"),
              ("two steps move the PC", rf"^\$3 = .*0x(?!{uname:x})"),
              ("a software breakpoint there stops", r"hit Breakpoint 2, "),
              ("a watchpoint on a program's memory stops when the kernel writes it",
               r"hit Hardware watchpoint 3: "),
              ("it has both values", r"^Old value = \d+\nNew value = \d+$"),
              ("detach", r"\[Inferior 1 \(.*\) detached\]"))
        program.kill()
        program.wait(60)
        hwpoints(guest, t.check, "guest, after gdb left", timeout=240)
        t.equal(guest.sh("cat /proc/sys/kernel/tainted").text, "0\n", "nothing taints the guest")
    finally:
        relay.close()
    t.end_guest()


@case("linux/armvm-debug", needs=MAIN, timeout=200)
def debug(t: Context) -> None:
    """The table that `armvm debug` prints, and its errors when there is none."""
    machine = t.board
    with debuggee(t) as (armvm, relay):
        pid = machine.sh("pidof armvm").check().text.split()[0]

        def refused(pid: str, words: str, what: str) -> None:
            result = machine.run(["armvm", "debug", pid])
            t.equal((result.status, result.text), (1, ""), f"{what}: refused")
            t.check(words in result.errors and result.errors.count("\n") == 1,
                    f"{what}, in one line: {result.errors!r}")

        machine.sh("umount /sys/kernel/debug 2>/dev/null; "
                   "! grep -q ' debugfs ' /proc/mounts").check()
        refused(pid, "no debugfs", "debugfs is not mounted")
        machine.sh("mount -t debugfs none /sys/kernel/debug").check()
        refused("1", "runs no virtual machine", "a process without a guest")
        refused("99999", "no process", "a process that does not exist")
        client = patient(Client(relay.port))
        client.ask("?")
        watched, own_break, target = symbols("own_word", "own_break", "target_word")
        client.ask("Z1,40000000,4")
        client.ask("Z2,40000100,4")
        # Stop in work() in a round that began while debugged, so that the guest's points are armed.
        for address in (target, TEST_DEVICE, target):
            client.ask(f"Z2,{address:x},4")
            client.resume()
            client.ask(f"z2,{address:x},4")
        result = machine.run(["armvm", "debug", pid])
        t.log(result.text + result.errors)
        text = result.text
        t.equal(result.status, 0, "its guest has a table")
        t.equal(re.findall(r"^vCPU (\d+)", text, re.M), ["0", "1"], "the table shows both vCPUs")
        first = text.split("vCPU 1")[0]
        for line, what in (
                (r"  owner +user +points of the VMM are loaded, the guest's are suspended",
                 "the VMM's points are loaded"),
                (r"  user +1 +the VMM debugs the guest", "the VMM debugs the guest"),
                (rf"  brp \d +{own_break:#010x}  0x000001e7  address +suspended",
                 "the guest's breakpoint is suspended"),
                (rf"  wrp \d +{watched:#010x}  0x000001f3  stores +suspended",
                 "the guest's watchpoint is suspended"),
                (r"  user_brp 0 +0x40000000  0x000001e7  address +in slot 0",
                 "the VMM's breakpoint is in the CPU"),
                (r"  user_wrp 0 +0x40000100  0x000001f7  stores +in slot 0",
                 "the VMM's watchpoint is in the CPU")):
            t.check(re.search(rf"^{line}$", first, re.M), f"{what}: {line}")
        t.equal(len(re.findall(r"^  user_[bw]rp ", first, re.M)), 2, "the VMM has no other points")
        rows = machine.sh("cat /sys/kernel/debug/kvm/*/vcpu0/debug").check().text
        t.equal(re.findall(r"^(\w+) 0 value .* effective 1 physical (\S+)$", rows, re.M),
                [("brp", "-"), ("wrp", "-"), ("user_brp", "0"), ("user_wrp", "0")],
                "in the file, suspended points have no slot on the CPU")
        for counter in ("traps", "activations", "loads", "reflections", "parkings", "rejected"):
            t.check(re.search(rf"^  {counter} +\d+$", text, re.M), f"the table counts {counter}")
        client.ask("D")
    t.check(armvm.ended, "armvm has ended")
