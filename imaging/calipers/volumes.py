"""The volume of an ellipsoid from three distances, as of a bladder."""

from __future__ import annotations

import math
from dataclasses import dataclass

from imaging.calipers.lengths import Distance
from imaging.calipers.reading import UNCALIBRATED_PERCENT
from imaging.errors import CannotImage


@dataclass(frozen=True, slots=True)
class Volume:
    """A volume in millilitres; ``error_ml`` is how far off it may be, if it is an ellipsoid."""

    ml: float
    error_ml: float
    calibrated: bool


def volume(length: Distance, width: Distance, height: Distance) -> Volume:
    """π/6 of the product of three diameters that stand at right angles, perhaps on two pictures.

    Raises:
        CannotImage: A distance is zero.
    """
    sides = (length, width, height)
    if not all(side.mm > 0 for side in sides):
        raise CannotImage("A distance of zero makes no volume", "Measure all three distances.")
    value = math.pi / 6 * length.mm * width.mm * height.mm / 1000
    reading = value * math.hypot(*(side.reading_mm / side.mm for side in sides))
    calibrated = all(side.calibrated for side in sides)
    scale = 0.0 if calibrated else value * 3 * UNCALIBRATED_PERCENT / 100
    return Volume(value, math.hypot(reading, scale), calibrated)
