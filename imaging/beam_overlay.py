"""Burn what must not get lost into a copy of a view of one beam: its axes, calipers, and what it is not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from imaging.axes import AxisLine, axes_of, ticks
from imaging.beam_view import BeamView
from imaging.overlay import TEXT, Mark, burn_over, write

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

    from imaging.overlay import Font

_TICK_PX = 6
_ROOM_PX = 40
_FOOT_PX = 24
_LEAST_SHARE = 0.03


def burn_beam(
    view: BeamView, marks: Sequence[Mark] = (), labels: Sequence[str] = (), *, frozen: bool = False
) -> NDArray[np.uint8]:
    """(rows, columns, 3) RGB of a view with everything on it; the view itself is not touched.

    Args:
        view: Practice and missing calibration are always written on it.
        marks: Calipers.
        labels: Lines of text above the axis, from the left edge.
        frozen: Say that it stands still.
    """

    def draw_axes(draw: ImageDraw, font: Font) -> None:
        for axis in axes_of(view):
            _draw_axis(draw, font, axis)

    return burn_over(view, draw_axes, marks, labels, frozen=frozen, foot_px=_FOOT_PX)


def _draw_axis(draw: ImageDraw, font: Font, axis: AxisLine) -> None:
    """Ticks inwards and upwards, and a number beside each that has room."""
    length = max(abs(axis.to_px[0] - axis.from_px[0]), abs(axis.to_px[1] - axis.from_px[1]))
    places = {
        value: axis.place(value) for value in ticks(axis.from_value, axis.to_value, max(2, int(length / _ROOM_PX)))
    }
    for x, y in places.values():
        draw.line([(x - _TICK_PX, y), (x, y)] if axis.upright else [(x, y - _TICK_PX), (x, y)], fill=TEXT)
    span = axis.to_value - axis.from_value
    lettered = [v for v in places if _LEAST_SHARE <= (v - axis.from_value) / span <= 1 - _LEAST_SHARE]
    for value in lettered:
        x, y = places[value]
        text = f"{value:g} {axis.unit}" if value == lettered[-1] else f"{value:g}"
        at = (x - _TICK_PX - 3, y) if axis.upright else (x, y - _TICK_PX - 2)
        write(draw, font, at, text, TEXT, "rm" if axis.upright else "mb")
