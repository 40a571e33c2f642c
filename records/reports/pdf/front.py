"""The first page: what the sheet is, what was done, found and measured, what to mind, and where to sign."""

from __future__ import annotations

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Spacer, Table
from reportlab.platypus.flowables import TopPadder

from records.reports.pdf.styles import FIRM, GUTTER, HAIR, INK, RULE_GREY, TIGHT, WIDTH, Align, Setter
from records.reports.sheet import Line, Mark, MeasurementRow, ReportContent, Section

LABEL_WIDTH = 24 * mm
HALF = (WIDTH - GUTTER) / 2
_COLUMNS: tuple[tuple[str, Align], ...] = (
    ("Measurement", 0),
    ("Value", 2),
    ("Error", 2),
    ("Unit", 0),
    ("Method", 0),
    ("Reference", 0),
    ("Picture", 0),
)
_WIDTHS = (47 * mm, 13 * mm, 16 * mm, 14 * mm, 33 * mm, 38 * mm, 13 * mm)
_LABELLED = (*TIGHT, ("TOPPADDING", (0, 0), (0, -1), 2.3))  # the label's baseline meets the value's
_HEADING = (*TIGHT, ("LINEBELOW", (0, 0), (-1, -1), HAIR, INK), ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5))
_FIGURES = (
    *TIGHT,
    ("RIGHTPADDING", (0, 0), (-1, -1), 5),
    ("TOPPADDING", (0, 0), (-1, -1), 2.2),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 2.6),
    ("LINEBELOW", (0, 0), (-1, -1), HAIR, RULE_GREY),
)
_BOXED = (
    ("BOX", (0, 0), (-1, -1), FIRM, INK),
    ("TOPPADDING", (0, 0), (-1, -1), 5),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 6),
)
_WRITING_LINES = (*TIGHT, ("VALIGN", (0, 0), (-1, -1), "BOTTOM"), ("LINEBELOW", (1, 0), (1, -1), HAIR, INK))
_STAMP = (("BOX", (0, 0), (-1, -1), HAIR, RULE_GREY), ("VALIGN", (0, 0), (-1, -1), "TOP"))
_CLOSING = (*TIGHT, ("SPAN", (0, 1), (1, 1)), ("TOPPADDING", (0, 1), (-1, 1), 7))


def front(content: ReportContent, setter: Setter, extra: tuple[Mark, ...]) -> list[Flowable]:
    """The first page's parts, from top to bottom. ``extra`` are warnings that come from the printing itself."""
    examination, pregnancy, findings, instrument, amendments = content.sections
    left = [*_section(examination, HALF, setter), Spacer(0, 7), *_section(pregnancy, HALF, setter)]
    right = _section(instrument, HALF, setter)
    return [
        *_title(content, setter),
        Table([[left, "", right]], [HALF, GUTTER, HALF], style=TIGHT),
        Spacer(0, 8),
        *_section(findings, WIDTH, setter, 60 * mm),
        Spacer(0, 8),
        *_measurements(content, setter),
        *([Spacer(0, 8), *_section(amendments, WIDTH, setter, 60 * mm)] if amendments.lines else []),
        *_remarks([*(mark for mark in content.marks if not mark.every_page), *extra], setter),
        Spacer(0, 8),
        TopPadder(_closing(content, setter)),
    ]


def _title(content: ReportContent, setter: Setter) -> list[Flowable]:
    return [
        setter.paragraph(content.title, "title"),
        setter.paragraph(content.exam_type, "heading"),
        setter.paragraph(content.status, "value"),
        Spacer(0, 8),
    ]


def _heading(title: str, width: float, setter: Setter) -> Table:
    return Table([[setter.paragraph(title, "heading")]], [width], style=_HEADING, hAlign="LEFT", spaceAfter=2.5)


def _section(section: Section, width: float, setter: Setter, label: float = LABEL_WIDTH) -> list[Flowable]:
    cells = [[setter.paragraph(line.label, "label"), _value(line, setter)] for line in section.lines]
    body = Table(cells, [label, width - label], style=_LABELLED, hAlign="LEFT", splitInRow=1)
    return [_heading(section.title, width, setter), body]


def _value(line: Line, setter: Setter) -> Flowable:
    return setter.paragraph(line.value, "unknown" if line.missing else "value")


def _measurements(content: ReportContent, setter: Setter) -> list[Flowable]:
    heading = _heading("Measurements", WIDTH, setter)
    if not content.measurements:
        return [heading, setter.paragraph("None taken", "unknown")]
    head = [setter.paragraph(name, "label", align) for name, align in _COLUMNS]
    body = [_measurement(row, setter) for row in content.measurements]
    table = Table([head, *body], _WIDTHS, style=_FIGURES, repeatRows=1, hAlign="LEFT")
    return [heading, table, Spacer(0, 3), setter.paragraph(content.rounding, "small")]


def _measurement(row: MeasurementRow, setter: Setter) -> list[Flowable | list[Flowable]]:
    label = f"{row.label}, fetus {row.fetus}" if row.fetus else row.label
    named: list[Flowable] = [setter.paragraph(label, "value"), setter.paragraph(row.code, "small")]
    reference: list[Flowable] = [setter.paragraph(row.reference, "value")]
    if row.scale:
        reference.append(setter.paragraph(row.scale, "small"))
    return [
        named,
        setter.paragraph(row.value, "firm", 2),
        setter.paragraph(f"±{row.error}" if row.error else "not stated", "value" if row.error else "small", 2),
        setter.paragraph(row.unit, "value"),
        setter.paragraph(row.method, "value"),
        reference,
        setter.paragraph(row.picture, "value"),
    ]


def _remarks(marks: list[Mark], setter: Setter) -> list[Flowable]:
    if not marks:
        return []
    lines: list[Flowable] = [setter.paragraph(mark.text, "value") for mark in marks]
    return [Spacer(0, 8), _heading("Please note", WIDTH, setter), *lines]


def _notice(content: ReportContent, setter: Setter) -> Table:
    return Table([[setter.paragraph(content.notice, "notice")]], [WIDTH], style=_BOXED)


def _closing(content: ReportContent, setter: Setter) -> Table:
    """Notice and signature in one cell, so that no page break parts them."""
    parts = [_notice(content, setter), Spacer(0, 6), _signature(content, setter)]
    return Table([[parts]], [WIDTH], style=TIGHT)


def _signature(content: ReportContent, setter: Setter) -> Table:
    """Lines to be filled by hand, and room for a stamp; the ids stand below, for archives."""
    *by_hand, stamp = content.signature
    filled = {by_hand[0]: setter.paragraph(content.operator, "value")}
    lines = [[setter.paragraph(name, "label"), filled.get(name, "")] for name in by_hand]
    write = Table(lines, [22 * mm, 76 * mm], [8.5 * mm] * len(lines), style=_WRITING_LINES, hAlign="LEFT")
    room = Table([[setter.paragraph(stamp, "label")]], [62 * mm], [25.5 * mm], style=_STAMP)
    ids = [*content.identifiers, Line("SHA-256", content.digest), Line("Made by", f"Sauti {content.version}")]
    text = " · ".join(f"{line.label} {line.value}" for line in ids)
    return Table([[write, room], [setter.paragraph(text, "small"), ""]], [WIDTH - 62 * mm, 62 * mm], style=_CLOSING)
