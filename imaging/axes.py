"""Axes of a view of one beam: where they lie on the picture, what their ends stand for, and round values between."""

from __future__ import annotations

import math
from dataclasses import dataclass

from imaging.beam_view import BeamView
from imaging.modes import Mode

_STEPS = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class AxisLine:
    """An axis along a row or a column of a picture.

    Args:
        from_px, to_px: Its ends, (column, row): an upright or a level line.
        from_value, to_value: What they stand for, in ``unit``.
        unit: ``mm``, ``s`` or ``dB``.
    """

    from_px: tuple[float, float]
    to_px: tuple[float, float]
    from_value: float
    to_value: float
    unit: str

    @property
    def upright(self) -> bool:
        """It goes down a column."""
        return self.from_px[0] == self.to_px[0]

    def place(self, value: float) -> tuple[float, float]:
        """Where a value lies on the picture."""
        share = (value - self.from_value) / (self.to_value - self.from_value)
        (ax, ay), (bx, by) = self.from_px, self.to_px
        return ax + share * (bx - ax), ay + share * (by - ay)


def axes_of(view: BeamView) -> tuple[AxisLine, ...]:
    """Depth in mm, time in s and level in dB.

    Of a strip: depth down its right edge, time until the newest look below it, level below the curve beside it. Of an
    A-line: depth below, level down the right edge.
    """
    right, bottom = view.width_px - 1, view.height_px - 1
    depth = view.depth
    if view.mode is Mode.A:
        return (
            AxisLine((0, bottom), (right, bottom), depth.at(0) / 1000, depth.at(right) / 1000, "mm"),
            AxisLine((right, 0), (right, bottom), view.down.at(0) / 1000, view.down.at(bottom) / 1000, "dB"),
        )
    seconds = view.across.step * right / 1e6
    axes = [
        AxisLine((right, 0), (right, bottom), depth.at(0) / 1000, depth.at(bottom) / 1000, "mm"),
        AxisLine((0, bottom), (right, bottom), -seconds, 0, "s"),
    ]
    if view.level is not None:
        last, first = view.pixels.shape[1] - 1, view.level.place(-1000 * view.dynamic_range_db)
        axes.append(AxisLine((first, bottom), (last, bottom), -view.dynamic_range_db, view.level.at(last) / 1000, "dB"))
    return tuple(axes)


def ticks(from_value: float, to_value: float, most: int) -> list[float]:
    """Round values between two, about as many as ``most`` at the most, the smallest first."""
    low, high = sorted((from_value, to_value))
    span = max(high - low, 1e-9)
    power = 10.0 ** math.floor(math.log10(span / most))
    step = next((n * power for n in (*_STEPS, 10, 20) if span / (n * power) <= most), 50 * power)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(n * step, 9) for n in range(first, last + 1)]
