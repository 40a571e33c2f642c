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
                share = window[5]
                share = share * rim + window[4]
                share = share * rim + window[3]
                share = share * rim + window[2]
                share = share * rim + window[1]
                share = share * rim + window[0]
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
                cos = carrier[9]
                sin = carrier[19]
                cos = cos * fraction + carrier[8]
                sin = sin * fraction + carrier[18]
                cos = cos * fraction + carrier[7]
                sin = sin * fraction + carrier[17]
                cos = cos * fraction + carrier[6]
                sin = sin * fraction + carrier[16]
                cos = cos * fraction + carrier[5]
                sin = sin * fraction + carrier[15]
                cos = cos * fraction + carrier[4]
                sin = sin * fraction + carrier[14]
                cos = cos * fraction + carrier[3]
                sin = sin * fraction + carrier[13]
                cos = cos * fraction + carrier[2]
                sin = sin * fraction + carrier[12]
                cos = cos * fraction + carrier[1]
                sin = sin * fraction + carrier[11]
                cos = cos * fraction + carrier[0]
                sin = sin * fraction + carrier[10]
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
