"""Axes over a picture whose columns and rows are not both millimetres: depth, time and level, with round numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PIL import ImageDraw

from clinic.terminal.fit import Fit
from clinic.terminal.inks import Ink
from clinic.terminal.lettering import SMALLEST_TEXT_ROWS, Place, write

_MOST_TICKS = 11
_STEPS = (1, 2, 5)
_LEAST_SHARE = 0.03
# from one tick to the next at least, so that the numbers stand apart
_UPRIGHT_ROOM_PX, _LEVEL_ROOM_PX = 22, 42


@dataclass(frozen=True, slots=True)
class ScaleMark:
    """An axis along a row or a column of a picture.

    Args:
        from_px, to_px: Its ends on the picture, (column, row): an upright or a level line.
        from_value, to_value: What they stand for, in ``unit``.
        unit: Written beside the last number.
    """

    from_px: Place
    to_px: Place
    from_value: float
    to_value: float
    unit: str


def ticks(from_value: float, to_value: float, most: int = _MOST_TICKS) -> list[float]:
    """Round values between two, no more than ``most``, the smaller end first."""
    low, high = sorted((from_value, to_value))
    span = high - low
    if span <= 0:
        return []
    power = 10.0 ** math.floor(math.log10(span / most))
    step = next((n * power for n in (*_STEPS, 10, 20) if span / (n * power) < most), 50 * power)
    return [round(n * step, 9) for n in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]


def draw_scale(draw: ImageDraw.ImageDraw, fit: Fit, mark: ScaleMark) -> None:
    """Ticks inwards and upwards from the axis, and their numbers where there is room for letters."""
    (ax, ay), (bx, by) = fit.place(*mark.from_px), fit.place(*mark.to_px)
    upright = abs(by - ay) > abs(bx - ax)
    small = fit.target[0] < SMALLEST_TEXT_ROWS
    length = 2 if small else 6
    places: dict[float, tuple[int, int]] = {}
    room = abs(by - ay) / _UPRIGHT_ROOM_PX if upright else abs(bx - ax) / _LEVEL_ROOM_PX
    for value in ticks(mark.from_value, mark.to_value, max(2, min(_MOST_TICKS, int(room)))):
        share = (value - mark.from_value) / (mark.to_value - mark.from_value)
        x, y = places[value] = round(ax + share * (bx - ax)), round(ay + share * (by - ay))
        draw.line((x - length, y, x, y) if upright else (x, y - length, x, y), fill=int(Ink.TEXT))
    along = {value: (place[1] - ay) / (by - ay) if upright else (place[0] - ax) / (bx - ax)
             for value, place in places.items()}  # fmt: skip
    # numbers at the very ends would be cut off, or lie over each other where two axes meet
    lettered = [] if small else [value for value in places if _LEAST_SHARE <= along[value] <= 1 - _LEAST_SHARE]
    for value in lettered:
        x, y = places[value]
        text = f"{value:g} {mark.unit}" if value == lettered[-1] else f"{value:g}"
        write(draw, fit, (x - 9, y) if upright else (x, y - 8), text, Ink.TEXT, "rm" if upright else "mb")
