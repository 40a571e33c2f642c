"""How far off a reading may be: what pixels and calibration imply, carried through to whatever is calculated.

A place is read to within 1/√2 of a pixel, so that a distance, which has two ends, is read to within one. A calibrated
probe adds its residual at each place. An uncalibrated one may have another speed of sound: then all lengths are off by
the same 4 %, areas by twice and volumes by three times that. What is independent adds as squares.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from imaging.errors import CannotImage
from imaging.picture import Picture
from probe.capabilities import Calibration

# what an unknown speed of sound may cost: tissue's 1540 m/s over water's 1480 is 4 %
UNCALIBRATED_PERCENT = 4

Place = tuple[float, float]
Points = NDArray[np.float64]


def placed(picture: Picture, places_px: Sequence[Place], least: int) -> Points:
    """(n, 2) x and z in mm of places given as (column, row), fractions allowed.

    Raises:
        CannotImage: There are too few, or one is not on the picture.
    """
    if len(places_px) < least:
        raise CannotImage(f"{least} places are needed, and there are {len(places_px)}", "Place the others too.")
    for column, row in places_px:
        if not (-0.5 <= column <= picture.width_px - 0.5 and -0.5 <= row <= picture.height_px - 0.5):
            raise CannotImage("A caliper is not on the picture", "Place both ends inside the picture.")
    return np.array([picture.to_mm(column, row) for column, row in places_px], dtype=np.float64)


def place_error_mm(picture: Picture) -> float:
    """How far one place may be off, along any direction."""
    calibration = picture.provenance.calibration
    residual = 0.0 if calibration is None else calibration.residual_um / 1000
    return math.hypot(picture.mm_per_pixel / math.sqrt(2), residual)


def reading_error(picture: Picture, slopes: Points) -> float:
    """What independent errors of the places make of a result; ``slopes`` are its derivatives by each coordinate."""
    return place_error_mm(picture) * float(np.sqrt((slopes**2).sum()))


def scale_error(calibration: Calibration | None, value: float, power: int) -> float:
    """What an unknown speed of sound makes of a length (power 1), an area (2) or a volume (3)."""
    return 0.0 if calibration is not None else abs(value) * power * UNCALIBRATED_PERCENT / 100
