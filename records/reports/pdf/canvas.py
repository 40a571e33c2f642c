"""The drawing surface: reportlab's canvas that can also lay a PNG on the page without unpacking it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from reportlab.pdfbase import pdfdoc
from reportlab.pdfgen.canvas import Canvas

from records.reports.pdf.png import Png

_COLOUR_SPACES = {1: "DeviceGray", 3: "DeviceRGB"}


class SheetCanvas(Canvas):
    """A canvas that lays a PNG down as it is, and that may add a last thing when all pages are known.

    reportlab's own images are unpacked and packed again without prediction: a third larger.
    """

    _doc: Any
    at_end: Callable[[SheetCanvas], None] | None = None

    def save(self) -> None:
        self._doc.signature = hashlib.md5(usedforsecurity=False)  # the file's id: of what it says, not of a clock
        if self.at_end:
            self.at_end(self)
        super().save()

    def draw_png(self, png: Png, x: float, y: float, width: float, height: float) -> None:
        """Put the picture into the rectangle (points, from the page's lower left corner)."""
        name = hashlib.sha256(repr((png.columns, png.rows_px, png.channels)).encode() + png.rows).hexdigest()[:32]
        if not self.hasForm(name):
            self._doc.addForm(name, _stream(png))
        self.saveState()
        self.transform(width, 0, 0, height, x, y)
        self.doForm(name)
        self.restoreState()


def _stream(png: Png) -> pdfdoc.PDFStream:
    prediction = {
        "Predictor": 15,
        "Colors": png.channels,
        "BitsPerComponent": 8,
        "Columns": png.columns,
    }
    described = {
        "Type": pdfdoc.PDFName("XObject"),
        "Subtype": pdfdoc.PDFName("Image"),
        "Width": png.columns,
        "Height": png.rows_px,
        "BitsPerComponent": 8,
        "ColorSpace": pdfdoc.PDFName(_COLOUR_SPACES[png.channels]),
        "Filter": pdfdoc.PDFName("FlateDecode"),
        "DecodeParms": pdfdoc.PDFDictionary(prediction),
        "Length": len(png.rows),
    }
    return pdfdoc.PDFStream(dictionary=pdfdoc.PDFDictionary(described), content=png.rows)
