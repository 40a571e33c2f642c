"""Rows of half-block cells: pairs of pixels as the bytes that colour a character's two halves (ECMA-48 SGR)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def cell_rows(
    pixels: NDArray[np.uint8],
    fronts: NDArray[np.uint8],
    backs: NDArray[np.uint8],
    sizes: NDArray[np.int32],
    out: NDArray[np.uint8],
    lengths: NDArray[np.int32],
    lo: int,
    hi: int,
) -> None:
    """Write rows ``lo`` to ``hi`` of cells; a colour is named only where it changes.

    Args:
        pixels: (2 * rows, columns) colour of each pixel.
        fronts: (colours, room) SGR parameters that set the upper half, as ``38;5;240``.
        backs: (colours, room) the same for the lower half, as ``48;5;240``, of the same length.
        sizes: (colours,) bytes of each.
        out: (rows, columns * (2 * room + 7)) result.
        lengths: (rows,) result: bytes of each row.
        lo, hi: Rows to do.
    """
    columns = pixels.shape[1]
    for row in range(lo, hi):
        at = 0
        front = -1
        back = -1
        for column in range(columns):
            upper = int(pixels[2 * row, column])
            lower = int(pixels[2 * row + 1, column])
            if upper != front or lower != back:
                out[row, at] = 27
                out[row, at + 1] = 91
                at += 2
                if upper != front:
                    for i in range(int(sizes[upper])):
                        out[row, at] = fronts[upper, i]
                        at += 1
                    front = upper
                    if lower != back:
                        out[row, at] = 59
                        at += 1
                if lower != back:
                    for i in range(int(sizes[lower])):
                        out[row, at] = backs[lower, i]
                        at += 1
                    back = lower
                out[row, at] = 109
                at += 1
            out[row, at] = 226  # the three bytes of an upper half block
            out[row, at + 1] = 150
            out[row, at + 2] = 128
            at += 3
        lengths[row] = at
