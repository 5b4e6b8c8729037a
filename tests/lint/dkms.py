# SPDX-License-Identifier: GPL-2.0-only
"""DKMS skips the kernels that the module refuses, and a skipped kernel is no failure."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from lib import Context, case
from lib.registry import TOP

from harness.apt import SUITE, Archive
from harness.paths import BUILD, outside_make, run

DKMS = TOP / "debian" / "kvm-armv7-dkms.dkms"
GOOD = {"CONFIG_ARM": "y", "CONFIG_ARM_VIRT_EXT": "y", "CONFIG_MMU_NOTIFIER": "y"}
CONFIGS = (GOOD, *({**GOOD, name: ""} for name in GOOD), *({**GOOD, name: "y"}
           for name in ("CONFIG_CPU_BIG_ENDIAN", "CONFIG_BL_SWITCHER")))
RELEASES = ("5.10.0-32-armmp", "5.19.17", "6.0.12-armmp", "6.1.0-50-armmp-lpae", "6.1.0", "6.9.3",
            "6.10.1", "6.12.41+deb13-armmp-lpae", "6.19.0", "7.0.0-rc1", "7.2.13+deb14-armmp",
            "7.3-rc7-armmp", "7.3.0", "7.4.0-armmp", "7.10.1", "7.30.1", "8.0.0", "61.1.0")
# dkms takes the file as shell, and compares as this does.
JUDGE = """
. "$1"
[[ $2 =~ $BUILD_EXCLUSIVE_KERNEL ]] || exit 77
for option in $BUILD_EXCLUSIVE_CONFIG; do
	case $option in
	!*) grep -qE "^${option#!}=[ym]" "$3" && exit 77 ;;
	*) grep -qE "^$option=[ym]" "$3" || exit 77 ;;
	esac
done
exit 0
"""


def dkms_takes(release: str, config: Path) -> bool:
    """The judgement of dkms 3.0, from what its manual says of BUILD_EXCLUSIVE_*."""
    done = subprocess.run(["bash", "-c", JUDGE, "judge", DKMS, release, config],
                          capture_output=True, text=True, check=False)
    if done.returncode not in (0, 77):
        raise AssertionError(f"{DKMS.name}: {done.stderr}")
    return done.returncode == 0


def kernel_mk(release: str, config: dict[str, str], scratch: Path) -> str:
    """What module/compat/kernel.mk says: "", a warning, or a refusal."""
    major, minor = re.match(r"(\d+)\.(\d+)", release).groups()
    (scratch / "Makefile").write_text(f"include {TOP}/module/compat/kernel.mk\nall:\n")
    done = subprocess.run(["make", "-s", "-C", scratch, f"VERSION={major}", f"PATCHLEVEL={minor}",
                           *(f"{k}={v}" for k, v in config.items())],
                          capture_output=True, text=True, check=False, env=outside_make())
    return "" if not done.stderr else "warning" if done.returncode == 0 else "refusal"


@case("lint/dkms-skips", tier="check")
def dkms_skips(t: Context) -> None:
    """dkms builds for a kernel exactly if kernel.mk takes it without a warning."""
    said: set[str] = set()
    for release in RELEASES:
        for config in CONFIGS:
            path = t.dir / "config"
            path.write_text("".join(f"{k}={v}\n" if v else f"# {k} is not set\n"
                                    for k, v in config.items()))
            verdict = kernel_mk(release, config, t.dir)
            said.add(verdict)
            wrong = {k: v for k, v in config.items() if GOOD.get(k) != v}
            t.equal(dkms_takes(release, path), verdict == "",
                    f"{release} with {wrong or 'all options'}: kernel.mk says {verdict or 'yes'}")
    t.equal(said, {"", "warning", "refusal"}, "each verdict was seen")


# ---- dkms itself ----

# dkms wants to be root, and gets no further than to the command that builds.
SHIMS = {"id": "echo 0", "make": 'echo "make $*" >>"$MADE"; exit 1'}
# A kernel for which the module was built before: dkms reads dkms.conf for that one as well.
BUILT = "6.1.0-1-armmp"
ASKED = (("6.1.0-50-armmp-lpae", GOOD, True), ("7.2.0", GOOD, True),
         ("5.10.0-32-armmp", GOOD, False), ("7.3.0-armmp", GOOD, False),
         *(("6.1.0-50-armmp-lpae", config, False) for config in CONFIGS[1:]))


def autoinstall(script: Path, release: str, config: dict[str, str], scratch: Path,
                built: bool) -> tuple[int, bool, str]:
    """Run what a kernel's installation runs. Return the status, whether it built, and its words."""
    tree, sources, modules = (scratch / name for name in ("tree", "src", "modules"))
    source, build = sources / "kvm-armv7-0.1", modules / release / "build"
    for path in (tree, source / "module", build / "include", scratch / "bin"):
        path.mkdir(parents=True)
    for name, text in SHIMS.items():
        (scratch / "bin" / name).write_text(f"#!/bin/sh\n{text}\n", encoding="ascii")
        (scratch / "bin" / name).chmod(0o755)
    (source / "dkms.conf").write_text(DKMS.read_text(encoding="utf-8")
                                      .replace("#MODULE_VERSION#", "0.1"), encoding="utf-8")
    (build / ".config").write_text("".join(f"{k}={v}\n" for k, v in config.items() if v),
                                   encoding="ascii")
    if built:
        (tree / "kvm-armv7/0.1" / BUILT / "armv7l/module").mkdir(parents=True)
        (tree / "kvm-armv7/0.1" / BUILT / "armv7l/module/kvm_armv7.ko").touch()
    made = scratch / "made"
    words = ["bash", script, "--dkmstree", tree, "--sourcetree", sources, "--installtree", modules]
    env = {"PATH": f"{scratch}/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C",
           "MADE": str(made)}
    said = ""
    for argv in ([*words, "add", "-m", "kvm-armv7", "-v", "0.1"],
                 [*words, "autoinstall", "--kernelver", release, "--kernelsourcedir", build]):
        done = subprocess.run(argv, capture_output=True, text=True, check=False, env=env,
                              stdin=subprocess.DEVNULL, cwd=scratch)
        said += done.stdout + done.stderr
    return done.returncode, made.exists(), said


