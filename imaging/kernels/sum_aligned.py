"""Delay and sum where lines repeat with the elements: no look-up per element, because all share a place in time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def sum_aligned(
    analytic: NDArray[np.float32],
    spans: NDArray[np.int32],
    pairs: NDArray[np.int32],
    weights: NDArray[np.float32],
    keep: NDArray[np.int64],
    sums: NDArray[np.float32],
    image: NDArray[np.float32],
    lo: int,
    hi: int,
) -> None:
    """Sum the elements into rows ``lo`` to ``hi`` of the image.

    Line i and element e with the same step k = i - m e are equally far apart in a row, m the lines per element. So one
    moment and one complex weight serve all elements of a step, which lie side by side. Steps are taken two at a time,
    k and k + m, so that a sum is fetched and stored half as often.

    Args:
        analytic: (moments, 2 (elements + 2)) of ``filter_channels``; the first and the last two moments are zero.
        spans: (rows, 2) first pair of a row, and the one after its last.
        pairs: (pairs, 4) line number b and rest r of step k = m b + r, moment before the echo for step k, for k + m.
        weights: (pairs, 8) for step k: real and imaginary weight of that moment, of the next one; the same for k + m.
        keep: (1,) 1 to add to what is in the image, 0 to begin anew.
        sums: (2 m, lines per rest) scratch.
        image: (rows, 2 lines) result, real parts then imaginary parts.
        lo, hi: Rows to do.
    """
    room = analytic.shape[1] // 2
    per_element = sums.shape[0] // 2
    width = sums.shape[1]
    lines = image.shape[1] // 2
    for row in range(lo, hi):
        for r in range(2 * per_element):
            for j in range(width):
                sums[r, j] = np.float32(0)
        for pair in range(spans[row, 0], spans[row, 1]):
            b = int(pairs[pair, 0])
            re = 2 * pairs[pair, 1]
            im = re + 1
            near = int(pairs[pair, 2])
            far = int(pairs[pair, 3])
            a0 = weights[pair, 0]
            a1 = weights[pair, 1]
            a2 = weights[pair, 2]
            a3 = weights[pair, 3]
            c0 = weights[pair, 4]
            c1 = weights[pair, 5]
            c2 = weights[pair, 6]
            c3 = weights[pair, 7]
            for j in range(max(0, b), min(width, room - 1 + b)):
                e = j - b + 1
                xr = analytic[np.uintp(near), np.uintp(e)]
                xi = analytic[np.uintp(near), np.uintp(room + e)]
                yr = analytic[np.uintp(near + 1), np.uintp(e)]
                yi = analytic[np.uintp(near + 1), np.uintp(room + e)]
                ur = analytic[np.uintp(far), np.uintp(e - 1)]
                ui = analytic[np.uintp(far), np.uintp(room + e - 1)]
                vr = analytic[np.uintp(far + 1), np.uintp(e - 1)]
                vi = analytic[np.uintp(far + 1), np.uintp(room + e - 1)]
                real = ((a0 * xr - a1 * xi) + (a2 * yr - a3 * yi)) + ((c0 * ur - c1 * ui) + (c2 * vr - c3 * vi))
                imaginary = ((a0 * xi + a1 * xr) + (a2 * yi + a3 * yr)) + ((c0 * ui + c1 * ur) + (c2 * vi + c3 * vr))
                sums[np.uintp(re), np.uintp(j)] += real
                sums[np.uintp(im), np.uintp(j)] += imaginary
        for r in range(per_element):
            for j in range((lines - r + per_element - 1) // per_element):
                line = np.uintp(j * per_element + r)
                real = sums[np.uintp(2 * r), np.uintp(j)]
                imaginary = sums[np.uintp(2 * r + 1), np.uintp(j)]
                if keep[0] == 1:
                    image[row, line] += real
                    image[row, np.uintp(lines) + line] += imaginary
                else:
                    image[row, line] = real
                    image[row, np.uintp(lines) + line] = imaginary
