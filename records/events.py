"""The events of the record: one function per type, and one table that says what each body holds.

A draft is what somebody wants to record; the journal gives it its place. The table checks every body on its way in, so
that no later reader has to guess. Types and bodies are listed in docs/reference/record.md. Nothing describes fetal sex.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import cast

from records.canonical import Value
from records.errors import Invalid
from records.ids import dicom_uid, is_uuid
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
    Report,
)

Body = dict[str, Value]
Check = Callable[[Value], bool]

SCHEMA = 1
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


def _is_text(value: Value) -> bool:
    return isinstance(value, str)


def _is_id(value: Value) -> bool:
    return isinstance(value, str) and is_uuid(value)


def _is_id_or_empty(value: Value) -> bool:
    return value == "" or _is_id(value)


def _is_count(value: Value) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_integer(value: Value) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_flag(value: Value) -> bool:
    return isinstance(value, bool)


def _is_counts(value: Value) -> bool:
    return isinstance(value, list) and all(isinstance(item, int) and not isinstance(item, bool) for item in value)


def _is_ids(value: Value) -> bool:
    return isinstance(value, list) and bool(value) and all(_is_id(item) for item in value)


def _one_of(*words: str) -> Check:
    return lambda value: value in words


def _table(fields: Mapping[str, Check]) -> Check:
    return lambda value: isinstance(value, dict) and _holds(value, fields)


def _holds(value: Mapping[str, Value], fields: Mapping[str, Check]) -> bool:
    return value.keys() == fields.keys() and all(check(value[key]) for key, check in fields.items())


_BLOB = {"address": _is_text, "key": _is_text, "media_type": _is_text, "size_bytes": _is_count}
_SOURCE = {
    "probe_model": _is_text, "probe_serial": _is_text, "probe_firmware": _is_text, "preset": _is_text,
    "sound_speed_m_s": _is_count, "chain_digest": _is_text, "frame_number": _is_count, "simulated": _is_flag,
    "calibrated_on": _is_text, "mechanical_index": _is_text, "thermal_index": _is_text,
}  # fmt: skip
_CODED = {"system": _is_text, "code": _is_text, "display": _is_text}
_PATIENT: dict[str, Check] = {
    "id": _is_id, "patient_id": _is_text, "family_name": _is_text, "given_name": _is_text, "birth_date": _is_text,
    "patient_sex": _one_of("", "F", "M", "O"),
}  # fmt: skip


def _is_blobs(value: Value) -> bool:
    return isinstance(value, dict) and bool(value) and all(_table(_BLOB)(item) for item in value.values())


BODIES: dict[str, dict[str, Check]] = {
    "site.created": {"institution_name": _is_text, "station_name": _is_text, "node": _is_text},
    "operator.added": {"operator_id": _is_id, "operators_name": _is_text},
    "patient.registered": _PATIENT,
    "patient.amended": _PATIENT,
    "pregnancy.opened": {"id": _is_id, "patient": _is_id, "lmp_date": _is_text, "opened_ms": _is_count},
    "fetus.identified": {"id": _is_id, "pregnancy": _is_id, "label": _one_of(*"ABCDEFGH")},
    "exam.started": {
        "id": _is_id, "study_instance_uid": _is_text, "patient": _is_id, "pregnancy": _is_id_or_empty,
        "protocol": _is_text, "operator": _table({"operator_id": _is_id, "operators_name": _is_text}),
        "started_ms": _is_count, "simulated": _is_flag,
    },
    "image.kept": {
        "id": _is_id, "exam": _is_id, "view": _is_text, "kind": _one_of("still", "loop"), "acquired_ms": _is_count,
        "rows": _is_count, "columns": _is_count, "pixel_um": _is_count, "origin_x_um": _is_integer,
        "origin_z_um": _is_integer, "missing_lines": _is_count, "frames": _is_count,
        "source": _table(_SOURCE), "blobs": _is_blobs,
    },
    "measurement.taken": {
        "id": _is_id, "exam": _is_id, "image": _is_id, "fetus": _is_id_or_empty, "label": _is_text,
        "concept": _table(_CODED), "value": _is_count, "error": _is_count, "unit": _is_text, "method": _is_text,
        "points_mpx": _is_counts, "taken_ms": _is_count,
    },
    "finding.recorded": {
        "id": _is_id, "exam": _is_id, "question": _is_text, "answer": _is_text, "note": _is_text,
    },
    "exam.read_back": {"exam": _is_id},
    "exam.signed": {"exam": _is_id},
    "exam.amended": {"exam": _is_id, "note": _is_text},
    "report.issued": {
        "id": _is_id, "exam": _is_id, "number": _is_count, "issued_ms": _is_count, "document": _table(_BLOB),
    },
    "body.erased": {"events": _is_ids, "reason": _is_text},
    "clock.suspected": {"wall_ms": _is_count, "last_ms": _is_count},
}  # fmt: skip


def check(draft: Draft) -> None:
    """Check a draft's body against its type.

    Raises:
        Invalid: Unknown type, a missing, unknown or wrong field, or an entity that is no UUID.
    """
    fields = BODIES.get(draft.type)
    if fields is None:
        raise Invalid(f"There is no event {draft.type}")
    wrong = sorted(fields.keys() ^ draft.body.keys())
    wrong += [key for key, holds in fields.items() if key in draft.body and not holds(draft.body[key])]
    if wrong:
        raise Invalid(f"The record refuses {draft.type}: {', '.join(wrong)} is missing, unknown or of a wrong form")
    if not is_uuid(draft.entity):
        raise Invalid(f"The record refuses {draft.type}: its entity is no identifier")


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


def body_erased(entity: str, events: tuple[str, ...], reason: str) -> Draft:
    """A tombstone: the bodies of these events are gone from here, their places in the chain stay."""
    return Draft("body.erased", entity, {"events": list(events), "reason": reason})


def study_instance_uid(exam: str) -> str:
    """The DICOM Study Instance UID of an exam's id, so that sending twice makes one study."""
    return dicom_uid(exam)


def _body(value: object) -> Body:
    """A frozen model value as a body: tuples become lists, nested values become objects."""
    return cast("Body", _plain(asdict(value)))  # type: ignore[call-overload]


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
