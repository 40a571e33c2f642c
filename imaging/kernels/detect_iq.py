"""IQ lines to grey polar lines: power, mean, log by table."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def detect_iq(
    samples: NDArray[np.int16],
    average: NDArray[np.int64],
    weight: NDArray[np.float32],
    table: NDArray[np.uint8],
    powers: NDArray[np.float32],
    grey: NDArray[np.uint8],
    dead: NDArray[np.uint8],
    lo: int,
    hi: int,
) -> None:
    """Detect and compress lines ``lo`` to ``hi``.

    Args:
        samples: (lines, 2 n) in-phase and quadrature counts in turns.
        average: (1,) how many powers are averaged into one grey sample.
        weight: (m,) factor of the summed power: depth gain, and one over the power that is white.
        table: (65536,) grey of a float32 whose upper 16 bits are the index.
        powers: (n,) scratch.
        grey: (lines, m) result.
        dead: (lines,) in and out: set to 1 where a line holds one value only, so nothing was received.
        lo, hi: Lines to do.
    """
    count = powers.shape[0]
    kept = grey.shape[1]
    summed = average[0]
    for line in range(lo, hi):
        differs = 0
        first_i = samples[line, 0]
        first_q = samples[line, 1]
        for i in range(count):
            real = samples[line, np.uintp(2 * i)]
            imaginary = samples[line, np.uintp(2 * i + 1)]
            differs |= (real ^ first_i) | (imaginary ^ first_q)
            power = np.float32(real) * np.float32(real)
            powers[i] = power + np.float32(imaginary) * np.float32(imaginary)
        if differs == 0:
            dead[line] = 1
        for j in range(kept):
            power = np.float32(0)
            for i in range(summed):
                power += powers[np.uintp(j * summed + i)]
            power *= weight[j]
            grey[line, j] = table[np.uintp(np.float32(power).view(np.uint32) >> np.uint32(16))]
