"""Channel data turned round: from samples of an element to elements of a moment, so that elements lie side by side."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def turn_channels(
    samples: NDArray[np.int16],
    first: NDArray[np.int64],
    means: NDArray[np.float32],
    turned: NDArray[np.float32],
    lo: int,
    hi: int,
) -> None:
    """Turn elements ``lo`` to ``hi``, each without its mean, and each moved to a row of its own choice.

    Sixteen elements are written at a time: they fill a line of the processor's cache.

    Args:
        samples: (elements, n) RF counts.
        first: (elements,) row of an element's first sample: whole samples of its delay are taken up here.
        means: (elements,) scratch.
        turned: (rows, elements) result, zero above and below an element's samples; rows is at least first + n.
        lo, hi: Elements to do.
    """
    count = samples.shape[1]
    rows = turned.shape[0]
    for start in range(lo, hi, 16):
        width = min(16, hi - start)
        for e in range(start, start + width):
            total = 0
            for i in range(count):
                total += int(samples[e, i])
            means[e] = np.float32(total / count)
            for row in range(first[e]):
                turned[row, e] = np.float32(0)
            for row in range(first[e] + count, rows):
                turned[row, e] = np.float32(0)
        for i in range(count):
            for b in range(width):
                element = np.uintp(start + b)
                value = np.float32(samples[element, np.uintp(i)]) - means[element]
                turned[np.uintp(first[element] + i), element] = value
