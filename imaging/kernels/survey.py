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
        sums: (lines, 4 bands) result: of each band the sum of grey; of its change since the earlier picture; of its
            change from sample to sample; and the number of samples that are white (254 or 255).
        lo, hi: Lines to do.
    """
    bands = bounds.shape[0] - 1
    for line in range(lo, hi):
        for band in range(bands):
            level = np.int32(0)
            moved = np.int32(0)
            rough = np.int32(0)
            white = np.int32(0)
            before = np.int32(grey[line, np.uintp(bounds[band])])
            for j in range(bounds[band], bounds[band + 1]):
                here = np.int32(grey[line, np.uintp(j)])
                level += here
                moved += abs(np.int32(here - np.int32(earlier[line, np.uintp(j)])))
                rough += abs(np.int32(here - before))
                white += np.int32(here >= 254)
                before = here
            sums[line, np.uintp(4 * band)] = level
            sums[line, np.uintp(4 * band + 1)] = moved
            sums[line, np.uintp(4 * band + 2)] = rough
            sums[line, np.uintp(4 * band + 3)] = white
