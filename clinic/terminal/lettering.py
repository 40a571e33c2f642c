"""Letters over a picture: one size, with an edge, so that they can be read on any grey."""

from __future__ import annotations

from PIL import ImageDraw, ImageFont

from clinic.terminal.fit import Fit
from clinic.terminal.inks import Ink

Place = tuple[float, float]
SMALLEST_TEXT_ROWS = 120
"""Views of fewer rows of pixels have no letters: half-blocks cannot show them."""


def letter_px(fit: Fit) -> int:
    """Large enough to be read, and not larger on a large screen: the picture is what is looked at."""
    return min(max(11, fit.target[0] // 30), 17)


def write(draw: ImageDraw.ImageDraw, fit: Fit, at: Place, text: str, ink: Ink, anchor: str = "la") -> None:
    """One line of text; ``anchor`` is Pillow's."""
    font = ImageFont.load_default(letter_px(fit))
    draw.text(at, text, fill=int(ink), font=font, anchor=anchor, stroke_width=1, stroke_fill=int(Ink.EDGE))
