"""Rows of a benchmark: timing in turns, the JSON that others read, and the table in docs/benchmarks.md.

As a script it runs every benchmark and writes the table: bench/rows.py [--quick] [--table FILE] [--json FILE].
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TypeVar

ROOT = Path(__file__).resolve().parents[1]
# a script puts its own folder first, where probe.py and imaging.py are benchmarks and not the packages
sys.path.insert(0, str(ROOT))
# each with the works that its rows are named after
BENCHMARKS = {
    "imaging": ("chain", "scan", "das", "doppler", "limit", "level"),
    "quality": ("width", "length", "disc"),
    "knobs": ("knob", "guided", "persistence"),
    "latency": ("latency",),
    "start": ("start",),
    "memory": ("memory",),
    "probe": ("parse", "reader", "plug-in"),
    "display": ("display",),
}
NAMED = (
    "numpy", "numba", "scipy", "opencv-python-headless", "zea", "jax", "pymust", "ultraspy", "ustb", "textual",
    "textual-image",
)  # fmt: skip
WARM_UP_ROUNDS = 3
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Row:
    """One comparison.

    Args:
        name: ``WORK/PEER``.
        ours: Our figure, the best of all rounds.
        peer: The peer's, likewise.
        ratio: How many times better ours is; above 1 is in our favour whatever the unit.
        unit: Of ``ours`` and ``peer``.
        median_ratio: The same ratio of medians; equal to ``ratio`` where one value is all there is.
        median, p99: Of ours, over more rounds where it ran alone.
    """

    name: str
    ours: float
    peer: float
    ratio: float
    unit: str
    median_ratio: float
    median: float
    p99: float


def less_is_better(
    name: str, ours: Sequence[float], peer: Sequence[float], unit: str, alone: Sequence[float] = ()
) -> Row:
    """A row of two lists of figures (times, bytes) where less is better; ``alone`` are more of ours for the p99."""
    best = min(peer) / min(ours)
    typical = statistics.median(peer) / statistics.median(ours)
    ordered = sorted(alone or ours)
    p99 = ordered[min(len(ordered) - 1, math.ceil(0.99 * len(ordered)) - 1)]
    figures = (min(ours), min(peer), best)
    return Row(name, *map(_short, figures), unit, _short(typical), _short(statistics.median(ordered)), _short(p99))


def more_is_better(name: str, ours: Sequence[float], peer: Sequence[float], unit: str) -> Row:
    """A row of two lists of figures (rates) where more is better; its p99 is the slowest hundredth."""
    typical, ordered = statistics.median(ours) / statistics.median(peer), sorted(ours)
    figures = (max(ours), max(peer), max(ours) / max(peer))
    slowest = ordered[len(ordered) // 100]
    return Row(name, *map(_short, figures), unit, _short(typical), _short(statistics.median(ours)), _short(slowest))


def _short(value: float) -> float:
    return float(f"{value:.4g}")


def in_turns(
    candidates: Mapping[str, Callable[[], object]], rounds: int, *, warm: bool = True
) -> dict[str, list[float]]:
    """Milliseconds of processor time of each candidate in each round, interleaved.

    On one core that is the time it takes when nothing else runs: by the clock on the wall, a call that is longer than
    the scheduler's slice never has a round to itself on a busy machine, and a short one does.

    With ``warm``, each is called once before the call that counts: else a light candidate pays for the caches that the
    heavy one before it has emptied.
    """
    for call in candidates.values():
        for _ in range(WARM_UP_ROUNDS):
            call()
    times: dict[str, list[float]] = {name: [] for name in candidates}
    for _ in range(rounds):
        for name, call in candidates.items():
            if warm:
                call()
            started = time.process_time_ns()
            call()
            times[name].append((time.process_time_ns() - started) / 1e6)
    return times


def arguments(about: str | None) -> argparse.Namespace:
    """The command line that every benchmark shares: ``--quick`` and ``--json``."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer rounds, at most 50 s")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows there")
    return parser.parse_args()


def report(rows: Sequence[Row], target: Path | None) -> None:
    """Print the rows and write them where asked."""
    for row in rows:
        figures = f"ours {row.ours:>9} (median {row.median}, p99 {row.p99}) {row.unit}, peer {row.peer:>9} {row.unit}"
        print(f"{row.name:<20} {figures}, ratio {row.ratio} (medians {row.median_ratio})")
    if target is not None:
        target.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n", encoding="utf-8")


def machine() -> list[str]:
    """What the figures were measured on; never which machine it was."""
    versions = ", ".join(f"{name} {found}" for name in NAMED if (found := _version(name)))
    load = ", ".join(f"{value:.2f}" for value in os.getloadavg())
    return [
        f"- processor: {_processor()}, {os.cpu_count()} cores; memory {_memory_gb():.0f} GB",
        f"- {platform.system()}, Python {platform.python_version()}, {versions}",
        f"- load average at the end (1, 5, 15 minutes): {load}",
    ]


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _memory_gb() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def _table(rows: Sequence[Mapping[str, object]], about: Mapping[str, str], quick: bool) -> str:
    keys = ("name", "ours", "median", "p99", "peer", "unit", "ratio", "median_ratio")
    head = [
        "| row | ours | median | p99 | peer | unit | ratio | ratio of medians |",
        "|---|---:|---:|---:|---:|---|---:|---:|",
    ]
    body = ["| " + " | ".join(str(row[key]) for key in keys) + " |" for row in rows]
    explained = [f"- `{name}`: {text}" for name, text in about.items()]
    return "\n".join(
        [
            "# Benchmarks",
            "",
            f"Written by `make bench`{' in quick mode' if quick else ''}; do not edit. What a row means:",
            "[benchmark rows](reference/benchmark-rows.md). A ratio above 1 is in our favour; times are the best of",
            "all rounds, with both candidates taking turns in one process or one start each.",
            "",
            *head,
            *body,
            "",
            *machine(),
            "",
            "## What is compared",
            "",
            *explained,
            "",
        ]
    )


def _about(path: Path) -> str:
    """A benchmark's own first paragraph."""
    text = path.read_text(encoding="utf-8").split('"""')[1]
    return " ".join(text.split("\n\n")[0].split())


def main() -> int:
    """Run every benchmark in a process of its own and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--table", type=Path, metavar="FILE")
    parser.add_argument("--json", type=Path, metavar="FILE")
    asked = parser.parse_args()
    rows: list[Mapping[str, object]] = []
    failed: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        for name in BENCHMARKS:
            target = Path(folder) / f"{name}.json"
            words = [sys.executable, f"bench/{name}.py", "--json", str(target), *(["--quick"] if asked.quick else [])]
            subprocess.run(words, cwd=ROOT, check=False)
            if target.is_file():
                rows += json.loads(target.read_text(encoding="utf-8"))
            else:
                failed.append(name)
    about = {name: _about(ROOT / "bench" / f"{name}.py") for name in BENCHMARKS}
    if asked.json is not None:
        asked.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    if asked.table is not None and not failed:
        asked.table.write_text(_table(rows, about, asked.quick), encoding="utf-8")
    if failed:
        print(f"no rows from: {', '.join(failed)}; the table is left as it was", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
