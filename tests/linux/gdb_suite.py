# SPDX-License-Identifier: GPL-2.0-only
"""gdb's own tests of watchpoints and hardware breakpoints: board against guest, test by test."""

from __future__ import annotations

from lib import Context, board, case
from linux import _gdb_suite as suite

NEEDS = board(guest=True, packages=("gdb-minimal", "gdbserver", "dejagnu", "expect", "tcl8.6"),
              overlays=(suite.OUT / "overlay",), memory=2048)
# What gdb is asked to test: itself, or gdbserver.
TARGETS = {"native": "unix", "gdbserver": "native-gdbserver"}
SECONDS = 7200


def compare(t: Context, mode: str, thumb: bool, cpus: int) -> None:
    suite.overlay()
    flag, target = "-mthumb" if thumb else "-marm", TARGETS[mode]
    sides = []
    for where in ("board", "guest"):
        machine = t.board if where == "board" else t.guest(cpus=cpus, memory=768)
        sides.append(suite.run_suite(t, machine, where, flag, target, SECONDS))
        passed = sum(verdict == "PASS" for verdict in sides[-1].values())
        t.check(passed >= len(suite.selection()), f"{where}: {passed} PASS of {len(sides[-1])}")
    rows = suite.accepted(f"{mode}-{'thumb' if thumb else 'arm'}")
    t.equal(suite.unaccepted(suite.differences(*sides), rows), [],
            "no test fails, and both sides say the same, except for the tests in `accepted`")


def register(mode: str, thumb: bool, cpus: int) -> None:
    name = f"linux/gdb-suite-{mode}-{'thumb' if thumb else 'arm'}-{cpus}"

    @case(name, needs=NEEDS, tier="long", timeout=2 * SECONDS + 600)
    def run(t: Context) -> None:
        compare(t, mode, thumb, cpus)


@case("linux/gdb-suite-can-fail")
def can_fail(t: Context) -> None:
    """What is no difference, and what is one."""
    on_board = suite.verdicts("PASS: a: x\nPASS: a: x\nFAIL: a: y\nUNSUPPORTED: a: z\n# PASS: no\n"
                              "PASS: a: w (timeout)\nPASS: a: v (the program exited)\n"
                              "PASS: a: u (hw)\n")
    t.equal(on_board, {"a: x": "PASS", "a: x #2": "PASS", "a: y": "FAIL", "a: z": "UNSUPPORTED",
                       "a: w": "PASS", "a: v": "PASS", "a: u (hw)": "PASS"},
            "each verdict is found, also of a name that comes again")
    good = {**on_board, "a: y": "PASS"}
    t.equal(suite.differences(good, good), {}, "equal sides without a failure are no difference")
    t.equal(suite.differences(on_board, on_board), {"a: y": ("FAIL", "FAIL")},
            "a test that fails on both sides is one")
    t.equal(suite.differences(good, on_board), {"a: y": ("PASS", "FAIL")},
            "so is one that fails in the guest only")
    t.equal(suite.differences(good, {k: v for k, v in good.items() if k != "a: x #2"}),
            {"a: x #2": ("PASS", "absent")}, "and one that did not run there")
    found = {"a: y": ("FAIL", "FAIL"), "a: z": ("FAIL", "FAIL")}
    both = ("FAIL", "FAIL")
    for rows in ([(2, 2, "a: *", *both)], [(1, 2, "a: *", *both)], [(2, 3, "a: *", *both)],
                 [(2, 2, "a: *", "PASS|FAIL", "FAIL")],
                 [(2, 2, "a: *", *both), (0, 1, "b", *both)]):
        t.equal(suite.unaccepted(found, [suite.Row(*row) for row in rows]), [], f"{rows} fits")
    for rows in ([], [(1, 1, "a: *", *both)], [(3, 3, "a: *", *both)], [(0, 1, "a: *", *both)],
                 [(2, 2, "b: *", *both)], [(2, 2, "a: *", "PASS", "FAIL")],
                 [(2, 2, "a: *", "FAIL", "PASS|absent")],
                 [(2, 2, "a: *", *both), (1, 1, "a: y", *both)]):
        t.check(suite.unaccepted(found, [suite.Row(*row) for row in rows]), f"{rows} does not fit")


for _mode in TARGETS:
    for _thumb in (False, True):
        for _cpus in (1, 2):
            register(_mode, _thumb, _cpus)
