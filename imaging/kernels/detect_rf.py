"""RF lines to grey polar lines: one complex band-pass at the samples that are kept, power, log by table."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def detect_rf(  # noqa: C901  (a kernel calls nothing, so its loops stand here)
    samples: NDArray[np.int16],
    taps: NDArray[np.float32],
    shape: NDArray[np.int64],
    weight: NDArray[np.float32],
    table: NDArray[np.uint8],
    phases: NDArray[np.float32],
    sums: NDArray[np.float32],
    grey: NDArray[np.uint8],
    dead: NDArray[np.uint8],
    lo: int,
    hi: int,
) -> None:
    """Filter, detect and compress lines ``lo`` to ``hi``.

    A line's mean is removed while it is split into D phases, D the decimation; each phase is filtered by its own share
    of the taps, so nothing is computed that decimation would throw away.

    Args:
        samples: (lines, n) RF counts.
        taps: (2 D, K) real parts of each phase's taps, then the imaginary parts; K is a multiple of 4.
        shape: (3,) D, how many powers are averaged into one grey sample, samples before a filter's centre.
        weight: (m,) factor of the averaged power: depth gain, and one over the power that is white.
        table: (65536,) grey of a float32 whose upper 16 bits are the index.
        phases: (D, M + K) scratch; its cells that no sample reaches are zero and stay so.
        sums: (2, M) scratch for the filter's real and imaginary output.
        grey: (lines, m) result.
        dead: (lines,) in and out: set to 1 where all samples of a line are equal, so nothing was received.
        lo, hi: Lines to do.
    """
    count = samples.shape[1]
    decimation = shape[0]
    average = shape[1]
    before = shape[2]
    wide = phases.shape[1]
    length = sums.shape[1]
    kept = grey.shape[1]
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
            # sample u = D j + phase - before of the line goes to cell j
            start = max(0, (before - phase + decimation - 1) // decimation)
            stop = min(wide, (count + before - phase + decimation - 1) // decimation)
            offset = phase - before
            for j in range(start, stop):
                phases[phase, np.uintp(j)] = np.float32(samples[line, np.uintp(decimation * j + offset)]) - mean
        for i in range(length):
            sums[0, i] = np.float32(0)
            sums[1, i] = np.float32(0)
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
                    sums[0, i] += (x0 * r0 + x1 * r1) + (x2 * r2 + x3 * r3)
                    sums[1, i] += (x0 * i0 + x1 * i1) + (x2 * i2 + x3 * i3)
        for j in range(kept):
            power = np.float32(0)
            for i in range(j * average, j * average + average):
                re = sums[0, np.uintp(i)]
                im = sums[1, np.uintp(i)]
                power += re * re + im * im
            code = np.float32(power * weight[j]).view(np.uint32) >> np.uint32(16)
            grey[line, j] = table[np.uintp(code)]
