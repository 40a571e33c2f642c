"""One scanline as columns of an M-mode picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def draw_columns(
    grey: NDArray[np.uint8],
    cells: NDArray[np.int32],
    weights: NDArray[np.int32],
    place: NDArray[np.int64],
    picture: NDArray[np.uint8],
    lo: int,
    hi: int,
) -> None:
    """Fill rows ``lo`` to ``hi`` of some columns with one line, linear between its samples.

    Args:
        grey: (lines, m) polar picture.
        cells: (rows,) sample above each row, at most m - 2; negative where the row is outside the line, and black.
        weights: (rows,) place between that sample and the next in 256ths.
        place: (3,) the line, the first column, the column after the last.
        picture: (rows, columns) result; other columns are not touched.
        lo, hi: Rows to do.
    """
    line = np.uintp(place[0])
    for row in range(lo, hi):
        cell = cells[row]
        value = np.uint8(0)
        if cell >= 0:
            weight = np.int32(weights[row])
            above = np.int32(grey[line, np.uintp(cell)])
            below = np.int32(grey[line, np.uintp(cell + 1)])
            mixed = np.int32(np.int32(256) - weight) * above + weight * below
            value = np.uint8(np.int32(mixed + np.int32(128)) >> np.int32(8))
        for column in range(place[1], place[2]):
            picture[row, np.uintp(column)] = value
