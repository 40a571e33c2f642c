"""What is drawn over a picture on the screen: calipers, a depth ruler, what the picture must say of itself.

Marks are drawn at the screen's own resolution, so that they are sharp however small the picture is shown. The picture
itself is not touched, and neither is what is kept: a report burns its own marks (``imaging.overlay``).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from clinic.terminal.fit import Fit
from clinic.terminal.inks import Ink
from clinic.terminal.lettering import SMALLEST_TEXT_ROWS, Place, letter_px, write
from clinic.terminal.scales import draw_scale
from imaging.axes import AxisLine
from imaging.overlay import dotted
from imaging.picture import Picture

Mask = NDArray[np.uint8]
_TICK_MM = 10


@dataclass(frozen=True, slots=True)
class CaliperMark:
    """What is measured on the picture: places as (column, row).

    Args:
        crosses: Its places.
        number: Said beside them.
        held: The place that the arrow keys move, or -1.
        line: Corners of the dotted line; without any, from cross to cross.
    """

    crosses: tuple[Place, ...]
    number: str
    held: int = -1
    line: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Overlay:
    """Everything over one picture. Equal overlays look the same, so that a mask is drawn once for many frames.

    Args:
        calipers: Measured and being measured.
        notices: Lines for the upper left corner, with their ink.
        border: A frame round the whole view: frozen or not live cannot be overlooked.
        ruler: From one row to the next and depth of the first, micrometres, for a depth ruler; None draws none.
        marker: Where the dot of the probe's marker stands on the picture, (column, row); None draws none.
        scales: Axes of a picture that is not in millimetres both ways.
        beam: Where a beam begins and ends on the picture, (column, row); it is drawn as dots.
    """

    calipers: tuple[CaliperMark, ...] = ()
    notices: tuple[tuple[str, Ink], ...] = ()
    border: Ink = Ink.NONE
    ruler: tuple[int, int] | None = None
    marker: Place | None = None
    scales: tuple[AxisLine, ...] = ()
    beam: tuple[Place, Place] | None = None


def ruler_of(picture: Picture) -> tuple[int, int]:
    """What the ruler of a picture needs."""
    return -picture.pixel_um if picture.upside_down else picture.pixel_um, picture.origin_z_um


@dataclass(frozen=True, slots=True, eq=False)
class Marks:
    """A drawn mask as a list of its marked pixels, so that a picture costs as much as its marks are long.

    Args:
        where: (n,) places in the flat mask.
        inks: (n,) the ink of each.
    """

    where: NDArray[np.intp]
    inks: Mask


@lru_cache(maxsize=4)
def marks_over(overlay: Overlay, fit: Fit) -> Marks | None:
    """The overlay as marked pixels; None where it has none. The last few are remembered."""
    mask = draw_marks(overlay, fit).ravel()
    where = np.flatnonzero(mask)
    return Marks(where, mask[where]) if len(where) else None


def draw_marks(overlay: Overlay, fit: Fit) -> Mask:
    """The overlay as inks, of the shape of the fit's target; 0 where the picture shows."""
    height, width = fit.target
    canvas = Image.new("L", (width, height), int(Ink.NONE))
    draw = ImageDraw.Draw(canvas)
    draw.fontmode = "1"  # no shades between two inks
    if overlay.ruler is not None:
        _draw_ruler(draw, fit, *overlay.ruler)
    if overlay.marker is not None:
        _draw_marker(draw, fit, overlay.marker)
    for scale in overlay.scales:
        draw_scale(draw, fit, scale)
    if overlay.beam is not None:
        _draw_beam(draw, fit, *overlay.beam)
    for caliper in overlay.calipers:
        _draw_caliper(draw, fit, caliper)
    if height >= SMALLEST_TEXT_ROWS:
        _draw_notices(draw, fit, overlay.notices)
    if overlay.border is not Ink.NONE:
        thick = max(1, height // 200)
        draw.rectangle((0, 0, width - 1, height - 1), outline=int(overlay.border), width=thick)
    return np.array(canvas, dtype=np.uint8)


def _draw_ruler(draw: ImageDraw.ImageDraw, fit: Fit, row_um: int, origin_z_um: int) -> None:
    """Depth down the picture's right edge: a tick every 10 mm, a longer one with its number every 50."""
    rows, columns = fit.source
    right = min(fit.target[1] - 3, round(fit.place(columns - 1, 0)[0]))
    small = fit.target[0] < SMALLEST_TEXT_ROWS
    nearest_um, farthest_um = sorted((origin_z_um, origin_z_um + row_um * (rows - 1)))
    for depth_mm in range(-(-max(0, nearest_um) // 1000 // _TICK_MM) * _TICK_MM, farthest_um // 1000 + 1, _TICK_MM):
        row = round(fit.place(0, (1000 * depth_mm - origin_z_um) / row_um)[1])
        long = depth_mm % 50 == 0
        length = (3 if long else 1) if small else (9 if long else 4)
        draw.line((right - length, row, right, row), fill=int(Ink.TEXT))
        if long and not small:
            write(draw, fit, (right - 13, row), str(depth_mm), Ink.TEXT, "rm")


def _draw_beam(draw: ImageDraw.ImageDraw, fit: Fit, first: Place, last: Place) -> None:
    """Dashes, so that what lies on the beam is still seen."""
    (ax, ay), (bx, by) = fit.place(*first), fit.place(*last)
    dash = max(2, fit.target[0] // 80)
    steps = max(1, round(max(abs(bx - ax), abs(by - ay)) / dash))
    for step in range(0, steps, 3):
        begin, end = step / steps, min(step + 1, steps) / steps
        ends = [(round(ax + (bx - ax) * share), round(ay + (by - ay) * share)) for share in (begin, end)]
        draw.line(ends, fill=int(Ink.HELD))


def _draw_marker(draw: ImageDraw.ImageDraw, fit: Fit, place: Place) -> None:
    """A dot beside the skin, on the side of the probe's marker."""
    x, y = (round(coordinate) for coordinate in fit.place(*place))
    radius = 1 if fit.target[0] < SMALLEST_TEXT_ROWS else max(4, fit.target[0] // 80)
    draw.ellipse((x - radius - 2, y - radius - 2, x + radius + 2, y + radius + 2), fill=int(Ink.EDGE))
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=int(Ink.HELD))


def _draw_caliper(draw: ImageDraw.ImageDraw, fit: Fit, caliper: CaliperMark) -> None:
    """A cross at each place and dots along the line; the held place is larger and green."""
    places = [fit.place(*place) for place in caliper.crosses]
    line = [fit.place(*place) for place in caliper.line or caliper.crosses]
    small = fit.target[0] < SMALLEST_TEXT_ROWS
    for across, down in dotted(line):
        left, top, wide = round(across), round(down), 0 if small else 1
        if not small:  # an edge, or the line is lost on bright bone
            draw.rectangle((left - 1, top - 1, left + 2, top + 2), fill=int(Ink.EDGE))
        draw.rectangle((left, top, left + wide, top + wide), fill=int(Ink.MARK))
    for index, (x, y) in enumerate(places):
        held = index == caliper.held
        arm = 1 if small else max(5, fit.target[0] // 60) + (3 if held else 0)
        ink = Ink.HELD if held else Ink.MARK
        for colour, width in ((Ink.EDGE, 3), (ink, 1)) if not small else ((ink, 1),):
            draw.line((round(x) - arm, round(y), round(x) + arm, round(y)), fill=int(colour), width=width)
            draw.line((round(x), round(y) - arm, round(x), round(y) + arm), fill=int(colour), width=width)
    if not small:
        x, y = max(places)
        beside = x < 0.85 * fit.target[1]
        arm = max(5, fit.target[0] // 60) + 6
        write(draw, fit, (x + arm if beside else x - arm, y), caliper.number, Ink.MARK, "lm" if beside else "rm")


def _draw_notices(draw: ImageDraw.ImageDraw, fit: Fit, notices: tuple[tuple[str, Ink], ...]) -> None:
    step = letter_px(fit) * 1.3
    for line, (text, ink) in enumerate(notices):
        write(draw, fit, (6, 5 + line * step), text, ink)
