"""Rows of a benchmark: timing in turns, the JSON that others read, and the table in docs/benchmarks.md.

As a script it runs every benchmark and writes the table: bench/rows.py [--quick] [--table FILE] [--json FILE].
"""

from __future__ import annotations

import argparse
import json
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

ROOT = Path(__file__).resolve().parents[1]
# a script puts its own folder first, where probe.py is a benchmark and not the package
sys.path.insert(0, str(ROOT))
BENCHMARKS = ("chain", "latency", "start", "memory", "probe", "display")
NAMED = ("numpy", "numba", "scipy", "opencv-python-headless", "textual", "textual-image")
WARM_UP_ROUNDS = 3


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
    """

    name: str
    ours: float
    peer: float
    ratio: float
    unit: str
    median_ratio: float


def less_is_better(name: str, ours: Sequence[float], peer: Sequence[float], unit: str) -> Row:
    """A row of two lists of figures (times, bytes) where less is better."""
    best = min(peer) / min(ours)
    typical = statistics.median(peer) / statistics.median(ours)
    return Row(name, _short(min(ours)), _short(min(peer)), _short(best), unit, _short(typical))


def more_is_better(name: str, ours: Sequence[float], peer: Sequence[float], unit: str) -> Row:
    """A row of two lists of figures (frames a second) where more is better."""
    typical = statistics.median(ours) / statistics.median(peer)
    return Row(name, _short(max(ours)), _short(max(peer)), _short(max(ours) / max(peer)), unit, _short(typical))


def _short(value: float) -> float:
    return float(f"{value:.4g}")


def in_turns(candidates: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Milliseconds of each candidate in each round, interleaved, so that a busy moment hits all of them."""
    for call in candidates.values():
        for _ in range(WARM_UP_ROUNDS):
            call()
    times: dict[str, list[float]] = {name: [] for name in candidates}
    for _ in range(rounds):
        for name, call in candidates.items():
            started = time.perf_counter_ns()
            call()
            times[name].append((time.perf_counter_ns() - started) / 1e6)
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
        figures = f"ours {row.ours:>9} {row.unit}, peer {row.peer:>9} {row.unit}"
        print(f"{row.name:<28} {figures}, ratio {row.ratio} (medians {row.median_ratio})")
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
    head = ["| row | ours | peer | unit | ratio | ratio of medians |", "|---|---:|---:|---|---:|---:|"]
    body = [
        f"| {row['name']} | {row['ours']} | {row['peer']} | {row['unit']} | {row['ratio']} | {row['median_ratio']} |"
        for row in rows
    ]
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
