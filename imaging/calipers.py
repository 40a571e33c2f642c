"""Measuring on a picture, with the error that reading it implies."""

from __future__ import annotations

import math
from dataclasses import dataclass

from imaging.picture import Picture

Place = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Distance:
    """A caliper's reading.

    Args:
        mm: Between the two places.
        error_mm: Standard error of reading it (see ``distance``).
    """

    mm: float
    error_mm: float


def distance(picture: Picture, a: Place, b: Place) -> Distance:
    """The distance between two places on a picture, each (column, row) in pixels.

    The error assumes that each end is placed to within half a pixel (uniform: 1/sqrt(12) pixel standard error along the
    line, two ends), and adds the calibration's residual. Without a calibration the error of the probe's own millimetres
    is unknown and not in it; the picture then says UNCALIBRATED.
    """
    mm = math.hypot(b[0] - a[0], b[1] - a[1]) * picture.mm_per_pixel
    reading = picture.mm_per_pixel * math.sqrt(2 / 12)
    calibration = picture.provenance.calibration
    residual = calibration.residual_um / 1000 if calibration else 0.0
    return Distance(mm, math.hypot(reading, residual))
