"""The patient as a JSON file: what ``sauti exam --patient`` reads.

    {"patient_id": "ANC-0042", "family_name": "Adébáyọ̀", "given_name": "Àṣà", "birth_date": "1999-03-02",
     "patient_sex": "F", "pregnancy": {"lmp_date": "2026-05-01", "fetuses": 1}}

Only ``patient_id`` and ``family_name`` are required. An unknown key is refused, so that a misspelt one is not lost.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from clinic.errors import BadRequest
from records.bodies import LONGEST_NAME

_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")
_TEXT_KEYS = ("patient_id", "family_name", "given_name", "birth_date", "patient_sex")
_SEXES = ("", "F", "M", "O")


@dataclass(frozen=True, slots=True)
class PregnancyEntry:
    """``lmp_date`` is ISO or empty; ``fetuses`` are the letters A, B, ... so many."""

    lmp_date: str
    fetuses: int


@dataclass(frozen=True, slots=True)
class PatientEntry:
    """What was entered about a patient; empty text means "not recorded"."""

    patient_id: str
    family_name: str
    given_name: str
    birth_date: str
    patient_sex: str
    pregnancy: PregnancyEntry | None


def read_patient_file(path: Path) -> PatientEntry:
    """Read and check a patient file.

    Raises:
        BadRequest: Missing, not JSON, an unknown key, or a value that is not what its key says.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"), object_pairs_hook=_no_key_twice)
    except OSError as error:
        raise BadRequest(f"The patient file {path} cannot be read", "Check its name and its permissions.") from error
    except (ValueError, RecursionError) as error:
        raise BadRequest(f"The patient file {path} is not JSON", f"It says: {error}.") from error
    return parse_patient(content)


def _no_key_twice(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """JSON would let the last of two numbers win in silence."""
    table = dict(pairs)
    if len(table) != len(pairs):
        raise ValueError("a key stands there twice")
    return table


def parse_patient(content: object, names: Mapping[str, str] | None = None) -> PatientEntry:
    """Check the content of a patient file, or of a form.

    Args:
        content: As in the module's example.
        names: What the keys are called in sentences; left out, they are called as in a file.

    Raises:
        BadRequest: See ``read_patient_file``.
    """
    called = names or {}
    table = _table(content, "The patient file", {*_TEXT_KEYS, "pregnancy"})
    text = {key: _text(table, key, called) for key in _TEXT_KEYS}
    for key in ("patient_id", "family_name"):
        if not text[key]:
            raise BadRequest(
                f"{called[key]} is missing" if key in called else f"The patient file has no {key}",
                "A report without it could reach the wrong person.",
            )
    _date(text["birth_date"], "birth_date", called)
    if text["patient_sex"] not in _SEXES:
        raise BadRequest(
            f"{called.get('patient_sex', 'patient_sex must be F, M, O')} or empty",
            "Leave it empty when it was not asked.",
        )
    pregnancy = table.get("pregnancy")
    return PatientEntry(**text, pregnancy=None if pregnancy is None else _pregnancy(pregnancy, called))


def _pregnancy(content: object, called: Mapping[str, str]) -> PregnancyEntry:
    table = _table(content, "pregnancy", {"lmp_date", "fetuses"})
    lmp_date = _text(table, "lmp_date", called)
    _date(lmp_date, "lmp_date", called)
    fetuses = table.get("fetuses", 1)
    if type(fetuses) is not int or not 1 <= fetuses <= 8:
        raise BadRequest("fetuses must be a whole number from 1 to 8", "Leave it out when it is not known.")
    return PregnancyEntry(lmp_date, fetuses)


def _table(content: object, what: str, known: set[str]) -> Mapping[str, Any]:
    if not isinstance(content, dict):
        raise BadRequest(f"{what} must be a JSON object", "See docs/reference/patient-file.md.")
    for key in content:
        if key not in known:
            raise BadRequest(f"{what} has an unknown key {key!r}", f"Known keys: {', '.join(sorted(known))}.")
    return content


def _text(table: Mapping[str, Any], key: str, called: Mapping[str, str]) -> str:
    value = table.get(key, "")
    if not isinstance(value, str) or any(unicodedata.category(sign) in ("Cc", "Cs") for sign in value):
        raise BadRequest(f"{called.get(key, key)} must be text without control characters", "Type it again.")
    text = unicodedata.normalize("NFC", value.strip())
    if len(text) > LONGEST_NAME:
        raise BadRequest(f"{called.get(key, key)} is longer than {LONGEST_NAME} letters", "It must fit the report.")
    return text


def _date(value: str, key: str, called: Mapping[str, str]) -> None:
    if not value:
        return
    try:
        known = _DATE.fullmatch(value) is not None
        date.fromisoformat((value + "-01-01")[:10])
    except ValueError:
        known = False
    if not known:
        raise BadRequest(
            f"{called.get(key, key)} {value!r} is not a date", "Write it as YYYY-MM-DD, or YYYY-MM or YYYY when unsure."
        )
