# SPDX-License-Identifier: GPL-2.0-only
"""Beside v7dbg's unit tests: the model that spin explores, and libFuzzer on v7dbg itself."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from pathlib import Path

from lib import Context, case
from lib.registry import TESTS, TOP

from harness.paths import outside_make

CORPUS = TESTS / "fuzz" / "corpus"
HOUR = 3600.0


def spin(t: Context, program: str, *argv: str) -> list[str]:
    """Every line of the program is a claim."""
    done = subprocess.run([TESTS / "spin" / program, *argv], capture_output=True, text=True,
                          check=False, stdin=subprocess.DEVNULL)
    t.log(done.stdout + done.stderr)
    lines = re.findall(r"^(PASS|FAIL) (.*)$", done.stdout, re.M)
    for word, what in lines:
        t.check(word == "PASS", what)
    t.check(done.returncode == 0 and done.stdout.endswith(f"{len(lines)} passed, 0 failed\n"),
            f"tests/spin/{program} ended well\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return [what for _, what in lines]


@case("unit/spin", timeout=300, shard="unit-0")
def sample(t: Context) -> None:
    t.check(len(spin(t, "verify", "--sample")) == 2, "two sizes of the model")


@case("unit/spin-barriers", timeout=300, tier="check", shard="unit-0")
def barriers(t: Context) -> None:
    lines = spin(t, "barriers")
    t.check(sum("with all barriers" in line for line in lines) == 7, "seven pairs of threads")
    t.check(sum("without" in line for line in lines) == 21, "and twenty-one barriers")


@case("unit/spin-whole", tier="long", timeout=3000)
def whole(t: Context) -> None:
    lines = spin(t, "verify")
    t.check(sum("mutant" in line for line in lines) == 15, "fifteen mutants of the model")
    t.check(len(lines) == 20, "and five sizes")


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def run_for(argv: list[str | Path], log: Path, seconds: float) -> int:
    """Let a fuzzer have so much of a CPU; a busy machine takes longer, and tries as much."""
    with log.open("wb") as handle, subprocess.Popen(argv, stdout=handle, stderr=handle,
                                                    stdin=subprocess.DEVNULL) as process:
        while process.poll() is None:
            if cpu_seconds(process.pid) >= seconds:
                # It counts what it has done, and ends with 0.
                process.send_signal(signal.SIGUSR1)
                break
            time.sleep(0.1)
        return process.wait()


def libfuzzer(t: Context, program: str, words: list[str | Path], seconds: float, runs: int,
              seed: int, least: int) -> None:
    """In SECONDS of a CPU it must find nothing, try RUNS inputs and reach LEAST edges."""
    made = subprocess.run(["make", "-s", "-C", "tests/fuzz"], cwd=TOP, capture_output=True,
                          text=True, check=False, stdin=subprocess.DEVNULL, env=outside_make())
    t.check(made.returncode == 0, f"make -C tests/fuzz\n{made.stdout[-2000:]}{made.stderr[-2000:]}")
    new = t.dir / "new"
    new.mkdir(exist_ok=True)
    status = run_for([TOP / "build/tests/fuzz" / program, f"-seed={seed}", "-max_len=400",
                      "-timeout=60", "-print_final_stats=1", f"-artifact_prefix={t.dir}/",
                      *words[:1], new, *words[1:]], t.dir / "fuzzer", seconds)
    said = (t.dir / "fuzzer").read_text(encoding="utf-8", errors="replace")
    t.log(said)
    # The oracle, an assertion, what sim.c claims of plans, a sanitizer; then where the input is.
    why = re.findall(r"^(?:ERROR: oracle: .*|ERROR: invariant .*|\[  ERROR   \].*|"
                     r".*runtime error.*|==\d+==\s*ERROR: AddressSanitizer.*|"
                     r".*Test unit written to.*)$", said, re.M)
    t.check(status == 0, "\n".join([f"libFuzzer found nothing, and ended with {status}", *why]))
    units = re.search(r"number_of_executed_units: (\d+)", said)
    edges = re.findall(r"\bcov: (\d+)", said)
    # A fuzzer that does not get anywhere finds nothing either.
    t.check(units and int(units[1]) >= runs and edges and int(edges[-1]) >= least,
            f"{units[1] if units else 0} runs from seed {seed}, {edges[-1] if edges else 0} edges")


def any_seed() -> int:
    """A new one each time: the same seed would repeat the same search."""
    return int.from_bytes(os.urandom(4), "little") | 1


def fuzz(t: Context, limit: str, runs: int, seed: int) -> None:
    """Run v7dbg up to LIMIT from the repository's corpus; new inputs stay in the case's folder."""
    files = list(CORPUS.iterdir())
    t.check(100 <= len(files) < 200 and sum(f.stat().st_size for f in files) < 200 * 1024,
            f"the corpus has {len(files)} files: 100 to 199, below 200 KiB")
    libfuzzer(t, "v7dbg", [limit, CORPUS], HOUR, runs, seed, 800)


@case("unit/fuzz", timeout=900, shard="unit-1")
def fuzz_sample(t: Context) -> None:
    # A number of runs, not a time: a busy machine tries the same inputs, only later.
    fuzz(t, "-runs=40000", 40_000, 1)


@case("unit/fuzz-hour", tier="long", timeout=6 * HOUR)
def fuzz_hour(t: Context) -> None:
    fuzz(t, "-runs=-1", 1_000_000, any_seed())


# Fuzzers of armvm, from no corpus: the fewest inputs that a minute and an hour of a CPU may try,
# and the edges of code that each has to reach.
OF_ARMVM = {
    # A good driver's set-up is one step.
    "virtio": ((25_000, 400), (1_000_000, 450)),
    # It reads saved machines of anything.
    "restore": ((10_000, 400), (500_000, 450)),
    # Clients of --control do anything.
    "control": ((8_000, 500), (200_000, 600)),
    # It reads a file of options of anything.
    "config": ((100_000, 200), (2_000_000, 200)),
}


def register(name: str, sample: tuple[int, int], hour: tuple[int, int]) -> None:
    # The same seed each time: what a sample finds is found again.
    @case(f"unit/fuzz-{name}", timeout=600, shard="unit-1")
    def run_sample(t: Context) -> None:
        libfuzzer(t, name, ["-len_control=0"], 60, sample[0], 1, sample[1])

    @case(f"unit/fuzz-{name}-hour", tier="long", timeout=6 * HOUR)
    def run_hour(t: Context) -> None:
        libfuzzer(t, name, ["-len_control=0"], HOUR, hour[0], any_seed(), hour[1])


for _name, _limits in OF_ARMVM.items():
    register(_name, *_limits)
