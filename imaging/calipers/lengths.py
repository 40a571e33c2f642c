"""Lengths: between two places, and along a traced line."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from imaging.calipers.reading import Place, Points, placed, reading_error, scale_error
from imaging.picture import Picture


@dataclass(frozen=True, slots=True)
class Distance:
    """A measured length.

    Args:
        mm: Between the two places, or along the trace.
        error_mm: How far off it may be; see ``reading``.
        calibrated: Whether a calibration of the probe was in force.
        reading_mm: The part of the error that is independent of other measurements on the same picture.
    """

    mm: float
    error_mm: float
    calibrated: bool
    reading_mm: float = 0.0


def distance(picture: Picture, a_px: Place, b_px: Place) -> Distance:
    """The distance between two places.

    Args:
        picture: Where they lie.
        a_px, b_px: (column, row), fractions allowed.

    Raises:
        CannotImage: A place is not on the picture.
    """
    return _length(picture, placed(picture, (a_px, b_px), 2), closed=False)


def trace(picture: Picture, places_px: Sequence[Place], *, closed: bool = False) -> Distance:
    """The length of a line through places, back to the first one where it is closed.

    Raises:
        CannotImage: There are fewer than two places (three where it is closed), or one is not on the picture.
    """
    return _length(picture, placed(picture, places_px, 3 if closed else 2), closed=closed)


def _length(picture: Picture, points: Points, *, closed: bool) -> Distance:
    path = np.concatenate([points, points[:1]]) if closed else points
    steps = np.diff(path, axis=0)
    lengths = np.hypot(steps[:, 0], steps[:, 1])
    value = float(lengths.sum())
    # a place that falls on its neighbour may move any way: as for two ends that meet, the length then grows with it
    along = np.where(lengths[:, None] > 0, steps / np.where(lengths, lengths, 1)[:, None], (1.0, 0.0))
    slopes = np.zeros_like(points)
    slopes[: len(along)] -= along
    slopes[1:] += along[: len(points) - 1]
    if closed:
        slopes[0] += along[-1]
    reading, calibration = reading_error(picture, slopes), picture.provenance.calibration
    error = math.hypot(reading, scale_error(calibration, value, 1))
    return Distance(value, error, calibration is not None, reading)
