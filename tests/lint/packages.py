# SPDX-License-Identifier: GPL-2.0-only
"""The Debian packages: lintian accepts them, and they have what they should."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from lib import Context, case
from lib.debian_board import to_install, to_run_debian, to_run_with_tap
from lib.registry import TOP

from harness import chroot
from harness.apt import Archive
from harness.paths import BUILD, outside_make, run

LINTIAN = ("lintian", "--info", "--display-info", "--tag-display-limit", "0")
# The lintian of Debian 12 warns of a policy that is newer than this one.
OLDER_POLICY = ("I: kvm-armv7 source: out-of-date-standards-version 4.6.2 (released 2022-12-17) "
                "(current is 4.7.2)")
CHANGELOG = TOP / "debian" / "changelog"
MODULE = "usr/src/kvm-armv7-{}"
SHARED = {"libc.so.6", "ld-linux-armhf.so.3", "libfdt.so.1", "libjansson.so.4",
          "libseccomp.so.2", "libxxhash.so.0"}


def version() -> str:
    text = (TOP / "include/version.mk").read_text(encoding="utf-8")
    return re.search(r"^KVM_ARMV7_VERSION := (\S+)$", text, re.M)[1]


def files(deb: Path) -> dict[str, str]:
    """The package's files and links, with their modes."""
    rows = [line.split(maxsplit=5) for line in run(["dpkg-deb", "-c", deb]).splitlines()]
    return {row[5].removeprefix("./"): row[0] for row in rows if not row[0].startswith("d")}


def field(deb: Path, name: str) -> str:
    return run(["dpkg-deb", "-f", deb, name]).strip()


@case("lint/readme-commands", tier="check")
def readme_commands(t: Context) -> None:
    """README.md has the commands that host/debian-packages* run, and armvm(1) their options."""
    installs, guest, tap = to_install(), to_run_debian(), to_run_with_tap()
    t.equal([line.split()[0] for line in installs], ["apt", "usermod", "modprobe"],
            "three commands install")
    t.equal([line.split()[0] for line in guest], ["apt", "armvm", "ssh", "kill"],
            "four run a Debian in a guest")
    t.equal([line.split()[0] for line in tap],
            ["apt", "ip", "ip", "ip", "dnsmasq", "armvm", "ssh"],
            "seven do it with a tap interface")
    manual = (TOP / "vmm/armvm.1").read_text(encoding="utf-8")
    options = re.findall(r" --(\S+)", f"{guest[1]} {tap[-2]}")
    t.equal([name for name in options if f".It Fl -{name} " not in manual], [],
            f"armvm has the options {options}")
    suggested = re.search(r"^Suggests:\n((?: .*\n)+)", (TOP / "debian/control").read_text("utf-8")
                          .partition("\nPackage: armvm\n")[2], re.M)[1]
    t.check(set(guest[0].split()[3:]) <= set(re.findall(r"[\w-]+", suggested)),
            f"{guest[0]}: packages that armvm suggests")


def build(t: Context) -> bool:
    made = subprocess.run(["tools/deb"], cwd=TOP, capture_output=True, text=True, check=False,
                          stdin=subprocess.DEVNULL, env=outside_make())
    t.log(made.stdout + made.stderr)
    return t.equal(made.returncode, 0, f"tools/deb\n{made.stderr[-3000:]}")


def accepts(t: Context, done: subprocess.CompletedProcess[str], *but: str) -> None:
    """lintian says nothing, except BUT."""
    t.log(done.stdout)
    said = [line for line in done.stdout.splitlines() if not line.startswith("N:")]
    t.equal((done.returncode, said), (0, list(but)), f"lintian accepts all\n{done.stderr}")
    t.equal(list((TOP / "debian").rglob("*lintian-overrides")), [], "without overrides")


def check_kvm_stat(t: Context, deb: Path) -> None:
    """The packaged command runs, and does so as debian/tests/kvm-stat has it."""
    root, work = t.dir / "dkms", t.dir / "kvm-stat"
    run(["dpkg-deb", "-x", deb, root])
    work.mkdir()
    t.contains(run([root / "usr/bin/kvm-stat", "--help"]), "usage: kvm-stat ", "kvm-stat --help")
    done = subprocess.run([TOP / "debian/tests/kvm-stat"], capture_output=True, text=True,
                          check=False, env={"PATH": f"{root}/usr/bin:/usr/bin:/bin",
                                            "AUTOPKGTEST_TMP": str(work)})
    t.equal(done.returncode, 0, f"debian/tests/kvm-stat passes\n{done.stdout}{done.stderr}")
    t.check("usr/share/man/man1/kvm-stat.1.gz" in files(deb), "it has a man page")


