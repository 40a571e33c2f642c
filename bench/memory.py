"""Peak memory (resident set) of a process that makes one picture: one frame of a film to a PNG.

Peers: a script that does the same with SciPy, and one with OpenCV.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import processes
import rows
import scene


def main() -> None:
    """Run them in turns."""
    asked = rows.arguments(__doc__)
    processes.prepare()
    with tempfile.TemporaryDirectory() as name:
        film = Path(name) / "film.npz"
        scene.write_film(film)
        taken = processes.costs(3 if asked.quick else 7, film, Path(name))
    peaks = {who: [cost.peak_mb for cost in costs] for who, costs in taken.items()}
    rows.report(
        [rows.less_is_better(f"memory/{peer}", peaks["ours"], peaks[peer], "MB") for peer in processes.PEERS],
        asked.json,
    )


if __name__ == "__main__":
    main()
