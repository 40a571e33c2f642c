"""Slow time: what stands still is taken out of an ensemble, then its power and its correlation from pulse to pulse."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def correlate_ensemble(
    ensemble: NDArray[np.float32],
    basis: NDArray[np.float32],
    part: NDArray[np.float32],
    moving: NDArray[np.float32],
    power: NDArray[np.float32],
    lag: NDArray[np.float32],
    lo: int,
    hi: int,
) -> None:
    """Filter and correlate rows ``lo`` to ``hi`` of the image.

    The wall filter is a projection: of each point's slow time, the parts along ``basis`` are subtracted.

    Args:
        ensemble: (2 pulses, rows * columns) real parts, then imaginary parts of each pulse's image.
        basis: (2 k, pulses) real parts, then imaginary parts of each of k orthonormal courses of what stands still.
        part: (2, columns) scratch.
        moving: (2 pulses, columns) scratch.
        power: (rows, columns) result: mean power of what moves.
        lag: (rows, 2 columns) result: mean of each pulse times the conjugate of the one before, real then imaginary.
        lo, hi: Rows to do.
    """
    pulses = ensemble.shape[0] // 2
    columns = power.shape[1]
    nothing = np.float32(0)
    each = np.float32(1.0 / pulses)
    pair = np.float32(1.0 / max(pulses - 1, 1))
    for row in range(lo, hi):
        start = row * columns
        for n in range(2 * pulses):
            for i in range(columns):
                moving[n, i] = ensemble[n, np.uintp(start + i)]
        for k in range(basis.shape[0] // 2):
            for i in range(columns):
                part[0, i] = nothing
                part[1, i] = nothing
            for n in range(pulses):
                real = basis[2 * k, n]
                imaginary = basis[2 * k + 1, n]
                for i in range(columns):
                    re = ensemble[2 * n, np.uintp(start + i)]
                    im = ensemble[2 * n + 1, np.uintp(start + i)]
                    part[0, i] += re * real + im * imaginary
                    part[1, i] += im * real - re * imaginary
            for n in range(pulses):
                real = basis[2 * k, n]
                imaginary = basis[2 * k + 1, n]
                for i in range(columns):
                    moving[2 * n, i] -= part[0, i] * real - part[1, i] * imaginary
                    moving[2 * n + 1, i] -= part[0, i] * imaginary + part[1, i] * real
        for i in range(columns):
            power[row, i] = nothing
            lag[row, i] = nothing
            lag[row, np.uintp(columns + i)] = nothing
        for n in range(pulses):
            for i in range(columns):
                re = moving[2 * n, i]
                im = moving[2 * n + 1, i]
                power[row, i] += (re * re + im * im) * each
        for n in range(1, pulses):
            for i in range(columns):
                re = moving[2 * n, i]
                im = moving[2 * n + 1, i]
                before_re = moving[2 * n - 2, i]
                before_im = moving[2 * n - 1, i]
                lag[row, i] += (re * before_re + im * before_im) * pair
                lag[row, np.uintp(columns + i)] += (im * before_re - re * before_im) * pair
