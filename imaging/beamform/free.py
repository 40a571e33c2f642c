"""Tables of ``cohere_free``: which columns an element listens to, and polynomials in place of cosines."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.polynomial import Polynomial
from numpy.typing import NDArray

from imaging.beamform.receive import WINDOWS, Receive
from imaging.beamform.wave import Wave

Floats = NDArray[np.float64]
_CARRIER_DEGREE = 9
_WINDOW_DEGREE = 5


def column_ranges(
    x_m: Floats, z_m: Floats, elements: Floats, wave: Wave, receive: Receive
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """For each row and element, first column that it listens to and the one after the last; and how many listen where.

    Args:
        x_m, z_m: (rows, columns) points.
        elements: (elements, 3) x, z, angle of the normal.
        wave: Points that it does not cover are left out.
        receive: The aperture.
    """
    covered = wave.covers(x_m, z_m)
    ranges = np.zeros((len(x_m), 2 * len(elements)), np.int32)
    listening = np.zeros(x_m.shape, np.float32)
    columns = np.arange(x_m.shape[1])
    for number, (at_x, at_z, angle) in enumerate(elements):
        across = (x_m - at_x) * math.cos(angle) - (z_m - at_z) * math.sin(angle)
        along = (x_m - at_x) * math.sin(angle) + (z_m - at_z) * math.cos(angle)
        heard = covered & (along > 0) & (2 * receive.f_number * np.abs(across) <= along * (1 + 1e-6))
        start = np.where(heard.any(axis=1), heard.argmax(axis=1), 0)
        stop = np.where(heard.any(axis=1), len(columns) - heard[:, ::-1].argmax(axis=1), 0)
        ranges[:, 2 * number], ranges[:, 2 * number + 1] = start, stop
        listening += (columns >= start[:, None]) & (columns < stop[:, None])
    return ranges, listening


def carrier_polynomial(turn: float) -> NDArray[np.float32]:
    """(20,) cosine, then sine, of ``turn * f`` for f from 0 to 1; exact to 1e-4 for a whole turn."""
    f = 0.5 - 0.5 * np.cos(np.linspace(0, math.pi, 200))
    fits = [Polynomial.fit(f, wave(turn * f), _CARRIER_DEGREE, domain=[0, 1]).convert() for wave in (np.cos, np.sin)]
    return np.concatenate([_padded(fit.coef, _CARRIER_DEGREE) for fit in fits]).astype(np.float32)


def window_polynomial(receive: Receive) -> NDArray[np.float32]:
    """(6,) the window by the square of the place in the aperture, 0 to 1."""
    square = 0.5 - 0.5 * np.cos(np.linspace(0, math.pi, 200))
    pedestal = WINDOWS[receive.window]
    window = pedestal + (1 - pedestal) * np.cos(math.pi * np.sqrt(square))
    fit = Polynomial.fit(square, window, _WINDOW_DEGREE, domain=[0, 1]).convert()
    return _padded(fit.coef, _WINDOW_DEGREE).astype(np.float32)


def _padded(coefficients: NDArray[Any], degree: int) -> Floats:
    return np.concatenate([coefficients, np.zeros(degree + 1 - len(coefficients))])
