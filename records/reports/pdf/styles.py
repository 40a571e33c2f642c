"""Measures and type of the sheet. One family, two weights, black and one grey: it survives a photocopier."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from reportlab.lib.colors import Color, black
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Paragraph

from records.reports.pdf.typecase import Typecase
from records.reports.sheet import Line

PAGE_WIDTH, PAGE_HEIGHT = A4
SIDE = 18 * mm
TOP = 13 * mm
FOOT = 20 * mm
WIDTH = PAGE_WIDTH - 2 * SIDE
GUTTER = 8 * mm
GREY = Color(0.25, 0.25, 0.25)
RULE_GREY = Color(0.5, 0.5, 0.5)
WATERMARK_GREY = Color(0.92, 0.92, 0.92)
INK = black
HAIR = 0.4
FIRM = 1.0

Align = Literal[0, 2]  # left, right
# How a table is drawn, in reportlab's commands; this one takes away its cells' usual padding.
TIGHT: tuple[Any, ...] = (
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("RIGHTPADDING", (0, 0), (-1, -1), 0),
    ("TOPPADDING", (0, 0), (-1, -1), 0.7),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 0.7),
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
)

# name -> (size, leading, strong, grey)
_SIZES = {
    "title": (18, 23, True, False),
    "name": (14, 17.5, True, False),
    "heading": (10.5, 14, True, False),
    "value": (9, 12, False, False),
    "unknown": (9, 12, False, True),
    "firm": (9, 12, True, False),
    "label": (7.5, 10.5, False, True),
    "caption": (7, 9, False, True),
    "by_hand": (7.5, 11, False, True),
    "small": (7.5, 10, False, True),
    "notice": (8, 11, False, False),
}


class Setter:
    """Sets texts in the sheet's styles with the letters that a typecase has."""

    def __init__(self, case: Typecase) -> None:
        self.case = case
        self._styles = {name: _style(name, case) for name in _SIZES}

    def paragraph(self, text: str, style: str, align: Align = 0) -> Paragraph:
        """A text as a paragraph of a named style; ``align`` 0 is left, 2 is right."""
        shape = self._styles[style]
        if align:
            shape = ParagraphStyle(f"{style}-{align}", parent=shape, alignment=align)
        return Paragraph(self.case.set(text, strong=_SIZES[style][2]).markup, shape)

    def statements(self, lines: Iterable[Line]) -> Paragraph:
        """Labelled values in one run: labels small and grey, values strong."""
        label, face = self._styles["label"], self.font(strong=True)
        parts = [
            f'<font size="{label.fontSize}" color="{GREY.hexval()}">{self.case.set(line.label).markup}</font>'
            f'&nbsp;&nbsp;<font name="{face}">{self.case.set(line.value, strong=True).markup}</font>'
            for line in lines
        ]
        return Paragraph("&nbsp;&nbsp;&nbsp;&nbsp; ".join(parts), self._styles["value"])

    def font(self, *, strong: bool = False) -> str:
        """The name of the sheet's own face, for texts that are drawn without a paragraph."""
        return (self.case.strong if strong else self.case.text)[0].name


def _style(name: str, case: Typecase) -> ParagraphStyle:
    size, leading, strong, grey = _SIZES[name]
    face = (case.strong if strong else case.text)[0].name
    colour = GREY if grey else INK
    above = 8 if name == "by_hand" else 0  # room for handwriting
    return ParagraphStyle(
        name, fontName=face, fontSize=size, leading=leading, textColor=colour, splitLongWords=1, spaceBefore=above
    )
