"""Polar cells as words, so that a pixel needs one look into memory."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def pack_quads(
    grey: NDArray[np.uint8], missing: NDArray[np.uint8], quads: NDArray[np.uint32], lo: int, hi: int
) -> None:
    """Put the four corners of each polar cell into one word; a cell beside a missing line is empty.

    Args:
        grey: (lines, m) polar picture.
        missing: (lines,) 1 where a line holds no echoes.
        quads: (lines - 1, at least m - 1) result: bits 0-7 line l sample s, 8-15 line l sample s + 1, 16-23 line l + 1
            sample s, 24-31 line l + 1 sample s + 1.
        lo, hi: Rows of ``quads`` to do.
    """
    for line in range(lo, hi):
        whole = np.uint32(0xFFFFFFFF)
        if missing[line] | missing[np.uintp(line + 1)]:
            whole = np.uint32(0)
        for s in range(grey.shape[1] - 1):
            near = np.uint32(grey[line, s]) | np.uint32(np.uint32(grey[line, np.uintp(s + 1)]) << np.uint32(8))
            far = np.uint32(grey[np.uintp(line + 1), s]) | np.uint32(
                np.uint32(grey[np.uintp(line + 1), np.uintp(s + 1)]) << np.uint32(8)
            )
            quads[line, s] = np.uint32(near | np.uint32(far << np.uint32(16))) & whole
