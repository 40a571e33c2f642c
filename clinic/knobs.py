"""Knobs: what a person turns on the picture, live or frozen; one frozen value, with which the scanner answers."""

from __future__ import annotations

from dataclasses import dataclass, replace

from imaging.layout import View
from imaging.preset import Preset

GAIN_LIMIT_DB = 30
DYNAMIC_RANGE_LIMIT_DB = 30
DEPTHS_MM = (20, 500)
_GAIN_DB = (-60, 60)
_DYNAMIC_RANGE_DB = (10, 120)


@dataclass(frozen=True, slots=True)
class Knobs:
    """Where the knobs stand; as they are made, they stand where each patient's picture begins.

    Args:
        preset: Name of the chosen preset; empty leaves the choice to the probe.
        gain_db: Above the preset's.
        dynamic_range_db: Above the preset's.
        depth_mm: How deep is shown; 0 is all that the probe gives.
        mirrored: Left and right change places.
        upside_down: The skin is at the bottom.
    """

    preset: str = ""
    gain_db: int = 0
    dynamic_range_db: int = 0
    depth_mm: int = 0
    mirrored: bool = False
    upside_down: bool = False

    def within(self) -> Knobs:
        """The nearest that can be set."""
        return replace(
            self,
            gain_db=_between(self.gain_db, (-GAIN_LIMIT_DB, GAIN_LIMIT_DB)),
            dynamic_range_db=_between(self.dynamic_range_db, (-DYNAMIC_RANGE_LIMIT_DB, DYNAMIC_RANGE_LIMIT_DB)),
            depth_mm=_between(self.depth_mm, DEPTHS_MM) if self.depth_mm else 0,
        )

    def tuned(self, preset: Preset) -> Preset:
        """A preset as it is with these knobs on top."""
        return replace(
            preset,
            gain_db=_between(preset.gain_db + self.gain_db, _GAIN_DB),
            dynamic_range_db=_between(preset.dynamic_range_db + self.dynamic_range_db, _DYNAMIC_RANGE_DB),
        )

    @property
    def view(self) -> View:
        """What of the scan is shown, and which way round."""
        return View(mirrored=self.mirrored, upside_down=self.upside_down, depth_mm=self.depth_mm or None)


AT_REST = Knobs()


def _between(value: int, limits: tuple[int, int]) -> int:
    return min(max(value, limits[0]), limits[1])
