"""Calipers: millimetres between two places on a picture, with the error that must be said beside them."""

from __future__ import annotations

import math
from dataclasses import dataclass

from imaging.errors import CannotImage
from imaging.picture import Picture

# what an unknown speed of sound may cost: tissue's 1540 m/s over water's 1480 is 4 %
UNCALIBRATED_PERCENT = 4

Place = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Distance:
    """A measured distance.

    Args:
        mm: Between the two places.
        error_mm: How far off it may be: one pixel for reading both ends, what the probe's calibration left over at each
            end, and without a calibration 4 % of the distance; the three are independent, so their squares add.
        calibrated: Whether a calibration of the probe was in force.
    """

    mm: float
    error_mm: float
    calibrated: bool


def distance(picture: Picture, a_px: Place, b_px: Place) -> Distance:
    """The distance between two places.

    Args:
        picture: Where they lie.
        a_px, b_px: (column, row), fractions allowed.

    Raises:
        CannotImage: A place is not on the picture.
    """
    for column, row in (a_px, b_px):
        if not (-0.5 <= column <= picture.width_px - 0.5 and -0.5 <= row <= picture.height_px - 0.5):
            raise CannotImage("A caliper is not on the picture", "Place both ends inside the picture.")
    ax, az = picture.to_mm(*a_px)
    bx, bz = picture.to_mm(*b_px)
    length = math.hypot(bx - ax, bz - az)
    calibration = picture.provenance.calibration
    if calibration is None:
        system = length * UNCALIBRATED_PERCENT / 100
    else:
        system = math.sqrt(2) * calibration.residual_um / 1000
    return Distance(length, math.hypot(picture.mm_per_pixel, system), calibration is not None)
