"""BeamView: one beam as the screen shows it, in M-mode with its A-line beside it, or as the A-line alone.

It is no ``Picture``: a column is not as many millimetres as a row. Each axis says what a step along it stands for.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imaging.amode import AMode
from imaging.mmode import MMode
from imaging.modes import Mode
from imaging.preset import Preset
from probe.frame import Provenance

Grey = NDArray[np.uint8]
LENGTH, TIME, LEVEL = "um", "us", "mdB"
_GAP_PX = 6
_FILL, _EDGE = 110, 235


@dataclass(frozen=True, slots=True)
class Scale:
    """What a place along an axis of pixels stands for.

    Args:
        unit: ``um`` of range, ``us`` of the device's time, or ``mdB``, thousandths of a decibel below white.
        first: Of pixel 0.
        step: From one pixel to the next.
    """

    unit: str
    first: int
    step: int

    def at(self, place: float) -> float:
        """The value at a place; a fraction lies between two pixels."""
        return self.first + self.step * place

    def place(self, value: float) -> float:
        """Where a value lies, perhaps outside."""
        return (value - self.first) / self.step


@dataclass(frozen=True, slots=True, eq=False)
class BeamView:
    """What is shown of one beam.

    Args:
        mode: ``Mode.M`` or ``Mode.A``.
        pixels: (rows, columns) uint8, read-only. In M-mode the strip's pixels, and beside them, after a gap, perhaps
            the A-line as a curve whose rows are the strip's; in A-mode the curve alone, depth from left to right.
        width_px: Columns that the axes speak of: without the curve beside a strip.
        across, down: The axes.
        level: The axis across the curve beside a strip, counted from column 0; None without one.
        interval_us: In M-mode, the time between two looks; 0 in A-mode.
        line: Which line of the frames; ``lines``: how many they have, 1 where there is no other beam to look along.
        dynamic_range_db: How far below white black lies: the preset's dynamic range.
        frame_number, preset_name, sound_speed_m_s, digest, provenance, gain_db: As of ``Picture``, of the newest line.
        strip: In M-mode, what is measured on; None on a view that was read back.
    """

    mode: Mode
    pixels: Grey
    width_px: int
    across: Scale
    down: Scale
    level: Scale | None
    interval_us: int
    line: int
    lines: int
    dynamic_range_db: int
    gain_db: int | None
    frame_number: int
    preset_name: str
    sound_speed_m_s: int
    digest: str
    provenance: Provenance
    strip: MMode | None = None

    @property
    def height_px(self) -> int:
        return int(self.pixels.shape[0])

    @property
    def measured(self) -> Grey:
        """(rows, ``width_px``) the pixels that the axes speak of: what is kept."""
        return self.pixels[:, : self.width_px]

    @property
    def depth(self) -> Scale:
        """The axis that counts range along the beam."""
        return self.across if self.mode is Mode.A else self.down

    @property
    def depth_mm(self) -> float:
        """Range at the end of the depth axis."""
        return self.depth.at((self.width_px if self.mode is Mode.A else self.height_px) - 1) / 1000

    @property
    def calibrated(self) -> bool:
        """Whether the probe's millimetres were measured."""
        return self.provenance.calibration is not None

    @property
    def simulated(self) -> bool:
        """No transducer made the samples."""
        return self.provenance.simulated

    @property
    def missing_lines(self) -> tuple[int, ...]:
        """A view is made of lines that hold echoes; where there was none it is black."""
        return ()

    @property
    def mirrored(self) -> bool:
        """There is no left and right along one beam."""
        return False

    @property
    def upside_down(self) -> bool:
        """It is never turned round."""
        return False


def strip_view(strip: MMode, a_line: AMode, lines: int, preset: Preset, curve_px: int) -> BeamView:
    """M-mode with the newest A-line beside it, row for row.

    Args:
        strip: The M-mode picture.
        a_line: Of the same beam and preset.
        lines: How many lines the frames have.
        preset: How they were imaged.
        curve_px: Columns for the curve.
    """
    rows, columns = strip.pixels.shape
    dynamic_range_db = preset.dynamic_range_db
    down = Scale(LENGTH, strip.first_range_um, strip.um_per_row)
    step_mdb = max(1, math.ceil(1000 * dynamic_range_db / (curve_px - 1)))
    reach = _reach(_strongest(a_line, down, rows), dynamic_range_db, step_mdb)
    left = columns + _GAP_PX
    pixels = np.zeros((rows, left + curve_px), dtype=np.uint8)
    pixels[:, :columns] = strip.pixels
    _fill_rows(pixels[:, left:], reach)
    pixels.flags.writeable = False
    return BeamView(
        Mode.M, pixels, columns, Scale(TIME, strip.started_us, strip.us_per_column), down,
        Scale(LEVEL, -1000 * dynamic_range_db - step_mdb * left, step_mdb), strip.interval_us, strip.line, lines,
        dynamic_range_db, preset.gain_db,
        strip.last_frame, strip.preset_name, strip.sound_speed_m_s, strip.digest, strip.provenance, strip,
    )  # fmt: skip


