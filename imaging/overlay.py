"""Burn what must not get lost into a copy of the pixels: calipers, a ruler in mm, and what the picture is not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from imaging.calipers import Place
from imaging.picture import Picture

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont
    from PIL.ImageFont import ImageFont as BitmapFont

    Font = FreeTypeFont | BitmapFont

PRACTICE = "PRACTICE - NOT A PATIENT"
UNCALIBRATED = "UNCALIBRATED"
MIRRORED = "LEFT-RIGHT FLIPPED"
UPSIDE_DOWN = "UPSIDE DOWN"
FROZEN = "FROZEN"

Colour = tuple[int, int, int]
_NOTICE_COLOURS: dict[str, Colour] = {
    PRACTICE: (255, 120, 200), UNCALIBRATED: (255, 170, 60), MIRRORED: (255, 170, 60), UPSIDE_DOWN: (255, 170, 60),
    FROZEN: (110, 200, 255),
}  # fmt: skip
MARKER: Colour = (120, 255, 120)
# Between the notices and the scan's own top: on the probe's axis or in the corner it would hide something.
_MARKER_PLACE = (0.42, 0.04)
_MARK: Colour = (255, 235, 80)
TEXT: Colour = (230, 230, 230)
_EDGE: Colour = (0, 0, 0)
_BAR_LENGTHS_MM = (100, 50, 20, 10, 5, 2, 1)


@dataclass(frozen=True, slots=True)
class Mark:
    """What was measured: a cross at each place, dots along a line, and a word.

    Args:
        crosses: (column, row) of each.
        line: Its corners; without any, from cross to cross.
        text: As ``42.1 mm``; may be empty.
    """

    crosses: tuple[Place, ...]
    line: tuple[Place, ...] = ()
    text: str = ""


class Seen(Protocol):
    """What is shown, a picture or a view of one beam, and what it says of itself."""

    @property
    def pixels(self) -> NDArray[np.uint8]: ...

    @property
    def width_px(self) -> int: ...

    @property
    def height_px(self) -> int: ...

    @property
    def simulated(self) -> bool: ...

    @property
    def calibrated(self) -> bool: ...

    @property
    def mirrored(self) -> bool: ...

    @property
    def upside_down(self) -> bool: ...


def notices(picture: Seen, frozen: bool = False) -> tuple[str, ...]:
    """What a picture must say of itself, the gravest first."""
    wanted = (
        (picture.simulated, PRACTICE), (not picture.calibrated, UNCALIBRATED), (picture.mirrored, MIRRORED),
        (picture.upside_down, UPSIDE_DOWN), (frozen, FROZEN),
    )  # fmt: skip
    return tuple(text for true, text in wanted if true)


def marker_px(picture: Picture) -> Place:
    """Where the dot of the probe's marker stands, (column, row): beside the skin, at the left until it is turned."""
    across, down = _MARKER_PLACE
    column, row = across * (picture.width_px - 1), down * (picture.height_px - 1)
    return (
        picture.width_px - 1 - column if picture.mirrored else column,
        picture.height_px - 1 - row if picture.upside_down else row,
    )


def burn(
    picture: Picture,
    marks: Sequence[Mark] = (),
    labels: Sequence[str] = (),
    *,
    frozen: bool = False,
    ruler: bool = True,
) -> NDArray[np.uint8]:
    """(rows, columns, 3) RGB of a picture with everything on it; the picture itself is not touched.

    Args:
        picture: Practice, missing calibration and flips are always written on it, and the marker's side is dotted.
        marks: Calipers.
        labels: Lines of text for the lower left corner.
        frozen: Say that it stands still.
        ruler: Draw the depth ruler and the bar.
    """

    def draw_scales(draw: ImageDraw, font: Font) -> None:
        if ruler:
            _draw_ruler(draw, font, picture)
            _draw_bar(draw, font, picture)
        _draw_marker(draw, picture)

    return burn_over(picture, draw_scales, marks, labels, frozen=frozen)


