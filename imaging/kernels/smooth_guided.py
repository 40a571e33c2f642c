"""The guided filter of a polar picture (He, Sun and Tang, IEEE PAMI 35, 2013), guided by itself: fast, keeps edges."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def smooth_guided(
    grey: NDArray[np.uint8],
    noise: NDArray[np.float32],
    dead: NDArray[np.uint8],
    columns: NDArray[np.int32],
    fits: NDArray[np.float32],
    smooth: NDArray[np.uint8],
    lo: int,
    hi: int,
) -> None:
    """Fill lines ``lo`` to ``hi``: where the picture varies less than noise it becomes its mean, else it stays.

    A window is 5 lines by 5 samples. In it the result is a * grey + b with a = variance / (variance + noise); what a
    pixel gets is the mean over the windows that hold it. Edges are repeated; the window's middle replaces a dead line.

    Args:
        grey: (lines, m).
        noise: (1,) variance of the noise in squared greys, times 625, above 0.
        dead: (lines,) 1 where a line holds no echoes.
        columns: (2, m + 4) scratch: sums over the window's lines of grey and of its square.
        fits: (10, m + 4) scratch: a and b of five lines' windows.
        smooth: (lines, m) result.
        lo, hi: Lines to do.
    """
    one = np.float32(1)
    share = np.float32(0.04)
    lines = grey.shape[0]
    m = grey.shape[1]
    epsilon = noise[0]
    for line in range(lo, hi):
        first = line - 2
        if line > lo:
            first = line + 2
        for middle in range(first, line + 3):
            centre = min(max(middle, 0), lines - 1)
            for j in range(m + 4):
                columns[0, j] = 0
                columns[1, j] = 0
            for around in range(centre - 2, centre + 3):
                row = min(max(around, 0), lines - 1)
                if dead[row] != 0:
                    row = centre
                for j in range(m):
                    value = np.int32(grey[np.uintp(row), j])
                    columns[0, np.uintp(j + 2)] += value
                    columns[1, np.uintp(j + 2)] += np.int32(value * value)
            for part in range(2):
                columns[part, 0] = columns[part, 2]
                columns[part, 1] = columns[part, 2]
                columns[part, np.uintp(m + 2)] = columns[part, np.uintp(m + 1)]
                columns[part, np.uintp(m + 3)] = columns[part, np.uintp(m + 1)]
            slot = np.uintp((middle + 10) % 5)
            offset = np.uintp(slot + np.uintp(5))
            for j in range(m):
                total = np.int32(0)
                squares = np.int32(0)
                for k in range(5):
                    total += columns[0, np.uintp(j + k)]
                    squares += columns[1, np.uintp(j + k)]
                spread = np.float32(np.int32(np.int32(25) * squares) - np.int32(total * total))
                slope = spread / (spread + epsilon)
                fits[slot, np.uintp(j + 2)] = slope
                fits[offset, np.uintp(j + 2)] = (one - slope) * (share * np.float32(total))
            for part in range(2):
                row = np.uintp(slot + np.uintp(5 * part))
                fits[row, 0] = fits[row, 2]
                fits[row, 1] = fits[row, 2]
                fits[row, np.uintp(m + 2)] = fits[row, np.uintp(m + 1)]
                fits[row, np.uintp(m + 3)] = fits[row, np.uintp(m + 1)]
        for j in range(m):
            slope = np.float32(0)
            level = np.float32(0)
            for k in range(5):
                at = np.uintp(j + k)
                slope += (fits[0, at] + fits[1, at]) + (fits[2, at] + fits[3, at]) + fits[4, at]
                level += (fits[5, at] + fits[6, at]) + (fits[7, at] + fits[8, at]) + fits[9, at]
            value = share * (slope * np.float32(grey[line, j]) + level)
            smooth[line, j] = np.uint8(np.int32(min(max(value, np.float32(0)), np.float32(255)) + np.float32(0.5)))
