"""What a report says: an exam's record turned into the words and figures of a sheet. Pure; nothing is drawn here.

A report shows what was recorded and says in words what was not. It draws no conclusion.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, replace

from records import canonical
from records.model import ExamRecord
from records.reports.formatting import moment_in_zone, plain, short_id, stamp_utc
from records.reports.plates import plates, rows, stills, worded
from records.reports.sections import (
    NOTICE,
    SHORT_NOTICE,
    amendments,
    banner,
    examination,
    findings,
    instrument,
    marks,
    pregnancy,
    simulated,
)
from records.reports.sheet import Banner, Line, Mark, MeasurementRow, Plate, ReportContent, Section

__all__ = ["Banner", "Line", "Mark", "MeasurementRow", "Plate", "ReportContent", "Section", "report_content"]

ROUNDING = (
    "Lengths are rounded to 0.1 mm (half up). The error, rounded up, is one pixel for placing the calipers and, for an "
    "uncalibrated probe, 4 % of the length for its unknown scale."
)
TIMES_ROUNDING = (
    "Times are rounded to 1 ms, rates to 1 per minute. Their error, rounded up, is one column for placing the calipers "
    "and, at each end, half the time between two looks."
)
OTHER_ROUNDING = "Areas are rounded to 0.1 cm², volumes to 0.1 ml, angles to whole degrees; their errors alike."
SIGNATURE = ("Name", "Signature", "Date", "Stamp")
DIGEST_DOMAIN = b"sauti.report.1\0"


def report_content(record: ExamRecord, *, issued_ms: int, timezone_offset_min: int, version: str) -> ReportContent:
    """The sheet of an exam.

    Args:
        record: The exam with all that belongs to it.
        issued_ms: When the sheet is made, in Unix milliseconds.
        timezone_offset_min: Local time minus UTC, where the exam took place.
        version: Of the program.

    Raises:
        Invalid: A length below zero, a moment outside the calendar or an impossible time zone.
    """
    offset = timezone_offset_min
    number = 1 + sum(report.issued_ms < issued_ms for report in record.reports)
    printed = plates(stills(record), offset)
    warnings = marks(record, number, offset)
    content = ReportContent(
        title="Ultrasound report",
        institution=plain(record.facility.institution_name) or "Facility not recorded",
        exam_type=worded(record.exam.protocol) or "Exam type not recorded",
        exam_reference=short_id(record.exam.id),
        status=_status(record, offset),
        signed=record.exam.state == "signed",
        practice=simulated(record),
        watermark=_watermark(warnings),
        banner=banner(record, offset),
        sections=(
            examination(record, offset),
            pregnancy(record),
            findings(record.findings),
            instrument(record.images),
            amendments(record.amendments, offset),
        ),
        measurements=rows(record, printed),
        rounding=_rounding(record),
        plates=printed,
        marks=warnings,
        notice=NOTICE,
        short_notice=SHORT_NOTICE,
        operator=plain(record.exam.operator.operators_name),
        signature=SIGNATURE,
        identifiers=_identifiers(record, number),
        issued=moment_in_zone(issued_ms, offset),
        issued_utc=stamp_utc(issued_ms),
        version=plain(version),
    )
    return replace(content, digest=digest(content))


def digest(content: ReportContent) -> str:
    """Hex SHA-256 over a domain tag and the content's canonical form, its own ``digest`` field left empty."""
    return hashlib.sha256(DIGEST_DOMAIN + canonical.encode(_listed(asdict(replace(content, digest=""))))).hexdigest()


def _listed(value: object) -> canonical.Value:
    """The same value with lists for tuples, as the canonical form knows no tuple."""
    if isinstance(value, dict):
        return {key: _listed(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_listed(item) for item in value]
    assert isinstance(value, str | int)
    return value


def _status(record: ExamRecord, offset_min: int) -> str:
    exam = record.exam
    if exam.state == "signed":
        by = plain(exam.operator.operators_name) or "an operator not recorded"
        since = "; added to since" if record.amendments else ""
        return f"Signed by {by}, {moment_in_zone(exam.signed_ms, offset_min)}{since}"
    return "Draft: read back, not signed" if exam.state == "read_back" else "Draft: not signed"


def _rounding(record: ExamRecord) -> str:
    units = {one.unit for one in record.measurements}
    others = ((OTHER_ROUNDING, {"um2", "uL", "deg"}), (TIMES_ROUNDING, {"ms", "/min"}))
    return " ".join([ROUNDING, *(text for text, of in others if units & of)])


def _watermark(warnings: tuple[Mark, ...]) -> str:
    kinds = {mark.kind for mark in warnings}
    return "PRACTICE" if "practice" in kinds else "DRAFT" if "draft" in kinds else ""


def _identifiers(record: ExamRecord, number: int) -> tuple[Line, ...]:
    return (
        Line("Exam id", record.exam.id),
        Line("Study UID", record.exam.study_instance_uid),
        Line("Report", str(number)),
    )
