"""The envelope of RF, for twins and for calibration; pictures have their own, compiled (imaging/kernels)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def envelope(rf: NDArray[np.int16], rate_hz: int, centre_hz: int) -> NDArray[np.float32]:
    """(lines, samples) magnitude of the analytic signal about the centre frequency; mean removed, float32."""
    size = _fast_size(rf.shape[1])
    values = rf.astype(np.float32)
    spectrum = np.fft.rfft(values - values.mean(axis=1, keepdims=True), size, axis=1)
    frequency = np.fft.rfftfreq(size, 1 / rate_hz) / centre_hz
    rise, fall = (frequency - 0.3) / 0.25, (1.8 - frequency) / 0.25
    analytic = np.zeros((rf.shape[0], size), dtype=np.complex64)
    analytic[:, : spectrum.shape[1]] = spectrum * (2 * np.clip(np.minimum(rise, fall), 0, 1)).astype(np.float32)
    magnitude: NDArray[np.float32] = np.abs(np.fft.ifft(analytic, axis=1)[:, : rf.shape[1]]).astype(np.float32)
    return magnitude


def _fast_size(least: int) -> int:
    """The next length of small prime factors, which a Fourier transform does quickly."""
    size = least
    while True:
        rest = size
        for prime in (2, 3, 5):
            while rest % prime == 0:
                rest //= prime
        if rest == 1:
            return size
        size += 1