def a_line_view(
    a_line: AMode, lines: int, preset: Preset, width_px: int, height_px: int, span_mm: float = 0
) -> BeamView:
    """The A-line alone: depth from left to right, white at the top.

    Args:
        a_line: The curve.
        lines: How many lines the frames have.
        preset: How it was imaged.
        width_px, height_px: Size of the picture.
        span_mm: How far beyond the first sample it is shown; 0 shows all.
    """
    dynamic_range_db = preset.dynamic_range_db
    first_um = round(1000 * a_line.ranges_mm[0])
    depth_um = 1000 * (span_mm or a_line.ranges_mm[-1] - a_line.ranges_mm[0])
    across = Scale(LENGTH, first_um, max(1, math.ceil(depth_um / (width_px - 1))))
    step_mdb = max(1, math.ceil(1000 * dynamic_range_db / (height_px - 1)))
    reach = _reach(_strongest(a_line, across, width_px), dynamic_range_db, step_mdb)
    pixels = np.zeros((height_px, width_px), dtype=np.uint8)
    _fill_columns(pixels, math.floor(1000 * dynamic_range_db / step_mdb) - reach)
    pixels.flags.writeable = False
    return BeamView(
        Mode.A, pixels, width_px, across, Scale(LEVEL, 0, -step_mdb), None, 0, a_line.line, lines,
        dynamic_range_db, preset.gain_db,
        a_line.frame_number, a_line.preset_name, a_line.sound_speed_m_s, a_line.digest, a_line.provenance,
    )  # fmt: skip


def _strongest(a_line: AMode, depth: Scale, places: int) -> NDArray[np.float64]:
    """(places,) the strongest echo within each step of depth, so that none is lost between two; -inf past the end.

    Where no sample lies within a step the level is that between its neighbours: either of them alone would be drawn as
    far from its place as samples are apart.
    """
    ranges_um = 1000 * a_line.ranges_mm
    edges = depth.first + depth.step * (np.arange(places + 1) - 0.5)
    starts = np.searchsorted(ranges_um, edges)
    strongest: NDArray[np.float64] = np.interp((edges[:-1] + edges[1:]) / 2, ranges_um, a_line.decibel)
    held = starts[1:] > starts[:-1]
    if held.any():
        firsts, end = starts[:-1][held], int(starts[-1])
        strongest[held] = np.maximum.reduceat(a_line.decibel[:end], firsts)
    strongest[edges[:-1] > ranges_um[-1]] = -np.inf
    return strongest


def _reach(decibel: NDArray[np.float64], dynamic_range_db: int, step_mdb: int) -> NDArray[np.int64]:
    """Pixels from the floor to each level; 0 at the floor and below."""
    above = np.maximum(decibel, -dynamic_range_db) + dynamic_range_db
    reach: NDArray[np.int64] = np.rint(1000 * above / step_mdb).astype(np.int64)
    return reach


def _fill_rows(pixels: Grey, reach: NDArray[np.int64]) -> None:
    """A bar of ``reach`` pixels along each row, its end bright."""
    rows, columns = pixels.shape
    np.multiply(np.arange(columns) < reach[:, None], np.uint8(_FILL), out=pixels)
    pixels[np.arange(rows), np.minimum(reach, columns - 1)] = _EDGE


def _fill_columns(pixels: Grey, top: NDArray[np.int64]) -> None:
    """A bar from the lowest row up to ``top`` in each column, its end bright."""
    rows, columns = pixels.shape
    np.multiply(np.arange(rows)[:, None] > top, np.uint8(_FILL), out=pixels)
    pixels[np.minimum(top, rows - 1), np.arange(columns)] = _EDGE
