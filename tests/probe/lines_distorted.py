"""Probes of any geometry with errors of known size: where the table says its lines lie, and where they truly do."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from probe.frame import Frame, Provenance
from probe.geometry import Geometry
from probe.settings import SampleFormat, Sampling, Settings

SAMPLING = Sampling(2600, 15_625_000, 3_000)


@dataclass(frozen=True)
class LinesProbe:
    """3.5 MHz at 15.625 MS/s, 2 to 125 mm at 1480 m/s. True time = scale * told + zero.

    Args:
        told: What the probe says of its lines.
        true: Where they lie.
        true_backward: And in a backward sweep.
    """

    told: Geometry
    true: Geometry
    scale: float = 1.0
    zero_us: float = 0.0
    true_backward: Geometry | None = None
    c: float = 1480.0
    beam_mm: float = 1.2

    def plate(self, distance_mm: float, tilt_deg: float = 0.0, number: int = 0, direction: int = 1) -> Frame:
        """A plate is met along each beam, until it is met too obliquely."""
        angle, x, z = self._lines(direction)
        tilt = math.radians(tilt_deg)
        off = angle - tilt
        ranges = (distance_mm - x * math.sin(tilt) - z * math.cos(tilt)) / np.cos(off)
        return self.frame([(ranges, 300 * np.exp(-((off / math.radians(25)) ** 4)))], number, direction)

    def wires(self, places: Sequence[tuple[float, float]], number: int = 0, direction: int = 1) -> Frame:
        """Wires at true places."""
        angle, x, z = self._lines(direction)
        echoes = []
        for px, pz in places:
            along = (px - x) * np.sin(angle) + (pz - z) * np.cos(angle)
            across = (px - x) * np.cos(angle) - (pz - z) * np.sin(angle)
            echoes.append(
                (np.where(along > 0, np.hypot(px - x, pz - z), 1e6), 250 * np.exp(-((across / self.beam_mm) ** 2)))
            )
        return self.frame(echoes, number, direction)

    def frame(self, echoes: list[tuple[np.ndarray, np.ndarray]], number: int, direction: int) -> Frame:
        told_us = SAMPLING.first_sample_ns / 1000 + np.arange(SAMPLING.samples) / SAMPLING.rate_hz * 1e6
        true_us = self.scale * told_us + self.zero_us
        lines = self.told.lines
        rf = np.random.default_rng((11, number)).standard_normal((lines, SAMPLING.samples)) * 3.0
        for ranges, size in echoes:
            off = true_us[None, :] - (2000 / self.c * ranges)[:, None]
            rf += size[:, None] * np.exp(-((off / 0.35) ** 2)) * np.cos(2 * np.pi * 3.5 * off)
        return Frame(
            number=number, format=SampleFormat.RF_I16, samples=np.rint(rf).astype(np.int16),
            missing=np.zeros(lines, dtype=bool), geometry=self.told, sampling=SAMPLING,
            settings=Settings(SampleFormat.RF_I16, lines, SAMPLING, 100_000, 0, 3_500_000, 0),
            provenance=Provenance("lines", "L1", "1", False, None, 1480), direction=direction, device_us=0,
            received_ns=0, line_us=np.zeros(lines, dtype=np.int64),
        )  # fmt: skip

    def told_place(self, place: tuple[float, float], direction: int) -> tuple[float, float]:
        """(line between lines, told microseconds) at which a true place is seen, by the true geometry."""
        angle, x, z = self._lines(direction)
        across = (place[0] - x) * np.cos(angle) - (place[1] - z) * np.sin(angle)
        line = float(np.interp(0.0, -across, np.arange(len(across))))  # rises from left to right
        at = np.arange(len(across))
        ox, oz = np.interp(line, at, x), np.interp(line, at, z)
        us = 2000 / self.c * math.hypot(place[0] - ox, place[1] - oz)
        return line, (us - self.zero_us) / self.scale

    def _lines(self, direction: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        true = self.true_backward if direction < 0 and self.true_backward is not None else self.true
        x, z = true.origins_mm().T
        return true.angles_rad(), x, z


def shown(geometry: Geometry, line: float, us: float, c: float) -> tuple[float, float]:
    """Where a picture of that geometry shows an echo."""
    at = np.arange(geometry.lines)
    angle = np.interp(line, at, geometry.angles_rad())
    x, z = (np.interp(line, at, column) for column in geometry.origins_mm().T)
    return float(x + c / 2000 * us * np.sin(angle)), float(z + c / 2000 * us * np.cos(angle))
