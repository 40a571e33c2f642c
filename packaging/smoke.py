"""Run what dist/sauti must do, in an empty environment: no variables, an empty home, another folder.

Usage: smoke.py PROGRAM. Prints the file's size and the times from exec to the version and to the first picture.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

ROUNDS = 5
FORBIDDEN = ("numba", "llvmlite", "setuptools", "pip", "lxml", "IPython", "tkinter", "pkg_resources")


class Failed(Exception):
    """One sentence that says what is wrong with the binary."""


class Bench:
    """A home and a current folder that did not exist before.

    Args:
        program: The binary.
        folder: Empty.
    """

    def __init__(self, program: Path, folder: Path) -> None:
        self._program = program
        self.home = folder / "home"
        self.elsewhere = folder / "elsewhere"
        self.home.mkdir()
        self.elsewhere.mkdir()

    def run(self, *words: str) -> tuple[str, float]:
        """Standard output and seconds of one run with HOME as the only variable."""
        started = time.perf_counter()
        done = subprocess.run(
            [str(self._program), *words], cwd=self.elsewhere, env={"HOME": str(self.home)}, capture_output=True,
            text=True, timeout=300, check=False,
        )  # fmt: skip
        took = time.perf_counter() - started
        if done.returncode != 0:
            raise Failed(f"sauti {' '.join(words)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done.stdout, took

    def best(self, *words: str) -> float:
        """The shortest of some runs, seconds."""
        return min(self.run(*words)[1] for _ in range(ROUNDS))

    def unpacked(self) -> Path:
        """The folder that the launcher made."""
        marks = sorted(self.home.glob(".cache/sauti/*/.complete"))
        if len(marks) != 1:
            raise Failed(f"the program was unpacked {len(marks)} times")
        return marks[0].parent


def check_contents(folder: Path) -> None:
    """Nothing aboard that compiles, installs or tests."""
    names = {path.name.partition(".")[0].partition("-")[0] for path in (folder / "_internal").iterdir()}
    found = sorted(names & set(FORBIDDEN))
    if found:
        raise Failed(f"these must not be aboard: {', '.join(found)}")
    if not any((folder / "_internal" / "kernels").glob("*.so")):
        raise Failed("no compiled kernels are aboard")


def check_practice(bench: Bench) -> None:
    """The headless practice exam gives a PDF."""
    text, took = bench.run("practice")
    paths = [Path(word.strip("'\".,")) for word in text.split() if ".pdf" in word]
    readable = [path for path in paths if path.is_file() and path.read_bytes().startswith(b"%PDF")]
    if not readable:
        raise Failed(f"sauti practice named no PDF:\n{text}")
    print(f"practice exam           {took:6.2f} s   {readable[0].stat().st_size / 1000:.0f} kB of PDF")


def write_film(path: Path) -> None:
    """Two frames of noise in the shape of the echOpen kit's film."""
    rf = np.random.default_rng(1).normal(50, 100, (2, 64, 1689)).astype(np.int16)
    np.savez(
        path, rf=rf, unix_time=np.arange(2), fs_hz=15_625_000, f0_hz=3_500_000, sector_deg=57.0, r0_mm=80.0, c_m_s=1480
    )


def check_no_writes(bench: Bench) -> None:
    """A later start writes nothing into the program's folder."""
    before = {path: path.stat().st_mtime_ns for path in bench.unpacked().rglob("*")}
    bench.run("--version")
    if before != {path: path.stat().st_mtime_ns for path in bench.unpacked().rglob("*")}:
        raise Failed("a second start changed the program's folder")


def smoke(program: Path) -> None:
    """All checks, with their figures.

    Raises:
        Failed: The first that does not hold.
    """
    with tempfile.TemporaryDirectory(prefix="sauti-smoke-") as folder:
        bench = Bench(program.resolve(), Path(folder))
        print(f"size                    {program.stat().st_size / 1e6:6.1f} MB")
        text, first = bench.run("--version")
        if not text.startswith("sauti "):
            raise Failed(f"sauti --version said: {text}")
        print(f"first start ever        {first:6.2f} s   (unpacks once)")
        print(f"exec to version         {bench.best('--version'):6.2f} s")
        check_contents(bench.unpacked())
        film = bench.elsewhere / "film.npz"
        write_film(film)
        picture = bench.best("image", str(film), "-o", str(bench.elsewhere / "picture.png"))
        print(f"exec to first picture   {picture:6.2f} s   (a film's frame to a PNG)")
        text, took = bench.run("doctor")
        print(text.rstrip())
        print(f"all of sauti doctor     {took:6.2f} s")
        check_practice(bench)
        check_no_writes(bench)
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        print(f"peak memory             {peak:6.0f} MB")


def main(words: Sequence[str]) -> int:
    """Exit code 0 when everything holds."""
    try:
        smoke(Path(words[0] if words else "dist/sauti"))
    except (Failed, OSError, subprocess.TimeoutExpired) as error:
        print(f"smoke: {error}", file=sys.stderr)
        return 1
    print("smoke: all well")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
