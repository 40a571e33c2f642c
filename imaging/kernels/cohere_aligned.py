"""Delay and sum as ``sum_aligned``, and how alike the elements were: their powers and their signs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def cohere_aligned(
    analytic: NDArray[np.float32],
    spans: NDArray[np.int32],
    pairs: NDArray[np.int32],
    weights: NDArray[np.float32],
    keep: NDArray[np.int64],
    sums: NDArray[np.float32],
    image: NDArray[np.float32],
    likeness: NDArray[np.float32],
    lo: int,
    hi: int,
) -> None:
    """Sum the elements into rows ``lo`` to ``hi``, and their powers and signs beside it.

    Args:
        analytic, spans, pairs, weights, keep, image, lo, hi: As of ``sum_aligned``.
        sums: (4 m, lines per rest) scratch.
        likeness: (rows, 2 lines) result: sum of the elements' powers, then sum of the signs of their real parts.
    """
    room = analytic.shape[1] // 2
    per_element = sums.shape[0] // 4
    width = sums.shape[1]
    lines = image.shape[1] // 2
    one = np.float32(1)
    nothing = np.float32(0)
    for row in range(lo, hi):
        for r in range(4 * per_element):
            for j in range(width):
                sums[r, j] = nothing
        for pair in range(spans[row, 0], spans[row, 1]):
            for member in range(2):
                b = int(pairs[pair, 0]) + member
                top = 4 * pairs[pair, 1]
                moment = int(pairs[pair, 2 + member])
                a0 = weights[pair, 4 * member]
                a1 = weights[pair, 4 * member + 1]
                a2 = weights[pair, 4 * member + 2]
                a3 = weights[pair, 4 * member + 3]
                for j in range(max(0, b), min(width, room - 2 + b)):
                    e = j - b + 1
                    xr = analytic[np.uintp(moment), np.uintp(e)]
                    xi = analytic[np.uintp(moment), np.uintp(room + e)]
                    yr = analytic[np.uintp(moment + 1), np.uintp(e)]
                    yi = analytic[np.uintp(moment + 1), np.uintp(room + e)]
                    real = (a0 * xr - a1 * xi) + (a2 * yr - a3 * yi)
                    imaginary = (a0 * xi + a1 * xr) + (a2 * yi + a3 * yr)
                    sums[np.uintp(top), np.uintp(j)] += real
                    sums[np.uintp(top + 1), np.uintp(j)] += imaginary
                    sums[np.uintp(top + 2), np.uintp(j)] += real * real + imaginary * imaginary
                    above = one if real > nothing else nothing
                    below = one if real < nothing else nothing
                    sums[np.uintp(top + 3), np.uintp(j)] += above - below
        for r in range(per_element):
            for j in range((lines - r + per_element - 1) // per_element):
                line = np.uintp(j * per_element + r)
                far = np.uintp(lines) + line
                real = sums[np.uintp(4 * r), np.uintp(j)]
                imaginary = sums[np.uintp(4 * r + 1), np.uintp(j)]
                power = sums[np.uintp(4 * r + 2), np.uintp(j)]
                signs = sums[np.uintp(4 * r + 3), np.uintp(j)]
                if keep[0] == 1:
                    image[row, line] += real
                    image[row, far] += imaginary
                    likeness[row, line] += power
                    likeness[row, far] += signs
                else:
                    image[row, line] = real
                    image[row, far] = imaginary
                    likeness[row, line] = power
                    likeness[row, far] = signs
