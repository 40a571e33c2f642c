"""What the transducer of an A-line twin sees: a steel block that swells and shrinks, or a recording's lines."""

from __future__ import annotations

import math
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 60_000_000
SAMPLES = 8192
FULL_SCALE = 511
STEEL_M_S = 5900


class LineSource(Protocol):
    """Lines of ADC counts about mid-scale, from the transmitted pulse on."""

    def line(self, index: int) -> NDArray[np.int16]:
        """At least 8000 counts at 60 MS/s, within -512 to 511."""


class BlockSource:
    """A steel block of about 10 mm under a 5 MHz transducer: the pulse, then echoes of the far side.

    Args:
        seed: Chooses the noise.
    """

    block_mm = 10.0
    _CENTRE_HZ = 5_000_000
    _SWELL_MM, _PERIOD = 0.4, 40
    _FIRST_ECHO, _LOSS, _NOISE = 380.0, 0.72, 2.0
    _ECHOES = 20

    def __init__(self, seed: int = 1) -> None:
        self._seed = seed

    def thickness_mm(self, index: int) -> float:
        """Of the block when a line was shot."""
        return self.block_mm + self._SWELL_MM * math.sin(2 * math.pi * index / self._PERIOD)

    def line(self, index: int) -> NDArray[np.int16]:
        """The pulse saturates the ADC; each echo is weaker than the one before it."""
        seconds = np.arange(SAMPLES) / RATE_HZ
        ringing = 2000 * np.exp(-seconds / 0.25e-6) * np.sin(2 * math.pi * self._CENTRE_HZ * seconds + 0.8)
        echo_s = 2e-3 * self.thickness_mm(index) / STEEL_M_S
        for number in range(1, self._ECHOES + 1):
            off = seconds - number * echo_s
            tone = np.exp(-((off / 0.15e-6) ** 2)) * np.cos(2 * math.pi * self._CENTRE_HZ * off)
            ringing += self._FIRST_ECHO * self._LOSS ** (number - 1) * tone
        noise = np.random.default_rng((self._seed, index)).standard_normal(SAMPLES) * self._NOISE
        counts: NDArray[np.int16] = np.clip(np.rint(ringing + noise), -512, FULL_SCALE).astype(np.int16)
        return counts


class LineLoop:
    """Recorded lines, over and over; short ones go on with their last count.

    Args:
        lines: Each (samples,) counts about mid-scale at 60 MS/s.

    Raises:
        ValueError: There are none.
    """

    def __init__(self, lines: list[NDArray[np.int16]]) -> None:
        if not lines:
            raise ValueError("a loop needs a line")
        self._lines = lines

    def line(self, index: int) -> NDArray[np.int16]:
        """Filled up to a whole line."""
        counts = self._lines[index % len(self._lines)][:SAMPLES].astype(np.int16)
        whole = np.full(SAMPLES, counts[-1], dtype=np.int16)
        whole[: len(counts)] = counts
        return whole.clip(-512, FULL_SCALE)
