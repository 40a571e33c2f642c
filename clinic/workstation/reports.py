"""Verbs of reports: issue the signed sheet as a PDF."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from clinic.courier import Prepared
from clinic.errors import OutOfOrder
from clinic.exam import plate
from clinic.paper import Page, read_pages
from clinic.receipts import Receipt
from clinic.workstation.desk import Desk
from records import events
from records.errors import NotFound, NotWritable
from records.files import make_folder, write_durably
from records.model import ExamRecord, Report

PDF = "application/pdf"


@dataclass(frozen=True, slots=True)
class Issued:
    """A report in the record, and the copy that was written out."""

    report: Report
    path: Path


class Reports:
    """The paper of an exam.

    Args:
        desk: Shared by the verbs.
        version: Of the program, for the small print.
    """

    def __init__(self, desk: Desk, version: str) -> None:
        self._desk = desk
        self._version = version

    def issue(self, exam: str, folder: Path) -> Receipt[Issued]:
        """Render the report of a signed exam, file it in the record, and write a copy.

        Raises:
            OutOfOrder: The exam is not signed.
            NotWritable: The folder cannot be written; nothing was issued.
        """
        record = self._desk.queries.exam(exam)
        if record.exam.state != "signed":
            raise OutOfOrder("The exam is not signed", "Read it back and sign it; then the report can be issued.")
        make_folder(folder)
        issued_ms, report_id = self._desk.clock.wall_ms(), self._desk.new_id()

        def errand() -> Prepared[Issued]:
            pdf = self._render(record, issued_ms)
            document = self._desk.archivist.file(pdf, PDF)
            report = Report(report_id, exam, len(record.reports) + 1, issued_ms, document)
            path = report_path(folder, exam, report.number)
            write_copy(path, pdf)
            return Prepared([events.report_issued(report)], Issued(report, path))

        return self._desk.courier.send(errand, self._desk.operator.operator_id)

    def pages(self, exam: str, width_px: int) -> Receipt[tuple[Page, ...]]:
        """The last issued report of an exam as pictures of its pages.

        Raises:
            NotFound: There is no such exam, or it has no report.
        """
        record = self._desk.queries.exam(exam)
        if not record.reports:
            raise NotFound("This exam has no report yet", "Sign it; then its report is written.")
        last = max(record.reports, key=lambda report: report.number)
        blobs = self._desk.archivist.blobs
        return self._desk.courier.ask(lambda: read_pages(blobs.read(last.document), width_px))

    def _render(self, record: ExamRecord, issued_ms: int) -> bytes:
        from records.reports.content import report_content
        from records.reports.pdf import render_pdf

        desk = self._desk
        pictures = {
            image.id: plate(
                image, record.measurements, desk.archivist.blobs.read(image.blobs["display"]), record.patient.patient_id
            )
            for image in record.images
        }
        offset_min = desk.clock.utc_offset_min(issued_ms)
        content = report_content(record, issued_ms=issued_ms, timezone_offset_min=offset_min, version=self._version)
        return render_pdf(content, pictures)


def report_path(folder: Path, exam: str, number: int) -> Path:
    """The file of a report's copy; the same report has the same name everywhere."""
    return folder / f"sauti-{exam}-{number}.pdf"


def write_copy(path: Path, pdf: bytes) -> None:
    """Write a report out of the record, for a printer or a person.

    Raises:
        NotWritable: The folder cannot be written; what was there stays.
    """
    try:
        write_durably(path, pdf, mode=0o644)
    except NotWritable as error:
        raise NotWritable(f"The report could not be written to {path.parent}", error.advice) from error
