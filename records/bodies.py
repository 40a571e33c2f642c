"""What the body of each event type holds: one table, checked on the way in, so that no later reader has to guess.

Types and bodies are listed in docs/reference/record.md. Nothing here describes fetal sex.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from typing import cast

from records.canonical import Value
from records.ids import is_uuid

Body = dict[str, Value]
Check = Callable[[Value], bool]

_LONGEST_TEXT = 10_000
LONGEST_NAME = (
    64  # DICOM's limit; the head of a report bears it in the widest letters, so every signed exam gets its paper
)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
_DECIMAL = re.compile(r"-?(0|[1-9]\d{0,8})(\.\d{1,9})?")
_WHOLE = re.compile(r"0|-?[1-9]\d{0,3}")
_ROLE = re.compile(r"[a-z][a-z0-9_]{0,31}")
_UID = re.compile(r"[0-9.]{1,64}")


def _is_text(value: Value) -> bool:
    return isinstance(value, str) and len(value) <= _LONGEST_TEXT and not _CONTROL.search(value)


def _is_name(value: Value) -> bool:
    return _is_text(value) and bool(str(value).strip())


def _is_short(value: Value) -> bool:
    return _is_text(value) and len(str(value)) <= LONGEST_NAME


def _is_short_name(value: Value) -> bool:
    return _is_short(value) and _is_name(value)


def _is_id(value: Value) -> bool:
    return isinstance(value, str) and is_uuid(value)


def _is_id_or_empty(value: Value) -> bool:
    return value == "" or _is_id(value)


def _is_integer(value: Value) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_count(value: Value) -> bool:
    return isinstance(value, int) and _is_integer(value) and value >= 0


def _is_positive(value: Value) -> bool:
    return _is_count(value) and bool(value)


def _is_step(value: Value) -> bool:
    return _is_integer(value) and bool(value)


def _is_flag(value: Value) -> bool:
    return isinstance(value, bool)


def _is_points(value: Value) -> bool:
    return isinstance(value, list) and len(value) % 2 == 0 and all(_is_integer(item) for item in value)


def _is_ids(value: Value) -> bool:
    return isinstance(value, list) and bool(value) and all(_is_id(item) for item in value)


def _is_day(value: Value) -> bool:
    """``YYYY-MM-DD`` of a day that exists, ``YYYY-MM``, ``YYYY`` or empty."""
    if value == "":
        return True
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        return False
    try:
        datetime.date.fromisoformat(value + "-01-01"[len(value) - 4 :])
    except ValueError:
        return False
    return True


def _is_hex(size_bytes: int) -> Check:
    form = re.compile(f"[0-9a-f]{{{2 * size_bytes}}}")
    return lambda value: isinstance(value, str) and form.fullmatch(value) is not None


def _matches(form: re.Pattern[str]) -> Check:
    return lambda value: isinstance(value, str) and form.fullmatch(value) is not None


def _or_empty(check: Check) -> Check:
    return lambda value: value == "" or check(value)


def _one_of(*words: str) -> Check:
    return lambda value: value in words


def _table(fields: Mapping[str, Check]) -> Check:
    return lambda value: isinstance(value, dict) and not _wrong(fields, value)


def _wrong(fields: Mapping[str, Check], value: Mapping[str, Value]) -> list[str]:
    misfits = [key for key, holds in fields.items() if key in value and not holds(value[key])]
    return sorted(fields.keys() ^ value.keys()) + misfits


_BLOB = {"address": _is_hex(32), "key": _is_hex(32), "media_type": _is_name, "size_bytes": _is_count}
_CODED = {"system": _is_name, "code": _is_name, "display": _is_text}
_OPERATOR: dict[str, Check] = {"operator_id": _is_id, "operators_name": _is_short_name}
_PATIENT: dict[str, Check] = {
    "id": _is_id, "patient_id": _is_short, "family_name": _is_short_name, "given_name": _is_short,
    "birth_date": _is_day, "patient_sex": _one_of("", "F", "M", "O"),
}  # fmt: skip
_SOURCE = {
    "probe_model": _is_text, "probe_serial": _is_text, "probe_firmware": _is_text, "preset": _is_text,
    "sound_speed_m_s": _is_positive, "chain_digest": _is_text, "frame_number": _is_count, "simulated": _is_flag,
    "calibrated_on": _is_day, "mechanical_index": _or_empty(_matches(_DECIMAL)),
    "thermal_index": _or_empty(_matches(_DECIMAL)), "gain_db": _or_empty(_matches(_WHOLE)),
    "dynamic_range_db": _or_empty(_matches(_WHOLE)),
}  # fmt: skip


_AXIS = {"unit": _one_of("um", "us", "mdB"), "first": _is_integer, "step": _is_step}


def _is_axes(value: Value) -> bool:
    return isinstance(value, list) and len(value) in (0, 2) and all(_table(_AXIS)(axis) for axis in value)


# mode -> what a picture in it counts across and down; without any it is millimetres both ways
_UNITS: dict[str, tuple[str, ...]] = {"B": (), "M": ("us", "um"), "A": ("um", "mdB")}


def _is_blobs(value: Value) -> bool:
    return isinstance(value, dict) and bool(value) and all(_is_blob(role, ref) for role, ref in value.items())


def _is_blob(role: str, ref: Value) -> bool:
    return _ROLE.fullmatch(role) is not None and _table(_BLOB)(ref)


BODIES: dict[str, dict[str, Check]] = {
    "site.created": {"institution_name": _is_short, "station_name": _is_short, "node": _is_hex(16)},
    "operator.added": _OPERATOR,
    "patient.registered": _PATIENT,
    "patient.amended": _PATIENT,
    "pregnancy.opened": {"id": _is_id, "patient": _is_id, "lmp_date": _is_day, "opened_ms": _is_count},
    "fetus.identified": {"id": _is_id, "pregnancy": _is_id, "label": _one_of(*"ABCDEFGH")},
    "exam.started": {
        "id": _is_id, "study_instance_uid": _matches(_UID), "patient": _is_id, "pregnancy": _is_id_or_empty,
        "protocol": _is_short, "operator": _table(_OPERATOR), "started_ms": _is_count, "simulated": _is_flag,
    },
    "image.kept": {
        "id": _is_id, "exam": _is_id, "view": _is_short, "kind": _one_of("still", "loop"), "acquired_ms": _is_count,
        "rows": _is_positive, "columns": _is_positive, "pixel_um": _is_count, "origin_x_um": _is_integer,
        "origin_z_um": _is_integer, "mirrored": _is_flag, "upside_down": _is_flag, "mode": _one_of("B", "M", "A"),
        "axes": _is_axes, "line": _is_integer, "interval_us": _is_count, "missing_lines": _is_count,
        "frames": _is_count, "source": _table(_SOURCE), "blobs": _is_blobs,
    },
    "measurement.taken": {
        "id": _is_id, "exam": _is_id, "image": _is_id, "fetus": _is_id_or_empty, "label": _is_short,
        "concept": _table(_CODED), "value": _is_integer, "error": _is_count, "unit": _is_name, "method": _is_text,
        "points_mpx": _is_points, "taken_ms": _is_count,
    },
    "finding.recorded": {"id": _is_id, "exam": _is_id, "question": _is_name, "answer": _is_name, "note": _is_text},
    "exam.read_back": {"exam": _is_id},
    "exam.signed": {"exam": _is_id},
    "exam.amended": {"exam": _is_id, "note": _is_name},
    "report.issued": {
        "id": _is_id, "exam": _is_id, "number": _is_positive, "issued_ms": _is_count, "document": _table(_BLOB),
    },
    "report.printed": {"report": _is_id, "exam": _is_id, "printer": _is_text, "printed_ms": _is_count},
    "body.erased": {"events": _is_ids, "reason": _is_text},
    "clock.suspected": {"wall_ms": _is_count, "last_ms": _is_count},
}  # fmt: skip

# Version of the body's form, where it is no longer the first; records.upcast reads the older ones.
_SCHEMAS = {"image.kept": 3}

# The field of the body that must equal the event's entity; types that are absent name their entity nowhere else.
ENTITIES = {
    "operator.added": "operator_id",
    **dict.fromkeys(("patient.registered", "patient.amended", "pregnancy.opened", "fetus.identified"), "id"),
    "exam.started": "id",
    **dict.fromkeys(("image.kept", "measurement.taken", "finding.recorded"), "exam"),
    **dict.fromkeys(("exam.read_back", "exam.signed", "exam.amended", "report.issued", "report.printed"), "exam"),
}


def wrong_fields(type: str, entity: str, body: Body) -> list[str]:
    """The fields of a body that its type does not allow: missing, unknown, of a wrong form, or of another entity.

    Args:
        type: One of ``BODIES``.
        entity: Of the event.
        body: To be checked.
    """
    wrong = _wrong(BODIES[type], body)
    if type == "image.kept" and not wrong:
        wrong = _not_of_one_scale(body)
    own = ENTITIES.get(type)
    if own is not None and own not in wrong and body[own] != entity:
        wrong.append(own)
    return wrong if is_uuid(entity) else [*wrong, "entity"]


def _not_of_one_scale(body: Body) -> list[str]:
    """A picture in two dimensions has a square pixel; one of a single beam has two axes that say what they are."""
    units = _UNITS[str(body["mode"])]
    axes = cast("list[Body]", body["axes"])
    wrong = [] if bool(body["pixel_um"]) is (not units) else ["pixel_um"]
    return wrong if tuple(axis["unit"] for axis in axes) == units else [*wrong, "axes"]


def schema_of(type: str) -> int:
    """The version of the form in which this Sauti writes a type's bodies."""
    return _SCHEMAS.get(type, 1)


def is_understood(type: str, schema: int, entity: str, body: Body) -> bool:
    """Whether this version can read a body, upcast: one from a newer Sauti is kept, and shown as not understood."""
    return type in BODIES and 1 <= schema <= schema_of(type) and not wrong_fields(type, entity, body)
