"""DETECT for RF: band-pass, power, average to the picture's pixels, log; at once, or in sub-bands that are averaged."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imaging import band, grey, scratch
from imaging.errors import CannotImage
from imaging.preset import Preset
from imaging.stage import Axis, Job, Place


class RfStep:
    """Runs ``detect_rf`` for one band; grey polar lines of ``axis.samples``.

    Args:
        job: What it is planned for.
        passed: The band.
        share: Which part of the whole band's power it receives; made up for, so that sub-bands are as bright.
        lift: As of ``grey.rf_table``.
        output: Where to; an array of its own where None.
    """

    def __init__(
        self,
        job: Job,
        passed: band.Band,
        share: float = 1.0,
        lift: float = 0.5,
        output: NDArray[np.uint8] | None = None,
    ) -> None:
        self._job = job
        self._share, self._lift = share, lift
        decimation = passed.decimation
        outputs = -(-job.sampling.samples // decimation)
        average = _average(job, decimation)
        self.axis = axis_of(job, decimation)
        self.rows = job.geometry.lines
        self.output = np.zeros((self.rows, self.axis.samples), dtype=np.uint8) if output is None else output
        self._average = average
        self.parameters: dict[str, int | str] = {
            "decimation": decimation,
            "average": average,
            "taps": len(passed.taps),
            "kernel": "detect_rf",
        }
        places, taps, phases_shape = band.folded(passed, outputs)
        summed = np.array([average], dtype=np.int64)
        self._weight = np.empty(self.axis.samples, dtype=np.float32)
        self._table = np.empty(65536, dtype=np.uint8)
        self.retune(job.preset)
        self._runs = []
        for _ in range(job.parts):
            phases = scratch.zeros(phases_shape, np.float32)
            sums = scratch.zeros((2, outputs), np.float32)
            bound = job.kernels.bind(
                "detect_rf", places, taps, summed, self._weight, self._table, phases, sums, self.output, job.dead
            )
            self._runs.append(bound)

    def run(self, source: NDArray[np.int16], lo: int, hi: int, part: int) -> None:
        self._runs[part](source, lo, hi)

    def retune(self, preset: Preset) -> None:
        ranges_mm = self.axis.ranges_mm(self._job.sampling, self._job.preset.sound_speed_m_s)
        self._weight[:] = power_weight(self._average, ranges_mm, preset, preset.white_counts) / self._share
        self._table[:] = grey.rf_table(preset, self._lift)


class BandsStep:
    """Frequency compounding: one ``RfStep`` per sub-band, and ``blend`` for their mean."""

    def __init__(self, job: Job, whole: band.Band) -> None:
        count = job.preset.frequency_bands
        self.axis = axis_of(job, whole.decimation)
        self.rows = job.geometry.lines
        stack = np.zeros((count * self.rows, self.axis.samples), dtype=np.uint8)
        self.output = np.zeros((self.rows, self.axis.samples), dtype=np.uint8)
        parts = [stack[first : first + self.rows] for first in range(0, len(stack), self.rows)]
        bands = band.split(whole, job.sampling, count)
        self._steps = [
            RfStep(job, part, 1 / count, number / count, out)
            for number, (part, out) in enumerate(zip(bands, parts, strict=True))
        ]
        self.parameters: dict[str, int | str] = {**self._steps[0].parameters, "bands": count, "mix": "blend"}
        weights, alive = np.ones(count, dtype=np.int32), np.ones((count, self.rows), dtype=np.uint8)
        self._stack = stack
        self._mixes = [
            job.kernels.bind("blend", weights, alive, scratch.zeros((2, self.axis.samples), np.uint16), self.output)
            for _ in range(job.parts)
        ]

    def run(self, source: NDArray[np.int16], lo: int, hi: int, part: int) -> None:
        for step in self._steps:
            step.run(source, lo, hi, part)
        self._mixes[part](self._stack, lo, hi)

    def retune(self, preset: Preset) -> None:
        for step in self._steps:
            step.retune(preset)


def _average(job: Job, decimation: float) -> int:
    """How many filter outputs fit into a pixel."""
    outputs = math.ceil(job.sampling.samples / decimation)
    pixel_samples = job.layout.pixel_um / 1000 / job.sampling.spacing_mm(job.preset.sound_speed_m_s)
    return max(1, min(int(pixel_samples / decimation), outputs // 2))


def axis_of(job: Job, decimation: float) -> Axis:
    """Where the polar samples lie: each the mean of as many filter outputs as fit into a pixel."""
    average, outputs = _average(job, decimation), math.ceil(job.sampling.samples / decimation)
    return Axis(outputs // average, decimation * (average - 1) / 2, decimation * average)


def power_weight(average: int, ranges_mm: NDArray[np.float64], preset: Preset, white: float) -> NDArray[np.float64]:
    """(m,) factor of a sum of powers: depth gain, and one over the power of what is white."""
    scale = 1 / (average * white**2)
    weight: NDArray[np.float64] = scale * 10 ** (grey.depth_db(ranges_mm, preset) / 10)
    return weight


@dataclass(frozen=True, slots=True)
class RfStage:
    """Plans the detection of RF."""

    name: str = "rf"
    version: int = 1
    place: Place = Place.DETECT

    def plan(self, job: Job) -> RfStep | BandsStep:
        if job.sampling.samples < 2:
            raise CannotImage("One sample per line makes no picture", "Check the probe's settings.")
        whole = band.design(job.sampling, job.settings, job.preset)
        return RfStep(job, whole) if job.preset.frequency_bands == 1 else BandsStep(job, whole)


RF = RfStage()
