"""The page of events and the tables of the code say the same."""

from __future__ import annotations

import re

from records.bodies import BODIES, schema_of
from records.states import NEXT
from tests.records.pages import table


def _words(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def test_every_type_with_its_body() -> None:
    listed = {_words(kind)[0]: _words(body) for kind, _, body in table("record", "Types and bodies")}
    assert listed == {kind: list(fields) for kind, fields in BODIES.items()}


def test_every_form_that_is_not_the_first() -> None:
    listed = {_words(kind)[0]: int(schema) for kind, schema, _ in table("record", "Forms")}
    assert listed == {kind: schema_of(kind) for kind in BODIES if schema_of(kind) > 1}


def test_every_step_of_an_exam() -> None:
    rows = table("record", "Exam states")
    listed = {(_words(old)[0], kind): _words(new)[0] for old, kinds, new in rows for kind in _words(kinds)}
    assert listed == NEXT


def test_nothing_describes_fetal_sex() -> None:
    names = {field for fields in BODIES.values() for field in fields}
    assert {name for name in names if "sex" in name or "gender" in name} == {"patient_sex"}
    assert not any("sex" in field for field in BODIES["fetus.identified"])
