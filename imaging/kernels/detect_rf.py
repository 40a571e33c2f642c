"""RF lines to grey polar lines: one complex band-pass at the samples that are kept, power, log by table."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def detect_rf(
    samples: NDArray[np.int16],
    places: NDArray[np.int32],
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

    A line's mean is removed while it is split into D phases, D the decimation, so nothing is computed that decimation
    would throw away. Output i is centred on sample D i. The taps of the sample k ahead of that and of the one k behind
    are conjugate: the real part takes the sum of the two, the imaginary part their difference.

    Args:
        samples: (lines, n) RF counts.
        places: (passes, 4) of ``band.folded``: for two k that lie D apart, the phase and the cell of the nearer sample
            ahead of output 0; the phase and the cell of the farther sample behind it. The first pass has k = 0, so its
            cell is that of sample 0.
        taps: (passes, 4) real parts for the nearer and the farther k, then imaginary parts; half of them for k = 0.
        average: (1,) how many powers are averaged into one grey sample.
        weight: (m,) factor of the summed power: depth gain, and one over the power that is white.
        table: (65536,) grey of a float32 whose upper 16 bits are the index.
        phases: (D, cells) scratch; its cells that no sample reaches are zero and stay so.
        sums: (2, M) scratch for the filter's real and imaginary output.
        grey: (lines, m) result.
        dead: (lines,) in and out: set to 1 where all samples of a line are equal, so nothing was received.
        lo, hi: Lines to do.
    """
    count = samples.shape[1]
    decimation = phases.shape[0]
    whole = count // decimation
    lead = places[0, 1]
    length = sums.shape[1]
    kept = grey.shape[1]
    summed = average[0]
    for line in range(lo, hi):
        # 32-bit sums of as many samples as cannot run over: 64 bits would halve what the processor takes at a time
        total = 0
        for start in range(0, count, 32768):
            part = np.int32(0)
            for i in range(start, min(count, start + 32768)):
                part = np.int32(part + np.int32(samples[line, np.uintp(i)]))
            total += int(part)
        first = samples[line, 0]
        if total == count * int(first):
            differs = np.int16(0)
            for i in range(count):
                differs = np.int16(differs | np.int16(samples[line, i] ^ first))
            if differs == 0:
                dead[line] = 1
        mean = np.float32(total / count)
        # the strides that occur most are written out: a constant stride is what lets the processor take many at a time
        if decimation == 2:
            for i in range(whole):
                phases[0, np.uintp(lead + i)] = np.float32(samples[line, np.uintp(2 * i)]) - mean
                phases[1, np.uintp(lead + i)] = np.float32(samples[line, np.uintp(2 * i + 1)]) - mean
        elif decimation == 4:
            for i in range(whole):
                phases[0, np.uintp(lead + i)] = np.float32(samples[line, np.uintp(4 * i)]) - mean
                phases[1, np.uintp(lead + i)] = np.float32(samples[line, np.uintp(4 * i + 1)]) - mean
                phases[2, np.uintp(lead + i)] = np.float32(samples[line, np.uintp(4 * i + 2)]) - mean
                phases[3, np.uintp(lead + i)] = np.float32(samples[line, np.uintp(4 * i + 3)]) - mean
        else:
            for phase in range(decimation):
                for i in range(whole):
                    value = np.float32(samples[line, np.uintp(decimation * i + phase)])
                    phases[phase, np.uintp(lead + i)] = value - mean
        for phase in range(count - whole * decimation):
            value = np.float32(samples[line, np.uintp(whole * decimation + phase)])
            phases[phase, np.uintp(lead + whole)] = value - mean
        for i in range(length):
            sums[0, i] = np.float32(0)
            sums[1, i] = np.float32(0)
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
                sums[0, i] += (y0 + x0) * r0 + (y1 + x1) * r1
                sums[1, i] += (y0 - x0) * i0 + (y1 - x1) * i1
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
