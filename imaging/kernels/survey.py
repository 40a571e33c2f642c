"""Sums over a grey polar picture that say how good it is: what the live advice is made of."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def survey(
    grey: NDArray[np.uint8],
    earlier: NDArray[np.uint8],
    bounds: NDArray[np.int32],
    sums: NDArray[np.int32],
    lo: int,
    hi: int,
) -> None:
    """Add up lines ``lo`` to ``hi``, depth band by depth band.

    Args:
        grey: (lines, m) this picture.
        earlier: (lines, m) the picture before.
        bounds: (bands + 1,) first sample of each band; the last is where the last band ends, at most m.
        sums: (lines, 6 bands) result: of each band the sum of grey; of its change since the earlier picture; of its
            difference from the next line, and from the eighth line after it (0 where there is none); the number of
            samples that are bright (128 or more), and that are white (254 or 255).
        lo, hi: Lines to do.
    """
    bands = bounds.shape[0] - 1
    lines = grey.shape[0]
    for line in range(lo, hi):
        # a line that is not there is replaced by the line itself, from which it does not differ
        next_line = line + 1
        far_line = line + 8
        if next_line >= lines:
            next_line = line
        if far_line >= lines:
            far_line = line
        for band in range(bands):
            level = np.int32(0)
            moved = np.int32(0)
            near = np.int32(0)
            far = np.int32(0)
            bright = np.int32(0)
            white = np.int32(0)
            for j in range(bounds[band], bounds[band + 1]):
                here = np.int32(grey[line, np.uintp(j)])
                level += here
                moved += abs(np.int32(here - np.int32(earlier[line, np.uintp(j)])))
                near += abs(np.int32(here - np.int32(grey[np.uintp(next_line), np.uintp(j)])))
                far += abs(np.int32(here - np.int32(grey[np.uintp(far_line), np.uintp(j)])))
                bright += np.int32(here >= 128)
                white += np.int32(here >= 254)
            sums[line, np.uintp(6 * band)] = level
            sums[line, np.uintp(6 * band + 1)] = moved
            sums[line, np.uintp(6 * band + 2)] = near
            sums[line, np.uintp(6 * band + 3)] = far
            sums[line, np.uintp(6 * band + 4)] = bright
            sums[line, np.uintp(6 * band + 5)] = white
