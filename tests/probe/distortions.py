"""A sector probe with errors of known size, and what it sees of plates and wires: the truth to be found."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from probe.frame import Frame, Provenance
from probe.geometry import Geometry
from probe.settings import SampleFormat, Sampling, Settings

WIRES = (
    (0.0, 20.0), (0.0, 40.0), (0.0, 60.0), (0.0, 80.0), (-12.0, 50.0), (15.0, 50.0), (-20.0, 75.0), (24.0, 75.0),
    (9.0, 30.0),
)  # fmt: skip


@dataclass(frozen=True)
class Errors:
    """true time = scale * told + zero; true angle = sector * told - direction * lag / 2."""

    scale: float = 1.0
    zero_us: float = 0.0
    sector: float = 1.0
    lag_deg: float = 0.0


@dataclass(frozen=True)
class SectorProbe:
    """64 lines of 60 degrees, 3.5 MHz at 15.625 MS/s, 20 to 150 mm at 1480 m/s."""

    errors: Errors
    c: float = 1480.0
    lines: int = 64
    sector_deg: float = 60.0
    beam_deg: float = 1.0
    noise: float = 3.0

    @property
    def sampling(self) -> Sampling:
        return Sampling(2750, 15_625_000, 27_000)

    @property
    def geometry(self) -> Geometry:
        return Geometry.sector(self.lines, self.sector_deg)

    def plate(self, distance_mm: float, tilt_deg: float, number: int = 0, direction: int = 1) -> Frame:
        """A plate is met along each beam, until it is met too obliquely."""
        angle = self._angles(direction)
        off = angle - math.radians(tilt_deg)
        ranges = distance_mm / np.cos(off)
        size = 300 * np.exp(-((off / math.radians(22)) ** 4))
        return self._frame([(ranges, size)], number, direction)

    def wires(self, places: Sequence[tuple[float, float]], pose: tuple[float, float, float], number: int = 0,
              direction: int = 1) -> Frame:  # fmt: skip
        """Wires in a phantom that is turned and shifted before the probe."""
        angle, echoes = self._angles(direction), []
        for x, z in laid(places, pose):
            off = np.degrees(angle - math.atan2(x, z))
            echoes.append((np.full(self.lines, math.hypot(x, z)), 250 * np.exp(-((off / self.beam_deg) ** 2))))
        return self._frame(echoes, number, direction)

    def _angles(self, direction: int) -> np.ndarray:
        told = np.asarray(self.geometry.angle_mdeg) / 1000
        return np.radians(self.errors.sector * told - direction * self.errors.lag_deg / 2)

    def _frame(self, echoes: list[tuple[np.ndarray, np.ndarray]], number: int, direction: int) -> Frame:
        sampling = self.sampling
        told_us = sampling.first_sample_ns / 1000 + np.arange(sampling.samples) / sampling.rate_hz * 1e6
        true_us = self.errors.scale * told_us + self.errors.zero_us
        rf = np.random.default_rng((7, number)).standard_normal((self.lines, sampling.samples)) * self.noise
        for ranges, size in echoes:
            off = true_us[None, :] - (2000 / self.c * ranges)[:, None]
            rf += size[:, None] * np.exp(-((off / 0.35) ** 2)) * np.cos(2 * np.pi * 3.5 * off)
        lines = self.lines
        return Frame(
            number=number, format=SampleFormat.RF_I16, samples=np.rint(rf).astype(np.int16),
            missing=np.zeros(lines, dtype=bool), geometry=self.geometry, sampling=sampling,
            settings=Settings(SampleFormat.RF_I16, lines, sampling, 100_000, 0, 3_500_000, 0),
            provenance=Provenance("sector", "S1", "1", False, None, 1480), direction=direction, device_us=0,
            received_ns=0, line_us=np.zeros(lines, dtype=np.int64),
        )  # fmt: skip


def laid(places: Sequence[tuple[float, float]], pose: tuple[float, float, float]) -> list[tuple[float, float]]:
    """Places turned by degrees and shifted by mm."""
    turn, x, z = math.radians(pose[0]), pose[1], pose[2]
    cos, sin = math.cos(turn), math.sin(turn)
    return [(x + cos * px + sin * pz, z - sin * px + cos * pz) for px, pz in places]
