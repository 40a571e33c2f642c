"""The calipers of one frozen picture while they are placed: places moved by keys, one held, none lost by mistake.

Values without a screen: every change gives a new one. An ellipse is held by both ends of its first axis and by a side:
the side moves straight away from that axis, as far as it is taken, so that three handles always make an ellipse.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from clinic.looks import Shown, mode_of
from clinic.measuring import Placement, Quantity, Tool, outline, quantities
from clinic.terminal.marks import CaliperMark
from imaging.calipers import Place
from imaging.errors import ImagingError
from imaging.modes import Mode
from imaging.picture import Picture

# an axis must not be shorter than a twentieth of the other one (imaging.calipers.ellipses)
_LEAST_SIDE_PX = 4.0
_LEVEL = {(Mode.M, Tool.TIME), (Mode.M, Tool.RATE), (Mode.A, Tool.DISTANCE)}
_UPRIGHT = {(Mode.M, Tool.DISTANCE)}


@dataclass(frozen=True, slots=True)
class Caliper:
    """Something that is being measured.

    Args:
        label: What it is.
        handles: The places that can be held, (column, row) in pixels: both ends of a distance; corner and both ends of
            an angle; both ends of an ellipse's first axis, and a side.
        held: Which of them the arrow keys move; -1 when it is placed.
        tool: What is placed.
        beats: For a rate, how many there are from one end to the other.
    """

    label: str
    handles: tuple[Place, ...]
    held: int = -1
    tool: Tool = Tool.DISTANCE
    beats: int = 1

    @property
    def placement(self) -> Placement:
        """What is to be measured: of an ellipse the side across from the one that is held too."""
        places = self.handles
        if self.tool is Tool.ELLIPSE:
            a, b, side = self.handles
            middle = _middle(a, b)
            places = a, b, side, (2 * middle[0] - side[0], 2 * middle[1] - side[1])
        return Placement(self.label, places, self.tool, self.beats)

    def moved(self, picture: Shown, across: int, down: int) -> Caliper:
        """The held place moved by pixels; all places stay on the picture."""
        if self.held < 0:
            return self
        column, row = self.handles[self.held]
        place = (
            min(max(column + across, 0.0), picture.width_px - 1.0),
            min(max(row + down, 0.0), picture.height_px - 1.0),
        )
        handles = (*self.handles[: self.held], place, *self.handles[self.held + 1 :])
        moved = replace(self, handles=self._along_an_axis(picture, self._shaped(handles)))
        return moved if all(_is_on(picture, place) for place in moved.placement.places) else self

    def other_end(self) -> Caliper:
        """The arrow keys move the next place now."""
        return replace(self, held=(self.held + 1) % len(self.handles) if self.held >= 0 else 1)

    def placed(self) -> Caliper:
        """No place is held."""
        return replace(self, held=-1)

    def turned(self, before: Shown, after: Shown) -> Caliper:
        """At the same places in the body, on a picture that shows them elsewhere; one beam shows them where it did."""
        if not isinstance(before, Picture) or not isinstance(after, Picture):
            return self
        return replace(self, handles=tuple(after.to_pixel(*before.to_mm(*place)) for place in self.handles))

    def reading(self, picture: Shown) -> tuple[Quantity, ...]:
        """What it measures; nothing where its places make no such figure."""
        try:
            return quantities(picture, self.placement)
        except ImagingError:
            return ()

    def why_not(self, picture: Shown) -> str:
        """Why it measures nothing, for a person; empty where it measures something."""
        try:
            quantities(picture, self.placement)
        except ImagingError as refusal:
            return refusal.title
        return ""

    def mark(self, picture: Shown, number: int) -> CaliperMark:
        """As it is drawn."""
        try:
            line = outline(picture, self.placement)
        except ImagingError:
            line = self.handles
        return CaliperMark(self.handles, str(number), self.held, line)

    def _along_an_axis(self, shown: Shown, handles: tuple[Place, ...]) -> tuple[Place, ...]:
        """Along one beam its ends stay level or upright: what is drawn is what is measured."""
        kind = mode_of(shown), self.tool
        if kind not in _LEVEL and kind not in _UPRIGHT:
            return handles
        held, other = handles[self.held], handles[1 - self.held]
        other = (other[0], held[1]) if kind in _LEVEL else (held[0], other[1])
        return (held, other) if self.held == 0 else (other, held)

    def _shaped(self, handles: tuple[Place, ...]) -> tuple[Place, ...]:
        """An ellipse's side stays at right angles to its axis: an end that moves takes it along, as far as it was."""
        if self.tool is not Tool.ELLIPSE:
            return handles
        a, b, side = handles
        if self.held == 2:
            return a, b, _beside(a, b, _height(a, b, side))
        return a, b, _beside(a, b, _height(*self.handles))


def first_caliper(picture: Shown, label: str, tool: Tool = Tool.DISTANCE) -> Caliper:
    """A new one in the middle half of the depth, the place held that is moved first."""
    column, top, bottom = (picture.width_px - 1) / 2, picture.height_px * 0.25, picture.height_px * 0.75
    middle, reach = (top + bottom) / 2, picture.height_px * 0.2
    handles: dict[Tool, tuple[Place, ...]] = {
        Tool.DISTANCE: ((column, top), (column, bottom)),
        Tool.ELLIPSE: ((column - reach, middle), (column + reach, middle), (column, middle - 0.75 * reach)),
        Tool.ANGLE: ((column, middle), (column - reach, middle), (column, top)),
    }
    if (mode_of(picture), tool) in _LEVEL:
        return Caliper(label, ((column, middle), (1.5 * column, middle)), 1, tool)
    return Caliper(label, handles[tool], 0 if tool is Tool.ELLIPSE else 1, tool)


def _is_on(picture: Shown, place: Place) -> bool:
    return -0.5 <= place[0] <= picture.width_px - 0.5 and -0.5 <= place[1] <= picture.height_px - 0.5


def _middle(a: Place, b: Place) -> Place:
    return (a[0] + b[0]) / 2, (a[1] + b[1]) / 2


def _height(a: Place, b: Place, side: Place) -> float:
    """How far a place is from the line through two others, the left of it above zero."""
    along = (b[0] - a[0], b[1] - a[1])
    length = math.hypot(*along)
    if length == 0:
        return _LEAST_SIDE_PX
    return ((side[0] - a[0]) * along[1] - (side[1] - a[1]) * along[0]) / length


def _beside(a: Place, b: Place, height: float) -> Place:
    """The place at a height over the middle of a line; never on it."""
    along = (b[0] - a[0], b[1] - a[1])
    length = math.hypot(*along)
    middle = _middle(a, b)
    if length == 0:
        return middle[0], middle[1] - abs(height)
    least = max(_LEAST_SIDE_PX, 0.03 * length)
    height = math.copysign(max(abs(height), least), height)
    return middle[0] + along[1] / length * height, middle[1] - along[0] / length * height
