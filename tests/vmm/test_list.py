#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""--name and `armvm list`, as a user other than root, whose guests are not in /run."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from fake_armvm import ARMVM, DIRECTORY, KERNEL, environment, until  # noqa: E402
from harness import run_cases  # noqa: E402
from limits import HANG  # noqa: E402

RUNTIME = Path(tempfile.mkdtemp(dir=DIRECTORY))
USER = 65534 if os.geteuid() == 0 else os.geteuid()
os.chmod(DIRECTORY, 0o755)
os.chown(RUNTIME, USER, -1)
HEAD = "NAME                PID  STATE          VCPUS  MEMORY     UPTIME"


def start(*words, runtime: Path | None = RUNTIME, **fake) -> subprocess.Popen:
    env = environment(**fake)
    env.pop("XDG_RUNTIME_DIR", None)
    if runtime:
        env["XDG_RUNTIME_DIR"] = str(runtime)
    return subprocess.Popen([ARMVM, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, env=env, user=USER, group=USER)


def run(*words, **fake) -> subprocess.Popen:
    return start("run", "--kernel", KERNEL, "--memory", "32M", *words, **fake)


def rows() -> list[list[str]]:
    """What list prints of guests here; there may be others in /run/armvm."""
    out, errors = (process := start("list")).communicate(timeout=HANG)
    assert (process.returncode, errors) == (0, b""), errors
    lines = out.decode().splitlines()
    assert lines[0] == HEAD, lines
    return [line.split() for line in lines[1:] if line.startswith("test-")]


def failure(process: subprocess.Popen) -> str:
    out, errors = process.communicate(timeout=HANG)
    assert process.returncode == 1 and out == b"" and errors.count(b"\n") == 1, errors
    return errors.decode()


def test_guests_are_listed_while_they_run():
    assert not rows()
    guests = [run("--name", f"test-{n}", "--cpus", str(n), guest="idle") for n in (2, 1)]
    until(lambda: len(rows()) == 2)
    for row, guest, cpus in zip(rows(), reversed(guests), "12", strict=True):
        assert row[:5] == [f"test-{cpus}", str(guest.pid), "running", cpus, "32M"], row
        assert re.fullmatch(r"\d+:\d\d:\d\d", row[5]), row
    control = RUNTIME / "armvm/test-1/control"
    done = start("ctl", str(control), "pause")
    assert done.wait(20) == 0, done.stderr.read()
    assert [row[2] for row in rows()] == ["paused", "running"], rows()
    # One name, one guest.
    assert "another armvm may be using it" in failure(run("--name", "test-1", guest="idle"))
    guests[0].terminate()
    assert guests[0].wait(20) == -signal.SIGTERM
    guests[1].kill()
    guests[1].wait()
    # A socket that a killed armvm left is no guest, and does not keep the next one away.
    assert control.exists() and not rows()
    again = run("--name", "test-1", guest="poweroff")
    assert again.wait(20) == 0, again.stderr.read()
    assert not control.exists()


def test_a_control_socket_elsewhere_is_not_listed():
    path = RUNTIME / "elsewhere"
    guest = run("--name", "test-3", "--control", str(path), guest="idle")
    until(path.exists)
    assert not rows()
    guest.terminate()
    guest.wait(20)


def test_a_guest_that_answers_with_more_than_words():
    """The state of another user's guest does not reach the terminal as it comes."""
    there = RUNTIME / "armvm/test-4"
    for state in ("\x1b]0;x\x07", "a\nb", "x" * 100, "", 7, None):
        there.mkdir(parents=True, exist_ok=True)
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(there / "control"))
            os.chown(there / "control", USER, -1)
            listener.listen(1)

            def answer(state=state, listener=listener):
                client, _ = listener.accept()
                asked = json.loads(client.makefile().readline())
                client.sendall(json.dumps({"id": asked.get("id"), "ok": True, "result": {
                    "state": state, "pid": 1, "vcpus": 1, "memory": 1 << 20, "uptime": 1,
                }}).encode() + b"\n")
                client.close()

            thread = threading.Thread(target=answer)
            thread.start()
            found = rows()
            thread.join()
            assert found == [["test-4", "1", "?", "1", "1M", "0:00:01"]], (state, found)
        (there / "control").unlink()
    there.rmdir()


