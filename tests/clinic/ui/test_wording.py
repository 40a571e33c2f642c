"""Words that screens share."""

from __future__ import annotations

from dataclasses import replace

import pytest

from clinic.ui.wording import many, output, sensors
from probe.driver import DeviceStatus
from probe.emulators.eop1 import Eop1Device
from tests.probe.conftest import TinySource

CAPS = Eop1Device(TinySource()).capabilities


@pytest.mark.parametrize(
    ("mechanical", "thermal", "said"),
    [
        (None, None, "MI, TI not measured"),
        ("0.41", None, "MI 0.41, TI not measured"),
        (None, "0.3", "MI not measured, TI 0.3"),
        ("0.41", "0.3", "MI 0.41, TI 0.3"),
    ],
)
def test_each_index_is_measured_or_said_not_to_be(mechanical: str | None, thermal: str | None, said: str) -> None:
    assert output(replace(CAPS, mechanical_index=mechanical, thermal_index=thermal)) == said


@pytest.mark.parametrize(
    ("battery", "warmth", "said"),
    [
        (None, None, ""),
        (71, None, "probe: battery 71 %"),
        (None, -3, "probe: -3 °C"),
        (16, 34, "probe: battery 16 %, 34 °C"),
        (15, 34, "probe: battery 15 % LOW, 34 °C"),
        (0, None, "probe: battery 0 % LOW"),
    ],
)
def test_a_probe_says_how_it_is(battery: int | None, warmth: int | None, said: str) -> None:
    assert sensors(DeviceStatus(True, 0, battery, warmth)) == said


def test_one_or_many() -> None:
    assert (many(1, "loop"), many(0, "loop"), many(2, "loop")) == ("1 loop", "0 loops", "2 loops")
