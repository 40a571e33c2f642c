"""M-mode: one line over time. Planned once, fed with every frame, and read as a picture of depth against time."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imaging import compiled
from imaging.chain import Status
from imaging.detection import (
    check_plannable,
    expected_samples,
    job_for,
    line_digest,
    plan_detection,
    well_formed,
)
from imaging.errors import CannotImage, NoPictureYet
from imaging.layout import LARGEST_PX, SMALLEST_PX, Layout
from imaging.modes import is_parked
from imaging.preset import Preset
from imaging.same_beam import SameBeam
from imaging.stage import Job
from probe.frame import Frame, Provenance

# between two lines further apart than this many intervals the picture stays black: nothing was seen there
_LONGEST_GAP = 3
# longer than this is a pause, whatever the probe does; and how slowly a mean follows
_LONGEST_LOOK_US, _SLOWLY = 1_000_000, 4


@dataclass(frozen=True, slots=True, eq=False)
class MMode:
    """Depth against time.

    Args:
        pixels: (rows, columns) uint8, read-only; the newest column is the last one.
        filled: (columns,) bool, read-only: False where nothing was seen; black.
        um_per_row: Distance along the line from one row to the next.
        first_range_um: Range of row 0.
        us_per_column: Time from one column to the next.
        started_us: Device time of column 0; it may lie before the first line.
        looked_us: (columns,) int64, read-only: how long before a line of a column the one before it was looked at, at
            the most: what lies between them was not seen. 0 where nothing was.
        interval_us: The usual time between two looks, as planned, or as it was where the probe does not say.
        line: Which line of the frames, or -1 where the beam is parked and all of them are used.
        last_frame: Number of the newest frame.
        preset_name, sound_speed_m_s, digest, provenance: As of ``Picture``.
    """

    pixels: NDArray[np.uint8]
    filled: NDArray[np.bool_]
    looked_us: NDArray[np.int64]
    um_per_row: int
    first_range_um: int
    us_per_column: int
    started_us: int
    interval_us: int
    line: int
    last_frame: int
    preset_name: str
    sound_speed_m_s: int
    digest: str
    provenance: Provenance

    def to_mm(self, row: float) -> float:
        """Range along the line."""
        return (self.first_range_um + self.um_per_row * row) / 1000

    def to_seconds(self, column: float) -> float:
        """Time after column 0."""
        return self.us_per_column * column / 1e6


class MModeChain:
    """Feeds lines into a strip that runs round. For one thread; a picture outlives the chain's next run.

    Make one with ``MModeChain.plan``.
    """

    def __init__(self, like: Frame, job: Job, line: int, size_px: tuple[int, int], us_per_column: int) -> None:
        width, height = size_px
        self._like, self._job, self._line = like, job, line
        self._us_per_column = us_per_column
        self._detect = plan_detection(job)
        axis = self._detect.axis
        ranges_mm = axis.ranges_mm(like.sampling, job.preset.sound_speed_m_s)
        self._first_range_um = round(1000 * ranges_mm[0])
        self._strip = np.zeros((height, width), dtype=np.uint8)
        self._filled = np.zeros(width, dtype=np.bool_)
        self._looked_us = np.zeros(width, dtype=np.int64)
        self._place = np.zeros(3, dtype=np.int64)
        rows_mm = (self._first_range_um + job.layout.pixel_um * np.arange(height)) / 1000
        sample = (rows_mm - ranges_mm[0]) / (ranges_mm[1] - ranges_mm[0])
        self._draw = job.kernels.bind("draw_columns", *_tables(sample, axis.samples), self._place, self._strip)
        shape, kind = expected_samples(like)
        self._input: NDArray[Any] = np.zeros(shape, dtype=kind)
        self._beam = SameBeam(like, line) if line >= 0 else None
        self._order = range(like.geometry.lines)
        self._newest: int | None = None
        self._last_us: int | None = None
        self._planned_us = self._planned_interval_us(like)
        self._interval_us = self._planned_us
        self._imaged: Frame | None = None
        self.digest = self._digest()

    @classmethod
    def plan(
        cls,
        frame: Frame,
        preset: Preset,
        line: int,
        width_px: int,
        height_px: int,
        span_ms: int,
        depth_mm: int = 0,
        kernels: compiled.Kernels | None = None,
    ) -> MModeChain:
        """A strip for frames like this one.

        Args:
            frame: Gives format, geometry, window and settings; its samples are not looked at.
            preset: How to image; persistence, speckle filters and synthetic aperture have no part in M-mode.
            line: Which line; not looked at where the beam is parked.
            width_px, height_px: Size of the picture.
            span_ms: Time from its left edge to its right one.
            depth_mm: Range of the lowest row; 0, or one beyond the line, shows all of the line.
            kernels: Compiled kernels, when not the best ones of this installation.

        Raises:
            CannotImage: The frames do not give it, there is no such line, or the size or span is not possible.
        """
        check_plannable(frame)
        line = -1 if is_parked(frame.geometry) else line
        if not -1 <= line < frame.geometry.lines or (line < 0 and not is_parked(frame.geometry)):
            raise CannotImage(f"There is no line {line}", f"Choose one from 0 to {frame.geometry.lines - 1}.")
        if not all(SMALLEST_PX <= side <= LARGEST_PX for side in (width_px, height_px)):
            raise CannotImage(
                f"A picture of {width_px} x {height_px} pixels is not possible",
                f"Each side may have {SMALLEST_PX} to {LARGEST_PX} pixels.",
            )
        if not 100 <= span_ms <= 120_000:
            raise CannotImage(f"A strip of {span_ms} ms is not possible", "Choose 100 to 120 000 ms.")
        own = replace(preset, aperture_lines=0)
        depth_um = 1000 * shown_mm(frame, own, depth_mm)
        row_um = max(1, math.ceil(depth_um / (height_px - 1)))
        job = job_for(frame, own, Layout(width_px, height_px, row_um, 0, 0), kernels)
        return cls(frame, job, line, (width_px, height_px), max(1, round(1000 * span_ms / width_px)))

    def run(self, frame: Frame) -> Status:
        """Draw what a frame holds of the line. Never raises: what cannot be drawn gets a status."""
        like = self._like
        lies = frame.geometry == like.geometry if self._beam is None else self._beam.fits(frame)
        alike = lies and frame.format is like.format and frame.sampling == like.sampling
        if not alike or frame.settings.log_range_db != like.settings.log_range_db:
            return Status.OTHER_PLAN
        if not well_formed(frame) or len(frame.line_us) != like.geometry.lines:
            return Status.BAD_SAMPLES
        source = frame.samples
        if not source.flags.c_contiguous:
            np.copyto(self._input, source)
            source = self._input
        np.copyto(self._job.dead, frame.missing, casting="unsafe")
        drawn = False
        for line in self._in_time(frame):
            self._detect.run(source, line, line + 1, 0)
            if not self._job.dead[line]:
                self._draw_line(line, frame.device_us + int(frame.line_us[line]))
                drawn = True
        if not drawn:
            return Status.NO_LINES
        self._imaged = frame
        return Status.OK

    def _in_time(self, frame: Frame) -> Iterable[int]:
        """The lines of a frame that look along the beam, as they were fired."""
        if self._beam is not None:
            line = self._beam.line_of(frame)
            return (line,) if line >= 0 else ()
        return self._order if frame.direction >= 0 else reversed(self._order)

    def forget(self) -> None:
        """Begin an empty strip, as for the next patient."""
        self._strip[:] = 0
        self._filled[:] = False
        self._newest = self._last_us = self._imaged = None

    def picture(self) -> MMode:
        """The strip as it is now, the newest column at the right.

        Raises:
            NoPictureYet: No line has been drawn.
        """
        if self._imaged is None or self._newest is None:
            raise NoPictureYet("There is no picture yet", "Wait for the probe's next frame.")
        width = self._strip.shape[1]
        shift = width - 1 - self._newest % width
        pixels, filled = np.roll(self._strip, shift, axis=1), np.roll(self._filled, shift)
        looked_us = np.where(filled, np.roll(self._looked_us, shift), 0)
        for array in (pixels, filled, looked_us):
            array.flags.writeable = False
        started_us = (self._newest - (width - 1)) * self._us_per_column
        preset = self._job.preset
        return MMode(
            pixels, filled, looked_us, self._job.layout.pixel_um, self._first_range_um, self._us_per_column, started_us,
            max(1, self._interval_us), self._line, self._imaged.number, preset.name, preset.sound_speed_m_s,
            self.digest, self._imaged.provenance,
        )  # fmt: skip

    def retune(self, preset: Preset) -> None:
        """Turn the knobs of brightness: new tables, from the next line on; what is drawn stays as it is."""
        own = replace(preset, aperture_lines=0)
        self._detect.retune(own)
        self._job = replace(self._job, preset=own)
        self.digest = self._digest()

    def _draw_line(self, line: int, at_us: int) -> None:
        """Fill the columns since the last line, as far as that is no gap."""
        width, column = self._strip.shape[1], at_us // self._us_per_column
        if self._newest is not None and not 0 <= column - self._newest < width:
            self.forget()
        first, since_us = column, 0
        if self._newest is not None and self._last_us is not None:
            since_us = at_us - self._last_us
            self._learn(since_us)
            self._blank(self._newest + 1, column)
            if since_us <= _LONGEST_GAP * self._interval_us:
                first = min(self._newest + 1, column)
        looked_us = since_us or max(1, self._interval_us)
        if column == self._newest:  # what was not seen before its first line stays unseen
            looked_us = max(looked_us, int(self._looked_us[column % width]))
        for begin, end in _ring(first, column + 1, width):
            self._place[:] = line, begin, end
            self._draw(self._detect.output, 0, self._strip.shape[0])
            self._filled[begin:end] = True
            self._looked_us[begin:end] = looked_us
        self._newest, self._last_us = column, at_us

    def _blank(self, first: int, last: int) -> None:
        for begin, end in _ring(first, last, self._strip.shape[1]):
            self._strip[:, begin:end] = 0
            self._filled[begin:end] = False

    def _learn(self, since_us: int) -> None:
        """A probe that does not say how often it looks: the mean of what is seen, so that a late frame is no gap."""
        if not self._planned_us and since_us <= _LONGEST_LOOK_US:
            before_us = self._interval_us or since_us
            self._interval_us = before_us + (since_us - before_us) // _SLOWLY

    def _digest(self) -> str:
        steps = {"um_per_row": self._job.layout.pixel_um, "us_per_column": self._us_per_column}
        return line_digest("M", self._line, self._job, self._detect, ("draw_columns",), steps)

    def _planned_interval_us(self, frame: Frame) -> int:
        if self._line < 0 and frame.geometry.lines > 1:
            return max(1, abs(int(np.median(np.diff(frame.line_us)))))
        return frame.settings.frame_interval_us or 0


def shown_mm(frame: Frame, preset: Preset, depth_mm: int) -> float:
    """How far beyond the first sample a line is shown: to a depth, or all of it where that is 0 or beyond its end."""
    sampling, speed = frame.sampling, preset.sound_speed_m_s
    all_mm = sampling.spacing_mm(speed) * (sampling.samples - 1)
    return min(all_mm, max(1.0, depth_mm - sampling.range_mm(0, speed))) if depth_mm else all_mm


def _tables(sample: NDArray[np.float64], samples: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Cells and weights of ``draw_columns``: sample numbers with fractions, outside the line where they are outside."""
    fixed = np.rint(256 * sample).astype(np.int64)
    inside = (fixed >= 0) & (fixed <= 256 * (samples - 1))
    cell = np.minimum(fixed >> 8, samples - 2)
    return np.where(inside, cell, -1).astype(np.int32), np.where(inside, fixed - 256 * cell, 0).astype(np.int32)


def _ring(first: int, last: int, width: int) -> list[tuple[int, int]]:
    """Columns ``first`` to ``last`` of endless time as one or two pieces of the strip."""
    if last <= first:
        return []
    begin, end = first % width, (last - 1) % width + 1
    return [(begin, end)] if begin < end else [(begin, width), (0, end)]
