"""Measuring: what was placed on a picture, and the numbers that it gives, the same on the screen as in the record."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from clinic.looks import Shown
from imaging.beam_view import BeamView
from imaging.calipers import (
    UNCALIBRATED_PERCENT,
    Distance,
    Ellipse,
    Place,
    angle,
    distance,
    ellipse_of_axes,
    interval,
    rate,
    travel,
    volume,
)
from imaging.calipers.ranges import apart
from imaging.errors import CannotImage
from imaging.mmode import MMode
from imaging.modes import Mode
from imaging.picture import Picture
from records.codes import (
    ABDOMINAL_CIRCUMFERENCE,
    ANGLE,
    AREA,
    CIRCUMFERENCE,
    DISTANCE,
    FEMUR_LENGTH,
    FETAL_HEART_RATE,
    HEAD_CIRCUMFERENCE,
    HEART_RATE,
    INTERVAL,
    VOLUME,
    Coded,
)
from records.model import Image, Measurement

STRAIGHT = "straight line between two calipers"
AROUND = "ellipse of two axes, all round"
INSIDE = "ellipse of two axes, inside"
CORNER = "angle between two lines"
ALONG_M = "along one beam, M-mode"
ALONG_A = "along one beam, A-mode"


class Tool(Enum):
    """What can be placed, by the keys of a picture."""

    DISTANCE = "distance"
    ELLIPSE = "ellipse"
    ANGLE = "angle"
    TIME = "time"
    RATE = "rate"


TOOLS: dict[Mode, tuple[Tool, ...]] = {
    Mode.B: (Tool.DISTANCE, Tool.ELLIPSE, Tool.ANGLE),
    Mode.M: (Tool.DISTANCE, Tool.TIME, Tool.RATE),
    Mode.A: (Tool.DISTANCE,),
}
"""What can be measured in each mode."""


HEAD_ROUND = "Head circumference"
ABDOMEN_ROUND = "Abdominal circumference"
THIGH_BONE = "Thigh bone length"
FETAL_RATE = "Fetal heart rate"
LABELS: dict[Tool, tuple[str, ...]] = {
    Tool.DISTANCE: (
        "Distance", "Head, outer to outer", "Abdomen, across", THIGH_BONE, "Wall thickness", "Fluid pocket, depth",
    ),
    Tool.ELLIPSE: ("Ellipse", HEAD_ROUND, ABDOMEN_ROUND),
    Tool.ANGLE: ("Angle",),
    Tool.TIME: ("Time", "From beat to beat"),
    Tool.RATE: ("Heart rate", FETAL_RATE),
}  # fmt: skip
# Only where the label leaves no doubt; everything else is a length, a circumference, an area or an angle of something.
_CODED: dict[tuple[Tool, str], Coded] = {
    (Tool.DISTANCE, THIGH_BONE): FEMUR_LENGTH,
    (Tool.ELLIPSE, HEAD_ROUND): HEAD_CIRCUMFERENCE,
    (Tool.ELLIPSE, ABDOMEN_ROUND): ABDOMINAL_CIRCUMFERENCE,
    (Tool.RATE, FETAL_RATE): FETAL_HEART_RATE,
}


@dataclass(frozen=True, slots=True)
class Placement:
    """What was placed: its label, its places as (column, row) in pixels, and with which tool.

    A distance, a time and a rate have two places, an angle its corner and two ends, an ellipse both ends of one axis
    and of the other. For a rate ``beats`` is how many there are from one place to the other.
    """

    label: str
    places: tuple[Place, ...]
    tool: Tool = Tool.DISTANCE
    beats: int = 1


@dataclass(frozen=True, slots=True)
class Quantity:
    """One number of a placement: whole ``value`` and ``error`` in ``unit`` (UCUM), and how it was found."""

    label: str
    concept: Coded
    value: int
    error: int
    unit: str
    method: str


def quantities(shown: Shown, placement: Placement) -> tuple[Quantity, ...]:
    """The numbers of a placement, the main one first.

    Raises:
        CannotImage: A place is not on the picture, the places make no such figure, or it is no figure of this mode.
    """
    if isinstance(shown, Picture):
        if placement.tool not in _READ:
            raise CannotImage("A time is not measured on a picture", "Look along a beam in M-mode.")
        return _READ[placement.tool](shown, placement)
    if placement.tool not in TOOLS[shown.mode]:
        raise CannotImage(f"One beam has no {placement.tool.value} of this kind", "Measure it in B-mode.")
    return (_read_beam(shown, placement),)


def _read_beam(view: BeamView, placement: Placement) -> Quantity:
    """Depth, time or rate along one beam."""
    label, (a, b) = placement.label, placement.places
    if view.mode is Mode.A:
        return _length(label, DISTANCE, apart(view, a[0], b[0]), ALONG_A)
    strip = _strip_of(view)
    if placement.tool is Tool.DISTANCE:
        return _length(label, DISTANCE, travel(strip, a[1], b[1]), ALONG_M)
    if placement.tool is Tool.TIME:
        time = interval(strip, a[0], b[0])
        error_ms = math.ceil(1000 * time.error_s)
        return Quantity(label, INTERVAL, round(1000 * time.seconds), error_ms, "ms", "time in M-mode")
    found = rate(strip, a[0], b[0], placement.beats)
    concept = _CODED.get((placement.tool, label), HEART_RATE)
    beats = "1 beat" if placement.beats == 1 else f"{placement.beats} beats"
    error = math.ceil(found.error_per_minute)
    return Quantity(label, concept, round(found.per_minute), error, "/min", f"{beats} in M-mode")


def _strip_of(view: BeamView) -> MMode:
    if view.strip is None:
        raise CannotImage("A strip that was read back is not measured again", "Go live and freeze anew.")
    return view.strip


def ellipse(picture: Picture, places: tuple[Place, ...]) -> Ellipse:
    """The ellipse of a placement.

    Raises:
        CannotImage: An end is not on the picture, or an axis has no length.
    """
    a, b, c, d = places
    return ellipse_of_axes(picture, (a, b), (c, d))


def outline(shown: Shown, placement: Placement) -> tuple[Place, ...]:
    """The line to draw for a placement, from place to place in pixels.

    Raises:
        CannotImage: The places make no such figure.
    """
    if not isinstance(shown, Picture) or placement.tool is Tool.DISTANCE:
        return placement.places
    if placement.tool is Tool.ANGLE:
        corner, a, b = placement.places
        return a, corner, b
    around = [shown.to_pixel(x, z) for x, z in ellipse(shown, placement.places).outline_mm().tolist()]
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
