"""Presets: data, checked; what is wrong with one is said in a sentence that names the key."""

from __future__ import annotations

import dataclasses
import tomllib
from pathlib import Path

import numpy as np
import pytest

from imaging import preset as preset_module
from imaging.chain import Chain, Status
from imaging.errors import BadPreset
from imaging.preset import Preset
from probe.frame import Provenance
from tests.imaging.sweeps import frame_of, speckle


@pytest.mark.parametrize("name", Preset.names())
def test_each_preset_loads(name: str) -> None:
    preset = Preset.load(name)
    assert preset.name == name
    assert preset.title
    assert preset.sound_speed_m_s in (1480, 1540)
    assert Preset.from_values(name, {k: v for k, v in preset.values().items() if k != "name"}) == preset


def test_every_purpose_has_its_preset() -> None:
    assert set(Preset.names()) == {
        "a_line_test", "abdomen", "bladder", "lung", "obstetric", "obstetric_early", "obstetric_late", "small_parts",
        "vascular", "water_tank",
    }  # fmt: skip
    assert len({Preset.load(name).title for name in Preset.names()}) == len(Preset.names())


@pytest.mark.parametrize("name", Preset.names())
def test_each_preset_says_the_same_things(name: str) -> None:
    said = tomllib.loads((Path(preset_module.__file__).parent / "presets" / f"{name}.toml").read_text("utf-8"))
    for key in ("sound_speed_m_s", "depth_mm", "tgc_db_m", "dynamic_range_db", "persistence_frames", "speckle"):
        assert key in said
    assert said["speckle"] == "none" or said["speckle_strength"] > 0


@pytest.mark.parametrize("name", Preset.names())
def test_each_preset_makes_a_picture(name: str) -> None:
    preset = Preset.load(name)
    frame = frame_of(speckle(32, 1200, rate_hz=40_000_000), rate_hz=40_000_000)
    chain = Chain.plan(frame, preset, 200, 160)
    assert chain.run(frame) is Status.OK
    assert chain.picture().pixels.any()


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
        ('grey_map = "sepia"', "grey_map"),
        ("grey_map = []", "grey_map"),
        ('speckle = "median"', "speckle"),
        ("speckle_strength = 11", "speckle_strength"),
        ("persistence_frames = 0", "persistence_frames"),
        ("tgc_curve_db = [3]", "tgc_curve_db"),
        ("tgc_curve_db = [0, 99]", "tgc_curve_db"),
        ("tgc_curve_db = [0, 1.5]", "tgc_curve_db"),
        ("tgc_curve_db = 7", "tgc_curve_db"),
        ("depth_mm = 1000", "depth_mm"),
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
