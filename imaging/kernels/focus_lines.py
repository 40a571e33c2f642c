"""Synthetic aperture of a swept single element: neighbouring lines are summed as if its focus were the source."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def focus_lines(
    analytic: NDArray[np.float32],
    neighbours: NDArray[np.int32],
    routes: NDArray[np.int32],
    cells: NDArray[np.int32],
    turns: NDArray[np.float32],
    shares: NDArray[np.float32],
    coherence: NDArray[np.float32],
    average: NDArray[np.int64],
    weight: NDArray[np.float32],
    table: NDArray[np.uint8],
    sums: NDArray[np.float32],
    grey: NDArray[np.uint8],
    dead: NDArray[np.uint8],
    lo: int,
    hi: int,
) -> None:
    """Focus, detect and compress lines ``lo`` to ``hi``.

    Args:
        analytic: (lines, 2 M) of ``filter_rf``.
        neighbours: (lines, A) lines that contribute to each, or -1.
        routes: (lines, A) row of the tables for each of them.
        cells: (routes, M) sample before the moment at which a place is heard, at most M - 2.
        turns: (routes, 4 M) complex factors of that sample and the next: two real parts, two imaginary parts.
        shares: (routes, M) weight of a neighbour at a place; 0 where it does not hear it.
        coherence: (1,) 0 to 1: how much of the coherence factor is applied.
        average: (1,) how many powers are averaged into one grey sample.
        weight: (m,) factor of the summed power.
        table: (65536,) grey of a float32 whose upper 16 bits are the index.
        sums: (8, M) scratch; the last four hold what was looked up, so that the sums are many places at a time.
        grey: (lines, m) result.
        dead: (lines,) 1 where a line holds no echoes; it contributes nothing.
        lo, hi: Lines to do.
    """
    length = sums.shape[1]
    kept = grey.shape[1]
    summed = average[0]
    zero = np.float32(0)
    one = np.float32(1)
    mixed = coherence[0]
    for line in range(lo, hi):
        for i in range(length):
            sums[0, i] = zero
            sums[1, i] = zero
            sums[2, i] = zero
            sums[3, i] = zero
        for a in range(neighbours.shape[1]):
            other = neighbours[line, a]
            if other >= 0 and dead[np.uintp(max(other, 0))] == 0:
                source = np.uintp(other)
                route = np.uintp(routes[line, a])
                for i in range(length):
                    cell = np.uintp(cells[route, i])
                    turned = np.uintp(cell + np.uintp(length))
                    sums[4, i] = analytic[source, cell]
                    sums[5, i] = analytic[source, np.uintp(cell + np.uintp(1))]
                    sums[6, i] = analytic[source, turned]
                    sums[7, i] = analytic[source, np.uintp(turned + np.uintp(1))]
                for i in range(length):
                    r0 = sums[4, i]
                    r1 = sums[5, i]
                    i0 = sums[6, i]
                    i1 = sums[7, i]
                    c0 = turns[route, np.uintp(i)]
                    c1 = turns[route, np.uintp(length + i)]
                    s0 = turns[route, np.uintp(2 * length + i)]
                    s1 = turns[route, np.uintp(3 * length + i)]
                    real = (r0 * c0 - i0 * s0) + (r1 * c1 - i1 * s1)
                    imaginary = (r0 * s0 + i0 * c0) + (r1 * s1 + i1 * c1)
                    share = shares[route, i]
                    sums[0, i] += share * real
                    sums[1, i] += share * imaginary
                    sums[2, i] += share * (real * real + imaginary * imaginary)
                    sums[3, i] += share
        for i in range(length):
            power = sums[0, i] * sums[0, i] + sums[1, i] * sums[1, i]
            total = max(sums[3, i], np.float32(1e-6))
            apart = max(total * sums[2, i], np.float32(1e-12))
            likeness = min(power / apart, one)
            sums[0, i] = power / (total * total) * ((one - mixed) + mixed * likeness)
        for j in range(kept):
            power = zero
            for i in range(summed):
                power += sums[0, np.uintp(j * summed + i)]
            power *= weight[j]
            grey[line, j] = table[np.uintp(np.float32(power).view(np.uint32) >> np.uint32(16))]
