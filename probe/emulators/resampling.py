"""A source's sweeps in the window of another device: other rate, other beginning, other number of samples."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from probe.settings import Sampling

_FINER = 4


def to_window(data: NDArray[np.number], own: Sampling, wanted: Sampling) -> NDArray[np.floating]:
    """(lines, wanted.samples) of (lines, own.samples): band-limited, then between neighbours; 0 outside.

    A window that is the source's own gives the source's own numbers.
    """
    if own == wanted:
        return data.astype(np.float64)
    size = own.samples * _FINER
    spectrum = np.fft.rfft(data.astype(np.float64), axis=1)
    fine = np.fft.irfft(spectrum, size, axis=1) * _FINER
    seconds = wanted.first_sample_ns * 1e-9 + np.arange(wanted.samples) / wanted.rate_hz
    places = (seconds - own.first_sample_ns * 1e-9) * own.rate_hz * _FINER
    # the last fine steps wrap round to the beginning of the line
    inside = np.arange((own.samples - 1) * _FINER + 1)
    return np.stack([np.interp(places, inside, line[: inside.size], left=0, right=0) for line in fine])
