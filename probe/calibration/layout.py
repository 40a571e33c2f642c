"""How a probe's lines lie, what may therefore be wrong with them, and where they lie once that is known."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from probe.geometry import Geometry

# a table is rounded to a micrometre and a thousandth of a degree
_SAME_MM = 0.05

Floats = NDArray[np.float64]


class Motion(Enum):
    """How the lines of a probe follow from each other."""

    ONE_LINE = "one line"
    PARALLEL = "parallel lines"
    ABOUT_A_POINT = "lines that turn about a point"
    EACH_FOR_ITSELF = "lines that turn each about its own origin"


@dataclass(frozen=True, slots=True)
class Layout:
    """What stays where it is while errors are taken away.

    Args:
        motion: How the lines follow from each other.
        centre_mm: (x, z) of the point about which lines turn: the apex of a sector, the middle of a convex array's
            circle, the pivot of a rocking head.
        middle_mdeg: Of the line whose angle no angle scale changes.
        middle_mm: x of the line that no lateral scale moves.
    """

    motion: Motion
    centre_mm: tuple[float, float] = (0.0, 0.0)
    middle_mdeg: float = 0.0
    middle_mm: float = 0.0

    @property
    def turns(self) -> bool:
        """Whether lines have angles of their own."""
        return self.motion in _TURNING

    def turned(self, angles_mdeg: Floats, scale: float, shift_mdeg: float | Floats) -> Floats:
        """(n,) true angles in thousandths of a degree, of lines that the probe tells so."""
        if not self.turns:
            return angles_mdeg
        return angles_mdeg + self._by(angles_mdeg, scale, shift_mdeg)

    def moved(
        self, angles_mdeg: Floats, origins_mm: Floats, scale: float, shift_mdeg: float | Floats, lateral: float
    ) -> Floats:
        """(n, 2) true origins: turned with their lines, or as far apart as they truly are."""
        if self.motion is Motion.PARALLEL:
            stretch = np.array([lateral, 1.0])
            held = np.array([self.middle_mm, 0.0])
            stretched: Floats = held + stretch * (origins_mm - held)
            return stretched
        if self.motion is not Motion.ABOUT_A_POINT:
            return origins_mm
        by = np.radians(self._by(angles_mdeg, scale, shift_mdeg) / 1000)
        x, z = (origins_mm - np.array(self.centre_mm)).T
        turned: Floats = np.stack([x * np.cos(by) + z * np.sin(by), z * np.cos(by) - x * np.sin(by)], axis=1)
        turned += np.array(self.centre_mm)
        return turned

    def _by(self, angles_mdeg: Floats, scale: float, shift_mdeg: float | Floats) -> Floats:
        by: Floats = (scale - 1) * (angles_mdeg - self.middle_mdeg) + shift_mdeg
        return by


SECTOR = Layout(Motion.ABOUT_A_POINT)
_TURNING = (Motion.ABOUT_A_POINT, Motion.EACH_FOR_ITSELF)


@lru_cache(maxsize=16)
def layout_of(geometry: Geometry) -> Layout:
    """The layout that the table of lines shows."""
    angles, origins = np.asarray(geometry.angle_mdeg, dtype=np.float64), geometry.origins_mm()
    middle_mdeg = float(angles[0] + angles[-1]) / 2
    if (np.abs(origins - origins[0]) <= 1e-6).all():
        if (angles == angles[0]).all():
            return Layout(Motion.ONE_LINE)
        return Layout(Motion.ABOUT_A_POINT, (float(origins[0, 0]), float(origins[0, 1])))
    if (angles == angles[0]).all():
        return Layout(Motion.PARALLEL, middle_mm=float(origins[0, 0] + origins[-1, 0]) / 2)
    centre = _pivot(np.radians((angles - middle_mdeg) / 1000), origins)
    if centre is None:
        return Layout(Motion.EACH_FOR_ITSELF, middle_mdeg=middle_mdeg)
    return Layout(Motion.ABOUT_A_POINT, centre, middle_mdeg)


def _pivot(turns: Floats, origins: Floats) -> tuple[float, float] | None:
    """The point about which one origin turns into all others; None when there is none."""
    cos, sin, one, none = np.cos(turns), np.sin(turns), np.ones_like(turns), np.zeros_like(turns)
    # unknown: centre x and z, and from it to the middle line's origin, x and z
    rows = np.concatenate([np.stack([one, none, cos, sin], axis=1), np.stack([none, one, -sin, cos], axis=1)])
    seen = np.concatenate([origins[:, 0], origins[:, 1]])
    found = np.linalg.lstsq(rows, seen, rcond=1e-10)[0]
    if float(np.abs(rows @ found - seen).max()) > _SAME_MM or math.hypot(*found[:2]) > 1e4:
        return None
    return float(found[0]), float(found[1])
