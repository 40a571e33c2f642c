"""Pictures made to fit: nearest pixel for sixel, pairs of pixels for half-block cells. Index tables, planned once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """Where each pixel of the result comes from; -1 is outside the picture."""

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]

    def apply(self, grey: Grey) -> Grey:
        """The picture at the planned size, black around it."""
        out: Grey = grey[np.maximum(self.rows, 0)[:, None], np.maximum(self.columns, 0)[None, :]]
        out[self.rows < 0] = 0
        out[:, self.columns < 0] = 0
        return out


@lru_cache(maxsize=8)
def plan_fit(source: tuple[int, int], target: tuple[int, int], pixel_aspect: float = 1.0) -> Fit:
    """Fit (rows, columns) into (rows, columns) as large as it goes, centred, in its own proportions.

    Args:
        source: Shape of the picture, of square pixels.
        target: Shape of the result.
        pixel_aspect: Height of a result's pixel over its width.
    """
    scale = min(target[0] * pixel_aspect / source[0], target[1] / source[1])
    rows = _indices(source[0], target[0], scale / pixel_aspect)
    return Fit(rows, _indices(source[1], target[1], scale))


def _indices(source: int, target: int, scale: float) -> NDArray[np.int64]:
    centre = (np.arange(target) + 0.5 - target / 2) / scale + source / 2
    index = np.floor(centre).astype(np.int64)
    return np.where((index >= 0) & (index < source), index, -1)