def burn_over(
    seen: Seen,
    draw_scales: Callable[[ImageDraw, Font], None],
    marks: Sequence[Mark],
    labels: Sequence[str],
    *,
    frozen: bool,
    foot_px: int = 0,
) -> NDArray[np.uint8]:
    """The same for whatever is shown.

    Args:
        seen: It is not touched.
        draw_scales: Draws its rulers or axes.
        marks, labels, frozen: As of ``burn``.
        foot_px: Rows below the labels that an axis takes.
    """
    from PIL import Image
    from PIL.ImageDraw import Draw

    image = Image.fromarray(np.repeat(seen.pixels[:, :, None], 3, axis=2))
    draw, font = Draw(image), _font(seen.height_px)
    draw_scales(draw, font)
    for mark in marks:
        _draw_mark(draw, font, seen, mark)
    step = _line_height(seen)
    for row, text in enumerate(notices(seen, frozen)):
        write(draw, font, (6, 4 + row * step), text, _NOTICE_COLOURS[text])
    for row, text in enumerate(reversed(labels)):
        write(draw, font, (6, seen.height_px - (row + 1) * step - foot_px), text, TEXT)
    return np.array(image, dtype=np.uint8)


def _font(height_px: int) -> Font:
    from PIL import ImageFont

    return ImageFont.load_default(max(10, height_px // 32))


def _line_height(picture: Seen) -> int:
    return int(max(10, picture.height_px // 32) * 1.35)


def write(draw: ImageDraw, font: Font, at: Place, text: str, colour: Colour, anchor: str = "la") -> None:
    """One line of text with an edge, so that it can be read on any grey; ``anchor`` is Pillow's."""
    draw.text(at, text, fill=colour, font=font, anchor=anchor, stroke_width=1, stroke_fill=_EDGE)


def _draw_ruler(draw: ImageDraw, font: Font, picture: Picture) -> None:
    """Depth along the right edge: a tick every 10 mm, a number every 50."""
    right = picture.width_px - 1
    top_mm, bottom_mm = sorted((picture.to_mm(0, 0)[1], picture.to_mm(0, picture.height_px - 1)[1]))
    for depth in range(10 * max(0, -int(-top_mm // 10)), int(bottom_mm) + 1, 10):
        row = picture.to_pixel(0, depth)[1]
        long = depth % 50 == 0
        draw.line([(right - (12 if long else 6), row), (right, row)], fill=TEXT)
        if long:
            write(draw, font, (right - 15, row), str(depth), TEXT, "rm")


def _draw_bar(draw: ImageDraw, font: Font, picture: Picture) -> None:
    """A bar of a round number of mm, about a fifth of the width, in the lower right corner."""
    room = picture.width_px * picture.mm_per_pixel / 5
    length = next((mm for mm in _BAR_LENGTHS_MM if mm <= room), _BAR_LENGTHS_MM[-1])
    right, row = picture.width_px - 40, picture.height_px - 10
    left = right - length / picture.mm_per_pixel
    draw.line([(left, row), (right, row)], fill=TEXT, width=2)
    for end in (left, right):
        draw.line([(end, row - 4), (end, row + 4)], fill=TEXT)
    write(draw, font, ((left + right) / 2, row - 5), f"{length} mm", TEXT, "mb")


def _draw_marker(draw: ImageDraw, picture: Picture) -> None:
    x, y = marker_px(picture)
    for colour, radius in ((_EDGE, picture.height_px / 80 + 2), (MARKER, picture.height_px / 80)):
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)


def _draw_mark(draw: ImageDraw, font: Font, picture: Seen, mark: Mark) -> None:
    """A cross at each place, a dotted line, the text beside the rightmost place."""
    arm = max(5, picture.height_px // 60)
    for colour, width in ((_EDGE, 3), (_MARK, 1)):  # an edge, or the cross is lost on bright bone
        for x, y in mark.crosses:
            draw.line([(x - arm, y), (x + arm, y)], fill=colour, width=width)
            draw.line([(x, y - arm), (x, y + arm)], fill=colour, width=width)
    for x, y in dotted(mark.line or mark.crosses):
        draw.rectangle((x - 1, y - 1, x + 2, y + 2), fill=_EDGE)
        draw.rectangle((x, y, x + 1, y + 1), fill=_MARK)
    if mark.text:
        x, y = max(mark.crosses)
        near_edge = x > 0.75 * picture.width_px
        write(draw, font, (x - arm - 4 if near_edge else x + arm + 4, y), mark.text, _MARK, "rm" if near_edge else "lm")


def dotted(line: Sequence[Place], gap: float = 6) -> list[Place]:
    """Places along a line of several parts, evenly spaced, its two ends left out."""
    dots: list[Place] = []
    due = gap
    for (ax, ay), (bx, by) in pairwise(line):
        length = max(abs(bx - ax), abs(by - ay))
        while due < length:
            dots.append((ax + (bx - ax) * due / length, ay + (by - ay) * due / length))
            due += gap
        due -= length
    return dots
