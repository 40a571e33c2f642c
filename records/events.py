"""The events of the record: one function per type.

A draft is what somebody wants to record; the journal gives it its place. ``records.bodies`` says what each body holds.
"""

from __future__ import annotations

import unicodedata
from dataclasses import asdict, dataclass
from typing import cast

from records.bodies import BODIES, Body, wrong_fields
from records.errors import Invalid
from records.ids import dicom_uid
from records.model import (
    Exam,
    Facility,
    Fetus,
    Finding,
    Image,
    Measurement,
    Operator,
    Patient,
    Pregnancy,
    Printing,
    Report,
)

SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Draft:
    """An event before it has a place in the journal.

    Args:
        type: As ``exam.started``.
        entity: Id of what it is about.
        body: What happened; canonical values only.
        supersedes: Ids of the events whose values it replaces.
    """

    type: str
    entity: str
    body: Body
    supersedes: tuple[str, ...] = ()


def check(draft: Draft) -> None:
    """Check a draft's body against its type.

    Raises:
        Invalid: Unknown type, a missing, unknown or wrong field, or an entity that is no UUID.
    """
    if draft.type not in BODIES:
        raise Invalid(f"There is no event {draft.type}")
    wrong = wrong_fields(draft.type, draft.entity, draft.body)
    if wrong:
        raise Invalid(f"The record refuses {draft.type}: {', '.join(wrong)} is missing, unknown or of a wrong form")
    if draft.supersedes and draft.type not in REGISTERS:
        raise Invalid(f"The record refuses {draft.type}: it replaces nothing, it is only ever added")


REGISTERS = frozenset({"patient.registered", "patient.amended"})


def site_created(facility: Facility, site: str) -> Draft:
    """The first event of a store."""
    return Draft("site.created", site, _body(facility))


def operator_added(operator: Operator) -> Draft:
    """Somebody may examine here."""
    return Draft("operator.added", operator.operator_id, _body(operator))


def patient_registered(patient: Patient) -> Draft:
    """A new person."""
    return Draft("patient.registered", patient.id, _body(patient))


def patient_amended(patient: Patient, supersedes: tuple[str, ...]) -> Draft:
    """Other demographics for a known person; naming what they replace keeps two changes made at once both alive."""
    return Draft("patient.amended", patient.id, _body(patient), supersedes)


def pregnancy_opened(pregnancy: Pregnancy) -> Draft:
    """A pregnancy, apart from every other of the same patient."""
    return Draft("pregnancy.opened", pregnancy.id, _body(pregnancy))


def fetus_identified(fetus: Fetus) -> Draft:
    """A fetus by its letter."""
    return Draft("fetus.identified", fetus.id, _body(fetus))


def exam_started(exam: Exam) -> Draft:
    """An exam is open from here until it is signed."""
    body = _body(exam)
    for derived in ("state", "signed_ms"):
        del body[derived]
    return Draft("exam.started", exam.id, body)


def image_kept(image: Image) -> Draft:
    """A picture or loop; its blobs must be durable before this is committed."""
    return Draft("image.kept", image.exam, _body(image))


def measurement_taken(measurement: Measurement) -> Draft:
    """A number; measurements are only ever added."""
    return Draft("measurement.taken", measurement.exam, _body(measurement))


def finding_recorded(finding: Finding) -> Draft:
    """An answer to a question of the exam."""
    return Draft("finding.recorded", finding.exam, _body(finding))


def exam_read_back(exam: str) -> Draft:
    """The operator read patient and findings back before signing."""
    return Draft("exam.read_back", exam, {"exam": exam})


def exam_signed(exam: str) -> Draft:
    """From here on the exam can only be amended."""
    return Draft("exam.signed", exam, {"exam": exam})


def report_issued(report: Report) -> Draft:
    """A version of the exam's report; its document must be durable before this is committed."""
    return Draft("report.issued", report.exam, _body(report))


def report_printed(printing: Printing) -> Draft:
    """A report went to paper."""
    return Draft("report.printed", printing.exam, _body(printing))


def exam_amended(exam: str, note: str) -> Draft:
    """What is added to a signed exam."""
    return Draft("exam.amended", exam, {"exam": exam, "note": unicodedata.normalize("NFC", note)})


def clock_suspected(entity: str, wall_ms: int, last_ms: int) -> Draft:
    """The wall clock jumped by more than a day, from ``last_ms`` to ``wall_ms``, before this batch about ``entity``."""
    return Draft("clock.suspected", entity, {"wall_ms": wall_ms, "last_ms": last_ms})


def body_erased(entity: str, events: tuple[str, ...], reason: str) -> Draft:
    """A tombstone: the bodies of these events are gone from here, their places in the chain stay."""
    return Draft("body.erased", entity, {"events": list(events), "reason": unicodedata.normalize("NFC", reason)})


def study_instance_uid(exam: str) -> str:
    """The DICOM Study Instance UID of an exam's id, so that sending twice makes one study."""
    return dicom_uid(exam)


def _body(value: object) -> Body:
    """A frozen model value as a body: tuples become lists, nested values objects, typed text normal form C."""
    return cast("Body", _plain(asdict(value)))  # type: ignore[call-overload]


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return unicodedata.normalize("NFC", value) if isinstance(value, str) else value
