"""Design of the receive filter: a complex analytic band-pass FIR, split into phases for decimated evaluation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_MOST_TAPS = 96


@dataclass(frozen=True, slots=True)
class BandPass:
    """A filter ready for ``band_power``.

    Args:
        taps: (decimation, k, 2) float32.
        impulse: (taps,) complex128, the filter itself, oldest sample first.
        decimation: Every how many samples one is kept.
        pad: Index of the filter's centre: zeros before the line.
    """

    taps: NDArray[np.float32]
    impulse: NDArray[np.complex128]
    decimation: int
    pad: int


def design(rate_hz: int, centre_hz: int, bandwidth_hz: float) -> BandPass:
    """A Hamming-windowed sinc of half the bandwidth, shifted to the centre frequency.

    The magnitude of its output is the envelope: a factor 2 makes up for the negative frequencies that it removes. The
    kept rate is at least 1.5 times the bandwidth.

    Args:
        rate_hz: Samples per second of the RF.
        centre_hz: Middle of the band.
        bandwidth_hz: Whole width of the band, at half amplitude.
    """
    bandwidth = min(bandwidth_hz, 0.9 * rate_hz / 2, 1.9 * centre_hz)
    decimation = int(np.clip(rate_hz / (1.5 * bandwidth), 1, 8))
    half = int(min(_MOST_TAPS // 2, np.ceil(1.7 * rate_hz / bandwidth))) + 1
    group = 4 * decimation
    count = -(-2 * half // group) * group
    middle = count // 2
    n = np.arange(count) - middle
    window = np.where(np.abs(n) <= middle - 1, 0.54 + 0.46 * np.cos(np.pi * n / (middle - 1)), 0.0)
    low_pass = np.sinc(n * bandwidth / rate_hz) * window
    low_pass /= low_pass.sum()
    impulse = 2.0 * low_pass * np.exp(2j * np.pi * n * centre_hz / rate_hz)
    phases = impulse.reshape(-1, decimation).T
    taps = np.ascontiguousarray(np.stack([phases.real, phases.imag], axis=2), dtype=np.float32)
    return BandPass(taps, impulse, decimation, middle)
