"""Picture: grey pixels, the millimetre of each, and how they came about. The only value that leaves for an exam."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from probe.frame import Provenance


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """One frame, imaged.

    Pixels are points of a grid: pixel (column, row) is centred at ``origin + pixel * (column, row)`` in the plane of
    ``probe.geometry.Geometry``, x to the right, z away from the skin; a picture that is turned round says so.

    Args:
        pixels: (rows, columns) uint8, read-only; 0 outside the scan and beside missing lines.
        inside: (rows, columns) bool, read-only: where the scan is.
        pixel_um: Side of a pixel.
        origin_x_um, origin_z_um: Centre of the pixel in column 0, row 0.
        frame_number: Number of the frame it shows.
        preset_name: Name of the preset.
        sound_speed_m_s: What made time into millimetres.
        digest: Of stages, versions, parameters, geometry and preset, hexadecimal.
        provenance: Of the frame: probe, simulated, calibration.
        missing_lines: Lines of the frame without echoes; the cells beside them are black.
        mixed_frames: Numbers of older frames that persistence has mixed in.
        mirrored, upside_down: x falls with the column; z falls with the row.
        gain_db, dynamic_range_db: As they were set; None where that is not known any more.
    """

    pixels: NDArray[np.uint8]
    inside: NDArray[np.bool_]
    pixel_um: int
    origin_x_um: int
    origin_z_um: int
    frame_number: int
    preset_name: str
    sound_speed_m_s: int
    digest: str
    provenance: Provenance
    missing_lines: tuple[int, ...]
    mixed_frames: tuple[int, ...] = ()
    mirrored: bool = False
    upside_down: bool = False
    gain_db: int | None = None
    dynamic_range_db: int | None = None

    @property
    def mm_per_pixel(self) -> float:
        return self.pixel_um / 1000

    @property
    def origin_x_mm(self) -> float:
        return self.origin_x_um / 1000

    @property
    def origin_z_mm(self) -> float:
        return self.origin_z_um / 1000

    @property
    def width_px(self) -> int:
        return int(self.pixels.shape[1])

    @property
    def height_px(self) -> int:
        return int(self.pixels.shape[0])

    @property
    def calibrated(self) -> bool:
        """Whether the probe's millimetres were measured."""
        return self.provenance.calibration is not None

    @property
    def simulated(self) -> bool:
        """No transducer made the samples."""
        return self.provenance.simulated

    @property
    def depth_mm(self) -> float:
        """How deep the scan is shown."""
        rows = np.flatnonzero(self.inside.any(axis=1))
        first, last = (self.to_mm(0, float(row))[1] for row in (rows[0], rows[-1]))
        return max(first, last)

    def to_mm(self, column: float, row: float) -> tuple[float, float]:
        """x and z of a place on the picture; a fraction lies between two pixels."""
        across, down = self._steps_um()
        return (self.origin_x_um + across * column) / 1000, (self.origin_z_um + down * row) / 1000

    def to_pixel(self, x_mm: float, z_mm: float) -> tuple[float, float]:
        """Column and row of a place in the plane, with fraction, perhaps outside the picture."""
        across, down = self._steps_um()
        return (1000 * x_mm - self.origin_x_um) / across, (1000 * z_mm - self.origin_z_um) / down

    def _steps_um(self) -> tuple[int, int]:
        """From one column, and from one row, to the next."""
        return -self.pixel_um if self.mirrored else self.pixel_um, -self.pixel_um if self.upside_down else self.pixel_um
