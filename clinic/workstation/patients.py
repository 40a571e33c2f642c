"""Verbs of patients and pregnancies."""

from __future__ import annotations

from dataclasses import dataclass

from clinic.errors import BadRequest
from clinic.patient_file import PatientEntry
from clinic.receipts import Receipt
from clinic.workstation.desk import Desk
from records import events
from records.events import Draft
from records.model import Fetus, Patient, Pregnancy

_LETTERS = "ABCDEFGH"


@dataclass(frozen=True, slots=True)
class Registered:
    """A patient who can be examined, with the pregnancy that the exam belongs to, if any."""

    patient: Patient
    pregnancy: Pregnancy | None
    fetuses: tuple[Fetus, ...]


class Patients:
    """Who is examined here."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def all(self) -> tuple[Patient, ...]:
        """Everybody, by name."""
        return self._desk.queries.patients()

    def pregnancies(self, patient: str) -> tuple[Pregnancy, ...]:
        """A patient's pregnancies, newest first."""
        return self._desk.queries.pregnancies(patient)

    def known(self, patient: Patient, pregnancy: Pregnancy | None) -> Registered:
        """A patient who is in the record, with one of her pregnancies or none, to be examined."""
        fetuses = self._desk.queries.fetuses(pregnancy.id) if pregnancy else ()
        return Registered(patient, pregnancy, fetuses)

    def register(self, entry: PatientEntry) -> Receipt[Registered]:
        """Make sure that a patient, and the pregnancy if one is given, is in the record.

        A patient number that is known must come with the same name, birth date and sex.

        Raises:
            BadRequest: The number belongs to somebody else here; nothing was changed.
        """
        drafts: list[Draft] = []
        patient = self._known(entry)
        if patient is None:
            patient = self._new_patient(entry)
            drafts.append(events.patient_registered(patient))
        pregnancy, fetuses = self._pregnancy(patient, entry, drafts)
        registered = Registered(patient, pregnancy, fetuses)
        receipt: Receipt[Registered] = Receipt()
        if not drafts:
            receipt.keep(registered)
            return receipt
        return receipt.after(self._desk.writer.commit(drafts, self._desk.operator.operator_id), registered)

    def _known(self, entry: PatientEntry) -> Patient | None:
        known = self._desk.queries.patient_numbered(entry.patient_id)
        if known is None:
            return None
        if _identity(known) != _identity(entry):
            raise BadRequest(
                f"The patient number {entry.patient_id} belongs to {known.patient_name} here",
                "Check the number and the spelling; nothing was changed.",
            )
        return known

    def _new_patient(self, entry: PatientEntry) -> Patient:
        return Patient(
            self._desk.new_id(), entry.patient_id, entry.family_name, entry.given_name, entry.birth_date,
            entry.patient_sex,
        )  # fmt: skip

    def _pregnancy(
        self, patient: Patient, entry: PatientEntry, drafts: list[Draft]
    ) -> tuple[Pregnancy | None, tuple[Fetus, ...]]:
        if entry.pregnancy is None:
            return None, ()
        for known in self._desk.queries.pregnancies(patient.id):
            fetuses = self._desk.queries.fetuses(known.id)
            if known.lmp_date == entry.pregnancy.lmp_date and len(fetuses) == entry.pregnancy.fetuses:
                return known, fetuses
        pregnancy = Pregnancy(self._desk.new_id(), patient.id, entry.pregnancy.lmp_date, self._desk.clock.wall_ms())
        fetuses = tuple(
            Fetus(self._desk.new_id(), pregnancy.id, letter) for letter in _LETTERS[: entry.pregnancy.fetuses]
        )
        drafts.append(events.pregnancy_opened(pregnancy))
        drafts.extend(events.fetus_identified(fetus) for fetus in fetuses)
        return pregnancy, fetuses


def _identity(known: Patient | PatientEntry) -> tuple[str, ...]:
    return known.family_name, known.given_name, known.birth_date, known.patient_sex
