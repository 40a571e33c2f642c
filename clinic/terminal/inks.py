"""The few colours that are laid over a grey picture, and the numbers that stand for them in a painted pixel."""

from __future__ import annotations

from enum import IntEnum

Colour = tuple[int, int, int]


class Ink(IntEnum):
    """A colour over the picture. In a mask of marks 0 leaves the picture's own grey."""

    NONE = 0
    EDGE = 1
    TEXT = 2
    MARK = 3
    HELD = 4
    FROZEN = 5
    WARNING = 6
    PRACTICE = 7


COLOURS: dict[Ink, Colour] = {
    Ink.EDGE: (0, 0, 0),
    Ink.TEXT: (190, 205, 214),
    Ink.MARK: (255, 226, 92),
    Ink.HELD: (122, 255, 160),
    Ink.FROZEN: (92, 190, 255),
    Ink.WARNING: (255, 170, 60),
    Ink.PRACTICE: (255, 132, 205),
}
"""Red, green and blue of each ink: bright on black, apart in a dim room also for eyes that confuse red and green."""

INKS = tuple(COLOURS)
