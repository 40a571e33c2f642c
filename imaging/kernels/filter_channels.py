"""Channel RF to its analytic signal at the beamformer's rate: one complex band-pass over all elements of a moment."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def filter_channels(
    turned: NDArray[np.float32],
    real: NDArray[np.float32],
    imaginary: NDArray[np.float32],
    rate: NDArray[np.int64],
    analytic: NDArray[np.float32],
    lo: int,
    hi: int,
) -> None:
    """Filter moments ``lo`` to ``hi``; moment r lies D r / L samples behind the first, L the phases of the taps.

    Args:
        turned: (rows, elements) RF of ``turn_channels``, with room for the taps above and below.
        real, imaginary: (L K, 1) taps that all elements share, or (L K, elements) where each has its own, phase after
            phase; K is a multiple of 4.
        rate: (2,) D and L.
        analytic: (moments, 2 (elements + 2)) result: real parts between two zeros, imaginary parts between two zeros.
        lo, hi: Moments to do.
    """
    elements = turned.shape[1]
    length = real.shape[0] // rate[1]
    shared = real.shape[1] == 1
    second = elements + 3
    for moment in range(lo, hi):
        top = moment * rate[0] // rate[1]
        taps = (moment * rate[0] - top * rate[1]) * length
        for e in range(2 * (elements + 2)):
            analytic[moment, e] = np.float32(0)
        for k in range(0, length, 4):
            row = top + k
            tap = taps + k
            if shared:
                # numbers outside the loop over elements: the processor keeps them at hand
                r0 = real[np.uintp(tap), 0]
                r1 = real[np.uintp(tap + 1), 0]
                r2 = real[np.uintp(tap + 2), 0]
                r3 = real[np.uintp(tap + 3), 0]
                i0 = imaginary[np.uintp(tap), 0]
                i1 = imaginary[np.uintp(tap + 1), 0]
                i2 = imaginary[np.uintp(tap + 2), 0]
                i3 = imaginary[np.uintp(tap + 3), 0]
                for e in range(elements):
                    x0 = turned[np.uintp(row), np.uintp(e)]
                    x1 = turned[np.uintp(row + 1), np.uintp(e)]
                    x2 = turned[np.uintp(row + 2), np.uintp(e)]
                    x3 = turned[np.uintp(row + 3), np.uintp(e)]
                    analytic[moment, np.uintp(1 + e)] += (x0 * r0 + x1 * r1) + (x2 * r2 + x3 * r3)
                    analytic[moment, np.uintp(second + e)] += (x0 * i0 + x1 * i1) + (x2 * i2 + x3 * i3)
            else:
                for e in range(elements):
                    x0 = turned[np.uintp(row), np.uintp(e)]
                    x1 = turned[np.uintp(row + 1), np.uintp(e)]
                    x2 = turned[np.uintp(row + 2), np.uintp(e)]
                    x3 = turned[np.uintp(row + 3), np.uintp(e)]
                    r0 = real[np.uintp(tap), np.uintp(e)]
                    r1 = real[np.uintp(tap + 1), np.uintp(e)]
                    r2 = real[np.uintp(tap + 2), np.uintp(e)]
                    r3 = real[np.uintp(tap + 3), np.uintp(e)]
                    i0 = imaginary[np.uintp(tap), np.uintp(e)]
                    i1 = imaginary[np.uintp(tap + 1), np.uintp(e)]
                    i2 = imaginary[np.uintp(tap + 2), np.uintp(e)]
                    i3 = imaginary[np.uintp(tap + 3), np.uintp(e)]
                    analytic[moment, np.uintp(1 + e)] += (x0 * r0 + x1 * r1) + (x2 * r2 + x3 * r3)
                    analytic[moment, np.uintp(second + e)] += (x0 * i0 + x1 * i1) + (x2 * i2 + x3 * i3)
