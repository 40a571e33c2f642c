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
from records.reports.sheet import Line, Mark, ReportContent

BAND = 17.0
BAND_GAP = 3.0
TOTAL = "total-of-pages"
_MOST_BANNER_POINTS = 150.0
SPELLING = "Some letters of this name are not in the printing font. Exact spelling: see the screen. By hand:"


class Furniture:
    """The head and foot of a report's pages; ``head_height`` is what the head takes from the page's top edge."""

    def __init__(self, content: ReportContent, setter: Setter) -> None:
        self.content = content
        self.setter = setter
        self.bands = tuple(mark for mark in content.marks if mark.every_page)
        self.banner = _banner(content, setter)
        self._banner_height = sum(part.wrap(WIDTH, PAGE_HEIGHT)[1] for part in self.banner)
        if self._banner_height > _MOST_BANNER_POINTS:
            raise Invalid("The patient's name or number is too long for a page", "Shorten it in the patient's record.")
        self.head_height = TOP + 20 + self._banner_height + 12 + len(self.bands) * (BAND + BAND_GAP) + 8

    def draw(self, canvas: Canvas, page: int) -> None:
        """Draw everything that lies under and around a page's own content."""
        canvas.saveState()
        self._watermark(canvas)
        at = self._running_line(canvas, PAGE_HEIGHT - TOP - 8)
        at = self._patient(canvas, at - 4)
        for mark in self.bands:
            at = self._band(canvas, mark, at)
        self._foot(canvas, page)
        canvas.restoreState()

    def draw_total(self, canvas: Canvas) -> None:
        """Fill in the number of pages on all of them; the canvas stands behind the last one."""
        pages = canvas.getPageNumber() - 1
        canvas.beginForm(TOTAL)
        canvas.setFont(self.setter.font(), 7.5)
        canvas.setFillColor(GREY)
        canvas.drawRightString(PAGE_WIDTH - SIDE, FOOT - 22, str(pages))
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

    def _running_line(self, canvas: Canvas, at: float) -> float:
        institution = self.setter.paragraph(self.content.institution, "small")
        reference = self.setter.paragraph(f"{self.content.title} · Exam {self.content.exam_reference}", "small", 2)
        _one_line(institution, canvas, SIDE, at - 3, WIDTH * 0.62)
        _one_line(reference, canvas, SIDE + WIDTH * 0.62, at - 3, WIDTH * 0.38)
        _rule(canvas, at - 8, FIRM)
        return at - 8

    def _patient(self, canvas: Canvas, at: float) -> float:
        for part in self.banner:
            at -= part.wrap(WIDTH, PAGE_HEIGHT)[1]
            part.drawOn(canvas, SIDE, at)
        _rule(canvas, at - 5, HAIR)
        return at - 5 - BAND_GAP - 1

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

    def _foot(self, canvas: Canvas, page: int) -> None:
        content = self.content
        _rule(canvas, FOOT - 10, HAIR)
        canvas.setFillColor(GREY)
        canvas.setFont(self.setter.font(), 7.5)
        canvas.drawString(SIDE, FOOT - 22, f"{content.short_notice} · Issued {content.issued}")
        canvas.drawString(SIDE, FOOT - 32, f"Exam {content.exam_reference} · SHA-256 {content.digest[:16]}…")
        total_width = canvas.stringWidth("000", self.setter.font(), 7.5)
        canvas.drawRightString(PAGE_WIDTH - SIDE - total_width, FOOT - 22, f"Page {page} of")
        canvas.doForm(TOTAL)


def _banner(content: ReportContent, setter: Setter) -> list[Paragraph]:
    parts = [setter.paragraph(content.banner.name, "name")]
    if not setter.case.set(content.banner.name, strong=True).exact:
        parts.append(setter.paragraph(f"{SPELLING} {'_' * 34}", "small"))
    facts = "   ·   ".join(_fact(line) for line in content.banner.lines)
    parts.append(setter.paragraph(facts, "value"))
    return parts


def _fact(line: Line) -> str:
    return f"{line.label} {line.value}"


def _one_line(paragraph: Paragraph, canvas: Canvas, x: float, y: float, width: float) -> None:
    paragraph.wrap(width, PAGE_HEIGHT)
    paragraph.drawOn(canvas, x, y)


def _rule(canvas: Canvas, y: float, weight: float) -> None:
    canvas.setStrokeColor(INK if weight == FIRM else RULE_GREY)
    canvas.setLineWidth(weight)
    canvas.line(SIDE, y, PAGE_WIDTH - SIDE, y)
