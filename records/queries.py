"""The read side: model values out of the projections, through a connection that cannot write.

It may be used in any one thread, also while the writer is at work.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from records import canonical, rows
from records.bodies import Body
from records.database import DatabaseError, open_readable, refused
from records.envelope import Header
from records.errors import NotFound
from records.home import StorePaths
from records.model import BlobRef, Exam, ExamRecord, Facility, Fetus, Operator, Patient, Pregnancy
from records.rows import Row
from records.schema import refuse_newer, refuse_older
from records.vault import Vault


@dataclass(frozen=True, slots=True)
class PatientValues:
    """A patient as known: the newest value, and others that nobody has decided against yet.

    ``heads`` are the event ids that an amendment must name to settle the matter.
    """

    patient: Patient
    conflicting: tuple[Patient, ...]
    heads: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the audit trail; ``body`` is None after it was erased."""

    header: Header
    body: Body | None


class Queries:
    """Questions to one store.

    Args:
        paths: Where the store lies.
        vault: An open vault.

    Raises:
        NotFound: There is no store yet.
        Damaged: It does not open with this vault, or another version of Sauti made its tables.
    """

    def __init__(self, paths: StorePaths, vault: Vault) -> None:
        self._path = paths.database
        self._db = open_readable(paths.database, vault.database_key(paths.name))
        try:
            with self._moment():
                refuse_newer(self._db)
                refuse_older(self._db)
        except BaseException:
            self._db.close()
            raise

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    def facility(self) -> Facility | None:
        """The site, once it was created."""
        found = self._rows("site", "1", "order_key")
        return Facility(found[0]["institution_name"], found[0]["station_name"], found[0]["node"]) if found else None

    def operators(self) -> tuple[Operator, ...]:
        """Everybody who may examine here."""
        return tuple(rows.operator(row) for row in self._rows("operators", "1", "operators_name, id"))

    def patients(self) -> tuple[Patient, ...]:
        """Every patient's newest value, by name."""
        newest = {row["id"]: rows.patient(row) for row in self._rows("patients", "superseded = 0", "order_key")}
        return tuple(sorted(newest.values(), key=lambda patient: (patient.patient_name.casefold(), patient.id)))

    def patient(self, id: str) -> PatientValues:
        """A patient with every value that stands.

        Raises:
            NotFound: No such patient, or one who was erased.
        """
        found = self._rows("patients", "id = ? AND superseded = 0", "order_key DESC", id)
        if not found:
            raise NotFound("There is no such patient here", "The patient was never registered, or was erased.")
        values = [rows.patient(row) for row in found]
        return PatientValues(values[0], tuple(values[1:]), tuple(row["event"] for row in found))

    def patient_numbered(self, patient_id: str) -> Patient | None:
        """The patient of a card number, if there is one."""
        found = self._rows("patients", "patient_id = ? AND superseded = 0", "order_key DESC", patient_id)
        return rows.patient(found[0]) if found else None

    def pregnancies(self, patient: str) -> tuple[Pregnancy, ...]:
        """A patient's pregnancies, newest first."""
        found = self._rows("pregnancies", "patient = ?", "opened_ms DESC, order_key DESC", patient)
        return tuple(rows.pregnancy(row) for row in found)

    def fetuses(self, pregnancy: str) -> tuple[Fetus, ...]:
        """The fetuses of a pregnancy, by letter."""
        return tuple(rows.fetus(row) for row in self._rows("fetuses", "pregnancy = ?", "label, id", pregnancy))

    def exams(self, state: str = "") -> tuple[Exam, ...]:
        """Exams, newest first; of one state if given."""
        newest = "started_ms DESC, order_key DESC"
        found = self._rows("exams", "state = ?", newest, state) if state else self._rows("exams", "1", newest)
        return tuple(rows.exam(row) for row in found)

    def exam(self, id: str) -> ExamRecord:
        """An exam with everything that belongs to it, as it was at one moment.

        Raises:
            NotFound: No such exam, or one whose patient was erased.
        """
        with self._moment():
            found = self._rows("exams", "id = ?", "order_key", id)
            facility = self.facility()
            if not found or facility is None:
                raise NotFound("There is no such exam", "List them with sauti exams.")
            exam = rows.exam(found[0])
            pregnancy = self._rows("pregnancies", "id = ?", "order_key", exam.pregnancy)
            return ExamRecord(
                facility=facility,
                exam=exam,
                patient=self.patient(exam.patient).patient,
                pregnancy=rows.pregnancy(pregnancy[0]) if pregnancy else None,
                fetuses=self.fetuses(exam.pregnancy),
                images=tuple(rows.image(row) for row in self._of_exam("images", id)),
                measurements=tuple(rows.measurement(row) for row in self._of_exam("measurements", id)),
                findings=tuple(rows.finding(row) for row in self._of_exam("findings", id)),
                reports=tuple(rows.report(row) for row in self._of_exam("reports", id)),
                printings=tuple(rows.printing(row) for row in self._of_exam("printings", id)),
                amendments=tuple(rows.amendment(row) for row in self._of_exam("amendments", id)),
            )

    def blob_refs(self) -> tuple[tuple[str, BlobRef], ...]:
        """Every stored file that the record names, with what it is, as ``image 01... frames``."""
        with self._moment():
            images = [rows.image(row) for row in self._rows("images", "1", "order_key")]
            reports = [rows.report(row) for row in self._rows("reports", "1", "order_key")]
        pictures = [(f"image {image.id} {role}", ref) for image in images for role, ref in image.blobs.items()]
        return (*pictures, *((f"report {report.id}", report.document) for report in reports))

    def history(self, entity: str) -> tuple[Entry, ...]:
        """Every event about an entity in the order of the journal: the audit trail, and what an erasure has to name."""
        query = "SELECT header, body FROM journal WHERE entity = ? ORDER BY place"
        with self._moment():
            found = self._db.execute(query, [entity]).fetchall()
        return tuple(_entry(header, body) for header, body in found)

    def not_understood(self) -> tuple[Entry, ...]:
        """Events that are kept although this version cannot read them, as those of a newer Sauti."""
        query = "SELECT header, body FROM journal JOIN unread ON journal.id = unread.event ORDER BY place"
        with self._moment():
            found = self._db.execute(query).fetchall()
        return tuple(_entry(header, body) for header, body in found)

    def _of_exam(self, table: str, exam: str) -> list[Row]:
        return self._rows(table, "exam = ?", "order_key", exam)

    def _rows(self, table: str, where: str, order: str, *values: str) -> list[Row]:
        with self._moment():
            return list(self._db.table(table).rows_where(where, values, order_by=order))

    @contextmanager
    def _moment(self) -> Iterator[None]:
        """One state of the store for all that is read inside, whatever the writer commits meanwhile."""
        try:
            with self._db.atomic():
                yield
        except DatabaseError as error:
            raise refused(error, self._path) from error


def _entry(header: bytes, body: bytes | None) -> Entry:
    return Entry(Header.from_bytes(header), None if body is None else canonical.decode(body))
