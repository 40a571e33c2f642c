"""Lines whose phase is known at any place, made of RF or of IQ: what synthetic aperture and flow start from."""

from __future__ import annotations

import math
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from imaging import band, scratch
from imaging.errors import CannotImage
from imaging.preset import Preset
from imaging.stage import Job
from probe.settings import SampleFormat

_FULL_SCALE_I8 = 127
_HALF_SAMPLE_TAPS = 12


class AnalyticLines(Protocol):
    """Complex lines of a frame, and how their carrier turns."""

    decimation: float
    """Samples of the frame from one output to the next."""
    outputs: int
    turn: float
    """Of the carrier from one output to the next, radians."""
    carried: bool
    """Whether the carrier is in the lines; it was taken out of IQ."""
    parameters: dict[str, int | str]
    lines: NDArray[np.float32]
    """(lines, 2 outputs): real parts, then imaginary parts."""

    def fill(self, source: NDArray[Any]) -> None:
        """Lines of a frame's samples."""

    def white(self, preset: Preset) -> float:
        """The amplitude that is white at 0 dB gain."""


class RfLines:
    """RF by ``filter_rf``."""

    carried = True

    def __init__(self, job: Job) -> None:
        passed = band.finer(band.design(job.sampling, job.settings, job.preset), job.sampling)
        every, count = passed.decimation, job.geometry.lines
        self.decimation = float(every)
        self.outputs = -(-job.sampling.samples // every)
        self.turn = 2 * math.pi * passed.centre_hz * every / job.sampling.rate_hz
        self.parameters: dict[str, int | str] = {
            "decimation": every, "taps": len(passed.taps), "filter": "filter_rf",
        }  # fmt: skip
        self.lines = np.zeros((count, 2 * self.outputs), dtype=np.float32)
        places, taps, phases_shape = band.folded(passed, self.outputs)
        phases = scratch.zeros(phases_shape, np.float32)
        self._filter = job.kernels.bind("filter_rf", places, taps, phases, self.lines, job.dead)

    def fill(self, source: NDArray[Any]) -> None:
        self._filter(source, 0, len(self.lines))

    def white(self, preset: Preset) -> float:
        return preset.white_counts


class IqLines:
    """IQ by ``double_iq``; the probe's own frequency is what was taken out of it.

    Raises:
        CannotImage: The probe does not say at which frequency it mixed.
    """

    carried = False
    decimation = 0.5

    def __init__(self, job: Job) -> None:
        centre = job.settings.centre_hz
        if not centre:
            raise CannotImage(
                "The probe does not say at which frequency it mixed its IQ, so its phase cannot be used",
                "Choose RF, or a mode that needs no phase.",
            )
        count, samples = job.geometry.lines, job.sampling.samples
        self.outputs = 2 * samples
        self.turn = math.pi * centre / job.sampling.rate_hz
        self.parameters: dict[str, int | str] = {"taps": _HALF_SAMPLE_TAPS, "filter": "double_iq"}
        self.lines = np.zeros((count, 2 * self.outputs), dtype=np.float32)
        self._narrow = job.format is SampleFormat.IQ_I8
        self._wide = np.zeros((count, 2 * samples if self._narrow else 0), dtype=np.int16)
        self._double = job.kernels.bind("double_iq", half_sample_taps(), self.lines, job.dead)

    def fill(self, source: NDArray[Any]) -> None:
        flat = source.reshape(len(self.lines), -1)
        if self._narrow:
            np.copyto(self._wide, flat)
            flat = self._wide
        self._double(flat, 0, len(self.lines))

    def white(self, preset: Preset) -> float:
        return _FULL_SCALE_I8 if self._narrow else preset.white_counts


def half_sample_taps() -> NDArray[np.float32]:
    """(12,) a windowed sinc half way between samples; what does not vary stays as it is."""
    places = np.arange(_HALF_SAMPLE_TAPS) - (_HALF_SAMPLE_TAPS - 1) / 2
    taps = np.sinc(places) * (0.54 + 0.46 * np.cos(2 * math.pi * places / (_HALF_SAMPLE_TAPS + 1)))
    return np.asarray(taps / taps.sum(), dtype=np.float32)


def has_phase(format: SampleFormat) -> bool:
    """Whether samples of a format, unpacked, can be made into analytic lines."""
    return format in (SampleFormat.RF_I16, SampleFormat.IQ_I16, SampleFormat.IQ_I8)


def analytic_lines(job: Job) -> AnalyticLines:
    """What a format that has phase gives.

    Raises:
        CannotImage: The lines are too short for the band, or IQ comes without its frequency.
        ValueError: The format has no phase.
    """
    if not has_phase(job.format):
        raise ValueError(f"{job.format.name} has no phase")
    return RfLines(job) if job.format is SampleFormat.RF_I16 else IqLines(job)
