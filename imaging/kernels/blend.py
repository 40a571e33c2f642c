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
        weights: (k,) of each picture, at most 64 together; 0 leaves it out.
        alive: (k, lines) 1 where a picture has the line.
        sums: (2, m) scratch: weighted sums, and one over the sum of weights.
        mixed: (lines, m) result; 0 where no picture has the line.
        lo, hi: Lines to do.
    """
    lines = mixed.shape[0]
    samples = mixed.shape[1]
    before = 0
    for line in range(lo, hi):
        total = 0
        for picture in range(weights.shape[0]):
            weight = np.int32(weights[picture])
            if weight != 0 and alive[picture, line] != 0:
                small = np.uint16(weight)
                row = picture * lines + line
                if total == 0:
                    for j in range(samples):
                        sums[0, j] = np.uint16(np.uint16(stack[np.uintp(row), j]) * small)
                else:
                    for j in range(samples):
                        sums[0, j] = np.uint16(sums[0, j] + np.uint16(np.uint16(stack[np.uintp(row), j]) * small))
                total += int(weight)
        if total < 2:
            for j in range(samples):
                mixed[line, j] = np.uint8(np.uint16(sums[0, j] * np.uint16(total)))
        else:
            # the scale stands in an array, of which the compiler knows that it is 16 bits wide; as a number it would
            # be multiplied with 32. Rounded up, it gives the nearest grey for sums of weights up to 16, and beyond that
            # one that is off by 0.6 at most
            if total != before:
                scale = np.uint16((65536 + total - 1) // total)
                for j in range(samples):
                    sums[1, j] = scale
                before = total
            half = np.uint16(total >> 1)
            for j in range(samples):
                share = np.uint32(np.uint32(np.uint16(sums[0, j] + half)) * np.uint32(sums[1, j]))
                mixed[line, j] = np.uint8(share >> np.uint32(16))
