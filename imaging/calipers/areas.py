"""Areas inside a traced line."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from imaging.calipers.reading import Place, Points, placed, reading_error, scale_error
from imaging.errors import CannotImage
from imaging.picture import Picture


@dataclass(frozen=True, slots=True)
class Area:
    """A measured area; ``error_mm2`` is how far off it may be."""

    mm2: float
    error_mm2: float
    calibrated: bool


def area(picture: Picture, places_px: Sequence[Place]) -> Area:
    """The area inside straight lines from place to place and back to the first one.

    Raises:
        CannotImage: There are fewer than three places, one is not on the picture, or the line crosses itself.
    """
    points = placed(picture, places_px, 3)
    if _crosses_itself(points):
        raise CannotImage("The traced line crosses itself", "Trace it again, once round.")
    after, before = np.roll(points, -1, axis=0), np.roll(points, 1, axis=0)
    doubled = float((points[:, 0] * after[:, 1] - after[:, 0] * points[:, 1]).sum())
    sign = 1.0 if doubled >= 0 else -1.0
    slopes = sign / 2 * np.stack([after[:, 1] - before[:, 1], before[:, 0] - after[:, 0]], axis=1)
    value, calibration = abs(doubled) / 2, picture.provenance.calibration
    error = math.hypot(reading_error(picture, slopes), scale_error(calibration, value, 2))
    return Area(value, error, calibration is not None)


def _crosses_itself(points: Points) -> bool:
    sides = list(zip(points, np.roll(points, -1, axis=0), strict=True))
    last = len(sides) - 1
    for (i, one), (j, other) in combinations(enumerate(sides), 2):
        if j - i > 1 and (i, j) != (0, last) and _meet(*one, *other):
            return True
    return False


def _meet(a: Points, b: Points, c: Points, d: Points) -> bool:
    """Whether two sides cross in their inner part."""
    return _turn(a, b, c) * _turn(a, b, d) < 0 and _turn(c, d, a) * _turn(c, d, b) < 0


def _turn(a: Points, b: Points, c: Points) -> float:
    return float((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]))
