"""What stands on every page: whose it is, what kind of sheet it is, where one is in it."""

from __future__ import annotations

from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph

from records.errors import Invalid
from records.reports.pdf.styles import (
    FIRM,
    FOOT,
    GREY,
    HAIR,
    INK,
    PAGE_HEIGHT,
    PAGE_WIDTH,
    RULE_GREY,
    SIDE,
    TOP,
    WATERMARK_GREY,
    WIDTH,
    Setter,
)
from records.reports.sheet import Mark, ReportContent

BAND = 17.0
BAND_GAP = 3.0
_MOST_HEAD_POINTS = 160.0
SPELLING = "Some letters of this name are not in the printing font. Exact spelling: see the screen. By hand:"


class Furniture:
    """The head and foot of a report's pages; ``head_height`` is what the head takes from the page's top edge."""

    def __init__(self, content: ReportContent, setter: Setter) -> None:
        self.content = content
        self.setter = setter
        self.bands = tuple(mark for mark in content.marks if mark.every_page)
        self._running = [
            (setter.paragraph(content.institution, "firm"), SIDE, WIDTH * 0.62),
            (setter.paragraph(_title(content), "small", 2), SIDE + WIDTH * 0.62, WIDTH * 0.38),
        ]
        self._banner = _banner(content, setter)
        self._name_is_strong = setter.case.strong[0].has(content.banner.name)
        running_height = max(part.wrap(width, PAGE_HEIGHT)[1] for part, _, width in self._running)
        banner_height = sum(part.wrap(WIDTH, PAGE_HEIGHT)[1] + part.getSpaceBefore() for part in self._banner)
        if running_height + banner_height > _MOST_HEAD_POINTS:
            raise Invalid(
                "A name is too long for a page", "Shorten the patient's name or number, or the facility's name."
            )
        self._rule_below_running = PAGE_HEIGHT - TOP - running_height - 3
        bands_height = len(self.bands) * (BAND + BAND_GAP) + (4 if self.bands else 0)
        self.head_height = TOP + running_height + 3 + 3 + banner_height + 6 + bands_height + 12

    def draw(self, canvas: Canvas, page: int) -> None:
        """Draw everything that lies under and around a page's own content."""
        canvas.saveState()
        self._watermark(canvas)
        self._draw_running(canvas)
        at = self._draw_banner(canvas, self._rule_below_running - 3) - 5
        for mark in self.bands:
            at = self._band(canvas, mark, at)
        canvas.doForm(_foot_name(page))
        canvas.restoreState()

    def draw_feet(self, canvas: Canvas) -> None:
        """Draw the feet that the pages refer to; only behind the last page is the number of pages known."""
        pages = canvas.getPageNumber() - 1
        for page in range(1, pages + 1):
            canvas.beginForm(_foot_name(page))
            self._foot(canvas, f"Page {page} of {pages}")
            canvas.endForm()

    def _watermark(self, canvas: Canvas) -> None:
        if not self.content.watermark:
            return
        canvas.saveState()
        canvas.setFillColor(WATERMARK_GREY)
        canvas.setFont(self.setter.font(strong=True), 96)
        canvas.translate(PAGE_WIDTH / 2, PAGE_HEIGHT / 2 - 60)
        canvas.rotate(52)
        canvas.drawCentredString(0, -34, self.content.watermark)
        canvas.restoreState()

    def _draw_running(self, canvas: Canvas) -> None:
        for part, x, _ in self._running:
            part.drawOn(canvas, x, self._rule_below_running + 3)
        _rule(canvas, self._rule_below_running, FIRM)

    def _draw_banner(self, canvas: Canvas, at: float) -> float:
        for part in self._banner:
            at -= part.height + part.getSpaceBefore()
            canvas.saveState()
            if part is self._banner[0] and not self._name_is_strong:
                _embolden(canvas)
            part.drawOn(canvas, SIDE, at)
            canvas.restoreState()
        _rule(canvas, at - 6, HAIR)
        return at - 6

    def _band(self, canvas: Canvas, mark: Mark, at: float) -> float:
        filled = mark.kind == "practice"
        canvas.setStrokeColor(INK)
        canvas.setLineWidth(FIRM)
        canvas.setFillColor(INK)
        canvas.rect(SIDE, at - BAND, WIDTH, BAND, stroke=1, fill=int(filled))
        canvas.setFillGray(1 if filled else 0)
        canvas.setFont(self.setter.font(strong=True), 8.5)
        canvas.drawCentredString(PAGE_WIDTH / 2, at - BAND + 5.2, mark.text)
        return at - BAND - BAND_GAP

    def _foot(self, canvas: Canvas, numbered: str) -> None:
        content = self.content
        _rule(canvas, FOOT - 10, HAIR)
        canvas.setFillColor(GREY)
        canvas.setFont(self.setter.font(), 7.5)
        canvas.drawString(SIDE, FOOT - 22, f"{content.short_notice} · Issued {content.issued}")
        canvas.drawString(SIDE, FOOT - 32, f"Exam {content.exam_reference} · SHA-256 {content.digest[:16]}…")
        canvas.drawRightString(PAGE_WIDTH - SIDE, FOOT - 22, numbered)


def _title(content: ReportContent) -> str:
    return f"{content.title} · Exam {content.exam_reference}"


def _foot_name(page: int) -> str:
    return f"foot-{page}"


def _banner(content: ReportContent, setter: Setter) -> list[Paragraph]:
    parts = [setter.paragraph(content.banner.name, "name")]
    if not setter.case.set(content.banner.name, strong=True).exact:
        parts.append(setter.paragraph(f"{SPELLING} {'_' * 34}", "by_hand"))
    return [*parts, setter.statements(content.banner.lines)]


def _embolden(canvas: Canvas) -> None:
    """Draw letters with an outline: the reserve face has one weight, and the patient's name is to stand out."""
    canvas.setStrokeColor(INK)
    canvas.setLineWidth(0.35)
    text = canvas.beginText()
    text.setTextRenderMode(2)
    canvas.drawText(text)


def _rule(canvas: Canvas, y: float, weight: float) -> None:
    canvas.setStrokeColor(INK if weight == FIRM else RULE_GREY)
    canvas.setLineWidth(weight)
    canvas.line(SIDE, y, PAGE_WIDTH - SIDE, y)
