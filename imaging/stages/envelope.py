"""DETECT for envelopes that the probe made itself: only the grey scale is ours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imaging import grey
from imaging.errors import CannotImage
from imaging.preset import Preset
from imaging.stage import Axis, Job, Place
from probe.settings import SampleFormat


class EnvelopeStep:
    """Runs ``grey_u8`` or ``grey_u16``; grey polar lines, one sample for each of the frame's."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self.axis = Axis(job.sampling.samples, 0.0, 1.0)
        self.rows = job.geometry.lines
        self.output = np.zeros((self.rows, self.axis.samples), dtype=np.uint8)
        kernel = "grey_u16" if job.format is SampleFormat.ENVELOPE_U16 else "grey_u8"
        self.parameters = {"kernel": kernel}
        self._levels = grey.envelope_levels(job.format, job.settings, job.preset)
        self._offsets = np.empty(self.axis.samples, dtype=np.int32)
        self._tones = np.empty(255 * grey.FINE + 1, dtype=np.uint8)
        self.retune(job.preset)
        self._run = job.kernels.bind(kernel, self._levels, self._offsets, self._tones, self.output)

    def run(self, source: NDArray[Any], lo: int, hi: int, part: int) -> None:
        self._run(source, lo, hi)

    def retune(self, preset: Preset) -> None:
        ranges_mm = self.axis.ranges_mm(self._job.sampling, self._job.preset.sound_speed_m_s)
        self._levels[:] = grey.envelope_levels(self._job.format, self._job.settings, preset)
        self._offsets[:] = grey.depth_offsets(ranges_mm, preset)
        self._tones[:] = grey.tones(preset)


@dataclass(frozen=True, slots=True)
class EnvelopeStage:
    """Plans the grey scale of an envelope."""

    name: str = "envelope"
    version: int = 2
    place: Place = Place.DETECT

    def plan(self, job: Job) -> EnvelopeStep:
        if job.format is SampleFormat.ENVELOPE_U8_LOG and not 1 <= (job.settings.log_range_db or 0) <= 200:
            raise CannotImage(
                "The probe does not say how many decibels its logarithmic samples span", "Ask who made the probe."
            )
        return EnvelopeStep(job)


ENVELOPE = EnvelopeStage()
