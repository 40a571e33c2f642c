"""The document: pages made of a head, a foot and a body, in the same bytes for the same content."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from io import BytesIO

from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Frame, PageBreak, PageTemplate
from reportlab.platypus.doctemplate import LayoutError

from records.errors import Invalid
from records.reports.pdf.canvas import SheetCanvas
from records.reports.pdf.front import front
from records.reports.pdf.furniture import Furniture
from records.reports.pdf.plates import open_pictures, sheets
from records.reports.pdf.styles import FOOT, PAGE_HEIGHT, SIDE, WIDTH, Setter
from records.reports.pdf.typecase import Typecase, typecase
from records.reports.sheet import Mark, ReportContent

LETTERS = Mark("letters", "The printing font lacks some letters of this report. See the screen for the exact spelling.")


def set_document(content: ReportContent, pictures: Mapping[str, bytes]) -> bytes:
    """See ``records.reports.pdf.render_pdf``."""
    opened = open_pictures(content.plates, pictures)
    setter = Setter(typecase())
    furniture = Furniture(content, setter)
    room = PAGE_HEIGHT - furniture.head_height - FOOT
    story = front(content, setter, () if _has_all_letters(content, setter.case) else (LETTERS,))
    if content.plates:
        story += [PageBreak(), *sheets(content.plates, opened, room, setter)]
    paper = BytesIO()
    try:
        _template(paper, content, furniture, room).build(story, canvasmaker=SheetCanvas)
    except LayoutError:
        raise Invalid("A text of the report is too long for a page", "Shorten the longest note or name.") from None
    return paper.getvalue()


def _template(paper: BytesIO, content: ReportContent, furniture: Furniture, room: float) -> BaseDocTemplate:
    document = BaseDocTemplate(
        paper,
        pageCompression=1,
        invariant=1,
        title=f"{content.title} {content.exam_reference}",
        author=content.institution,
        subject=content.exam_type,
        creator=f"Sauti {content.version}",
        keywords=[content.digest],
    )
    body = Frame(SIDE, FOOT, WIDTH, room, leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0)

    def draw(canvas: Canvas, template: BaseDocTemplate) -> None:
        assert isinstance(canvas, SheetCanvas)
        canvas.at_end = furniture.draw_feet
        canvas.setDateFormatter(lambda *_: f"D:{content.issued_utc}Z")
        furniture.draw(canvas, template.page)

    document.addPageTemplates(PageTemplate("page", [body], onPage=draw))
    return document


def _has_all_letters(content: ReportContent, case: Typecase) -> bool:
    return all(case.set(text).exact for text in _texts(content))


def _texts(content: ReportContent) -> Iterator[str]:
    yield from (content.institution, content.exam_type, content.operator, content.status)
    yield from (line.value for section in content.sections for line in section.lines)
    yield from (line.label for section in content.sections for line in section.lines)
    yield from (row.label + row.method + row.unit for row in content.measurements)
    yield from (line.value for plate in content.plates for line in plate.lines)
    yield from (plate.title for plate in content.plates)
