"""RF lines to analytic lines: the complex band-pass alone, phase kept, at the samples that are kept."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def filter_rf(
    samples: NDArray[np.int16],
    places: NDArray[np.int32],
    taps: NDArray[np.float32],
    phases: NDArray[np.float32],
    analytic: NDArray[np.float32],
    dead: NDArray[np.uint8],
    lo: int,
    hi: int,
) -> None:
    """Filter lines ``lo`` to ``hi`` as ``detect_rf`` does. Output i is centred on sample D i.

    Args:
        samples: (lines, n) RF counts.
        places, taps: (passes, 4) as of ``detect_rf``.
        phases: (D, cells) scratch; its cells that no sample reaches are zero and stay so.
        analytic: (lines, 2 M) result: M real parts, then M imaginary parts.
        dead: (lines,) in and out: set to 1 where all samples of a line are equal, so nothing was received.
        lo, hi: Lines to do.
    """
    count = samples.shape[1]
    decimation = phases.shape[0]
    lead = places[0, 1]
    length = analytic.shape[1] // 2
    for line in range(lo, hi):
        total = 0
        first = samples[line, 0]
        differs = 0
        for i in range(count):
            total += int(samples[line, i])
            differs |= samples[line, i] ^ first
        if differs == 0:
            dead[line] = 1
        mean = np.float32(total / count)
        for phase in range(decimation):
            for i in range((count - phase + decimation - 1) // decimation):
                value = np.float32(samples[line, np.uintp(decimation * i + phase)])
                phases[phase, np.uintp(lead + i)] = value - mean
        for i in range(2 * length):
            analytic[line, np.uintp(i)] = np.float32(0)
        for fold in range(places.shape[0]):
            ahead = np.uintp(places[fold, 0])
            near = places[fold, 1]
            behind = np.uintp(places[fold, 2])
            far = places[fold, 3]
            r0 = taps[fold, 0]
            r1 = taps[fold, 1]
            i0 = taps[fold, 2]
            i1 = taps[fold, 3]
            for i in range(length):
                x0 = phases[ahead, np.uintp(near + i)]
                x1 = phases[ahead, np.uintp(near + i + 1)]
                y0 = phases[behind, np.uintp(far + i + 1)]
                y1 = phases[behind, np.uintp(far + i)]
                analytic[line, np.uintp(i)] += (y0 + x0) * r0 + (y1 + x1) * r1
                analytic[line, np.uintp(length + i)] += (y0 - x0) * i0 + (y1 - x1) * i1
