"""Angles between two lines that meet."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from imaging.calipers.reading import UNCALIBRATED_PERCENT, Place, placed, reading_error
from imaging.errors import CannotImage
from imaging.picture import Picture


@dataclass(frozen=True, slots=True)
class Angle:
    """A measured angle from 0 to 180 degrees; ``error_deg`` is how far off it may be."""

    deg: float
    error_deg: float
    calibrated: bool


def angle(picture: Picture, vertex_px: Place, a_px: Place, b_px: Place) -> Angle:
    """The angle at a vertex between the lines to two other places.

    Without a calibration depth may be stretched against width by 4 %, which turns a line by up to half of that.

    Raises:
        CannotImage: A place is not on the picture, or lies on the vertex.
    """
    vertex, a, b = placed(picture, (vertex_px, a_px, b_px), 3)
    to_a, to_b = a - vertex, b - vertex
    if not (to_a.any() and to_b.any()):
        raise CannotImage("The ends of an angle lie on its corner", "Place them further away.")
    turn = math.atan2(to_a[0] * to_b[1] - to_a[1] * to_b[0], float(to_a @ to_b))
    # an end that moves across its line turns it by one over its length; the corner moves both lines
    slope_a = np.array([-to_a[1], to_a[0]]) / float(to_a @ to_a)
    slope_b = np.array([-to_b[1], to_b[0]]) / float(to_b @ to_b)
    reading = reading_error(picture, np.stack([slope_a - slope_b, -slope_a, slope_b]))
    calibrated = picture.provenance.calibration is not None
    stretched = 0.0 if calibrated else 2 * UNCALIBRATED_PERCENT / 200
    return Angle(math.degrees(abs(turn)), math.degrees(math.hypot(reading, stretched)), calibrated)
