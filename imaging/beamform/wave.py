"""Waves: when each of the three kinds that arrays transmit arrives at a point.

Time zero is the moment at which the wave passes the origin, the middle of the array's face (of a focused wave: at which
it passes the middle of the elements that send it). Data whose clock starts at another moment says so in
``ChannelSampling.first_sample_s``. A wrong time zero still gives a plausible picture: check that the waves agree.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Wave(Protocol):
    """What was transmitted."""

    def arrival_s(self, x_m: Floats, z_m: Floats, sound_speed_m_s: float) -> Floats:
        """Time at which the wave is at each point."""

    def covers(self, x_m: Floats, z_m: Floats) -> NDArray[np.bool_]:
        """Whether the wave is worth receiving from each point."""


@dataclass(frozen=True, slots=True)
class PlaneWave:
    """All elements fire so that the front is straight.

    Args:
        angle_rad: Of its direction from the z axis, positive to the right.
    """

    angle_rad: float = 0.0

    def arrival_s(self, x_m: Floats, z_m: Floats, sound_speed_m_s: float) -> Floats:
        return np.asarray((z_m * np.cos(self.angle_rad) + x_m * np.sin(self.angle_rad)) / sound_speed_m_s)

    def covers(self, x_m: Floats, z_m: Floats) -> NDArray[np.bool_]:
        return np.ones(np.shape(z_m), dtype=np.bool_)


@dataclass(frozen=True, slots=True)
class DivergingWave:
    """As from a point behind the array.

    Args:
        x_mm, z_mm: Of that virtual source; z below zero.
    """

    x_mm: float
    z_mm: float

    def arrival_s(self, x_m: Floats, z_m: Floats, sound_speed_m_s: float) -> Floats:
        source_x, source_z = self.x_mm / 1000, self.z_mm / 1000
        reach = np.hypot(x_m - source_x, z_m - source_z) - np.hypot(source_x, source_z)
        return np.asarray(reach / sound_speed_m_s)

    def covers(self, x_m: Floats, z_m: Floats) -> NDArray[np.bool_]:
        return np.ones(np.shape(z_m), dtype=np.bool_)


@dataclass(frozen=True, slots=True)
class FocusedWave:
    """Towards a point in front of the array: the wave converges before it and diverges behind.

    Args:
        x_mm, z_mm: Of the focus, z above zero.
        origin_x_mm: Where the middle of the transmitting elements lies.
        aperture_mm: Width of the transmitting elements.
        waist_mm: Width of the beam at its narrowest; points outside the beam are left to the other waves.
    """

    x_mm: float
    z_mm: float
    origin_x_mm: float
    aperture_mm: float
    waist_mm: float

    def arrival_s(self, x_m: Floats, z_m: Floats, sound_speed_m_s: float) -> Floats:
        focus_x, focus_z = self.x_mm / 1000, self.z_mm / 1000
        middle = np.hypot(focus_x - self.origin_x_mm / 1000, focus_z)
        behind = np.where(self._ahead_m(x_m, z_m) >= 0, 1.0, -1.0)
        return np.asarray((middle + behind * np.hypot(x_m - focus_x, z_m - focus_z)) / sound_speed_m_s)

    def covers(self, x_m: Floats, z_m: Floats) -> NDArray[np.bool_]:
        along_x, along_z, middle = self._axis()
        across = (x_m - self.x_mm / 1000) * along_z - (z_m - self.z_mm / 1000) * along_x
        half = np.maximum(self.waist_mm / 2000, np.abs(self._ahead_m(x_m, z_m)) / middle * self.aperture_mm / 2000)
        return np.asarray(np.abs(across) <= half + 1e-9)

    def _axis(self) -> tuple[float, float, float]:
        """Direction of the beam (x, z), and the way from the array to the focus in m."""
        x, z = (self.x_mm - self.origin_x_mm) / 1000, self.z_mm / 1000
        middle = float(np.hypot(x, z))
        return x / middle, z / middle, middle

    def _ahead_m(self, x_m: Floats, z_m: Floats) -> Floats:
        along_x, along_z, _ = self._axis()
        return np.asarray((x_m - self.x_mm / 1000) * along_x + (z_m - self.z_mm / 1000) * along_z)
