"""The calipers of one frozen picture while they are placed: ends moved by keys, one held, none lost by mistake.

A value without a screen: every change gives a new one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from clinic.looks import Shown
from clinic.readings import Reading, Span, Tool, read_off
from clinic.terminal.marks import CaliperMark
from clinic.ui.mode_choice import mode_of
from imaging.calipers import Place
from imaging.modes import Mode

MOST_BEATS = 9
# Where a caliper counts along one axis only, its ends stay level or upright: what is drawn is what is measured.
_LEVEL = {(Mode.M, Tool.TIME), (Mode.M, Tool.RATE), (Mode.A, Tool.DISTANCE)}
_UPRIGHT = {(Mode.M, Tool.DISTANCE)}


@dataclass(frozen=True, slots=True)
class Caliper:
    """Something that is being measured between two ends.

    Args:
        label: What it is.
        ends: Both places, (column, row) in pixels.
        held: The end, 0 or 1, that the arrow keys move; -1 when it is placed.
        tool: What is read between the ends.
        beats: For a rate: how many there are from one end to the other.
    """

    label: str
    ends: tuple[Place, Place]
    held: int = -1
    tool: Tool = Tool.DISTANCE
    beats: int = 1

    def moved(self, shown: Shown, across: int, down: int) -> Caliper:
        """The held end moved by pixels; it stays on the picture."""
        if self.held < 0:
            return self
        column, row = self.ends[self.held]
        end = (
            min(max(column + across, 0.0), shown.width_px - 1.0),
            min(max(row + down, 0.0), shown.height_px - 1.0),
        )
        other = self.ends[1 - self.held]
        kind = mode_of(shown), self.tool
        other = (other[0], end[1]) if kind in _LEVEL else (end[0], other[1]) if kind in _UPRIGHT else other
        return replace(self, ends=(end, other) if self.held == 0 else (other, end))

    def other_end(self) -> Caliper:
        """The arrow keys move the other end now."""
        return replace(self, held=1 - self.held if self.held >= 0 else 1)

    def placed(self) -> Caliper:
        """Neither end is held."""
        return replace(self, held=-1)

    def span(self) -> Span:
        """What has to be measured."""
        return Span(self.label, self.ends, self.tool, self.beats)

    def reading(self, shown: Shown) -> Reading:
        """What it measures.

        Raises:
            CannotImage: It cannot be measured there; the sentence says why.
        """
        return read_off(shown, self.span())


def first_caliper(shown: Shown, label: str, tool: Tool = Tool.DISTANCE) -> Caliper:
    """A new caliper, its second end held: down the middle half of the depth, or level across the middle."""
    columns, rows = shown.width_px - 1, shown.height_px
    if (mode_of(shown), tool) in _LEVEL:
        ends = ((columns * 0.5, rows * 0.5), (columns * 0.75, rows * 0.5))
    else:
        ends = ((columns / 2, rows * 0.25), (columns / 2, rows * 0.75))
    return Caliper(label, ends, 1, tool)


def caliper_marks(calipers: Sequence[Caliper], first: int = 1) -> tuple[CaliperMark, ...]:
    """As they are drawn, numbered from ``first``."""
    return tuple(
        CaliperMark(*caliper.ends, str(number), caliper.held) for number, caliper in enumerate(calipers, start=first)
    )
