"""The first step of every mode, frames to grey polar lines: planned here for pictures, M-mode and A-lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from imaging import compiled
from imaging.digest import chain_digest
from imaging.errors import CannotImage
from imaging.kernels.registry import KERNELS
from imaging.layout import Layout
from imaging.preset import Preset
from imaging.stage import DetectStep, Job, Stage
from imaging.stages.registry import DETECTORS, load
from probe.frame import Frame
from probe.geometry import Geometry
from probe.settings import SampleFormat

_TYPES: dict[SampleFormat, np.dtype[Any]] = {
    SampleFormat.RF_I16: np.dtype(np.int16),
    SampleFormat.IQ_I16: np.dtype(np.int16),
    SampleFormat.IQ_I8: np.dtype(np.int8),
    SampleFormat.ENVELOPE_U8_LINEAR: np.dtype(np.uint8),
    SampleFormat.ENVELOPE_U8_LOG: np.dtype(np.uint8),
    SampleFormat.ENVELOPE_U8_ALAW: np.dtype(np.uint8),
    SampleFormat.ENVELOPE_U16: np.dtype(np.uint16),
}
_TWO_CHANNELS = (SampleFormat.IQ_I16, SampleFormat.IQ_I8)


def check_plannable(frame: Frame) -> None:
    """Whether frames like this one can be detected at all.

    Raises:
        CannotImage: Their format or their window does not allow it.
    """
    if frame.format not in DETECTORS or frame.format not in _TYPES:
        raise CannotImage(f"Samples of the kind {frame.format.name} make no picture yet", "Choose another format.")
    if frame.sampling.samples < 2 or frame.sampling.rate_hz < 1:
        raise CannotImage("The lines are too short for a picture", "Check the probe's settings.")


def expected_samples(frame: Frame) -> tuple[tuple[int, ...], np.dtype[Any]]:
    """Shape and type that the samples of frames like this one must have."""
    plane = (frame.geometry.lines, frame.sampling.samples)
    return ((*plane, 2) if frame.format in _TWO_CHANNELS else plane), _TYPES[frame.format]


def well_formed(frame: Frame) -> bool:
    """Whether the samples and the missing lines are of the shape and type that the frame says."""
    shape, kind = expected_samples(frame)
    pairs = ((frame.samples, shape, kind), (frame.missing, shape[:1], np.dtype(np.bool_)))
    return all(isinstance(a, np.ndarray) and a.shape == s and a.dtype == k for a, s, k in pairs)


def job_for(
    frame: Frame,
    preset: Preset,
    layout: Layout,
    kernels: compiled.Kernels | None = None,
    parts: int = 1,
    geometries: tuple[Geometry, Geometry | None] | None = None,
) -> Job:
    """What stages are planned for.

    Args:
        frame: Gives format, geometry, window and settings.
        preset: How to image.
        layout: The picture's millimetre map; detection averages what falls into a pixel.
        kernels: Compiled kernels, when not the best ones of this installation.
        parts: Number of row ranges at a time.
        geometries: Where the lines of a forward and of a backward sweep really lie, when not as the frame says.
    """
    forward, backward = geometries or (frame.geometry, None)
    dead = np.zeros(forward.lines, dtype=np.uint8)
    return Job(
        frame.format, forward, frame.sampling, frame.settings, preset, layout, dead, parts,
        kernels or compiled.kernels(), None, backward,
    )  # fmt: skip


def detector(format: SampleFormat, preset: Preset) -> Stage:
    """The stage that detects a format with a preset."""
    return load("saft" if preset.aperture_lines else DETECTORS[format])


def plan_detection(job: Job) -> DetectStep:
    """The DETECT step of a job.

    Raises:
        CannotImage: The data does not give it, or its lines would hold fewer than two samples.
    """
    detect = detector(job.format, job.preset).plan(job)
    axis = getattr(detect, "axis", None)
    if axis is None or axis.samples < 2:
        raise CannotImage("The lines are too short for a picture", "Check the probe's settings.")
    planned: DetectStep = detect  # type: ignore[assignment]  # it has an axis
    return planned


def line_digest(
    mode: str,
    line: int,
    job: Job,
    detect: DetectStep,
    kernels: tuple[str, ...] = (),
    steps: Mapping[str, int] | None = None,
) -> str:
    """Of everything that decides what one beam looks like beside the samples (docs/reference/modes.md).

    Args:
        mode: ``M`` or ``A``.
        line: Which line, or -1 for all of a parked beam.
        job: What it is planned for.
        detect: Its first step.
        kernels: Kernels that draw what the step detects.
        steps: What one pixel along each axis stands for.
    """
    stage = detector(job.format, job.preset)
    named = [value for value in detect.parameters.values() if isinstance(value, str)]
    return chain_digest({
        "mode": mode,
        "line": line,
        "format": int(job.format),
        "geometry": asdict(job.geometry),
        "sampling": asdict(job.sampling),
        "centre_hz": job.settings.centre_hz,
        "log_range_db": job.settings.log_range_db,
        **(steps or {}),
        "preset": job.preset.values(),
        "stages": [{"name": stage.name, "version": stage.version, "parameters": dict(detect.parameters)}],
        "kernels": {name: KERNELS[name].version for name in (*named, *kernels) if name in KERNELS},
    })  # fmt: skip
