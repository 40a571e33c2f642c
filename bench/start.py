"""From the start of a process to its first picture on the disk, warm cache: one frame of a film to a PNG.

Peers: a script that does the same with SciPy, and one with OpenCV.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import processes
import rows
import scene


def main() -> None:
    """Start them in turns."""
    asked = rows.arguments(__doc__)
    processes.prepare()
    with tempfile.TemporaryDirectory() as name:
        film = Path(name) / "film.npz"
        scene.write_film(film)
        taken = processes.costs(5 if asked.quick else 15, film, Path(name))
    seconds = {who: [cost.seconds for cost in costs] for who, costs in taken.items()}
    rows.report(
        [rows.less_is_better(f"start/{peer}", seconds["ours"], seconds[peer], "s") for peer in processes.PEERS],
        asked.json,
    )


if __name__ == "__main__":
    main()
