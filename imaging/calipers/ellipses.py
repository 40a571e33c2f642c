"""Ellipses, as of a head or a belly: from their two axes, or through places on their edge."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from imaging.calipers.areas import Area
from imaging.calipers.lengths import Distance
from imaging.calipers.reading import Place, Points, placed, reading_error, scale_error
from imaging.errors import CannotImage
from imaging.picture import Picture

_STEP_MM = 1e-4
_LEAST_POINTS = 5
_FLATTEST = 0.05
_MEANS = 8
_CONSTRAINT = np.array([[0, 0, 2], [0, -1, 0], [2, 0, 0]], dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Ellipse:
    """A measured ellipse.

    Args:
        x_mm, z_mm: Its centre.
        turn_deg: From x to its longer axis, towards z.
        long, short: Its diameters.
        circumference: All round.
        area: Inside.
    """

    x_mm: float
    z_mm: float
    turn_deg: float
    long: Distance
    short: Distance
    circumference: Distance
    area: Area

    def outline_mm(self, points: int = 90) -> Points:
        """(points, 2) places on it, x and z."""
        at = np.linspace(0, 2 * math.pi, points, endpoint=False)
        turn = math.radians(self.turn_deg)
        along, across = self.long.mm / 2 * np.cos(at), self.short.mm / 2 * np.sin(at)
        x = self.x_mm + along * math.cos(turn) - across * math.sin(turn)
        z = self.z_mm + along * math.sin(turn) + across * math.cos(turn)
        return np.stack([x, z], axis=1)


def ellipse_of_axes(picture: Picture, first_px: tuple[Place, Place], second_px: tuple[Place, Place]) -> Ellipse:
    """The ellipse whose diameters are two lines; the first one gives centre and direction.

    Raises:
        CannotImage: An end is not on the picture, or an axis has no length.
    """
    return _measured(picture, placed(picture, (*first_px, *second_px), 4), _of_axes)


def ellipse_of_points(picture: Picture, places_px: Sequence[Place]) -> Ellipse:
    """The ellipse nearest to places on its edge, by direct least squares (Halíř and Flusser, WSCG 1998).

    Raises:
        CannotImage: There are fewer than five places, one is not on the picture, or no ellipse goes through them.
    """
    return _measured(picture, placed(picture, places_px, _LEAST_POINTS), _of_points)


def circumference_mm(long_mm: float, short_mm: float) -> float:
    """All round an ellipse of two diameters: the complete elliptic integral, by the arithmetic-geometric mean."""
    mean, other = long_mm / 2, short_mm / 2
    total, weight, gap2 = mean * mean, 0.5, mean * mean - other * other
    for _ in range(_MEANS):
        total -= weight * gap2
        gap2, weight = ((mean - other) / 2) ** 2, 2 * weight
        mean, other = (mean + other) / 2, math.sqrt(mean * other)
    return 2 * math.pi * total / mean


Shape = tuple[float, float, float, float, float]


def _measured(picture: Picture, points: Points, fit: Callable[[Points], Shape]) -> Ellipse:
    """An ellipse with the errors that reading its places implies, by moving each of them a little."""
    x, z, turn, long, short = fit(points)
    values = _sizes(long, short)
    slopes = np.zeros((len(values), *points.shape))
    for place in np.ndindex(points.shape):
        moved = points.copy()
        moved[place] += _STEP_MM
        slopes[(slice(None), *place)] = (_sizes(*fit(moved)[3:]) - values) / _STEP_MM
    calibration = picture.provenance.calibration
    readings = [reading_error(picture, each) for each in slopes]
    known = calibration is not None
    axis, other, around = (
        Distance(value, math.hypot(reading, scale_error(calibration, value, 1)), known, reading)
        for value, reading in zip(values[:3].tolist(), readings, strict=False)
    )
    inside = float(values[3])
    error = math.hypot(readings[3], scale_error(calibration, inside, 2))
    return Ellipse(x, z, math.degrees(turn), axis, other, around, Area(inside, error, known))


def _sizes(long: float, short: float) -> Points:
    """Diameters, circumference, area."""
    return np.array([long, short, circumference_mm(long, short), math.pi / 4 * long * short])


def _of_axes(points: Points) -> Shape:
    first, second = points[1] - points[0], points[3] - points[2]
    one, other = math.hypot(*first), math.hypot(*second)
    if min(one, other) < _FLATTEST * max(one, other) or max(one, other) == 0:
        raise CannotImage("An axis of the ellipse has no length", "Place its ends further apart.")
    centre = (points[0] + points[1]) / 2
    turn = math.atan2(first[1], first[0]) + (0 if one >= other else math.pi / 2)
    turn = (turn + math.pi / 2) % math.pi - math.pi / 2
    return float(centre[0]), float(centre[1]), turn, max(one, other), min(one, other)


def _of_points(points: Points) -> Shape:
    """Fit in coordinates of about one, where the squares of all terms are alike."""
    middle = points.mean(axis=0)
    scale = float(np.sqrt(((points - middle) ** 2).sum(axis=1).mean()))
    shape = None
    if scale > 0:
        with contextlib.suppress(np.linalg.LinAlgError):
            conic = _conic((points - middle) / scale)
            shape = None if conic is None else _shape(conic)
    if shape is None:
        raise CannotImage("No ellipse goes through these places", "Place them all round the edge.")
    x, z, turn, long, short = shape
    return middle[0] + scale * x, middle[1] + scale * z, turn, scale * long, scale * short


def _conic(points: Points) -> Points | None:
    """(6,) coefficients of x², xz, z², x, z, 1 of the nearest ellipse; None where there is none.

    Raises:
        LinAlgError: The points lie on a line.
    """
    x, z = points.T
    quadratic, linear = np.stack([x * x, x * z, z * z], axis=1), np.stack([x, z, np.ones_like(x)], axis=1)
    cross, scatter = quadratic.T @ linear, linear.T @ linear
    tied = -np.linalg.solve(scatter, cross.T)
    reduced = np.linalg.solve(_CONSTRAINT, quadratic.T @ quadratic + cross @ tied)
    vectors = np.linalg.eig(reduced)[1].real
    positive = 4 * vectors[0] * vectors[2] - vectors[1] ** 2
    best = int(positive.argmax())
    if positive[best] <= 0:
        return None
    conic: Points = np.concatenate([vectors[:, best], tied @ vectors[:, best]])
    return conic


def _shape(conic: Points) -> Shape | None:
    """Centre, turn and diameters of an ellipse's conic; None where it is far too flat."""
    a, b, c, d, e, f = conic.tolist()
    x, z = np.linalg.solve([[2 * a, b], [b, 2 * c]], [-d, -e]).tolist()
    level = -(a * x * x + b * x * z + c * z * z + d * x + e * z + f)
    curved, directions = np.linalg.eigh(np.array([[a, b / 2], [b / 2, c]]))
    squares = level / curved
    if not (squares > 0).all():
        return None
    halves = np.sqrt(squares)
    long = int(halves.argmax())
    if halves.min() < _FLATTEST * halves.max():
        return None
    along = directions[:, long]
    turn = math.atan2(along[1], along[0])
    turn = (turn + math.pi / 2) % math.pi - math.pi / 2
    return x, z, turn, 2 * float(halves[long]), 2 * float(halves[1 - long])