@case("lint/packages", timeout=900)
def packages(t: Context) -> None:
    """`make deb` builds them, and lintian has nothing to say."""
    if not build(t):
        return
    out, now = BUILD / "deb", version()
    debs = {path.name.split("_")[0]: path for path in out.glob("*.deb")}
    t.equal(set(debs), {"kvm-armv7-dkms", "armvm", "armvm-dbgsym", "v7dbg-dev"}, "the packages")
    t.equal({field(deb, "Version") for deb in debs.values()}, {now}, "their version is the tree's")

    changes = list(out.glob("*.changes"))
    t.equal(len(changes), 1, "one .changes file")
    accepts(t, subprocess.run([*LINTIAN, *changes], capture_output=True, text=True, check=False))

    source = MODULE.format(now)
    inside = files(debs["kvm-armv7-dkms"])
    sources = {name for name in inside if name.startswith(f"{source}/")}
    t.check({f"{source}/{name}" for name in ("dkms.conf", "module/Kbuild", "module/main.c",
                                             "v7dbg/sources.mk", "include/version.mk")} <= sources,
            "the module's sources are in kvm-armv7-dkms")
    check_kvm_stat(t, debs["kvm-armv7-dkms"])
    t.equal({name for name in sources if not re.match(rf"{source}/(module|v7dbg|include)/", name)},
            {f"{source}/dkms.conf"}, "and nothing else")

    armvm = t.dir / "armvm"
    run(["dpkg-deb", "-x", debs["armvm"], armvm])
    shared = set(re.findall(r"Shared library: \[(.*)\]",
                            run(["arm-linux-gnueabihf-readelf", "-d", armvm / "usr/bin/armvm"])))
    t.equal(shared, SHARED, "armvm needs these shared libraries")
    t.equal(sorted(re.sub(r" \(.*?\)", "", field(debs["armvm"], "Depends")).split(", ")),
            ["libc6", "libfdt1", "libjansson4", "libseccomp2", "libxxhash0",
             "systemd | systemd-standalone-sysusers | systemd-sysusers"],
            "and depends on their packages, and on what makes its user")
    user = (TOP / "vmm/sandbox/user.h").read_text(encoding="utf-8")
    user = re.search(r'^#define OWN_USER "(\w+)"$', user, re.M)[1]
    t.equal([line.split()[:3] for line in (armvm / "usr/lib/sysusers.d/armvm.conf").read_text(
        encoding="utf-8").splitlines() if not line.startswith("#")], [["u", user, "-"]],
        "it makes the user that root's armvm becomes")
    t.contains(run(["dpkg-deb", "-I", debs["armvm"], "postinst"]),
               "systemd-sysusers ${DPKG_ROOT:+--root=\"$DPKG_ROOT\"} armvm.conf",
               "when it is installed")
    t.check({"usr/share/man/man1/armvm.1.gz", "usr/share/man/man5/armvm.conf.5.gz",
             "usr/lib/systemd/system/armvm@.service", "usr/share/bash-completion/completions/armvm"}
            <= set(files(debs["armvm"])), "armvm has its man pages, its service and completion")


@case("lint/packages-trixie", tier="long", timeout=1800)
def packages_trixie(t: Context) -> None:
    """The lintian of Debian 13, in a root of its own, has nothing to say either."""
    if not build(t):
        return
    root = chroot.root_of(Archive("amd64", "trixie").get("?essential", "lintian", closure=True),
                          "lintian-trixie")
    if problem := chroot.problem(root):
        t.skip(f"user namespaces are forbidden: {problem}")

    def run_in(*argv: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(chroot.command(root, argv, {BUILD / "deb": "srv"}),
                              capture_output=True, text=True, check=False)

    t.contains(run_in("lintian", "--version").stdout, "Lintian v2.122.", "it is Debian 13's")
    changes = next((BUILD / "deb").glob("*.changes")).name
    accepts(t, run_in(*LINTIAN, f"/srv/{changes}"), OLDER_POLICY)


@case("lint/v7dbg-dev", timeout=300)
def v7dbg_dev(t: Context) -> None:
    """A program builds with the package, and runs under qemu-user: the package's own test."""
    debs = list((BUILD / "deb").glob("v7dbg-dev_*.deb"))
    if not debs:
        run([TOP / "tools/deb"], cwd=TOP, env=outside_make())
        debs = list((BUILD / "deb").glob("v7dbg-dev_*.deb"))
    root = t.dir / "root"
    run(["dpkg-deb", "-x", debs[0], root])
    bin_dir = t.dir / "bin"
    bin_dir.mkdir()
    # The cross compiler under the name that the test calls, and its output under qemu-user.
    for name, text in (
            ("gcc", 'exec arm-linux-gnueabihf-gcc "$@" -static'),
            ("pkg-config", f'PKG_CONFIG_SYSROOT_DIR={root} PKG_CONFIG_LIBDIR='
                           f'{root}/usr/lib/arm-linux-gnueabihf/pkgconfig exec /usr/bin/pkg-config '
                           '"$@"')):
        (bin_dir / name).write_text(f"#!/bin/sh\n{text}\n")
        (bin_dir / name).chmod(0o755)
    script = (TOP / "debian/tests/v7dbg").read_text(encoding="utf-8")
    script = script.replace("$(./program)", "$(qemu-arm-static ./program)")
    done = subprocess.run(["sh", "-e", "-c", script], capture_output=True, text=True, check=False,
                          env={"PATH": f"{bin_dir}:/usr/sbin:/usr/bin:/sbin:/bin",
                               "AUTOPKGTEST_TMP": str(t.dir)})
    t.equal(done.returncode, 0, f"debian/tests/v7dbg passes\n{done.stdout}{done.stderr}")


@case("lint/one-version", tier="check")
def one_version(t: Context) -> None:
    first = CHANGELOG.read_text(encoding="utf-8").partition("\n")[0]
    t.contains(first, f"kvm-armv7 ({version()}) ", "debian/changelog has the tree's version")
    for flavour in ("armmp-lpae", "armmp"):
        module = (BUILD / "module" / flavour / "kvm_armv7.ko").read_bytes()
        t.check(b"\0version=" + version().encode() + b"\0" in module,
                f"so has the module for {flavour}")
