"""Envelope codes to grey: a table for the code, an offset for the depth, a table for the tone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def grey_u8(
    samples: NDArray[np.uint8],
    levels: NDArray[np.int32],
    offsets: NDArray[np.int32],
    tones: NDArray[np.uint8],
    grey: NDArray[np.uint8],
    lo: int,
    hi: int,
) -> None:
    """Turn lines ``lo`` to ``hi`` of 8-bit codes, linear or logarithmic, into grey.

    Args:
        samples: (lines, n) codes.
        levels: (256,) grey of a code in 64ths, below 0 and above 255 as it comes.
        offsets: (n,) what the depth adds, in 64ths of a grey.
        tones: (16321,) what the grey map makes of each 64th from 0 to 255.
        grey: (lines, n) result.
        lo, hi: Lines to do.
    """
    for line in range(lo, hi):
        for i in range(grey.shape[1]):
            value = np.int32(levels[np.uintp(samples[line, i])] + offsets[i])
            grey[line, i] = tones[np.uintp(min(max(value, np.int32(0)), np.int32(16320)))]


def grey_u16(
    samples: NDArray[np.uint16],
    levels: NDArray[np.int32],
    offsets: NDArray[np.int32],
    tones: NDArray[np.uint8],
    grey: NDArray[np.uint8],
    lo: int,
    hi: int,
) -> None:
    """The same for 16-bit linear codes; ``levels`` is (65536,)."""
    for line in range(lo, hi):
        for i in range(grey.shape[1]):
            value = np.int32(levels[np.uintp(samples[line, i])] + offsets[i])
            grey[line, i] = tones[np.uintp(min(max(value, np.int32(0)), np.int32(16320)))]
