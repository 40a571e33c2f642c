"""Which presets a nurse may choose from: those that make sense for the probe, never one of another sound speed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from clinic.knobs import AT_REST, Knobs
from clinic.presets import changes, suitable
from imaging.preset import Preset
from tests.clinic.test_recording import CAPABILITIES


@pytest.mark.parametrize(
    ("centre_hz", "sound_speed_m_s", "named", "not_named"),
    [
        ((3_500_000,), 1540, {"obstetric", "abdomen", "bladder", "lung"}, {"small_parts", "vascular", "water_tank"}),
        ((5_000_000,), 1540, {"obstetric", "vascular"}, {"small_parts", "water_tank"}),
        ((10_000_000,), 1540, {"small_parts", "vascular"}, {"obstetric", "abdomen", "water_tank"}),
        ((3_500_000, 7_500_000), 1540, {"obstetric", "small_parts", "vascular"}, {"water_tank"}),
        ((), 1540, {"obstetric", "small_parts"}, {"water_tank"}),
        ((3_500_000,), 1480, {"water_tank"}, {"obstetric", "a_line_test"}),
    ],
)
def test_presets_fit_the_probe(
    centre_hz: tuple[int, ...], sound_speed_m_s: int, named: set[str], not_named: set[str]
) -> None:
    presets = suitable(replace(CAPABILITIES, centre_hz=centre_hz), sound_speed_m_s)
    names = {preset.name for preset in presets}
    assert named <= names
    assert not not_named & names
    assert {preset.sound_speed_m_s for preset in presets} == {sound_speed_m_s}


def test_the_a_line_test_is_for_probes_without_pictures() -> None:
    names = {preset.name for preset in suitable(replace(CAPABILITIES, modes=("A",), centre_hz=(5_000_000,)), 1480)}
    assert {"a_line_test", "water_tank", "obstetric"} <= names, "such a board does not say what it lies on"


def test_what_a_preset_changes_is_said() -> None:
    assert changes(Preset.load("bladder")) == "150 mm deep, 50 dB of grey, 3 frames mixed, smoothed strongly"
    assert changes(Preset.load("lung")) == "100 mm deep, 50 dB of grey, each frame by itself"


def test_knobs_stay_within_their_limits_and_on_top_of_the_preset() -> None:
    far = Knobs(gain_db=99, dynamic_range_db=-99, depth_mm=3).within()
    assert (far.gain_db, far.dynamic_range_db, far.depth_mm) == (30, -30, 20)
    assert AT_REST.within() == AT_REST
    tuned = far.tuned(Preset.load("water_tank"))
    assert (tuned.gain_db, tuned.dynamic_range_db) == (34, 10)
