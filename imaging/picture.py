"""Picture: what is looked at and measured on. Square pixels with a map to millimetres, and how it came to be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from probe.frame import Provenance


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """One imaged frame (DICOM calls this a frame).

    Args:
        pixels: (rows, columns) uint8, read-only; outside the sweep 0.
        mm_per_pixel: Side of a pixel.
        origin_x_mm, origin_z_mm: Centre of pixel (row 0, column 0); z is depth, x is to the right.
        frame_number: The probe's number of the frame.
        preset: Name of the preset.
        sound_speed_m_s: What made the millimetres.
        digest: Hex SHA-256 of stages, versions, parameters and geometry (docs/reference/picture.md).
        provenance: Whose samples they are: simulated, calibration, probe.
        missing_lines: How many scanlines were missing; they are black.
    """

    pixels: NDArray[np.uint8]
    mm_per_pixel: float
    origin_x_mm: float
    origin_z_mm: float
    frame_number: int
    preset: str
    sound_speed_m_s: int
    digest: str
    provenance: Provenance
    missing_lines: int

    @property
    def rows(self) -> int:
        return int(self.pixels.shape[0])

    @property
    def columns(self) -> int:
        return int(self.pixels.shape[1])

    def to_mm(self, column: float, row: float) -> tuple[float, float]:
        """(x, z) of a place on the picture."""
        return self.origin_x_mm + column * self.mm_per_pixel, self.origin_z_mm + row * self.mm_per_pixel

    def to_pixel(self, x_mm: float, z_mm: float) -> tuple[float, float]:
        """(column, row) of a place in the plane."""
        return (x_mm - self.origin_x_mm) / self.mm_per_pixel, (z_mm - self.origin_z_mm) / self.mm_per_pixel
