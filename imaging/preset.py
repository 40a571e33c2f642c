"""Preset: a named imaging purpose as data. It owns the speed of sound, and with it every millimetre.

Numbers are integers in the unit that the name says, so that a preset can enter digests and records as it is.
"""

from __future__ import annotations

import tomllib
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from imaging.errors import BadPreset
from probe.frame import Frame

_FOLDER = Path(__file__).parent / "presets"
WATER_M_S = 1480

_LIMITS = {
    "sound_speed_m_s": (300, 7000),
    "centre_hz": (10_000, 100_000_000),
    "bandwidth_percent": (10, 190),
    "white_counts": (1, 65535),
    "gain_db": (-60, 60),
    "dynamic_range_db": (10, 120),
    "tgc_db_m": (0, 2000),
    "depth_mm": (5, 500),
    "persistence_frames": (1, 8),
    "frequency_bands": (1, 4),
    "speckle_strength": (0, 10),
    "aperture_lines": (0, 32),
    "coherence_percent": (0, 100),
    "focus_mm": (0, 500),
    "element_mm": (0, 200),
}
_CHOICES = {"grey_map": ("linear", "bright", "contrast"), "speckle": ("none", "guided", "srad")}
_SLIDERS, _SLIDER_DB = (2, 12), 40


@dataclass(frozen=True, slots=True)
class Preset:
    """How to image for one purpose.

    Args:
        name: File name without its ending.
        title: What a person reads.
        sound_speed_m_s: Turns time into millimetres; stored with every picture.
        centre_hz: Centre of the received band where the probe does not name its own.
        bandwidth_percent: Width of the band between its half-amplitude points, of the centre.
        white_counts: RF amplitude that is white at 0 dB gain; an envelope's own full scale plays this part.
        gain_db: Brightens the picture; a new table, nothing else.
        dynamic_range_db: From black to white.
        tgc_db_m: Gain for depth, dB per metre of range.
        depth_mm: How deep one looks for this purpose: what the probe is asked for, and where the last slider sits.
        tgc_curve_db: Sliders: gain on top of ``tgc_db_m``, at equal distances from 0 to ``depth_mm``, linear between.
        grey_map: How grey follows from decibels: ``linear``, ``bright`` or ``contrast``.
        persistence_frames: How many frames are mixed, the newest most; 1 shows each by itself.
        frequency_bands: RF only: how many sub-bands are detected apart and averaged; 1 is the whole band at once.
        speckle: Filter against speckle: ``none``, ``guided`` (fast) or ``srad``.
        speckle_strength: How much of it, 0 to 10; 0 is none.
        aperture_lines: RF and IQ of a sector only: how many lines are focused together; 0 shows each by itself.
        coherence_percent: How much of the coherence factor weighs what is focused.
        focus_mm, element_mm: Distance of the element's focus along the line, and its diameter; needed to focus.
        stages: Further stages by name, in their order (see docs/reference/stages.md).

    Raises:
        BadPreset: A number is outside its limits.
    """

    name: str
    title: str
    sound_speed_m_s: int
    centre_hz: int = 3_500_000
    bandwidth_percent: int = 80
    white_counts: int = 8192
    gain_db: int = 0
    dynamic_range_db: int = 60
    tgc_db_m: int = 0
    depth_mm: int = 160
    tgc_curve_db: tuple[int, ...] = ()
    grey_map: str = "linear"
    persistence_frames: int = 1
    frequency_bands: int = 1
    speckle: str = "none"
    speckle_strength: int = 0
    aperture_lines: int = 0
    coherence_percent: int = 0
    focus_mm: int = 0
    element_mm: int = 0
    stages: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for key, (low, high) in _LIMITS.items():
            value = getattr(self, key)
            if type(value) is not int or not low <= value <= high:
                raise _wrong(self.name, f"{key} must be a whole number from {low} to {high}, not {value!r}")
        for key, choices in _CHOICES.items():
            if getattr(self, key) not in choices:
                raise _wrong(self.name, f"{key} must be one of {', '.join(choices)}, not {getattr(self, key)!r}")
        if not all(isinstance(stage, str) for stage in self.stages):
            raise _wrong(self.name, "stages must be a list of names")
        self._check_sliders()

    def _check_sliders(self) -> None:
        sliders = self.tgc_curve_db
        count = not sliders or _SLIDERS[0] <= len(sliders) <= _SLIDERS[1]
        if not count or not all(type(db) is int and abs(db) <= _SLIDER_DB for db in sliders):
            raise _wrong(
                self.name,
                f"tgc_curve_db must be {_SLIDERS[0]} to {_SLIDERS[1]} whole numbers from -{_SLIDER_DB} to {_SLIDER_DB}",
            )

    @classmethod
    def load(cls, name: str) -> Preset:
        """One of the presets that Sauti brings.

        Raises:
            BadPreset: There is none of that name.
        """
        known = cls.names()
        if name not in known:
            raise BadPreset(f"There is no preset {name!r}", f"Choose one of: {', '.join(known)}.")
        return cls.read(_FOLDER / f"{name}.toml")

    @classmethod
    def read(cls, path: Path) -> Preset:
        """A preset from a TOML file; its name is the file's.

        Raises:
            BadPreset: The file cannot be read, has an unknown key, lacks one, or a value is not possible.
        """
        try:
            values = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeError, tomllib.TOMLDecodeError) as error:
            raise _wrong(path.stem, f"it cannot be read ({error})") from error
        return cls.from_values(path.stem, values)

    @classmethod
    def from_values(cls, name: str, values: dict[str, Any]) -> Preset:
        """A preset from keys and values.

        Raises:
            BadPreset: A key is unknown or missing, or a value is not possible.
        """
        keys = {field.name for field in fields(cls)} - {"name"}
        for key in values:
            if key not in keys:
                raise _wrong(name, f"it has the unknown key {key!r}")
        for key in ("title", "sound_speed_m_s"):
            if key not in values:
                raise _wrong(name, f"it lacks the key {key!r}")
        if not isinstance(values["title"], str):
            raise _wrong(name, "its title must be a text")
        lists = {key: values.get(key, []) for key in ("stages", "tgc_curve_db")}
        for key, value in lists.items():
            if not isinstance(value, list):
                raise _wrong(name, f"{key} must be a list")
        return cls(name=name, **{**values, **{key: tuple(value) for key, value in lists.items()}})

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """The presets that Sauti brings, in order."""
        return tuple(sorted(path.stem for path in _FOLDER.glob("*.toml")))

    @classmethod
    def for_frame(cls, frame: Frame) -> Preset:
        """The preset to begin with: single lines are a test, and a probe that counts in water's mm lies in a tank."""
        if frame.geometry.lines == 1:
            return cls.load("a_line_test")
        in_water = frame.provenance.sound_speed_m_s == WATER_M_S
        return cls.load("water_tank" if in_water else "obstetric")

    def values(self) -> dict[str, Any]:
        """Everything in it, for a digest or a record: texts, whole numbers, a list."""
        return {**asdict(self), "stages": list(self.stages), "tgc_curve_db": list(self.tgc_curve_db)}


def _wrong(name: str, what: str) -> BadPreset:
    return BadPreset(f"The preset {name!r} cannot be used: {what}", "Correct its file, or choose another preset.")
