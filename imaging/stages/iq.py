"""DETECT for IQ: the probe has filtered and mixed; power, average to the picture's pixels, log are ours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imaging import grey
from imaging.preset import Preset
from imaging.stage import Axis, Job, Place
from probe.settings import SampleFormat

_FULL_SCALE_I8 = 127


class IqStep:
    """Runs ``detect_iq``; 8-bit samples are widened first, one line range at a time."""

    def __init__(self, job: Job) -> None:
        self._job = job
        samples = job.sampling.samples
        pixel_samples = job.layout.pixel_um / 1000 / job.sampling.spacing_mm(job.preset.sound_speed_m_s)
        average = max(1, min(int(pixel_samples), samples // 2))
        self.axis = Axis(samples // average, (average - 1) / 2, float(average))
        self.rows = job.geometry.lines
        self.output = np.zeros((self.rows, self.axis.samples), dtype=np.uint8)
        self.parameters: dict[str, int | str] = {"average": average, "kernel": "detect_iq"}
        self._average = average
        self._narrow = job.format is SampleFormat.IQ_I8
        self._wide = np.zeros((self.rows, 2 * samples if self._narrow else 0), dtype=np.int16)
        self._weight = np.empty(self.axis.samples, dtype=np.float32)
        self._table = np.empty(65536, dtype=np.uint8)
        self.retune(job.preset)
        summed = np.array([average], dtype=np.int64)
        self._runs = [
            job.kernels.bind(
                "detect_iq", summed, self._weight, self._table, np.zeros(samples, np.float32), self.output, job.dead
            )
            for _ in range(job.parts)
        ]

    def run(self, source: NDArray[Any], lo: int, hi: int, part: int) -> None:
        flat = source.reshape(self.rows, -1)
        if self._narrow:
            np.copyto(self._wide[lo:hi], flat[lo:hi])
            flat = self._wide
        self._runs[part](flat, lo, hi)

    def retune(self, preset: Preset) -> None:
        ranges_mm = self.axis.ranges_mm(self._job.sampling, self._job.preset.sound_speed_m_s)
        white = _FULL_SCALE_I8 if self._narrow else preset.white_counts
        self._weight[:] = 10 ** (grey.depth_db(ranges_mm, preset) / 10) / (self._average * white**2)
        self._table[:] = grey.rf_table(preset)


@dataclass(frozen=True, slots=True)
class IqStage:
    """Plans the detection of IQ."""

    name: str = "iq"
    version: int = 1
    place: Place = Place.DETECT

    def plan(self, job: Job) -> IqStep:
        return IqStep(job)


IQ = IqStage()
