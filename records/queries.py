"""The read side: model values out of the projections, through a connection that cannot write.

It may be used in any one thread, also while the writer is at work.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from records.codes import Coded
from records.database import open_readable
from records.errors import NotFound
from records.home import StorePaths
from records.model import (
    BlobRef,
    Exam,
    ExamRecord,
    Facility,
    Fetus,
    Finding,
    Image,
    ImageSource,
    Measurement,
    Operator,
    Patient,
    Pregnancy,
    Report,
)
from records.schema import refuse_newer
from records.vault import Vault

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PatientValues:
    """A patient as known: the newest value, and others that nobody has decided against yet.

    ``heads`` are the event ids that an amendment must name to settle the matter.
    """

    patient: Patient
    conflicting: tuple[Patient, ...]
    heads: tuple[str, ...]


class Queries:
    """Questions to one store.

    Args:
        paths: Where the store lies.
        vault: An open vault.

    Raises:
        NotFound: There is no store yet.
        Damaged: It does not open with this vault.
    """

    def __init__(self, paths: StorePaths, vault: Vault) -> None:
        self._db = open_readable(paths.database, vault.database_key(paths.name))
        refuse_newer(self._db)

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    def facility(self) -> Facility | None:
        """The site, once it was created."""
        rows = self._rows("site", "1 ORDER BY rowid", [])
        return Facility(rows[0]["institution_name"], rows[0]["station_name"], rows[0]["node"]) if rows else None

    def operators(self) -> tuple[Operator, ...]:
        """Everybody who may examine here."""
        return tuple(_operator(row) for row in self._rows("operators", "1 ORDER BY operators_name", []))

    def patients(self) -> tuple[Patient, ...]:
        """Every patient's newest value, by name."""
        rows = self._rows("patients", "superseded = 0 ORDER BY order_key", [])
        newest = {row["id"]: _patient(row) for row in rows}
        return tuple(sorted(newest.values(), key=lambda patient: (patient.patient_name.casefold(), patient.id)))

    def patient(self, id: str) -> PatientValues:
        """A patient with every value that stands.

        Raises:
            NotFound: No such patient.
        """
        rows = self._rows("patients", "id = ? AND superseded = 0 ORDER BY order_key DESC", [id])
        if not rows:
            raise NotFound("There is no such patient", "Register the patient first.")
        values = [_patient(row) for row in rows]
        return PatientValues(values[0], tuple(values[1:]), tuple(row["event"] for row in rows))

    def patient_numbered(self, patient_id: str) -> Patient | None:
        """The patient of a card number, if there is one."""
        rows = self._rows("patients", "patient_id = ? AND superseded = 0 ORDER BY order_key DESC LIMIT 1", [patient_id])
        return _patient(rows[0]) if rows else None

    def pregnancies(self, patient: str) -> tuple[Pregnancy, ...]:
        """A patient's pregnancies, newest first."""
        rows = self._rows("pregnancies", "patient = ? ORDER BY opened_ms DESC", [patient])
        return tuple(_pregnancy(row) for row in rows)

    def fetuses(self, pregnancy: str) -> tuple[Fetus, ...]:
        """The fetuses of a pregnancy, by letter."""
        rows = self._rows("fetuses", "pregnancy = ? ORDER BY label", [pregnancy])
        return tuple(Fetus(row["id"], row["pregnancy"], row["label"]) for row in rows)

    def exams(self, state: str = "") -> tuple[Exam, ...]:
        """Exams, newest first; of one state if given."""
        rows = self._rows("exams", "? IN ('', state) ORDER BY started_ms DESC, id DESC", [state])
        return tuple(_exam(row) for row in rows)

    def exam(self, id: str) -> ExamRecord:
        """An exam with everything that belongs to it.

        Raises:
            NotFound: No such exam.
        """
        rows = self._rows("exams", "id = ?", [id])
        facility = self.facility()
        if not rows or facility is None:
            raise NotFound("There is no such exam", "List them with sauti exams.")
        exam = _exam(rows[0])
        pregnancy = self._rows("pregnancies", "id = ?", [exam.pregnancy])
        return ExamRecord(
            facility=facility,
            exam=exam,
            patient=self.patient(exam.patient).patient,
            pregnancy=_pregnancy(pregnancy[0]) if pregnancy else None,
            fetuses=self.fetuses(exam.pregnancy),
            images=tuple(_image(row) for row in self._of_exam("images", id)),
            measurements=tuple(_measurement(row) for row in self._of_exam("measurements", id)),
            findings=tuple(_finding(row) for row in self._of_exam("findings", id)),
            reports=tuple(_report(row) for row in self._of_exam("reports", id)),
        )

    def _of_exam(self, table: str, exam: str) -> list[Row]:
        return self._rows(table, "exam = ? ORDER BY event", [exam])

    def _rows(self, table: str, where: str, values: list[str]) -> list[Row]:
        return list(self._db.table(table).rows_where(where, values))


def _patient(row: Row) -> Patient:
    return Patient(
        row["id"], row["patient_id"], row["family_name"], row["given_name"], row["birth_date"], row["patient_sex"]
    )


def _operator(row: Row) -> Operator:
    return Operator(row["id"], row["operators_name"])


def _pregnancy(row: Row) -> Pregnancy:
    return Pregnancy(row["id"], row["patient"], row["lmp_date"], row["opened_ms"])


def _exam(row: Row) -> Exam:
    return Exam(
        id=row["id"], study_instance_uid=row["study_instance_uid"], patient=row["patient"], pregnancy=row["pregnancy"],
        protocol=row["protocol"], state=row["state"], operator=Operator(row["operator_id"], row["operators_name"]),
        started_ms=row["started_ms"], signed_ms=row["signed_ms"], simulated=bool(row["simulated"]),
    )  # fmt: skip


def _image(row: Row) -> Image:
    source, blobs = json.loads(row["source"]), json.loads(row["blobs"])
    return Image(
        id=row["id"], exam=row["exam"], view=row["view"], kind=row["kind"], acquired_ms=row["acquired_ms"],
        rows=row["rows"], columns=row["columns"], pixel_um=row["pixel_um"], origin_x_um=row["origin_x_um"],
        origin_z_um=row["origin_z_um"], missing_lines=row["missing_lines"], frames=row["frames"],
        source=ImageSource(**source), blobs={role: BlobRef(**ref) for role, ref in blobs.items()},
    )  # fmt: skip


def _measurement(row: Row) -> Measurement:
    return Measurement(
        id=row["id"], exam=row["exam"], image=row["image"], fetus=row["fetus"], label=row["label"],
        concept=Coded(**json.loads(row["concept"])), value=row["value"], error=row["error"], unit=row["unit"],
        method=row["method"], points_mpx=tuple(json.loads(row["points_mpx"])), taken_ms=row["taken_ms"],
    )  # fmt: skip


def _finding(row: Row) -> Finding:
    return Finding(row["id"], row["exam"], row["question"], row["answer"], row["note"])


def _report(row: Row) -> Report:
    document = BlobRef(**json.loads(row["document"]))
    return Report(row["id"], row["exam"], row["number"], row["issued_ms"], document)
