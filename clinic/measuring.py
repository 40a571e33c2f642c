"""Measuring: what was placed on a picture, and the numbers that it gives, the same on the screen as in the record."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from imaging.calipers import (
    UNCALIBRATED_PERCENT,
    Distance,
    Ellipse,
    Place,
    angle,
    distance,
    ellipse_of_axes,
    volume,
)
from imaging.picture import Picture
from records.codes import (
    ABDOMINAL_CIRCUMFERENCE,
    ANGLE,
    AREA,
    CIRCUMFERENCE,
    DISTANCE,
    FEMUR_LENGTH,
    HEAD_CIRCUMFERENCE,
    VOLUME,
    Coded,
)
from records.model import Image, Measurement

STRAIGHT = "straight line between two calipers"
AROUND = "ellipse of two axes, all round"
INSIDE = "ellipse of two axes, inside"
CORNER = "angle between two lines"


class Tool(Enum):
    """What can be placed, by the keys of a picture."""

    DISTANCE = "distance"
    ELLIPSE = "ellipse"
    ANGLE = "angle"


HEAD_ROUND = "Head circumference"
ABDOMEN_ROUND = "Abdominal circumference"
THIGH_BONE = "Thigh bone length"
LABELS: dict[Tool, tuple[str, ...]] = {
    Tool.DISTANCE: (
        "Distance", "Head, outer to outer", "Abdomen, across", THIGH_BONE, "Wall thickness", "Fluid pocket, depth",
    ),
    Tool.ELLIPSE: ("Ellipse", HEAD_ROUND, ABDOMEN_ROUND),
    Tool.ANGLE: ("Angle",),
}  # fmt: skip
# Only where the label leaves no doubt; everything else is a length, a circumference, an area or an angle of something.
_CODED: dict[tuple[Tool, str], Coded] = {
    (Tool.DISTANCE, THIGH_BONE): FEMUR_LENGTH,
    (Tool.ELLIPSE, HEAD_ROUND): HEAD_CIRCUMFERENCE,
    (Tool.ELLIPSE, ABDOMEN_ROUND): ABDOMINAL_CIRCUMFERENCE,
}


@dataclass(frozen=True, slots=True)
class Placement:
    """What was placed: its label, its places as (column, row) in pixels, and with which tool.

    A distance has two places, an angle its corner and two ends, an ellipse both ends of one axis and of the other.
    """

    label: str
    places: tuple[Place, ...]
    tool: Tool = Tool.DISTANCE


@dataclass(frozen=True, slots=True)
class Quantity:
    """One number of a placement: whole ``value`` and ``error`` in ``unit`` (UCUM), and how it was found."""

    label: str
    concept: Coded
    value: int
    error: int
    unit: str
    method: str


def quantities(picture: Picture, placement: Placement) -> tuple[Quantity, ...]:
    """The numbers of a placement, the main one first.

    Raises:
        CannotImage: A place is not on the picture, or the places make no such figure.
    """
    return _READ[placement.tool](picture, placement)


def ellipse(picture: Picture, places: tuple[Place, ...]) -> Ellipse:
    """The ellipse of a placement.

    Raises:
        CannotImage: An end is not on the picture, or an axis has no length.
    """
    a, b, c, d = places
    return ellipse_of_axes(picture, (a, b), (c, d))


def outline(picture: Picture, placement: Placement) -> tuple[Place, ...]:
    """The line to draw for a placement, from place to place in pixels.

    Raises:
        CannotImage: The places make no such figure.
    """
    if placement.tool is Tool.DISTANCE:
        return placement.places
    if placement.tool is Tool.ANGLE:
        corner, a, b = placement.places
        return a, corner, b
    around = [picture.to_pixel(x, z) for x, z in ellipse(picture, placement.places).outline_mm().tolist()]
    return (*around, around[0])


def _length(label: str, concept: Coded, length: Distance, method: str) -> Quantity:
    return Quantity(label, concept, round(length.mm * 1000), round(length.error_mm * 1000), "um", method)


def _read_distance(picture: Picture, placement: Placement) -> tuple[Quantity, ...]:
    a, b = placement.places
    concept = _CODED.get((placement.tool, placement.label), DISTANCE)
    return (_length(placement.label, concept, distance(picture, a, b), STRAIGHT),)


def _read_ellipse(picture: Picture, placement: Placement) -> tuple[Quantity, ...]:
    found = ellipse(picture, placement.places)
    concept = _CODED.get((placement.tool, placement.label), CIRCUMFERENCE)
    inside = Quantity(
        f"{placement.label}, area", AREA, round(found.area.mm2 * 1e6), round(found.area.error_mm2 * 1e6), "um2", INSIDE
    )
    return _length(placement.label, concept, found.circumference, AROUND), inside


def _read_angle(picture: Picture, placement: Placement) -> tuple[Quantity, ...]:
    corner, a, b = placement.places
    found = angle(picture, corner, a, b)
    # Whole degrees: an uncalibrated probe alone turns a line by two, and UCUM knows no part of a degree but minutes.
    return (Quantity(placement.label, ANGLE, round(found.deg), math.ceil(found.error_deg), "deg", CORNER),)


_READ: dict[Tool, Callable[[Picture, Placement], tuple[Quantity, ...]]] = {
    Tool.DISTANCE: _read_distance,
    Tool.ELLIPSE: _read_ellipse,
    Tool.ANGLE: _read_angle,
}


def is_distance(measurement: Measurement) -> bool:
    """Whether a kept measurement is the distance of two calipers."""
    return measurement.unit == "um" and measurement.method == STRAIGHT


def volume_of(sides: Sequence[Measurement], images: Mapping[str, Image]) -> Quantity:
    """The volume of an ellipsoid from three kept distances.

    Args:
        sides: Three.
        images: Those of the exam by id: whether the probe was calibrated decides how the errors add up.

    Raises:
        CannotImage: A distance is zero.
    """
    length, width, height = (_kept_distance(side, images.get(side.image)) for side in sides)
    found = volume(length, width, height)
    product = " x ".join(f"{side.mm:.1f}" for side in (length, width, height))
    method = f"ellipsoid of three distances, pi/6 x {product} mm"
    return Quantity("Volume", VOLUME, round(found.ml * 1000), math.ceil(found.error_ml * 1000), "uL", method)


def _kept_distance(measurement: Measurement, image: Image | None) -> Distance:
    """A kept distance with the part of its error that is its own: the scale of an uncalibrated probe is shared."""
    mm, error_mm = measurement.value / 1000, measurement.error / 1000
    calibrated = image is not None and bool(image.source.calibrated_on)
    shared_mm = 0.0 if calibrated else mm * UNCALIBRATED_PERCENT / 100
    return Distance(mm, error_mm, calibrated, math.sqrt(max(0.0, error_mm**2 - shared_mm**2)))
