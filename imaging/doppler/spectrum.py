"""Pulsed wave: the velocities in a gate over time, as a spectrogram."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imaging.errors import CannotImage

FEWEST_PULSES = 8


@dataclass(frozen=True, slots=True)
class Gate:
    """Where along a line the pulsed wave listens.

    Args:
        first, last: Samples of the line, the last one included.
    """

    first: int
    last: int

    def signal(self, pulses: NDArray[np.complexfloating]) -> NDArray[np.complex128]:
        """(n,) slow time of a gate: the sum over its samples of (n, samples) pulses.

        Raises:
            CannotImage: The gate lies outside the line.
        """
        if not 0 <= self.first <= self.last < pulses.shape[1]:
            raise CannotImage("The gate lies outside the line", "Move it.")
        return np.asarray(pulses[:, self.first : self.last + 1].sum(axis=1), dtype=np.complex128)


@dataclass(frozen=True, slots=True)
class Spectrum:
    """Power of each velocity at each time.

    Args:
        pulse_rate_hz: Pulses per second.
        centre_hz: Of the pulse.
        sound_speed_m_s: Of the tissue.
        length: Pulses in a window (Hann), at least 8; the resolution is ``2 nyquist / length``.
        step: Pulses from one window to the next.
        wall_m_s: What moves slower is taken out.

    Raises:
        CannotImage: No spectrum has such numbers.
    """

    pulse_rate_hz: float
    centre_hz: float
    sound_speed_m_s: float
    length: int = 64
    step: int = 8
    wall_m_s: float = 0.0

    def __post_init__(self) -> None:
        if self.length < FEWEST_PULSES or self.step < 1 or not 0 <= self.wall_m_s < self.nyquist_m_s:
            raise CannotImage(
                f"A spectrum of {self.length} pulses every {self.step}, above {self.wall_m_s} m/s, is not possible",
                f"Take {FEWEST_PULSES} pulses or more, and a wall filter below {self.nyquist_m_s:.2g} m/s.",
            )

    @property
    def nyquist_m_s(self) -> float:
        """Velocity at which the phase turns by half a circle from pulse to pulse."""
        return self.sound_speed_m_s * self.pulse_rate_hz / (4 * self.centre_hz)

    def velocities_m_s(self) -> NDArray[np.float64]:
        """(length,) of each row, rising; positive is towards the probe."""
        return np.asarray(np.fft.fftshift(np.fft.fftfreq(self.length)) * 2 * self.nyquist_m_s)

    def times_s(self, pulses: int) -> NDArray[np.float64]:
        """(windows,) the middle of each window after the first pulse."""
        starts = np.arange(0, pulses - self.length + 1, self.step)
        return np.asarray((starts + (self.length - 1) / 2) / self.pulse_rate_hz)

    def power(self, signal: NDArray[np.complexfloating]) -> NDArray[np.float64]:
        """(length, windows) power, such that a column's sum is the mean power of its window.

        Raises:
            CannotImage: The signal is shorter than a window.
        """
        if len(signal) < self.length:
            raise CannotImage(f"{len(signal)} pulses are shorter than a window of {self.length}", "Record longer.")
        window = np.hanning(self.length + 1)[:-1]
        cut = np.lib.stride_tricks.sliding_window_view(np.asarray(signal, np.complex128), self.length)[:: self.step]
        spectrum = np.fft.fftshift(np.fft.fft(cut * window, axis=1), axes=1)
        power = np.square(np.abs(spectrum)) / (self.length * np.square(window).sum())
        power[:, np.abs(self.velocities_m_s()) < self.wall_m_s] = 0
        return np.ascontiguousarray(power.T)

    def mean_m_s(self, power: NDArray[np.float64]) -> NDArray[np.float64]:
        """(windows,) mean velocity, each counting by its power; 0 where there is none."""
        total = power.sum(axis=0)
        summed = self.velocities_m_s() @ power
        return np.asarray(np.divide(summed, total, out=np.zeros_like(total), where=total > 0))
