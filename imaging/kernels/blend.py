"""A weighted mean of several grey polar pictures: frames for persistence, sub-bands for frequency compounding."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def blend(
    stack: NDArray[np.uint8],
    weights: NDArray[np.int32],
    alive: NDArray[np.uint8],
    sums: NDArray[np.uint16],
    mixed: NDArray[np.uint8],
    lo: int,
    hi: int,
) -> None:
    """Mix lines ``lo`` to ``hi``; what a picture lacks of a line is made up by the others.

    Args:
        stack: (k lines, m) the pictures, one below the other.
        weights: (k,) of each picture, at most 257 together; 0 leaves it out.
        alive: (k, lines) 1 where a picture has the line.
        sums: (m,) scratch.
        mixed: (lines, m) result; 0 where no picture has the line.
        lo, hi: Lines to do.
    """
    lines = mixed.shape[0]
    samples = mixed.shape[1]
    for line in range(lo, hi):
        total = 0
        for j in range(samples):
            sums[j] = 0
        for picture in range(weights.shape[0]):
            weight = np.int32(weights[picture])
            if weight != 0 and alive[picture, line] != 0:
                total += int(weight)
                small = np.uint16(weight)
                row = picture * lines + line
                for j in range(samples):
                    sums[j] = np.uint16(sums[j] + np.uint16(np.uint16(stack[np.uintp(row), j]) * small))
        scale = np.float32(1) / np.float32(max(total, 1))
        for j in range(samples):
            mixed[line, j] = np.uint8(np.int32(np.float32(np.float32(sums[j]) * scale) + np.float32(0.5)))
