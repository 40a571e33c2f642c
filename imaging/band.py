"""The received band: taps of one complex band-pass, and how far its output may be thinned out."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imaging.errors import CannotImage
from imaging.preset import Preset
from probe.settings import Sampling, Settings

# a Hamming window's transition is 3.3 / length; here it is half the band, and the output keeps 1.6 times the band
_TRANSITION = 3.3
_TRANSITION_SHARE = 0.5
_RATE_PER_BAND = 1.6
_TAPS_PER_PASS = 4
_LONGEST = 4095
# float32 cells in a line of the processor's cache
_CELLS_PER_LINE = 16


@dataclass(frozen=True, slots=True, eq=False)
class Band:
    """A band-pass about the centre frequency that keeps positive frequencies only.

    Args:
        centre_hz: Centre, after aliasing where the probe samples below twice its frequency.
        width_hz: Between the half-amplitude points.
        taps: (n,) complex128, n odd; the filter's delay is its middle tap.
        decimation: Every how many samples an output is kept.
    """

    centre_hz: float
    width_hz: float
    taps: NDArray[np.complex128]
    decimation: int


def design(sampling: Sampling, settings: Settings, preset: Preset) -> Band:
    """The band of a probe's settings, or the preset's where they name none.

    Raises:
        CannotImage: The probe samples too slowly, or too few samples, for any band.
    """
    rate = sampling.rate_hz
    asked = settings.centre_hz or preset.centre_hz
    centre = abs(asked - rate * round(asked / rate))
    width = min(asked * preset.bandwidth_percent / 100, 2 * centre, rate - 2 * centre)
    decimation = max(1, int(rate / (_RATE_PER_BAND * width))) if width > 0 else _LONGEST
    taps = _taps(sampling, centre, width, decimation)
    if taps is None:
        raise CannotImage(
            f"{sampling.samples} samples at {rate / 1e6:g} MHz cannot show a band at {asked / 1e6:g} MHz",
            "Choose another preset or other probe settings.",
        )
    return Band(centre, width, taps, decimation)


def finer(whole: Band, sampling: Sampling) -> Band:
    """The same band kept at twice the samples, for whoever interpolates between them.

    Raises:
        CannotImage: The lines are too short for it.
    """
    decimation = max(1, whole.decimation // 2)
    taps = _taps(sampling, whole.centre_hz, whole.width_hz, decimation)
    if taps is None:
        raise CannotImage(f"{sampling.samples} samples are too few to be focused", "Choose other probe settings.")
    return Band(whole.centre_hz, whole.width_hz, taps, decimation)


def split(whole: Band, sampling: Sampling, count: int) -> tuple[Band, ...]:
    """The band as ``count`` bands side by side, kept at the same samples.

    Raises:
        CannotImage: The lines are too short for bands that narrow.
    """
    width = whole.width_hz / count
    bands = []
    for part in range(count):
        centre = whole.centre_hz + (part - (count - 1) / 2) * width
        taps = _taps(sampling, centre, width, whole.decimation)
        if taps is None:
            raise CannotImage(f"{sampling.samples} samples are too few for {count} bands", "Choose fewer bands.")
        bands.append(Band(centre, width, taps, whole.decimation))
    return tuple(bands)


def _taps(sampling: Sampling, centre_hz: float, width_hz: float, decimation: int) -> NDArray[np.complex128] | None:
    """A Hamming-windowed band-pass: as many taps as the transition needs; None where the lines are shorter than that.

    Filled up to what the kernel takes at a time, and an odd number.
    """
    rate, at_a_time = sampling.rate_hz, _TAPS_PER_PASS * decimation
    needed = _TRANSITION * rate / (_TRANSITION_SHARE * width_hz) if width_hz > 0 else _LONGEST
    length = math.ceil(needed / at_a_time) * at_a_time - 1
    if length > min(sampling.samples, _LONGEST):
        return None
    n = np.arange(length) - length // 2
    low_pass = np.sinc(width_hz / rate * n) * np.hamming(length)
    taps: NDArray[np.complex128] = 2 / low_pass.sum() * low_pass * np.exp(2j * math.pi * centre_hz / rate * n)
    return taps


def folded(band: Band, outputs: int) -> tuple[NDArray[np.int32], NDArray[np.float32], tuple[int, int]]:
    """The filter as ``detect_rf`` takes it: places and taps of its passes, and the shape of the phases.

    Sample k ahead and sample k behind have conjugate taps, so they are added and subtracted first. With k = D q + p the
    one lies in phase p, the other in phase (D - p) % D; a pass takes q and q + 1.
    """
    decimation = band.decimation
    half = band.taps[len(band.taps) // 2 :].copy().reshape(-1, decimation)
    half[0, 0] /= 2  # the middle is its own partner
    reach = len(half)
    lead = -(-reach // _CELLS_PER_LINE) * _CELLS_PER_LINE
    places, taps = [], []
    for phase in range(decimation):
        for q in range(0, reach, 2):
            behind = lead - q - (phase > 0)
            places.append((phase, lead + q, (decimation - phase) % decimation, behind - 1))
            one, other = half[q : q + 2, phase]
            taps.append((one.real, other.real, one.imag, other.imag))
    width = -(-(lead + outputs + reach) // _CELLS_PER_LINE) * _CELLS_PER_LINE
    return np.array(places, np.int32), np.array(taps, np.float32), (decimation, width)
