"""One picture by a process of its own: what start.py and memory.py compare. Ours is ``sauti image`` from source.

The kernels are those compiled ahead of time, as in the binary; they are built first where a C compiler is at hand, else
the just-in-time ones with a warm cache are measured, and the output says which.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PEERS = ("scipy", "opencv")


@dataclass(frozen=True, slots=True)
class Cost:
    """What a process took."""

    seconds: float
    peak_mb: float


def prepare() -> str:
    """Build the kernels if they are not of these sources and that is possible; which way ours runs."""
    from imaging import native
    from imaging.compiled import kernels

    if native.load() is None and shutil.which("gcc"):
        subprocess.run([sys.executable, "packaging/kernels.py"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    way = kernels().way
    print(f"kernels: {way}")
    return way


def commands(film: Path, folder: Path) -> dict[str, list[str]]:
    """What to run, by candidate."""
    ours = [sys.executable, "-m", "clinic", "image", str(film), "-o", str(folder / "ours.png"), "--preset", "obstetric"]
    ours.append("--plain")  # as the peers' pictures
    theirs = {
        peer: [sys.executable, str(ROOT / "bench" / "peer_image.py"), peer, str(film), str(folder / f"{peer}.png")]
        for peer in PEERS
    }
    return {"ours": ours, **theirs}


def cost(words: list[str]) -> Cost:
    """Run a process to its end.

    Raises:
        CalledProcessError: It failed, so that no figure may be taken from it.
    """
    started = time.perf_counter()
    process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL, env={**os.environ, "OMP_NUM_THREADS": "1"})
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, words)
    return Cost(seconds, _megabytes(usage))


def _megabytes(usage: resource.struct_rusage) -> float:
    return usage.ru_maxrss / 1024


def costs(rounds: int, film: Path, folder: Path) -> dict[str, list[Cost]]:
    """Every candidate once per round, in turns, after one start that warms the disk's cache."""
    words = commands(film, folder)
    for candidate in words.values():
        cost(candidate)
    taken: dict[str, list[Cost]] = {name: [] for name in words}
    for _ in range(rounds):
        for name, candidate in words.items():
            taken[name].append(cost(candidate))
    return taken
