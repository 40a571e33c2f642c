"""Channel RF to analytic signals, each element delayed by what its wave asks: the part that all targets share."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imaging import compiled, scratch
from imaging.beamform.aperture import Aperture
from imaging.beamform.sampling import ChannelSampling

Floats = NDArray[np.float64]
Rows = Callable[[NDArray[Any], int, int], None]


class Channels:
    """Buffers and tables of ``turn_channels`` and ``filter_channels``; one set of buffers serves all waves.

    Args:
        aperture: Whose elements they are.
        sampling: How they were sampled.
        delays_s: For each wave, (elements,) how much later an element is to be heard.
        kernels: Compiled kernels.
        parts: Number of row ranges that may be turned at the same time.
    """

    def __init__(
        self,
        aperture: Aperture,
        sampling: ChannelSampling,
        delays_s: Sequence[Floats],
        kernels: compiled.Kernels,
        parts: int = 1,
    ) -> None:
        self.plan = sampling.moments()
        samples = [delay * sampling.rate_hz for delay in delays_s]
        self.lead = math.ceil(max(float(np.abs(delay).max()) for delay in samples))
        plan, lead = self.plan, self.lead
        self.moments = (sampling.samples + 2 * lead) * plan.factor // plan.decimation
        front = lead + plan.length // 2
        rows = sampling.samples + 2 * front + plan.length
        self.turned = scratch.zeros((rows, aperture.elements), np.float32)
        # one moment of zeros above, two below: what is too early or too late is silence
        self.analytic = scratch.zeros((self.moments + 3, 2 * (aperture.elements + 2)), np.float32)
        rate = np.array([plan.decimation, plan.factor])
        self._first_sample_s = sampling.first_sample_s
        centred = [scratch.zeros((4, sampling.samples), np.float32) for _ in range(parts)]
        self.bound: list[tuple[list[Rows], Rows]] = []
        for delay in samples:
            whole = np.floor(delay).astype(np.int64)
            fraction = delay - whole
            taps = plan.taps(fraction if fraction.any() else np.zeros(1))
            turn = [kernels.bind("turn_channels", front - whole, each, self.turned) for each in centred]
            filtering = kernels.bind("filter_channels", *taps, rate, self.analytic[1:-2])
            self.bound.append((turn, filtering))

    def first_moment_s(self, wave: int) -> float:
        """Time of the first moment after that wave's time zero."""
        return self._first_sample_s[wave] - self.lead / self.plan.sampling.rate_hz
