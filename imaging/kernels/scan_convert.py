"""Polar to Cartesian: every pixel inside the picture from the four samples round it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def scan_convert(
    quads: NDArray[np.uint32],
    spans: NDArray[np.int32],
    cells: NDArray[np.int32],
    weights: NDArray[np.uint16],
    gathered: NDArray[np.uint32],
    picture: NDArray[np.uint8],
    lo: int,
    hi: int,
) -> None:
    """Fill rows ``lo`` to ``hi`` of the picture between their spans; what lies outside is not touched.

    Gathering first and calculating after lets the processor do the second part many pixels at a time.

    Args:
        quads: (cells,) words of ``pack_quads``, line after line.
        spans: (rows, 3) first column inside, column after the last one, place of the row's first pixel in the tables.
        cells: (inside,) which cell a pixel lies in.
        weights: (inside,) place in the cell in 256ths: low byte from sample s to s + 1, high byte from line l to l + 1.
        gathered: (columns,) scratch.
        picture: (rows, columns) result.
        lo, hi: Rows to do.
    """
    one = np.uint16(256)
    low = np.uint16(255)
    byte = np.uint16(8)
    half = np.uint32(32768)
    for row in range(lo, hi):
        start = spans[row, 0]
        count = spans[row, 1] - start
        base = spans[row, 2]
        for i in range(count):
            gathered[i] = quads[np.uintp(cells[np.uintp(base + i)])]
        for i in range(count):
            quad = gathered[i]
            weight = weights[np.uintp(base + i)]
            deep = np.uint16(weight & low)
            shallow = np.uint16(one - deep)
            right = np.uint16(weight >> byte)
            left = np.uint16(one - right)
            near0 = np.uint16(np.uint16(quad) & low)
            near1 = np.uint16(np.uint16(quad) >> byte)
            far0 = np.uint16(np.uint16(quad >> np.uint32(16)) & low)
            far1 = np.uint16(quad >> np.uint32(24))
            near = np.uint16(np.uint16(near0 * shallow) + np.uint16(near1 * deep))
            far = np.uint16(np.uint16(far0 * shallow) + np.uint16(far1 * deep))
            mixed = np.uint32(np.uint32(near) * np.uint32(left)) + np.uint32(np.uint32(far) * np.uint32(right))
            picture[row, np.uintp(start + i)] = np.uint8(np.uint32(mixed + half) >> np.uint32(16))
