"""Presets: named imaging purposes, as data. A preset owns the sound speed, and with it every millimetre."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from typing import Any

from imaging.errors import PresetError
from probe.frame import Frame

DEFAULT = "obstetric"
WATER_TANK = "water_tank"


@dataclass(frozen=True, slots=True)
class Preset:
    """What an examination wants of the picture.

    Args:
        name: The file's name without ``.toml`` (DICOM ProtocolName).
        title: For people.
        sound_speed_m_s: Speed of sound in what is examined.
        dynamic_range_db: From black to white.
        gain_db: Brightness above the automatic level.
        bandwidth_percent: Width of the receive band, of the centre frequency.
    """

    name: str
    title: str
    sound_speed_m_s: int
    dynamic_range_db: int
    gain_db: int
    bandwidth_percent: int

    @classmethod
    def load(cls, name: str) -> Preset:
        """A preset of the program.

        Raises:
            PresetError: There is none of that name, or its file is wrong.
        """
        if name not in names():
            raise PresetError(f"There is no preset {name!r}", f"Choose one of: {', '.join(names())}.")
        return cls.parse(name, (files("imaging") / "presets" / f"{name}.toml").read_text(encoding="utf-8"))

    @classmethod
    def parse(cls, name: str, text: str) -> Preset:
        """Read a preset's TOML.

        Raises:
            PresetError: Not TOML, an unknown or missing key, or a number outside its limits.
        """
        try:
            table = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise PresetError(f"The preset {name} is not TOML", f"{error}.") from error
        expected = {field.name for field in fields(cls)} - {"name"}
        for key in sorted(table.keys() ^ expected):
            word = "an unknown key" if key in table else "no"
            raise PresetError(f"The preset {name} has {word} {key}", f"A preset has: {', '.join(sorted(expected))}.")
        _check(name, table)
        return cls(name=name, **table)

    @classmethod
    def for_frame(cls, frame: Frame) -> Preset:
        """The preset to begin with: water's where the probe says that it was set up for water, else obstetric."""
        water = cls.load(WATER_TANK)
        return water if frame.provenance.sound_speed_m_s == water.sound_speed_m_s else cls.load(DEFAULT)


_LIMITS = {
    "sound_speed_m_s": (1300, 6500),
    "dynamic_range_db": (20, 100),
    "gain_db": (-40, 40),
    "bandwidth_percent": (20, 160),
}


@cache
def names() -> tuple[str, ...]:
    """Every preset of the program, sorted."""
    found = (entry.name for entry in (files("imaging") / "presets").iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in found if name.endswith(".toml")))


def _check(name: str, table: Mapping[str, Any]) -> None:
    if not isinstance(table["title"], str):
        raise PresetError(f"The preset {name} has a title that is no text")
    for key, (low, high) in _LIMITS.items():
        if type(table[key]) is not int or not low <= table[key] <= high:
            raise PresetError(f"The preset {name} has a wrong {key}", f"It is a whole number from {low} to {high}.")
