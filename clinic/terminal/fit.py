"""Pictures made to fit a part of the screen, in their own proportions. Tables of taps, planned once, run by a kernel.

A pixel of a smaller picture is the mean of what falls into it, so that a thin bright wire does not vanish between two
pixels; a pixel of a larger one lies between its neighbours.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from imaging.compiled import kernels

Grey = NDArray[np.uint8]
_ONE = 1 << 14


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """Where each pixel of the result comes from.

    Args:
        source, target: (rows, columns) of the picture and of the result.
        scale: (down, across) pixels of the result per pixel of the picture.
        row_at, row_weights, column_at, column_weights: See the kernel ``fit_grey``.
    """

    source: tuple[int, int]
    target: tuple[int, int]
    scale: tuple[float, float]
    row_at: NDArray[np.int32]
    row_weights: NDArray[np.int32]
    column_at: NDArray[np.int32]
    column_weights: NDArray[np.int32]

    def apply(self, grey: Grey, into: Grey | None = None) -> Grey:
        """The picture at the planned size, black around it; (rows, columns) grey in C order.

        Args:
            grey: Of the shape ``source``, in C order.
            into: Written to and given back, where a caller keeps a buffer of the shape ``target``.
        """
        out: Grey = np.empty(self.target, dtype=np.uint8) if into is None else into
        sums = np.empty(self.source[1], dtype=np.int32)
        kernels().call("fit_grey")(
            grey, self.row_at, self.row_weights, self.column_at, self.column_weights, sums, out, 0, self.target[0]
        )
        return out

    def place(self, column: float, row: float) -> tuple[float, float]:
        """Where a place of the picture lies on the result, as (column, row)."""
        return (
            (column + 0.5 - self.source[1] / 2) * self.scale[1] + self.target[1] / 2 - 0.5,
            (row + 0.5 - self.source[0] / 2) * self.scale[0] + self.target[0] / 2 - 0.5,
        )


@lru_cache(maxsize=8)
def plan_fit(source: tuple[int, int], target: tuple[int, int], pixel_aspect: float = 1.0) -> Fit:
    """Fit (rows, columns) into (rows, columns) as large as it goes, centred, in its own proportions.

    Args:
        source: Shape of the picture, of square pixels.
        target: Shape of the result.
        pixel_aspect: Height of a result's pixel over its width.
    """
    across = min(target[0] * pixel_aspect / source[0], target[1] / source[1])
    down = across / pixel_aspect
    row_at, row_weights = _taps(source[0], target[0], down)
    column_at, column_weights = _taps(source[1], target[1], across)
    row_at[row_weights.sum(axis=1) == 0] = -1
    return Fit(source, target, (down, across), row_at, row_weights, column_at, column_weights)


def _taps(source: int, target: int, scale: float) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """First source index (target,) and weights (target, taps) along one axis."""
    reach = max(1.0, 1 / scale)  # a pixel of the result, in pixels of the source; at least what lies between two
    centre = (np.arange(target) + 0.5 - target / 2) / scale + source / 2
    inside = (centre >= 0) & (centre <= source)
    first = np.floor(centre - reach / 2).astype(np.int64)
    taps = int(np.ceil(reach)) + 1
    index = first[:, None] + np.arange(taps)
    ends = np.stack(
        [np.maximum(index, (centre - reach / 2)[:, None]), np.minimum(index + 1, (centre + reach / 2)[:, None])]
    )
    share = np.maximum(ends[1] - ends[0], 0.0)
    start = np.clip(first, 0, max(0, source - taps))
    room = min(taps, source)
    weights = np.zeros((target, room))
    columns = np.clip(index, 0, source - 1) - start[:, None]
    np.add.at(weights, (np.arange(target)[:, None], columns), share)
    return start.astype(np.int32), np.where(inside[:, None], _whole(weights), 0).astype(np.int32)


def _whole(weights: NDArray[np.float64]) -> NDArray[np.int64]:
    """Each row in whole parts that sum to one: the running sums are rounded, so that no error adds up along a row."""
    sums = np.cumsum(weights / weights.sum(axis=1, keepdims=True), axis=1)
    return np.diff(np.rint(sums * _ONE).astype(np.int64), axis=1, prepend=0)