def skips(t: Context, suite: str) -> None:
    """SUITE's dkms itself: where it skips the module, a kernel's installation succeeds."""
    script = Archive("armhf", suite).get("dkms")[0].unpacked() / "usr/sbin/dkms"
    for number, (release, config, wanted) in enumerate(ASKED):
        for built in (False, True):
            scratch = t.dir / f"{suite}-{number}-{built}"
            status, made, said = autoinstall(script, release, config, scratch, built)
            wrong = {k: v for k, v in config.items() if GOOD.get(k) != v}
            what = (f"{suite}: {release} with {wrong or 'all options'}, "
                    f"{'a kernel' if built else 'none'} before: ")
            t.equal(made, wanted, f"{what}{'built' if wanted else 'skipped'}\n{said}")
            if not wanted:
                t.equal(status, 0, f"{what}no failure\n{said}")


# What debian/tests/module-builds calls, for a module that is there.
TOOLS = {
    "dkms": "echo ': installed'",
    "dpkg-parsechangelog": "echo 1",
    "modinfo": """case $* in
*version*) echo 1 ;;
*alias*) echo devname:kvm ;;
*-n*) echo "$MODULE" ;;
esac""",
}


@case("lint/module-builds", tier="check")
def module_builds(t: Context) -> None:
    """The package's own test refuses a module that is not stripped."""
    built = BUILD / "module/armmp/kvm_armv7.ko"
    stripped = t.dir / "stripped.ko"
    run(["arm-linux-gnueabihf-strip", "-g", "-o", stripped, built])
    run(["xz", "-k", stripped])
    bin_dir = t.dir / "bin"
    bin_dir.mkdir()
    for name, text in TOOLS.items():
        (bin_dir / name).write_text(f"#!/bin/sh\n{text}\n", encoding="ascii")
        (bin_dir / name).chmod(0o755)
    for kernel in ("one", "two"):
        (t.dir / "modules" / kernel / "build").mkdir(parents=True)
    script = (TOP / "debian/tests/module-builds").read_text(encoding="utf-8")
    t.contains(script, " /lib/modules/*/", "it looks at the kernels' headers")
    script = script.replace("/lib/modules/", f"{t.dir}/modules/")
    for module, wanted in ((stripped, 0), (stripped.with_suffix(".ko.xz"), 0), (built, 1)):
        done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=False,
                              env={"PATH": f"{bin_dir}:/usr/bin:/bin", "MODULE": str(module),
                                   "AUTOPKGTEST_TMP": str(t.dir)})
        t.equal(done.returncode, wanted, f"{module.name}: {done.stdout}{done.stderr}")
    t.contains(done.stderr, "is not stripped", "and says so")


@case("lint/dkms-autoinstall")
def dkms_autoinstall(t: Context) -> None:
    skips(t, SUITE)


@case("lint/dkms-autoinstall-trixie", tier="long")
def dkms_autoinstall_trixie(t: Context) -> None:
    skips(t, "trixie")
