"""Lines: image columns that repeat with the elements of an array, so that delays repeat too."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imaging.beamform.aperture import Aperture
from imaging.errors import CannotImage
from probe.geometry import Geometry
from probe.settings import Sampling

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines along the normals of an array, a whole number of them for each element; the middle line is the array's.

    Args:
        aperture: The array.
        rows: Points on each line.
        nearest_mm: First point, from the array's face.
        spacing_mm: From one point to the next.
        per_element: Lines from one element to the next.
        lines: How many, by default ``per_element`` for each element.

    Raises:
        CannotImage: That is no image.
    """

    aperture: Aperture
    rows: int
    nearest_mm: float
    spacing_mm: float
    per_element: int = 1
    lines: int = 0

    def __post_init__(self) -> None:
        if not (self.rows >= 2 and self.nearest_mm >= 0 and self.spacing_mm > 0 and self.per_element >= 1):
            raise CannotImage("An image needs two rows or more, in front of the array", "Correct its description.")
        if self.lines == 0:
            object.__setattr__(self, "lines", self.per_element * self.aperture.elements)
        if self.lines < 2:
            raise CannotImage("A single line makes no image", "Ask for more lines.")

    @property
    def first_step(self) -> float:
        """Where the first line lies, in pitches from the first element."""
        return (self.aperture.elements - 1) / 2 - (self.lines - 1) / (2 * self.per_element)

    def depths_m(self) -> Floats:
        """(rows,) distance along each line."""
        return (self.nearest_mm + self.spacing_mm * np.arange(self.rows)) / 1000

    def line_steps(self) -> Floats:
        """(lines,) pitches from the middle of the array."""
        return (np.arange(self.lines) - (self.lines - 1) / 2) / self.per_element

    def points_m(self) -> tuple[Floats, Floats]:
        """(rows, lines) x and z."""
        x, z, angle = self.aperture.places(self.line_steps())
        depths = self.depths_m()[:, None]
        return x + depths * np.sin(angle), z + depths * np.cos(angle)

    def geometry(self) -> Geometry:
        """The lines as scanlines."""
        x, z, angle = self.aperture.places(self.line_steps())
        table = zip(np.degrees(angle) * 1000, 1e6 * x, 1e6 * z, strict=True)
        return Geometry.from_table([(round(a), round(at_x), round(at_z)) for a, at_x, at_z in table])

    def sampling(self, sound_speed_m_s: int) -> Sampling:
        """The rows as samples of a pulse-echo line, so that their millimetres come out again at that sound speed."""
        rate = round(500 * sound_speed_m_s / self.spacing_mm)
        return Sampling(self.rows, rate, round(2e6 * self.nearest_mm / sound_speed_m_s))
