"""A-mode: one line as a curve, echo against depth; for probes whose lines make no picture in two dimensions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from imaging.axes import ticks
from imaging.errors import CannotImage
from imaging.overlay import PRACTICE, UNCALIBRATED
from probe.frame import Frame

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont, ImageFont

_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 12, 40, 34
_LEAST_PX = 160
_CURVE, _GRID, _TEXT, _WARNING = 235, 46, 190, 255
_MOST_TICKS = 10


def draw(frame: Frame, sound_speed_m_s: int, width_px: int, height_px: int, line: int = 0) -> NDArray[np.uint8]:
    """(rows, columns) grey picture of a line: time above, the depth at a sound speed below, counts at the left.

    Args:
        frame: Holds the line; IQ cannot be drawn.
        sound_speed_m_s: Turns time into depth.
        width_px, height_px: Size.
        line: Which one, left to right.

    Raises:
        CannotImage: The line holds no echo, is not there, or the size is too small.
    """
    from PIL import Image, ImageFont
    from PIL.ImageDraw import Draw

    if min(width_px, height_px) < _LEAST_PX:
        raise CannotImage(f"A curve needs {_LEAST_PX} pixels each way", "Ask for a larger picture.")
    if not 0 <= line < frame.lines or frame.samples.ndim != 2 or frame.missing[line]:
        raise CannotImage("The line holds no echo", "Choose another frame.")
    image = Image.new("L", (width_px, height_px))
    pen, font = Draw(image), ImageFont.load_default(11)
    values = frame.samples[line].astype(np.int64)
    low, high = _span(frame)
    _draw_axes(pen, font, frame, sound_speed_m_s, (width_px, height_px), (low, high))
    columns = width_px - _LEFT - _RIGHT
    rows = height_px - _TOP - _BOTTOM
    least, most = _extremes(values, columns)
    for column in range(columns):
        ends = [_TOP + (rows - 1) * (high - value) / (high - low) for value in (most[column], least[column])]
        pen.line([(_LEFT + column, ends[0]), (_LEFT + column, ends[1])], fill=_CURVE)
    for row, text in enumerate(_notices(frame)):
        pen.text((width_px - _RIGHT, _TOP + 4 + 14 * row), text, fill=_WARNING, font=font, anchor="ra")
    return np.array(image, dtype=np.uint8)


def _notices(frame: Frame) -> tuple[str, ...]:
    made = frame.provenance
    return tuple(t for true, t in ((made.simulated, PRACTICE), (made.calibration is None, UNCALIBRATED)) if true)


def _span(frame: Frame) -> tuple[int, int]:
    """Lowest and highest count on the paper: symmetric for RF, from zero for an envelope."""
    peak = max(1, int(np.abs(frame.samples.astype(np.int64)).max()))
    return (-peak, peak) if frame.format.is_rf else (0, peak)


def _extremes(values: NDArray[np.int64], columns: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(columns,) least and greatest count in each column; neighbouring columns share a sample, so no echo is lost."""
    bounds = np.linspace(0, len(values) - 1, columns + 1)
    starts, stops = np.floor(bounds[:-1]).astype(int), np.ceil(bounds[1:]).astype(int) + 1
    parts = [values[start:stop] for start, stop in zip(starts, stops, strict=True)]
    return np.array([part.min() for part in parts]), np.array([part.max() for part in parts])


def _draw_axes(
    pen: ImageDraw,
    font: FreeTypeFont | ImageFont,
    frame: Frame,
    sound_speed_m_s: int,
    size: tuple[int, int],
    counts: tuple[int, int],
) -> None:
    width, height = size
    sampling = frame.sampling
    first_us = sampling.first_sample_ns / 1000
    span_us = 1e6 * (sampling.samples - 1) / sampling.rate_hz
    mm_per_us = sound_speed_m_s / 2000
    room = width - _LEFT - _RIGHT - 1
    bottom = height - _BOTTOM
    for value in ticks(mm_per_us * first_us, mm_per_us * (first_us + span_us), _MOST_TICKS):
        x = _LEFT + room * (value / mm_per_us - first_us) / span_us
        pen.line([(x, _TOP), (x, bottom)], fill=_GRID)
        pen.text((x, bottom + 3), f"{value:g}", fill=_TEXT, font=font, anchor="ma")
    for value in ticks(first_us, first_us + span_us, _MOST_TICKS):
        x = _LEFT + room * (value - first_us) / span_us
        pen.line([(x, _TOP - 4), (x, _TOP)], fill=_TEXT)
        pen.text((x, _TOP - 6), f"{value:g}", fill=_TEXT, font=font, anchor="mb")
    pen.text((_LEFT, 4), "A-mode, us", fill=_TEXT, font=font)
    pen.text((_LEFT, height - 4), f"depth in mm at {sound_speed_m_s} m/s", fill=_TEXT, font=font, anchor="lb")
    for value, y in ((counts[1], _TOP), (counts[0], bottom - 1)):
        pen.text((_LEFT - 4, y), str(value), fill=_TEXT, font=font, anchor="rm")
