"""The mean of several pictures of the same place, each pixel over those that saw it: spatial compounding."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def mean_seen(
    stack: NDArray[np.uint8],
    seen: NDArray[np.uint8],
    mean: NDArray[np.uint8],
    lo: int,
    hi: int,
) -> None:
    """Fill rows ``lo`` to ``hi``; a pixel that no picture saw is black.

    Args:
        stack: (k rows, columns) the pictures, one below the other; at most 255 of them.
        seen: (k rows, columns) 1 where a picture saw the pixel, else 0.
        mean: (rows, columns) result.
        lo, hi: Rows to do.
    """
    rows = mean.shape[0]
    pictures = stack.shape[0] // rows
    for row in range(lo, hi):
        for column in range(mean.shape[1]):
            total = np.int32(0)
            count = np.int32(0)
            for picture in range(pictures):
                at = np.uintp(picture * rows + row)
                here = np.int32(seen[at, column])
                total += np.int32(here * np.int32(stack[at, column]))
                count += here
            share = np.float32(1) / np.float32(max(count, np.int32(1)))
            mean[row, column] = np.uint8(np.int32(np.float32(np.float32(total) * share) + np.float32(0.5)))
