# SPDX-License-Identifier: GPL-2.0-only
"""Only module/compat/ knows kernels, and it refuses those that cannot work in one sentence."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from lib import Context, case
from lib.registry import TOP

from harness.paths import outside_make

# What differs between kernels: versions, options, and functions that came or went after 6.1.
KNOWS = re.compile(
    r"\b(?:LINUX_VERSION\w*|KERNEL_VERSION|UTS_RELEASE|CONFIG_\w+|hrtimer_init|hrtimer_setup"
    r"|from_timer|timer_container_of|del_timer(?:_sync)?"
    r"|(?:vtime_account|context_tracking)_guest_\w+"
    r"|guest_(?:timing|context|state)_\w+_irqoff|class_create|no_llseek|fd_file)\b")


def code(text: str) -> str:
    """The text without comments and strings."""
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', " ", text, flags=re.S)


def knowing(folder: Path) -> list[str]:
    """The places that know a kernel, as file: word."""
    return [f"{path.relative_to(folder)}: {word}" for path in sorted(folder.rglob("*"))
            if path.suffix in (".c", ".h", ".S") and "compat" not in path.relative_to(folder).parts
            for word in KNOWS.findall(code(path.read_text(encoding="utf-8")))]


@case("lint/only-compat-knows-kernels", tier="check")
def only_compat(t: Context) -> None:
    for name in ("module", "v7dbg", "include"):
        t.equal(knowing(TOP / name), [], f"{name}/ tests no version and no option of the kernel")
    for text in ("#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)\n", "#ifdef CONFIG_SMP\n",
                 "\thrtimer_init(&timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL);\n"):
        (t.dir / "planted.c").write_text(text)
        t.check(knowing(t.dir), f"it finds {text.strip()}")
    (t.dir / "planted.c").write_text('/* CONFIG_SMP */ char s[] = "CONFIG_SMP"; // CONFIG_SMP\n')
    t.equal(knowing(t.dir), [], "but not what is only said")
    t.check("KERNEL_VERSION" in (TOP / "module/compat/compat.h").read_text(), "compat.h does it")


GOOD = {"VERSION": "6", "PATCHLEVEL": "1", "CONFIG_ARM": "y", "CONFIG_ARM_VIRT_EXT": "y",
        "CONFIG_MMU_NOTIFIER": "y"}
REFUSED = (
    ({"PATCHLEVEL": "0"}, "needs Linux 6.1 or newer; this is 6.0"),
    ({"VERSION": "5", "PATCHLEVEL": "15"}, "needs Linux 6.1 or newer; this is 5.15"),
    ({"CONFIG_ARM": ""}, "is for 32-bit Arm kernels"),
    ({"CONFIG_ARM_VIRT_EXT": ""}, "needs CONFIG_ARM_VIRT_EXT"),
    ({"CONFIG_MMU_NOTIFIER": ""}, "needs CONFIG_MMU_NOTIFIER"),
    ({"CONFIG_CPU_BIG_ENDIAN": "y"}, "is for little-endian kernels"),
    ({"CONFIG_BL_SWITCHER": "y"}, "needs a kernel without CONFIG_BL_SWITCHER"),
)
TAKEN = ({}, {"PATCHLEVEL": "12"}, {"VERSION": "7", "PATCHLEVEL": "0"},
         {"CONFIG_THUMB2_KERNEL": "y"}, {"CONFIG_PREEMPT_RT": "y"}, {"CONFIG_VMSPLIT_2G": "y"})


def ask(change: dict[str, str]) -> tuple[int, str]:
    """Let compat/kernel.mk judge a kernel. Return make's status and what it said."""
    argv = ["make", "-s", "-f", "-", *(f"{k}={v}" for k, v in (GOOD | change).items())]
    done = subprocess.run(argv, input="include module/compat/kernel.mk\nall: ;\n", cwd=TOP,
                          env=outside_make(), capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def table(page: str, head: str) -> dict[str, str]:
    """The first table of a page whose first column is `head`: its first column to its second."""
    rows = page.partition(f"\n| {head} | |\n|---|---|\n")[2].partition("\n\n")[0]
    cells = [row.strip("| ").split(" | ") for row in rows.splitlines()]
    return {cell[0]: cell[1] for cell in cells if len(cell) == 2}


def verdicts(rows: dict[str, str]) -> dict[str, str]:
    """What a table says of each option that it names: supported, refused, .."""
    return {name: re.split(r"[:;]", said)[0] for what, said in rows.items()
            for name in re.findall(r"CONFIG_\w+", what)}


def disagree(short: str, long: str) -> list[str]:
    """What the README's two tables say and docs/kernels.md does not."""
    found = []
    known = verdicts(table(long, "kernel or option"))
    for name, said in verdicts(table(short, "kernel")).items():
        if known.get(name) != said:
            found.append(f"{name}: {said}, {known.get(name)}")
    for _, sentence in REFUSED:
        quoted = f'refused: "{sentence.split(";")[0]}"'
        found += [f"{where} lacks {quoted}" for where, page, head in (
            ("README", short, "kernel"), ("kernels.md", long, "kernel or option"))
            if not any(quoted in said for said in table(page, head).values())]
    rows = " ".join(table(long, "distribution and kernel"))
    found += [f"kernels.md has no {name}" for what in table(short, "distribution")
              for name in what.split(" (")[0].split(", ") if name not in rows]
    return found


@case("lint/refused-kernels", tier="check")
def refused(t: Context) -> None:
    page = (TOP / "docs" / "kernels.md").read_text(encoding="utf-8")
    for change, sentence in REFUSED:
        status, said = ask(change)
        t.check(status != 0 and f"*** kvm-armv7 {sentence}" in said and said.count("\n") == 1,
                f"{change} is refused with one sentence: {said.strip()}")
    for change in TAKEN:
        t.equal(ask(change), (0, ""), f"{change} builds, and nothing is said")
    status, said = ask({"VERSION": "99"})
    t.check(status == 0 and "was tested up to Linux" in said and said.count("\n") == 1,
            f"a kernel of the future builds with a warning: {said.strip()}")
    asked = set(re.findall(r"CONFIG_\w+", (TOP / "module/compat/kernel.mk").read_text()))
    asked -= {"CONFIG_XEN_GNTDEV"}
    t.equal({n for n in asked if n not in page}, set(), "docs/kernels.md names each option")

    short = (TOP / "README.md").read_text(encoding="utf-8")
    t.equal(disagree(short, page), [], "the README's tables say what docs/kernels.md says")
    t.check(len(table(short, "kernel")) >= 8 and len(table(short, "distribution")) >= 6,
            "and have their rows")
    for wrong in (("| refused: \"needs CONFIG_MMU_NOTIFIER\"", "| supported"),
                  ("needs Linux 6.1 or newer", "needs Linux 6.2 or newer"),
                  ("| Armbian sunxi |", "| Armbian sunxy |")):
        t.check(wrong[0] in short and disagree(short.replace(*wrong), page),
                f"it finds {wrong[1]}")
