"""What the transducer of a WULPUS twin sees: a vessel whose far wall beats, or a recording's acquisitions."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from probe.emulators.resampling import to_window
from probe.settings import Sampling

USUAL_GAIN_DB = 13.0


class EchoSource(Protocol):
    """What the transducer sees, in ADC counts at the usual gain of 13 dB."""

    def line(self, index: int, window: Sampling, centre_hz: int) -> NDArray[np.float64]:
        """(samples,) in a window after the burst."""


class VesselSource:
    """A vessel of about 8 mm whose far wall beats once a second, under a transducer of WULPUS's kind.

    Args:
        seed: Chooses the noise.
        lines_per_s: How often a line is asked for.
    """

    near_mm, far_mm = 16.0, 24.0
    _SWELL_MM = 0.5
    _SOUND_SPEED_M_S = 1540
    _WALL, _TISSUE, _NOISE, _OFFSET = 700.0, 40.0, 4.0, 370.0

    def __init__(self, seed: int = 1, lines_per_s: float = 20.0) -> None:
        self._seed = seed
        self._beat = 2 * np.pi / lines_per_s
        random = np.random.default_rng(seed)
        self._specks_mm = random.uniform(3, 45, 120)
        self._specks = random.standard_normal(120)

    def far_wall_mm(self, index: int) -> float:
        """Where the far wall is when a line is shot."""
        return float(self.far_mm + self._SWELL_MM * np.sin(self._beat * index))

    def line(self, index: int, window: Sampling, centre_hz: int) -> NDArray[np.float64]:
        """The burst's ringing, tissue in front of and behind the vessel, its two walls, noise, the ADC's offset."""
        seconds = window.first_sample_ns * 1e-9 + np.arange(window.samples) / window.rate_hz
        far = self.far_wall_mm(index)
        within = (self._specks_mm > self.near_mm) & (self._specks_mm < far)
        depths = np.concatenate([[self.near_mm, far], self._specks_mm])
        sizes = np.concatenate([[self._WALL, 0.8 * self._WALL], self._TISSUE * np.where(within, 0, self._specks)])
        off = seconds[:, None] - 2e-3 * depths / self._SOUND_SPEED_M_S
        echoes = sizes * np.exp(-((off * centre_hz / 1.2) ** 2)) * np.cos(2 * np.pi * centre_hz * off)
        ringing = 2000 * np.exp(-np.maximum(seconds, 0) / 4e-6) * np.sin(2 * np.pi * centre_hz * seconds)
        noise = np.random.default_rng((self._seed, index)).standard_normal(window.samples) * self._NOISE
        counts: NDArray[np.float64] = echoes.sum(axis=1) + ringing + noise + self._OFFSET
        return counts


class AcquisitionLoop:
    """Recorded lines, over and over, in whichever window is asked for.

    Args:
        lines: Each (samples,) counts.
        sampling: When they were taken.

    Raises:
        ValueError: There are none.
    """

    def __init__(self, lines: list[NDArray[np.int16]], sampling: Sampling) -> None:
        if not lines:
            raise ValueError("a loop needs a line")
        self._lines = lines
        self._sampling = sampling

    def line(self, index: int, window: Sampling, centre_hz: int) -> NDArray[np.float64]:
        """Zero where nothing was recorded; the recorded counts where the window is the recording's."""
        counts = self._lines[index % len(self._lines)]
        own = self._sampling
        same = (own.rate_hz, own.first_sample_ns) == (window.rate_hz, window.first_sample_ns)
        whole = np.zeros(window.samples)
        if same:
            whole[: min(len(counts), window.samples)] = counts[: window.samples]
        else:
            whole[:] = to_window(counts[None], own, window)[0]
        return whole
