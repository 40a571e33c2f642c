"""Channel data turned round: from samples of an element to elements of a moment, so that elements lie side by side."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def turn_channels(
    samples: NDArray[np.int16],
    first: NDArray[np.int64],
    centred: NDArray[np.float32],
    turned: NDArray[np.float32],
    lo: int,
    hi: int,
) -> None:
    """Turn elements ``lo`` to ``hi``, each without its mean, and each moved to a row of its own choice.

    Four elements are converted one after the other, many samples at a time, then written side by side.

    Args:
        samples: (elements, n) RF counts.
        first: (elements,) row of an element's first sample: whole samples of its delay are taken up here.
        centred: (4, n) scratch.
        turned: (rows, elements) result, zero above and below an element's samples; rows is at least first + n.
        lo, hi: Elements to do.
    """
    count = samples.shape[1]
    rows = turned.shape[0]
    for start in range(lo, hi, 4):
        width = min(4, hi - start)
        for e in range(start, start + width):
            # 32-bit sums of as many samples as cannot run over: 64 bits would halve what the processor takes at a time
            total = 0
            for begin in range(0, count, 32768):
                part = np.int32(0)
                for i in range(begin, min(count, begin + 32768)):
                    part = np.int32(part + np.int32(samples[e, np.uintp(i)]))
                total += int(part)
            mean = np.float32(total / count)
            for i in range(count):
                centred[np.uintp(e - start), i] = np.float32(samples[e, i]) - mean
            for row in range(first[e]):
                turned[row, e] = np.float32(0)
            for row in range(first[e] + count, rows):
                turned[row, e] = np.float32(0)
        if width == 4:
            f0 = first[start]
            f1 = first[start + 1]
            f2 = first[start + 2]
            f3 = first[start + 3]
            for i in range(count):
                turned[np.uintp(f0 + i), np.uintp(start)] = centred[0, np.uintp(i)]
                turned[np.uintp(f1 + i), np.uintp(start + 1)] = centred[1, np.uintp(i)]
                turned[np.uintp(f2 + i), np.uintp(start + 2)] = centred[2, np.uintp(i)]
                turned[np.uintp(f3 + i), np.uintp(start + 3)] = centred[3, np.uintp(i)]
        else:
            for e in range(start, start + width):
                for i in range(count):
                    turned[np.uintp(first[e] + i), np.uintp(e)] = centred[np.uintp(e - start), np.uintp(i)]
