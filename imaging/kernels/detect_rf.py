"""RF lines to grey polar lines: one complex band-pass at the samples that are kept, power, log by table."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def detect_rf(
    samples: NDArray[np.int16],
    taps: NDArray[np.float32],
    average: NDArray[np.int64],
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
    of the taps, so nothing is computed that decimation would throw away. Output i is centred on sample D i.

    Args:
        samples: (lines, n) RF counts.
        taps: (2 D, K) real parts of each phase's taps, then the imaginary parts; K is a multiple of 4, and the filter's
            centre is tap K / 2 of phase 0.
        average: (1,) how many powers are averaged into one grey sample.
        weight: (m,) factor of the summed power: depth gain, and one over the power that is white.
        table: (65536,) grey of a float32 whose upper 16 bits are the index.
        phases: (D, M + K) scratch; its cells that no sample reaches are zero and stay so.
        sums: (2, M) scratch for the filter's real and imaginary output.
        grey: (lines, m) result.
        dead: (lines,) in and out: set to 1 where all samples of a line are equal, so nothing was received.
        lo, hi: Lines to do.
    """
    count = samples.shape[1]
    decimation = phases.shape[0]
    whole = count // decimation
    half = taps.shape[1] // 2
    length = sums.shape[1]
    kept = grey.shape[1]
    summed = average[0]
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
        # the strides that occur most are written out: a constant stride is what lets the processor take many at a time
        if decimation == 2:
            for i in range(whole):
                phases[0, np.uintp(half + i)] = np.float32(samples[line, np.uintp(2 * i)]) - mean
                phases[1, np.uintp(half + i)] = np.float32(samples[line, np.uintp(2 * i + 1)]) - mean
        elif decimation == 4:
            for i in range(whole):
                phases[0, np.uintp(half + i)] = np.float32(samples[line, np.uintp(4 * i)]) - mean
                phases[1, np.uintp(half + i)] = np.float32(samples[line, np.uintp(4 * i + 1)]) - mean
                phases[2, np.uintp(half + i)] = np.float32(samples[line, np.uintp(4 * i + 2)]) - mean
                phases[3, np.uintp(half + i)] = np.float32(samples[line, np.uintp(4 * i + 3)]) - mean
        else:
            for phase in range(decimation):
                for i in range(whole):
                    value = np.float32(samples[line, np.uintp(decimation * i + phase)])
                    phases[phase, np.uintp(half + i)] = value - mean
        for phase in range(count - whole * decimation):
            value = np.float32(samples[line, np.uintp(whole * decimation + phase)])
            phases[phase, np.uintp(half + whole)] = value - mean
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
        for i in range(length):
            sums[0, i] = sums[0, i] * sums[0, i] + sums[1, i] * sums[1, i]
        if summed == 1:
            for j in range(kept):
                sums[0, j] *= weight[j]
        else:
            for j in range(kept):
                power = np.float32(0)
                for i in range(summed):
                    power += sums[0, np.uintp(j * summed + i)]
                # cell j is behind every cell that is still to be read
                sums[0, j] = power * weight[j]
        for j in range(kept):
            grey[line, j] = table[np.uintp(np.float32(sums[0, j]).view(np.uint32) >> np.uint32(16))]
