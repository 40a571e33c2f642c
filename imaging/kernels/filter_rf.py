"""RF lines to analytic lines: the complex band-pass alone, phase kept, at the samples that are kept."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def filter_rf(
    samples: NDArray[np.int16],
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
        taps: (2 D, K) as of ``detect_rf``.
        phases: (D, M + K) scratch; its cells that no sample reaches are zero and stay so.
        analytic: (lines, 2 M) result: M real parts, then M imaginary parts.
        dead: (lines,) in and out: set to 1 where all samples of a line are equal, so nothing was received.
        lo, hi: Lines to do.
    """
    count = samples.shape[1]
    decimation = phases.shape[0]
    half = taps.shape[1] // 2
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
                phases[phase, np.uintp(half + i)] = value - mean
        for i in range(2 * length):
            analytic[line, np.uintp(i)] = np.float32(0)
        for phase in range(decimation):
            imaginary = phase + decimation
            for k in range(0, taps.shape[1], 4):
                r0 = taps[phase, np.uintp(k)]
                r1 = taps[phase, np.uintp(k + 1)]
                r2 = taps[phase, np.uintp(k + 2)]
                r3 = taps[phase, np.uintp(k + 3)]
                i0 = taps[imaginary, np.uintp(k)]
                i1 = taps[imaginary, np.uintp(k + 1)]
                i2 = taps[imaginary, np.uintp(k + 2)]
                i3 = taps[imaginary, np.uintp(k + 3)]
                for i in range(length):
                    x0 = phases[phase, np.uintp(i + k)]
                    x1 = phases[phase, np.uintp(i + k + 1)]
                    x2 = phases[phase, np.uintp(i + k + 2)]
                    x3 = phases[phase, np.uintp(i + k + 3)]
                    analytic[line, np.uintp(i)] += (x0 * r0 + x1 * r1) + (x2 * r2 + x3 * r3)
                    analytic[line, np.uintp(length + i)] += (x0 * i0 + x1 * i1) + (x2 * i2 + x3 * i3)
