"""Aperture: where the elements of an array lie and which way each looks."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imaging.errors import CannotImage

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Aperture:
    """Equal steps along a line, or along an arc whose middle touches the origin.

    The plane is that of ``probe.geometry.Geometry``: x to the right, z away from the skin.

    Args:
        elements: Their number.
        pitch_mm: From the middle of one to the middle of the next, along the line or the arc.
        radius_mm: Of the arc; infinite for a linear or phased array.

    Raises:
        CannotImage: No array has such numbers.
    """

    elements: int
    pitch_mm: float
    radius_mm: float = math.inf

    def __post_init__(self) -> None:
        steps = (self.elements - 1) * self.pitch_mm
        if not (self.elements >= 2 and 0 < self.pitch_mm < math.inf and self.radius_mm > steps / math.pi):
            raise CannotImage(
                f"{self.elements} elements {self.pitch_mm} mm apart on a radius of {self.radius_mm} mm are no array",
                "Correct the description of the array.",
            )

    @property
    def is_linear(self) -> bool:
        return math.isinf(self.radius_mm)

    def places(self, steps: Floats) -> tuple[Floats, Floats, Floats]:
        """x and z in m and the angle of the normal in rad, at a number of pitches from the middle."""
        along = steps * self.pitch_mm / 1000
        if self.is_linear:
            return along, np.zeros_like(along), np.zeros_like(along)
        radius = self.radius_mm / 1000
        angle = along / radius
        return radius * np.sin(angle), radius * (np.cos(angle) - 1), angle

    def element_steps(self) -> Floats:
        """(elements,) pitches from the middle of the array."""
        return np.asarray(np.arange(self.elements) - (self.elements - 1) / 2, dtype=np.float64)
