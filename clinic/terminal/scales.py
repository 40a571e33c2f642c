"""Axes over a picture whose columns and rows are not both millimetres: depth, time and level, with round numbers."""

from __future__ import annotations

from PIL import ImageDraw

from clinic.terminal.fit import Fit
from clinic.terminal.inks import Ink
from clinic.terminal.lettering import SMALLEST_TEXT_ROWS, write
from imaging.axes import AxisLine, ticks

_MOST_TICKS = 11
_LEAST_SHARE = 0.03
# from one tick to the next at least, so that the numbers stand apart
_UPRIGHT_ROOM_PX, _LEVEL_ROOM_PX = 22, 36
# ticks without numbers
_SMALL_ROOM_PX = 5


def draw_scale(draw: ImageDraw.ImageDraw, fit: Fit, axis: AxisLine) -> None:
    """Ticks inwards and upwards from the axis, and their numbers where there is room for letters."""
    (ax, ay), (bx, by) = fit.place(*axis.from_px), fit.place(*axis.to_px)
    small = fit.target[0] < SMALLEST_TEXT_ROWS
    apart = _SMALL_ROOM_PX if small else _UPRIGHT_ROOM_PX if axis.upright else _LEVEL_ROOM_PX
    room = max(abs(by - ay), abs(bx - ax)) / apart
    length = 2 if small else 6
    places = {}
    for value in ticks(axis.from_value, axis.to_value, max(2, min(_MOST_TICKS, int(room)))):
        at = fit.place(*axis.place(value))
        x, y = places[value] = round(at[0]), round(at[1])
        draw.line((x - length, y, x, y) if axis.upright else (x, y - length, x, y), fill=int(Ink.TEXT))
    span = axis.to_value - axis.from_value
    # numbers at the very ends would be cut off, or lie over each other where two axes meet
    lettered = [v for v in places if _LEAST_SHARE <= (v - axis.from_value) / span <= 1 - _LEAST_SHARE]
    for value in () if small else lettered:
        x, y = places[value]
        text = f"{value:g} {axis.unit}" if value == lettered[-1] else f"{value:g}"
        at = (x - 9, y) if axis.upright else (x, y - 8)
        write(draw, fit, at, text, Ink.TEXT, "rm" if axis.upright else "mb")
