"""Where the home is looked for."""

from __future__ import annotations

from pathlib import Path

from clinic.settings import Settings


def test_the_home_is_named_by_its_variable() -> None:
    assert Settings.read({"SAUTI_HOME": "somewhere"}).home == Path("somewhere")


def test_else_it_lies_among_the_users_data() -> None:
    assert Settings.read({"XDG_DATA_HOME": "data"}).home == Path("data/sauti")
    assert Settings.read({}).home == Path.home() / ".local" / "share" / "sauti"


def test_the_device_key_lies_in_the_home_or_on_a_stick() -> None:
    assert Settings.read({"SAUTI_HOME": "somewhere"}).device_key == Path("somewhere/device.key")
    stick = {"SAUTI_HOME": "somewhere", "SAUTI_DEVICE_KEY": "stick/sauti.key"}
    assert Settings.read(stick).device_key == Path("stick/sauti.key")
