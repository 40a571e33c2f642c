"""Presets: data, checked; what is wrong with one is said in a sentence that names the key."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from imaging.errors import BadPreset
from imaging.preset import Preset
from probe.frame import Provenance
from tests.imaging.sweeps import frame_of


@pytest.mark.parametrize("name", Preset.names())
def test_each_preset_loads(name: str) -> None:
    preset = Preset.load(name)
    assert preset.name == name
    assert preset.title
    assert preset.sound_speed_m_s in (1480, 1540)
    assert Preset.from_values(name, {k: v for k, v in preset.values().items() if k != "name"}) == preset


def test_the_presets_of_issue_a_are_there() -> None:
    assert {"water_tank", "obstetric", "abdomen", "a_line_test"} <= set(Preset.names())


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("gain = 3", "gain"),
        ("gain_db = 300", "gain_db"),
        ("gain_db = 2.5", "gain_db"),
        ("gain_db = true", "gain_db"),
        ('dynamic_range_db = "60"', "dynamic_range_db"),
        ("centre_hz = 0", "centre_hz"),
        ('stages = "smooth"', "stages"),
        ("stages = [3]", "stages"),
        ("name = 'other'", "name"),
        ("title = ", "cannot be read"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, named: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(f'title = "Mine"\nsound_speed_m_s = 1540\n{text}\n', encoding="utf-8")
    with pytest.raises(BadPreset, match=named) as caught:
        Preset.read(path)
    assert "mine" in caught.value.title
    assert caught.value.advice


@pytest.mark.parametrize("key", ["title", "sound_speed_m_s"])
def test_what_is_missing_is_named(key: str) -> None:
    values = {"title": "Mine", "sound_speed_m_s": 1540}
    del values[key]
    with pytest.raises(BadPreset, match=key):
        Preset.from_values("mine", values)


def test_a_preset_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadPreset, match="water_tank"):
        Preset.load("watertank")
    with pytest.raises(BadPreset, match="no preset"):
        Preset.load("../water_tank")
    with pytest.raises(BadPreset, match="cannot be read"):
        Preset.read(tmp_path / "gone.toml")
    (tmp_path / "latin.toml").write_bytes(b'title = "\xff"')
    with pytest.raises(BadPreset, match="cannot be read"):
        Preset.read(tmp_path / "latin.toml")


@pytest.mark.parametrize(("speed", "name"), [(1480, "water_tank"), (1540, "obstetric"), (0, "obstetric")])
def test_a_frame_suggests_its_preset(speed: int, name: str) -> None:
    frame = frame_of(np.ones((4, 9)), provenance=Provenance("m", "s", "f", False, None, speed))
    assert Preset.for_frame(frame).name == name


def test_a_knob_is_checked_too() -> None:
    with pytest.raises(BadPreset, match="gain_db"):
        dataclasses.replace(Preset.load("abdomen"), gain_db=61)
