"""The calipers of one frozen picture while they are placed: ends moved by keys, one held, none lost by mistake.

A value without a screen: every change gives a new one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from clinic.terminal.marks import CaliperMark
from imaging.calipers import Distance, Place, distance
from imaging.picture import Picture


@dataclass(frozen=True, slots=True)
class Caliper:
    """A distance that is being measured.

    Args:
        label: What it is.
        ends: Both places, (column, row) in pixels.
        held: The end, 0 or 1, that the arrow keys move; -1 when it is placed.
    """

    label: str
    ends: tuple[Place, Place]
    held: int = -1

    def moved(self, picture: Picture, across: int, down: int) -> Caliper:
        """The held end moved by pixels; it stays on the picture."""
        if self.held < 0:
            return self
        column, row = self.ends[self.held]
        end = (
            min(max(column + across, 0.0), picture.width_px - 1.0),
            min(max(row + down, 0.0), picture.height_px - 1.0),
        )
        return replace(self, ends=(end, self.ends[1]) if self.held == 0 else (self.ends[0], end))

    def other_end(self) -> Caliper:
        """The arrow keys move the other end now."""
        return replace(self, held=1 - self.held if self.held >= 0 else 1)

    def placed(self) -> Caliper:
        """Neither end is held."""
        return replace(self, held=-1)

    def reading(self, picture: Picture) -> Distance:
        """What it measures."""
        return distance(picture, *self.ends)


def first_caliper(picture: Picture, label: str) -> Caliper:
    """A new caliper: down the middle half of the depth, its lower end held."""
    column = (picture.width_px - 1) / 2
    return Caliper(label, ((column, picture.height_px * 0.25), (column, picture.height_px * 0.75)), 1)


def caliper_marks(calipers: Sequence[Caliper], first: int = 1) -> tuple[CaliperMark, ...]:
    """As they are drawn, numbered from ``first``."""
    return tuple(
        CaliperMark(*caliper.ends, str(number), caliper.held) for number, caliper in enumerate(calipers, start=first)
    )
