# SPDX-License-Identifier: GPL-2.0-only
"""Beside v7dbg's unit tests: the model that spin explores, and libFuzzer on v7dbg itself."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from lib import Context, case
from lib.registry import TESTS, TOP

from harness.paths import outside_make

CORPUS = TESTS / "fuzz" / "corpus"


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


def libfuzzer(t: Context, program: str, words: list[str | Path], runs: int, seed: int,
              least: int) -> None:
    """It must find nothing in RUNS runs that reach LEAST edges."""
    made = subprocess.run(["make", "-s", "-C", "tests/fuzz"], cwd=TOP, capture_output=True,
                          text=True, check=False, stdin=subprocess.DEVNULL, env=outside_make())
    t.check(made.returncode == 0, f"make -C tests/fuzz\n{made.stdout[-2000:]}{made.stderr[-2000:]}")
    new = t.dir / "new"
    new.mkdir(exist_ok=True)
    done = subprocess.run([TOP / "build/tests/fuzz" / program, f"-seed={seed}", "-max_len=400",
                           "-timeout=60", "-print_final_stats=1", f"-artifact_prefix={t.dir}/",
                           *words[:1], new, *words[1:]],
                          capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    t.log(done.stdout + done.stderr)
    # The oracle, an assertion, what sim.c claims of plans, a sanitizer; then where the input is.
    why = re.findall(r"^(?:ERROR: oracle: .*|ERROR: invariant .*|\[  ERROR   \].*|"
                     r".*runtime error.*|==\d+==\s*ERROR: AddressSanitizer.*|"
                     r".*Test unit written to.*)$", done.stderr, re.M)
    t.check(done.returncode == 0,
            "\n".join([f"libFuzzer found nothing, and ended with {done.returncode}", *why]))
    units = re.search(r"number_of_executed_units: (\d+)", done.stderr)
    edges = re.findall(r"\bcov: (\d+)", done.stderr)
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
    libfuzzer(t, "v7dbg", [limit, CORPUS], runs, seed, 800)


@case("unit/fuzz", timeout=900, shard="unit-1")
def fuzz_sample(t: Context) -> None:
    # A number of runs, not a time: a busy machine tries the same inputs, only later.
    fuzz(t, "-runs=40000", 40_000, 1)


@case("unit/fuzz-hour", tier="long", timeout=5400)
def fuzz_hour(t: Context) -> None:
    fuzz(t, "-max_total_time=3600", 1_000_000, any_seed())


# Fuzzers of armvm, from no corpus: the inputs of a sample, the least that an hour has to try, and
# the edges of code that both have to reach.
OF_ARMVM = {
    # A good driver's set-up is one step.
    "virtio": ((25_000, 400), (1_000_000, 450)),
    # It reads saved machines of anything.
    "restore": ((12_000, 400), (500_000, 450)),
    # Clients of --control do anything.
    "control": ((4_000, 500), (200_000, 600)),
    # It reads a file of options of anything.
    "config": ((30_000, 200), (2_000_000, 200)),
}


def register(name: str, sample: tuple[int, int], hour: tuple[int, int]) -> None:
    @case(f"unit/fuzz-{name}", timeout=600, shard="unit-1")
    def run_sample(t: Context) -> None:
        libfuzzer(t, name, [f"-runs={sample[0]}", "-len_control=0"], sample[0], 1, sample[1])

    @case(f"unit/fuzz-{name}-hour", tier="long", timeout=5400)
    def run_hour(t: Context) -> None:
        libfuzzer(t, name, ["-max_total_time=3600", "-len_control=0"], hour[0], any_seed(),
                  hour[1])


for _name, _limits in OF_ARMVM.items():
    register(_name, *_limits)
