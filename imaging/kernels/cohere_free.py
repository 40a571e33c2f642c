"""Delay and sum of any elements at any points: each distance is calculated and each sample looked up."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def cohere_free(
    analytic: NDArray[np.float32],
    elements: NDArray[np.float32],
    points: NDArray[np.float32],
    arrival: NDArray[np.float32],
    ranges: NDArray[np.int32],
    scale: NDArray[np.float32],
    carrier: NDArray[np.float32],
    window: NDArray[np.float32],
    keep: NDArray[np.int64],
    places: NDArray[np.int32],
    heard: NDArray[np.float32],
    sums: NDArray[np.float32],
    image: NDArray[np.float32],
    likeness: NDArray[np.float32],
    lo: int,
    hi: int,
) -> None:
    """Sum the elements into rows ``lo`` to ``hi``, and their powers and signs beside it.

    Args:
        analytic: (moments, 2 (elements + 2)) of ``filter_channels``; the first and the last two moments are zero.
        elements: (elements, 4) x, z, sine and cosine of the normal's angle.
        points: (rows, 2 columns) x, then z.
        arrival: (rows, columns) moment at which the wave is there.
        ranges: (rows, 2 elements) first column that an element listens to, and the one after its last.
        scale: (5,) moments per unit of length, last moment, 4 f-number squared, cosine and sine of the carrier's turn
            per moment.
        carrier: (20,) coefficients of the cosine of the carrier's turn over a fraction of a moment, lowest first, then
            of the sine.
        window: (6,) coefficients of the window by the square of the place in the aperture, lowest first.
        keep: (1,) 1 to add to what is in the results, 0 to begin anew.
        places: (columns,) scratch.
        heard: (6, columns) scratch.
        sums: (4, columns) scratch.
        image: (rows, 2 columns) result, real parts then imaginary parts.
        likeness: (rows, 2 columns) result: sum of the elements' powers, then sum of the signs of their real parts.
        lo, hi: Rows to do.
    """
    room = analytic.shape[1] // 2
    columns = arrival.shape[1]
    one = np.float32(1)
    nothing = np.float32(0)
    per_length = scale[0]
    last = scale[1]
    opening = scale[2]
    turn_re = scale[3]
    turn_im = scale[4]
    # numbers outside the loops: as elements of arrays that a result might overlap they would keep the loops from being
    # done for many points at a time
    c0 = carrier[0]
    c1 = carrier[1]
    c2 = carrier[2]
    c3 = carrier[3]
    c4 = carrier[4]
    c5 = carrier[5]
    c6 = carrier[6]
    c7 = carrier[7]
    c8 = carrier[8]
    c9 = carrier[9]
    s0 = carrier[10]
    s1 = carrier[11]
    s2 = carrier[12]
    s3 = carrier[13]
    s4 = carrier[14]
    s5 = carrier[15]
    s6 = carrier[16]
    s7 = carrier[17]
    s8 = carrier[18]
    s9 = carrier[19]
    w0 = window[0]
    w1 = window[1]
    w2 = window[2]
    w3 = window[3]
    w4 = window[4]
    w5 = window[5]
    for row in range(lo, hi):
        for r in range(4):
            for i in range(columns):
                sums[r, i] = nothing
        for e in range(elements.shape[0]):
            start = int(ranges[row, 2 * e])
            count = int(ranges[row, 2 * e + 1]) - start
            at_x = elements[e, 0]
            at_z = elements[e, 1]
            sine = elements[e, 2]
            cosine = elements[e, 3]
            for i in range(count):
                dx = points[row, np.uintp(start + i)] - at_x
                dz = points[row, np.uintp(columns + start + i)] - at_z
                across = dx * cosine - dz * sine
                along = dx * sine + dz * cosine
                time = arrival[row, np.uintp(start + i)] + np.sqrt(dx * dx + dz * dz) * per_length
                time = time if time > nothing else nothing
                time = time if time < last else last
                place = np.int32(time)
                places[i] = place
                heard[4, i] = time - np.float32(place)
                rim = opening * (across * across) / (along * along)
                share = w5
                share = share * rim + w4
                share = share * rim + w3
                share = share * rim + w2
                share = share * rim + w1
                share = share * rim + w0
                share = share if rim <= np.float32(1.00001) else nothing
                heard[5, i] = share if along > nothing else nothing
            for i in range(count):
                moment = int(places[i])
                heard[0, i] = analytic[np.uintp(moment), np.uintp(1 + e)]
                heard[1, i] = analytic[np.uintp(moment), np.uintp(room + 1 + e)]
                heard[2, i] = analytic[np.uintp(moment + 1), np.uintp(1 + e)]
                heard[3, i] = analytic[np.uintp(moment + 1), np.uintp(room + 1 + e)]
            for i in range(count):
                fraction = heard[4, i]
                share = heard[5, i]
                turned_re = heard[2, i] * turn_re + heard[3, i] * turn_im
                turned_im = heard[3, i] * turn_re - heard[2, i] * turn_im
                between_re = heard[0, i] + fraction * (turned_re - heard[0, i])
                between_im = heard[1, i] + fraction * (turned_im - heard[1, i])
                cos = c9
                sin = s9
                cos = cos * fraction + c8
                sin = sin * fraction + s8
                cos = cos * fraction + c7
                sin = sin * fraction + s7
                cos = cos * fraction + c6
                sin = sin * fraction + s6
                cos = cos * fraction + c5
                sin = sin * fraction + s5
                cos = cos * fraction + c4
                sin = sin * fraction + s4
                cos = cos * fraction + c3
                sin = sin * fraction + s3
                cos = cos * fraction + c2
                sin = sin * fraction + s2
                cos = cos * fraction + c1
                sin = sin * fraction + s1
                cos = cos * fraction + c0
                sin = sin * fraction + s0
                real = share * (between_re * cos - between_im * sin)
                imaginary = share * (between_re * sin + between_im * cos)
                sums[0, np.uintp(start + i)] += real
                sums[1, np.uintp(start + i)] += imaginary
                sums[2, np.uintp(start + i)] += real * real + imaginary * imaginary
                above = one if real > nothing else nothing
                below = one if real < nothing else nothing
                sums[3, np.uintp(start + i)] += above - below
        for i in range(columns):
            far = np.uintp(columns + i)
            if keep[0] == 1:
                image[row, i] += sums[0, i]
                image[row, far] += sums[1, i]
                likeness[row, i] += sums[2, i]
                likeness[row, far] += sums[3, i]
            else:
                image[row, i] = sums[0, i]
                image[row, far] = sums[1, i]
                likeness[row, i] = sums[2, i]
                likeness[row, far] = sums[3, i]
