"""The pages of pictures: each large, with its caption beside it."""

from __future__ import annotations

from collections.abc import Mapping

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, KeepTogether, Spacer, Table

from records.errors import NotFound
from records.reports.pdf.canvas import SheetCanvas
from records.reports.pdf.png import Png, open_png
from records.reports.pdf.styles import HAIR, INK, TIGHT, WIDTH, Setter
from records.reports.sheet import Plate

CAPTION_WIDTH = 38 * mm
GAP = 5 * mm
TITLE_HEIGHT = 34.0


class Picture(Flowable):
    """A PNG as large as its room allows, with a hairline around it."""

    canv: SheetCanvas

    def __init__(self, png: Png, width: float, height: float) -> None:
        super().__init__()
        self.png = png
        scale = min(width / png.columns, height / png.rows_px)
        self.width, self.height = png.columns * scale, png.rows_px * scale

    def wrap(self, _width: float, _height: float) -> tuple[float, float]:
        return self.width, self.height

    def draw(self) -> None:
        self.canv.draw_png(self.png, 0, 0, self.width, self.height)
        self.canv.setLineWidth(HAIR)
        self.canv.setStrokeColor(INK)
        self.canv.rect(0, 0, self.width, self.height)


def open_pictures(plates: tuple[Plate, ...], pictures: Mapping[str, bytes]) -> dict[str, Png]:
    """The plates' pictures, checked.

    Raises:
        NotFound: A plate has no picture.
        Invalid: A picture cannot be printed.
    """
    opened = {}
    for plate in plates:
        name = f"Picture {plate.number}"
        if plate.image not in pictures:
            raise NotFound(f"{name} of the report is missing", "Open the exam and look at its pictures.")
        opened[plate.image] = open_png(pictures[plate.image], name)
    return opened


def sheets(plates: tuple[Plate, ...], opened: Mapping[str, Png], room: float, setter: Setter) -> list[Flowable]:
    """The plates, two on a page. ``room`` is a page's height for them in points."""
    return [_sheet(plate, opened[plate.image], room / 2 - TITLE_HEIGHT, setter) for plate in plates]


def _sheet(plate: Plate, png: Png, height: float, setter: Setter) -> KeepTogether:
    picture = Picture(png, WIDTH - CAPTION_WIDTH - GAP, height)
    caption: list[Flowable] = []
    for line in plate.lines:
        caption.append(setter.paragraph(line.label, "caption"))
        caption.append(setter.paragraph(line.value, "unknown" if line.missing else "value"))
        caption.append(Spacer(0, 2.5))
    body = Table([[picture, caption]], [WIDTH - CAPTION_WIDTH, CAPTION_WIDTH], style=TIGHT)
    title = setter.paragraph(f"Picture {plate.number} · {plate.title}", "heading")
    return KeepTogether([title, Spacer(0, 3), body, Spacer(0, 12)])
