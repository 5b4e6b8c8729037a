# SPDX-License-Identifier: GPL-2.0-only
"""Tests of the worker and the runner, on cases and workers that were made to fail."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

from lib import Context, case
from lib.registry import TESTS

WORKER = """
import json, sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from lib import case, context, registry, worker

context.TESTS_OUT = Path(sys.argv[2])

class Still:
    def flat(self): return "the board stands still: QEMU was made up"
    def trouble(self): return []
    def kill(self): pass

def passes(t): t.equal(1, 1, "good")
def no_claim(t): pass
def fails(t): t.check(0, "bad"); t.equal(1, 1, "good")
def raises(t): t.equal(1, 1, "good"); raise ValueError("what happened")
def skips(t): t.skip("not here")
def sleeps(t): t.check(0, "bad"); time.sleep(600)
def swallows(t):
    while True:
        try: time.sleep(600)
        except Exception: pass
def spins(t):
    while True: pass
def stands(t): t._boards.append(Still()); time.sleep(600)

for one in (passes, no_claim, fails, raises, skips, sleeps, swallows, spins, stands):
    case("made-up/" + one.__name__, timeout=2 if one != stands else 600)(one)
for name, one in registry.CASES.items():
    verdict, reason, _ = worker.run_case(one, context.Pool(None, "made-up"))
    print(json.dumps([name.split("/")[1], verdict, reason]))
"""


@case("lint/worker-can-fail", tier="check")
def worker_can_fail(t: Context) -> None:
    """The verdicts on cases that were made to fail. A case that hangs gets its verdict soon."""
    begin = time.monotonic()
    done = subprocess.run([sys.executable, "-c", WORKER, str(TESTS), str(t.dir)], text=True,
                          capture_output=True, check=False, stdin=subprocess.DEVNULL)
    t.log(done.stdout + done.stderr)
    said = {name: (verdict, reason)
            for name, verdict, reason in map(json.loads, done.stdout.splitlines())}
    t.equal({name: verdict for name, (verdict, _) in said.items()},
            {"passes": "PASS", "skips": "SKIP", **dict.fromkeys(
                ("no_claim", "fails", "raises", "sleeps", "swallows", "spins", "stands"), "FAIL")},
            "the verdicts")
    for name, part in (("no_claim", "no claim"), ("fails", "bad"), ("raises", "what happened"),
                       ("sleeps", "not done within 2 s"), ("sleeps", "bad"),
                       ("spins", "not done within 2 s"), ("swallows", "not done within 2 s"),
                       ("stands", "the board stands still")):
        t.contains(said[name][1], part, f"{name}: the reason says so")
    t.check(time.monotonic() - begin < 100, "no case ran until it would have ended by itself")


RUNNER = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from lib import registry, runner

cases = [registry.load()["lint/skips"]]
sys.executable, runner.GRACE, runner.TOP = sys.argv[2], -118, Path(sys.argv[3])
sys.exit(runner.Runner(cases, 1).run())
"""# In place of Python: `python tests/run --worker NAME --verdict-fd FD CASE`.
FAKE = """#!/bin/bash
tell() {
	echo '{"case": "lint/skips", "verdict": "'$1'", "reason": "", "seconds": 1}' >&$fd
}
finish() { echo '{"done": '$1'}' >&$fd; }
fd=$5
"""


@case("lint/runner-can-fail", tier="check")
def runner_can_fail(t: Context) -> None:
    """A worker that dies, hangs, lies, or reports too little is a FAIL."""
    for name, script, wanted in (
            ("passes", "tell PASS; finish 1", "1 passed, 0 failed"),
            ("dies", "exit 0", "without a verdict"),
            ("is killed", "kill -9 $$", "without a verdict"),
            ("hangs", "sleep 600", "silent and has been killed: not done within 2 s"),
            ("miscounts", "tell PASS; finish 2", "announced 2 verdicts, sent 1"),
            ("ends badly", "tell PASS; finish 1; exit 3", "exited with 3"),
            ("fails", "tell FAIL; finish 1", "0 passed, 1 failed"),
            ("skips", "tell SKIP; finish 1", "does not allow this case to skip"),
    ):
        fake = t.dir / name.replace(" ", "-")
        fake.write_text(FAKE + script + "\n")
        fake.chmod(0o755)
        done = subprocess.run([sys.executable, "-c", RUNNER, str(TESTS), str(fake), str(t.dir)],
                              text=True, capture_output=True, check=False, stdin=subprocess.DEVNULL)
        t.contains(done.stdout + done.stderr, wanted, f"a worker that {name}: {wanted}")
        t.equal(done.returncode, int(name != "passes"), f"a worker that {name}: the exit status")
    fake = t.dir / "outlives"
    fake.write_text(FAKE + f"echo $$ >{fake}.pid; sleep 600\n")
    fake.chmod(0o755)
    pid = Path(f"{fake}.pid")
    with subprocess.Popen([sys.executable, "-c", RUNNER.replace("-118", "0"), str(TESTS), str(fake),
                           str(t.dir)], stdin=subprocess.DEVNULL) as process:
        t.until(lambda: pid.exists() and pid.read_text(), 30)
        process.terminate()
        t.equal(process.wait(30), 143, "a runner that is ended says so")
    worker = Path("/proc") / pid.read_text().strip()
    t.until(lambda: not worker.exists(), 10)
    t.check(not worker.exists(), "and takes its worker with it")
