"""What the readers share: arrays out of an ``.npz``, and one sentence for whatever is wrong with a file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from probe.errors import RecordingError
from probe.recording import MOST_LINES, OTHER_KIND

DAMAGE = (OSError, ValueError, LookupError, TypeError, ArithmeticError)
LIMITS = {
    "fs_hz": (1e5, 1e9), "f0_hz": (1e4, 1e8), "sector_deg": (1, 180), "r0_mm": (0, 1000), "rf_mm": (0, 2000),
    "c_m_s": (300, 6000),
}  # fmt: skip
MOST_SAMPLES = 1 << 17


def damaged(path: Path) -> RecordingError:
    """The file is of a known kind, but not whole."""
    return RecordingError(f"The recording {path.name} is damaged or cut short", "Copy it again.")


def unreadable(path: Path) -> RecordingError:
    """The file says something that no probe can have meant."""
    return RecordingError(f"The numbers in {path.name} are not readable", OTHER_KIND)


def read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """Every array of an ``.npz``; pickles are refused.

    Raises:
        RecordingError: It is damaged.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            return {key: np.asarray(archive[key]) for key in archive.files}
    except Exception as error:  # on damaged bytes zipfile, zlib and numpy raise whatever they meet
        raise damaged(path) from error


def numbers(path: Path, values: Mapping[str, Any], scale: Mapping[str, float] | None = None) -> dict[str, float]:
    """Single numbers, each within its limits.

    Args:
        path: Of the file.
        values: As read.
        scale: What some of them are multiplied with, as they stand in another unit.

    Raises:
        RecordingError: One is none, or impossible.
    """
    try:
        read = {key: _number(value) * (scale or {}).get(key, 1.0) for key, value in values.items()}
    except DAMAGE as error:
        raise unreadable(path) from error
    if not all(low <= read[key] <= high for key, (low, high) in LIMITS.items() if key in read):
        raise unreadable(path)
    return read


def _number(value: object) -> float:
    array = np.asarray(value)
    if array.ndim != 0 or array.dtype.kind not in "iufU":
        raise ValueError("no number")
    return float(array[()])


def frames_array(path: Path, array: NDArray[Any], kind: type[np.generic]) -> NDArray[Any]:
    """A (frames, lines, samples) array of one type, of a sane size, contiguous and read-only.

    Raises:
        RecordingError: It is another one.
    """
    if array.ndim != 3 or array.dtype != kind or 0 in array.shape:
        raise RecordingError(f"The file {path.name} holds no frames that Sauti can read", OTHER_KIND)
    if array.shape[1] > MOST_LINES or array.shape[2] > MOST_SAMPLES:
        raise RecordingError(f"The file {path.name} holds no frames that Sauti can read", OTHER_KIND)
    whole = np.ascontiguousarray(array)
    whole.flags.writeable = False
    return whole