def test_root_gives_the_directory_to_the_user_it_becomes():
    """So that the socket is deleted. Nobody else than root connects to it all the same."""
    if os.geteuid():
        return
    name = f"test-{os.getpid()}"
    control = Path("/run/armvm") / name / "control"
    try:
        for own_user in (USER, 0):
            guest = subprocess.Popen([ARMVM, "run", "--kernel", KERNEL, "--name", name],
                                     stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                     stderr=subprocess.PIPE,
                                     env=environment(guest="idle", own_user=own_user))
            until(lambda: subprocess.run([ARMVM, "ctl", control, "status"], capture_output=True,
                                         check=False).returncode == 0)
            assert (control.stat().st_uid, control.parent.stat().st_uid) == (0, own_user)
            assert "Permission denied" in failure(start("ctl", str(control), "status"))
            guest.terminate()
            assert guest.wait(20) == -signal.SIGTERM, guest.stderr.read()
            assert control.parent.exists() and not control.exists()
    finally:
        guest.kill()
        control.unlink(missing_ok=True)
        for path in (control.parent, control.parent.parent):
            if path.exists() and not any(path.iterdir()):
                path.rmdir()


def test_names_that_cannot_be():
    for name in ("", "..", ".hidden", "a/b", "-x", "a b", "ä"):
        assert "must be letters, digits" in failure(run(f"--name={name}", guest="idle")), name
    assert "XDG_RUNTIME_DIR is not set" in failure(run("--name", "a", runtime=None))
    assert "too long" in failure(run("--name", "a" * 200))
    assert "takes no arguments" in failure(start("list", "x"))


def test_the_name_makes_the_network_address():
    """With the same disk or kernel, another name is another address, and the same one stays."""
    def address(*words) -> bytes:
        tools = RUNTIME / "bin"
        tools.mkdir(exist_ok=True)
        (tools / "passt").write_text("#!/bin/sh\nexec cat <&3 >&3\n")
        (tools / "passt").chmod(0o755)
        process = subprocess.run(
            [ARMVM, "run", "--kernel", KERNEL, "--net", "user", "--control",
             str(RUNTIME / "address"), *words], stdin=subprocess.DEVNULL, capture_output=True,
            timeout=HANG, env={**environment(guest="ping", count=1),
                             "PATH": f"{tools}:{os.environ['PATH']}"},
            check=True)
        return re.search(rb"address (.*)", process.stdout)[1]
    one = address("--name", "one")
    assert one == address("--name", "one") and one != address("--name", "two")
    assert one != address() == address()


def hidden(*shown: str) -> None:
    """One does not answer, and those that are to be shown are."""
    process = start("list")
    try:
        out, errors = process.communicate(timeout=HANG)
    finally:
        process.kill()
    assert process.returncode == 1 and b"an armvm does not answer" in errors, errors
    assert [line.split()[0] for line in out.decode().splitlines()[1:]
            if line.startswith("test-")] == list(shown), out


def test_an_armvm_that_does_not_answer_does_not_hide_the_others():
    guests = [run("--name", f"test-{n}", guest="idle") for n in "ab"]
    until(lambda: len(rows()) == 2)
    guests[0].send_signal(signal.SIGSTOP)
    hidden("test-b")
    # As many have asked before as may wait: one more is not even connected.
    waiting = []
    try:
        while True:
            waiting.append(socket.socket(socket.AF_UNIX))
            waiting[-1].setblocking(False)
            waiting[-1].connect(str(RUNTIME / "armvm/test-a/control"))
    except BlockingIOError:
        pass
    hidden("test-b")
    for end in waiting:
        end.close()
    for guest in guests:
        guest.kill()
        guest.wait()


def test_an_answer_that_comes_byte_by_byte():
    """Each of them in time, but not all of it."""
    there = RUNTIME / "armvm/test-5"
    there.mkdir(parents=True, exist_ok=True)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(there / "control"))
        os.chown(there / "control", USER, -1)
        listener.listen(1)

        def answer():
            client, _ = listener.accept()
            with client, contextlib.suppress(BrokenPipeError):
                for _ in range(60):
                    client.sendall(b" ")
                    time.sleep(0.5)

        thread = threading.Thread(target=answer)
        thread.start()
        hidden()
        thread.join()
    (there / "control").unlink()
    there.rmdir()


if __name__ == "__main__":
    sys.exit(run_cases("list", globals()))
