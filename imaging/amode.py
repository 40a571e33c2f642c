"""A-mode: one line, its RF and its echo strength in decibels against range."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from imaging import compiled
from imaging.chain import Status
from imaging.detection import check_plannable, job_for, line_digest, plan_detection, well_formed
from imaging.errors import CannotImage, NoPictureYet
from imaging.layout import Layout
from imaging.preset import Preset
from imaging.same_beam import SameBeam
from imaging.stage import Axis
from probe.frame import Frame, Provenance


@dataclass(frozen=True, slots=True, eq=False)
class AMode:
    """One line as curves.

    Args:
        ranges_mm: (m,) distance along the line.
        decibel: (m,) echo strength, 0 where a picture would be white; as low as the preset's dynamic range.
        samples_mm: (n,) distance of each sample of the RF; empty where the probe sends no RF.
        samples: (n,) RF counts as they came.
        line: Which line of the frame.
        frame_number, preset_name, sound_speed_m_s, digest, provenance: As of ``Picture``.
    """

    ranges_mm: NDArray[np.float64]
    decibel: NDArray[np.float64]
    samples_mm: NDArray[np.float64]
    samples: NDArray[np.int16]
    line: int
    frame_number: int
    preset_name: str
    sound_speed_m_s: int
    digest: str
    provenance: Provenance

    def strongest_mm(self, from_mm: float, to_mm: float) -> float:
        """Range of the strongest echo between two ranges, a parabola over its neighbours.

        Raises:
            CannotImage: There is no sample between them.
        """
        there = np.flatnonzero((self.ranges_mm >= from_mm) & (self.ranges_mm <= to_mm))
        if not len(there):
            raise CannotImage("No echo was measured there", "Choose ranges inside the line.")
        peak = int(there[self.decibel[there].argmax()])
        if not 0 < peak < len(self.decibel) - 1:
            return float(self.ranges_mm[peak])
        left, middle, right = self.decibel[peak - 1 : peak + 2]
        bend = left - 2 * middle + right
        offset = 0.5 * (left - right) / bend if bend < 0 else 0.0
        return float(self.ranges_mm[peak] + offset * (self.ranges_mm[1] - self.ranges_mm[0]))


class AModeChain:
    """One line of every frame as curves. For one thread; a value outlives the chain's next run.

    Args:
        frame: Gives format, geometry, window and settings; its samples are not looked at. One line is enough.
        preset: How to detect; the grey map, filters and synthetic aperture have no part in it.
        line: Which line.
        kernels: Compiled kernels, when not the best ones of this installation.

    Raises:
        CannotImage: The frames do not give it, or there is no such line.
    """

    def __init__(self, frame: Frame, preset: Preset, line: int, kernels: compiled.Kernels | None = None) -> None:
        check_plannable(frame)
        if not 0 <= line < frame.geometry.lines:
            raise CannotImage(f"There is no line {line}", f"Choose one from 0 to {frame.geometry.lines - 1}.")
        self._like, self._line = frame, line
        # a row of one micrometre: no samples are averaged
        self._job = job_for(frame, _plain(preset), Layout(1, 1, 1, 0, 0), kernels)
        self._detect = plan_detection(self._job)
        # a line that turns out to be dead has been written over the last one by then
        self._grey = np.zeros(self._detect.axis.samples, np.uint8)
        self._beam = SameBeam(frame, line)
        self._imaged: Frame | None = None
        self._imaged_line = line
        self.digest = line_digest("A", line, self._job, self._detect)

    def run(self, frame: Frame) -> Status:
        """Detect the line of a frame. Never raises: what cannot be detected gets a status, and the last line stays."""
        like = self._like
        alike = self._beam.fits(frame) and frame.format is like.format and frame.sampling == like.sampling
        if not alike or frame.settings.log_range_db != like.settings.log_range_db:
            return Status.OTHER_PLAN
        if not well_formed(frame) or not frame.samples.flags.c_contiguous:
            return Status.BAD_SAMPLES
        line, dead = self._beam.line_of(frame), self._job.dead
        if line < 0:
            return Status.NO_LINES
        np.copyto(dead, frame.missing, casting="unsafe")
        if not dead[line]:
            self._detect.run(frame.samples, line, line + 1, 0)
        if dead[line]:
            return Status.NO_LINES
        self._grey[:] = self._detect.output[line]
        self._imaged, self._imaged_line = frame, line
        return Status.OK

    def a_line(self) -> AMode:
        """The last line that was detected.

        Raises:
            NoPictureYet: None was.
        """
        if self._imaged is None:
            raise NoPictureYet("There is no line yet", "Wait for the probe's next frame.")
        preset, sampling, line = self._job.preset, self._like.sampling, self._line
        speed = preset.sound_speed_m_s
        decibel = (self._grey.astype(np.float64) / 255 - 1) * preset.dynamic_range_db
        samples = np.zeros(0, dtype=np.int16)
        if self._imaged.format.is_rf:
            samples = np.array(self._imaged.samples[self._imaged_line], dtype=np.int16)
        samples_mm = Axis(len(samples), 0, 1).ranges_mm(sampling, speed)
        return AMode(
            self._detect.axis.ranges_mm(sampling, speed), decibel, samples_mm, samples, line, self._imaged.number,
            preset.name, speed, self.digest, self._imaged.provenance,
        )  # fmt: skip

    def retune(self, preset: Preset) -> None:
        """Turn gain, dynamic range or depth gain: from the next frame on."""
        self._detect.retune(_plain(preset))
        self._job = replace(self._job, preset=_plain(preset))
        self.digest = line_digest("A", self._line, self._job, self._detect)


def _plain(preset: Preset) -> Preset:
    return replace(preset, grey_map="linear", aperture_lines=0)
