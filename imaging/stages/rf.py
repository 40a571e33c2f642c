"""DETECT for RF: band-pass, power, average to the picture's pixels, log."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imaging import band, grey, scratch
from imaging.errors import CannotImage
from imaging.preset import Preset
from imaging.stage import Axis, Job, Place


class RfStep:
    """Runs ``detect_rf``; grey polar lines of ``axis.samples``."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._band = band.design(job.sampling, job.settings, job.preset)
        decimation = self._band.decimation
        outputs = -(-job.sampling.samples // decimation)
        pixel_samples = job.layout.pixel_um / 1000 / job.sampling.spacing_mm(job.preset.sound_speed_m_s)
        average = max(1, min(int(pixel_samples / decimation), outputs // 2))
        self.axis = Axis(outputs // average, decimation * (average - 1) / 2, decimation * average)
        self.rows = job.geometry.lines
        self.output = np.zeros((self.rows, self.axis.samples), dtype=np.uint8)
        self._average = average
        self.parameters: dict[str, int | str] = {
            "decimation": decimation,
            "average": average,
            "taps": len(self._band.taps),
            "kernel": "detect_rf",
        }
        taps = band.phase_taps(self._band)
        summed = np.array([average], dtype=np.int64)
        self._weight = np.empty(self.axis.samples, dtype=np.float32)
        self._table = np.empty(65536, dtype=np.uint8)
        self.retune(job.preset)
        self._runs = []
        for _ in range(job.parts):
            phases = scratch.zeros((decimation, outputs + taps.shape[1]), np.float32)
            sums = scratch.zeros((2, outputs), np.float32)
            bound = job.kernels.bind(
                "detect_rf", taps, summed, self._weight, self._table, phases, sums, self.output, job.dead
            )
            self._runs.append(bound)

    def run(self, source: NDArray[np.int16], lo: int, hi: int, part: int) -> None:
        self._runs[part](source, lo, hi)

    def retune(self, preset: Preset) -> None:
        ranges_mm = self.axis.ranges_mm(self._job.sampling, self._job.preset.sound_speed_m_s)
        scale = 1 / (self._average * preset.white_counts**2)
        self._weight[:] = scale * 10 ** (grey.depth_db(ranges_mm, preset) / 10)
        self._table[:] = grey.rf_table(preset)


@dataclass(frozen=True, slots=True)
class RfStage:
    """Plans the detection of RF."""

    name: str = "rf"
    version: int = 1
    place: Place = Place.DETECT

    def plan(self, job: Job) -> RfStep:
        if job.sampling.samples < 2:
            raise CannotImage("One sample per line makes no picture", "Check the probe's settings.")
        return RfStep(job)


RF = RfStage()
