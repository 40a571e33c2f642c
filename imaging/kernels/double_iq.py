"""IQ lines to twice their samples, as lines of floats: what lies between two samples by a half-sample filter."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def double_iq(
    samples: NDArray[np.int16],
    taps: NDArray[np.float32],
    doubled: NDArray[np.float32],
    dead: NDArray[np.uint8],
    lo: int,
    hi: int,
) -> None:
    """Double lines ``lo`` to ``hi``: output 2 i is sample i, output 2 i + 1 lies half a sample later.

    Args:
        samples: (lines, 2 n) in-phase and quadrature counts in turns.
        taps: (K,) weights of the K / 2 samples on either side, K even; outside the line is silence.
        doubled: (lines, 4 n) result: 2 n in-phase parts, then 2 n quadrature parts.
        dead: (lines,) in and out: set to 1 where a line holds one value only, so nothing was received.
        lo, hi: Lines to do.
    """
    count = samples.shape[1] // 2
    reach = taps.shape[0] // 2
    for line in range(lo, hi):
        differs = 0
        first_i = samples[line, 0]
        first_q = samples[line, 1]
        for i in range(count):
            real = samples[line, np.uintp(2 * i)]
            imaginary = samples[line, np.uintp(2 * i + 1)]
            differs |= (real ^ first_i) | (imaginary ^ first_q)
            doubled[line, np.uintp(2 * i)] = np.float32(real)
            doubled[line, np.uintp(2 * i + 1)] = np.float32(0)
            doubled[line, np.uintp(2 * (count + i))] = np.float32(imaginary)
            doubled[line, np.uintp(2 * (count + i) + 1)] = np.float32(0)
        if differs == 0:
            dead[line] = 1
        for k in range(taps.shape[0]):
            tap = taps[k]
            ahead = k - reach + 1
            for i in range(max(0, -ahead), min(count, count - ahead)):
                source = 2 * (i + ahead)
                doubled[line, np.uintp(2 * i + 1)] += tap * np.float32(samples[line, np.uintp(source)])
                doubled[line, np.uintp(2 * (count + i) + 1)] += tap * np.float32(samples[line, np.uintp(source + 1)])
