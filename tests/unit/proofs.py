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


@case("unit/fuzz-virtio", timeout=600, shard="unit-1")
def fuzz_virtio(t: Context) -> None:
    """armvm's virtio devices, from no corpus: a good driver's set-up is one step."""
    libfuzzer(t, "virtio", ["-runs=25000", "-len_control=0"], 25_000, 1, 400)


@case("unit/fuzz-restore", timeout=600, shard="unit-1")
def fuzz_restore(t: Context) -> None:
    """armvm reads saved machines of anything."""
    libfuzzer(t, "restore", ["-runs=12000", "-len_control=0"], 12_000, 1, 400)


@case("unit/fuzz-control", timeout=600, shard="unit-1")
def fuzz_control(t: Context) -> None:
    """Clients of --control that do anything."""
    libfuzzer(t, "control", ["-runs=4000", "-len_control=0"], 4_000, 1, 500)


@case("unit/fuzz-config", timeout=600, shard="unit-1")
def fuzz_config(t: Context) -> None:
    """armvm reads a file of options of anything."""
    libfuzzer(t, "config", ["-runs=30000", "-len_control=0"], 30_000, 1, 200)


@case("unit/fuzz-control-hour", tier="long", timeout=5400)
def fuzz_control_hour(t: Context) -> None:
    libfuzzer(t, "control", ["-max_total_time=3600", "-len_control=0"], 200_000, any_seed(), 600)


@case("unit/fuzz-config-hour", tier="long", timeout=5400)
def fuzz_config_hour(t: Context) -> None:
    libfuzzer(t, "config", ["-max_total_time=3600", "-len_control=0"], 2_000_000,
              any_seed(), 200)


@case("unit/fuzz-restore-hour", tier="long", timeout=5400)
def fuzz_restore_hour(t: Context) -> None:
    libfuzzer(t, "restore", ["-max_total_time=3600", "-len_control=0"], 500_000, any_seed(), 450)


@case("unit/fuzz-virtio-hour", tier="long", timeout=5400)
def fuzz_virtio_hour(t: Context) -> None:
    libfuzzer(t, "virtio", ["-max_total_time=3600", "-len_control=0"], 1_000_000, any_seed(), 450)
