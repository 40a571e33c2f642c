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
    even_bytes = np.uint32(0x00FF00FF)
    low = np.uint32(65535)
    byte = np.uint32(8)
    for row in range(lo, hi):
        start = spans[row, 0]
        count = spans[row, 1] - start
        base = spans[row, 2]
        for i in range(count):
            gathered[i] = quads[np.uintp(cells[np.uintp(base + i)])]
        for i in range(count):
            quad = gathered[i]
            weight = np.uint32(weights[np.uintp(base + i)])
            deep = np.uint32(weight & np.uint32(255))
            right = np.int32(weight >> byte)
            # near and far line side by side in one word, 16 bits each: 256 a + (b - a) deep is never above 255 * 256,
            # so nothing runs over, and what b - a borrows the same sum gives back. Compiled, all of it is 32 bits wide
            shallow = np.uint32(quad & even_bytes)
            deeper = np.uint32(np.uint32(quad >> byte) & even_bytes)
            both = np.uint32(256 * int(shallow) + (int(deeper) - int(shallow)) * int(deep))
            near = np.int32(both & low)
            far = np.int32(both >> np.uint32(16))
            mixed = np.int32(np.int32(near * np.int32(256)) + np.int32(np.int32(far - near) * right))
            picture[row, np.uintp(start + i)] = np.uint8(np.int32(mixed + np.int32(32768)) >> np.int32(16))
