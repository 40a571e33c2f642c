"""Where the home is looked for."""

from __future__ import annotations

from pathlib import Path

from clinic.settings import Settings


def test_the_home_is_named_by_its_variable() -> None:
    assert Settings.read({"SAUTI_HOME": "somewhere"}).home == Path("somewhere")


def test_else_it_lies_among_the_users_data() -> None:
    assert Settings.read({"XDG_DATA_HOME": "data"}).home == Path("data/sauti")
    assert Settings.read({}).home == Path.home() / ".local" / "share" / "sauti"
