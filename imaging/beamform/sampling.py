"""How channel data was sampled, and the filter that turns it into an analytic signal at the beamformer's rate."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imaging.errors import CannotImage

Floats = NDArray[np.float64]
# a Hamming window's transition is 3.3 / length; here it is half the band. Between two moments the signal is drawn as a
# straight line, which 2.5 moments per band just allow (decision 0146)
_TRANSITION = 3.3
_TRANSITION_SHARE = 0.5
_MOMENTS_PER_BAND = 3.0
_FEWEST_PER_BAND = 2.5
_LONGEST = 1024


@dataclass(frozen=True, slots=True)
class ChannelSampling:
    """One transmission's data: (elements, samples) int16, and when it was taken.

    Args:
        samples: Per element.
        rate_hz: Samples per second.
        centre_hz: Of the pulse; it may lie above half the rate, where the probe samples a band below its frequency.
        first_sample_s: For each transmission, time of the first sample after the wave's time zero.
        bandwidth_percent: Of the received band between its half-amplitude points, of the centre.

    Raises:
        CannotImage: No filter can be made of these numbers.
    """

    samples: int
    rate_hz: int
    centre_hz: int
    first_sample_s: tuple[float, ...] = (0.0,)
    bandwidth_percent: int = 100

    def __post_init__(self) -> None:
        possible = self.samples >= 2 and self.rate_hz > 0 and self.centre_hz > 0 and self.first_sample_s
        if not possible or not 0 < self.bandwidth_percent <= 190 or self._taps() > min(self.samples, _LONGEST):
            rate, centre = self.rate_hz / 1e6, self.centre_hz / 1e6
            raise CannotImage(
                f"{self.samples} samples at {rate:g} MHz cannot show a band at {centre:g} MHz",
                "Correct the description of the data.",
            )

    @property
    def width_hz(self) -> float:
        """Of the band; never more than the sampling can hold."""
        folded = abs(self.centre_hz - self.rate_hz * round(self.centre_hz / self.rate_hz))
        asked = self.centre_hz * self.bandwidth_percent / 100
        return max(min(asked, 2 * folded, self.rate_hz - 2 * folded), 1e-3 * self.rate_hz)

    def moments(self) -> Moments:
        """The filter, and how often its output is taken."""
        rate, width = self.rate_hz, self.width_hz
        factor = 2 if rate < _FEWEST_PER_BAND * width else 1
        # the carrier may not turn more than once from one moment to the next
        decimation = max(1, int(min(rate / (_MOMENTS_PER_BAND * width), rate / self.centre_hz)))
        return Moments(self, decimation, factor, self._taps())

    def _taps(self) -> int:
        needed = _TRANSITION * self.rate_hz / (_TRANSITION_SHARE * self.width_hz)
        return 4 * math.ceil((needed + 4) / 4)


@dataclass(frozen=True, slots=True)
class Moments:
    """An analytic band-pass whose output is taken every D / L samples.

    Args:
        sampling: What it is for.
        decimation, factor: D and L.
        length: Taps of each phase, a multiple of 4; the middle is tap ``length / 2``.
    """

    sampling: ChannelSampling
    decimation: int
    factor: int
    length: int

    @property
    def rate_hz(self) -> float:
        """Moments per second."""
        return self.sampling.rate_hz * self.factor / self.decimation

    @property
    def step(self) -> float:
        """Samples from one moment to the next."""
        return self.decimation / self.factor

    def low_pass(self, offsets: Floats) -> Floats:
        """The filter's envelope at offsets in samples: a Hamming window over a sinc, of sum 2 at whole samples."""
        half = self.length / 2 - 2 - self.step
        window = np.where(np.abs(offsets) <= half, 0.54 + 0.46 * np.cos(math.pi * offsets / half), 0.0)
        share = self.sampling.width_hz / self.sampling.rate_hz
        return np.asarray(2 * share * window * np.sinc(share * offsets))

    def taps(self, fractions: Floats) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """(L length, n) real and imaginary taps, phase after phase.

        For n signals that are wanted these fractions of a sample later.

        A straight line between two moments is too low by a twelfth of the second difference on the average over all
        places between them; the filter puts that back.
        """
        phases = np.arange(self.factor)[:, None, None] / self.factor
        offsets = phases + self.length / 2 - np.arange(self.length)[None, :, None] + fractions[None, None, :]
        low = self.low_pass(offsets)
        around = self.low_pass(offsets + self.step) + self.low_pass(offsets - self.step)
        carrier = np.exp(2j * math.pi * self.sampling.centre_hz / self.sampling.rate_hz * offsets)
        taps = ((7 * low / 6 - around / 12) * carrier).reshape(self.factor * self.length, -1)
        return np.ascontiguousarray(taps.real, np.float32), np.ascontiguousarray(taps.imag, np.float32)
