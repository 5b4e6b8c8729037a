# SPDX-License-Identifier: GPL-2.0-only
"""armvm --gdb on a fake /dev/kvm whose CPUs execute loop.S."""

import contextlib
import os
import re
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from rsp import Client  # noqa: E402

OUT = Path(sys.argv[1]) / "tests/vmm"
KERNEL = str(OUT / "loop.elf")
NM = subprocess.run(["arm-linux-gnueabihf-nm", KERNEL], capture_output=True, check=True)
SYMBOLS = {line.split()[2]: int(line.split()[0], 16) for line in NM.stdout.decode().splitlines()}
LOOP, STORE, AFTER, OWN, OFF, WORDS = (SYMBOLS[n] for n in
                                       ("loop", "store", "after", "own", "off", "words"))
RAM, END = 0x40000000, 0x41000000
PC, CPSR = 15, 16
BKPT = 0xE1200070


class Armvm:
    """A running armvm and the port it listens on."""

    def __init__(self, *words: str, gdb: str = "0", cpus: int = 2, **fake) -> None:
        env = {**os.environ, "ASAN_OPTIONS": "detect_leaks=0", "FAKE_GUEST": "cpu"}
        env.update({f"FAKE_{key.upper()}": str(value) for key, value in fake.items()})
        self.process = subprocess.Popen(  # pylint: disable=consider-using-with
            [str(OUT / "armvm"), "run", "--kernel", KERNEL, "--memory", "16M", "--cpus", str(cpus),
             "--gdb", gdb, *words],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env)
        self.first = self.process.stderr.readline().decode()
        match = re.fullmatch(r"armvm: gdb: listening on (.*):(\d+)\n", self.first)
        self.host, self.port = (match[1], int(match[2])) if match else ("", 0)

    def __enter__(self) -> "Armvm":
        assert self.port, self.first
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for stream in (self.process.stdout, self.process.stderr):
            stream.close()

    def wait(self) -> int:
        return self.process.wait(30)


@contextlib.contextmanager
def stopped(*words: str, **kwargs):
    """The client of a guest that has not run yet."""
    with Armvm("--gdb-wait", *words, **kwargs) as armvm:
        client = Client(armvm.port)
        assert client.ask("?") == "T05thread:1;"
        yield client
        client.close()


# The words of loop.S in the guest, by address.
SYMBOL_WORDS = {}


def read_symbol_words() -> None:
    with stopped() as client:
        for address in range(LOOP, OFF + 4, 4):
            SYMBOL_WORDS[address] = client.word(address)


read_symbol_words()
