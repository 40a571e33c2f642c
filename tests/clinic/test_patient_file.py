"""The patient file: what is accepted, and that everything else gets a sentence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.errors import BadRequest
from clinic.patient_file import PatientEntry, PregnancyEntry, parse_patient, read_patient_file

LEAST = {"patient_id": "7", "family_name": "Okafor"}


def test_a_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "patient.json"
    content = {**LEAST, "given_name": "Zoë\u0301", "birth_date": "1999-03", "patient_sex": "F",
               "pregnancy": {"lmp_date": "2026-05-01", "fetuses": 2}}  # fmt: skip
    path.write_text(json.dumps(content), encoding="utf-8")
    entry = read_patient_file(path)
    assert entry == PatientEntry("7", "Okafor", "Zoë\u0301", "1999-03", "F", PregnancyEntry("2026-05-01", 2))


def test_letters_are_composed_so_that_equal_names_are_equal() -> None:
    assert parse_patient({**LEAST, "family_name": "E\u0301"}).family_name == "\u00c9"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"patient_id": ""}, "has no patient_id"),
        ({"family_name": " "}, "has no family_name"),
        ({"famly_name": "x"}, "unknown key 'famly_name'"),
        ({"birth_date": "1999-02-30"}, "'1999-02-30' is not a date"),
        ({"birth_date": "02/03/1999"}, "is not a date"),
        ({"patient_sex": "female"}, "patient_sex must be F, M, O or empty"),
        ({"family_name": 7}, "family_name must be text"),
        ({"family_name": "a\x1b[2J"}, "without control characters"),
        ({"family_name": "a" * 65}, "longer than 64 letters"),
        ({"patient_id": "7" * 65}, "longer than 64 letters"),
        ({"pregnancy": []}, "pregnancy must be a JSON object"),
        ({"pregnancy": {"fetuses": 0}}, "from 1 to 8"),
        ({"pregnancy": {"fetuses": True}}, "from 1 to 8"),
        ({"pregnancy": {"fetal_sex": "?"}}, "unknown key 'fetal_sex'"),
    ],
)
def test_a_wrong_value_gets_a_sentence(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(BadRequest, match=sentence.replace("[", r"\[")) as caught:
        parse_patient({**LEAST, **change})
    assert caught.value.title


def test_a_file_saved_with_a_mark_of_its_byte_order_is_read(tmp_path: Path) -> None:
    path = tmp_path / "patient.json"
    path.write_text(json.dumps(LEAST), encoding="utf-8-sig")
    assert read_patient_file(path).patient_id == "7"


@pytest.mark.parametrize("text", ['{"patient_id": "1", "patient_id": "2", "family_name": "x"}', "[" * 100_000])
def test_json_that_python_would_take_or_choke_on_gets_a_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "patient.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadRequest, match="is not JSON"):
        read_patient_file(path)


@pytest.mark.parametrize("text", ["", "[]", "{", "\ufeff{}", "null"])
def test_what_is_no_object_gets_a_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "patient.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadRequest):
        read_patient_file(path)


def test_an_absent_file_gets_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match="cannot be read"):
        read_patient_file(tmp_path / "nobody.json")


def test_bytes_that_are_no_text_get_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "patient.json"
    path.write_bytes(b'{"patient_id": "\xff\xfe"}')
    with pytest.raises(BadRequest):
        read_patient_file(path)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=8,
)


@given(JSON, st.sampled_from(["patient_id", "family_name", "birth_date", "patient_sex", "pregnancy", "x"]))
def test_any_json_is_either_a_patient_or_a_sentence(value: Any, key: str) -> None:
    try:
        entry = parse_patient({**LEAST, key: value})
    except BadRequest:
        return
    assert entry.patient_id
    assert entry.family_name
