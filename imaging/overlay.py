"""What is burnt into a copy of a picture: calipers, ruler, and the marks that must never be cropped away from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from imaging.picture import Picture

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont, ImageFont

Place = tuple[float, float]
_AMBER = (255, 200, 60)
_WHITE = (235, 235, 235)
_RULER_MM = 10
_ARM_PX = 6


@dataclass(frozen=True, slots=True)
class CaliperMark:
    """A measured distance to draw.

    Args:
        a, b: Its ends, (column, row) in pixels.
        label: Short name, as ``1``; drawn beside the first end and in the legend.
        text: Its value with unit, for the legend.
    """

    a: Place
    b: Place
    label: str
    text: str


def marks_of(picture: Picture) -> tuple[str, ...]:
    """The warnings that a picture carries by where its samples come from."""
    marks = []
    if picture.provenance.simulated:
        marks.append("SIMULATED - NOT A PATIENT")
    if picture.provenance.calibration is None:
        marks.append("UNCALIBRATED")
    if picture.missing_lines:
        marks.append(f"{picture.missing_lines} LINES MISSING")
    return tuple(marks)


def burn(picture: Picture, calipers: Sequence[CaliperMark] = (), corner: str = "") -> NDArray[np.uint8]:
    """A (rows, columns, 3) copy with calipers, a centimetre ruler, warnings and a corner text.

    Args:
        picture: What to draw on; unchanged.
        calipers: Drawn with crosses at both ends and a dotted line.
        corner: Drawn at the lower left, as the patient's number and the time.
    """
    from PIL import Image
    from PIL import ImageDraw as Drawing
    from PIL import ImageFont as Fonts

    image = Image.fromarray(np.repeat(picture.pixels[:, :, None], 3, axis=2))
    draw = Drawing.Draw(image)
    size = max(11, picture.height_px // 34)
    font = Fonts.load_default(size)
    _draw_ruler(draw, picture)
    for number, mark in enumerate(marks_of(picture)):
        draw.text((8, 6 + number * (size + 4)), mark, fill=_AMBER, font=font)
    for number, caliper in enumerate(calipers):
        _draw_caliper(draw, caliper, font)
        text = f"{caliper.label}  {caliper.text}"
        width = draw.textlength(text, font=font)
        draw.text((picture.width_px - width - 28, 6 + number * (size + 4)), text, fill=_WHITE, font=font)
    draw.text((8, picture.height_px - size - 8), corner, fill=_WHITE, font=font)
    return np.asarray(image)


def _draw_ruler(draw: ImageDraw, picture: Picture) -> None:
    right = picture.width_px - 1
    first = int(np.ceil(picture.origin_z_mm / _RULER_MM))
    last = int(np.floor(picture.to_mm(0, picture.height_px - 1)[1] / _RULER_MM))
    for tick in range(first, last + 1):
        row = picture.to_pixel(0, tick * _RULER_MM)[1]
        length = 14 if tick % 5 == 0 else 7
        draw.line([(right - length, row), (right, row)], fill=_WHITE)


def _draw_caliper(draw: ImageDraw, caliper: CaliperMark, font: FreeTypeFont | ImageFont) -> None:
    line, point, text = draw.line, draw.point, draw.text
    (ax, ay), (bx, by) = caliper.a, caliper.b
    for x, y in (caliper.a, caliper.b):
        line([(x - _ARM_PX, y), (x + _ARM_PX, y)], fill=_AMBER)
        line([(x, y - _ARM_PX), (x, y + _ARM_PX)], fill=_AMBER)
    steps = int(max(abs(bx - ax), abs(by - ay)) // 4)
    for step in range(1, steps):
        point((ax + (bx - ax) * step / steps, ay + (by - ay) * step / steps), fill=_AMBER)
    text((ax + _ARM_PX + 2, ay - 2 * _ARM_PX - 4), caliper.label, fill=_AMBER, font=font)
