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
    halves: NDArray[np.uint16],
    picture: NDArray[np.uint8],
    lo: int,
    hi: int,
) -> None:
    """Fill rows ``lo`` to ``hi`` of the picture between their spans; what lies outside is not touched.

    Gathering first and calculating after lets the processor do the second part many pixels at a time; it all fits into
    16 bits, so that it is twice as many as with 32.

    Args:
        quads: (cells,) words of ``pack_quads``, line after line.
        spans: (rows, 3) first column inside, column after the last one, place of the row's first pixel in the tables.
        cells: (inside,) which cell a pixel lies in.
        weights: (inside,) place in the cell in 256ths: low byte from sample s to s + 1, high byte from line l to l + 1.
        gathered: (columns,) scratch.
        halves: (2, columns) scratch: two samples of line l, two of line l + 1.
        picture: (rows, columns) result.
        lo, hi: Rows to do.
    """
    byte = np.uint16(8)
    low = np.uint16(0x00FF)
    high = np.uint16(0xFF00)
    whole = np.uint16(256)
    for row in range(lo, hi):
        start = spans[row, 0]
        count = spans[row, 1] - start
        base = spans[row, 2]
        for i in range(count):
            gathered[i] = quads[np.uintp(cells[np.uintp(base + i)])]
        for i in range(count):
            halves[0, i] = np.uint16(gathered[i])
            halves[1, i] = np.uint16(gathered[i] >> np.uint32(16))
        for i in range(count):
            near = halves[0, i]
            far = halves[1, i]
            weight = weights[np.uintp(base + i)]
            deep = np.uint16(weight & low)
            shallow = np.uint16(whole - deep)
            right = np.uint32(weight & high)
            # never above 255 * 256, so nothing runs over
            near = np.uint16(np.uint16(np.uint16(near & low) * shallow) + np.uint16(np.uint16(near >> byte) * deep))
            far = np.uint16(np.uint16(np.uint16(far & low) * shallow) + np.uint16(np.uint16(far >> byte) * deep))
            # shares of both lines, in 256ths of a grey, cut off below that
            less = np.uint16(np.uint32(np.uint32(near) * right) >> np.uint32(16))
            more = np.uint16(np.uint32(np.uint32(far) * right) >> np.uint32(16))
            mixed = np.uint16(np.uint16(np.uint16(near - less) + more) + np.uint16(128))
            picture[row, np.uintp(start + i)] = np.uint8(mixed >> byte)
