"""What was placed becomes the numbers of the record, with concept, unit, method and error; drawn again as it was."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from clinic.exam import marked, recorded
from clinic.measuring import (
    ABDOMEN_ROUND,
    AROUND,
    HEAD_ROUND,
    INSIDE,
    THIGH_BONE,
    Placement,
    Tool,
    is_distance,
    outline,
    quantities,
    volume_of,
)
from imaging.chain import picture_of
from imaging.errors import CannotImage
from imaging.picture import Picture
from imaging.preset import Preset
from probe.frame import Frame
from records import codes
from records.model import Image, ImageSource, Measurement

SOURCE = ImageSource("m", "s", "f", "obstetric", 1540, "d", 1, True, "", "", "")


@pytest.fixture
def picture(sweeps: tuple[tuple[Frame, ...], Frame]) -> Picture:
    return picture_of(sweeps[1], Preset.load("obstetric"), 320, 240)


def axes(picture: Picture, width_mm: float, height_mm: float) -> tuple[tuple[float, float], ...]:
    ends = ((-width_mm / 2, 95), (width_mm / 2, 95), (0, 95 - height_mm / 2), (0, 95 + height_mm / 2))
    return tuple(picture.to_pixel(*end) for end in ends)


def test_a_head_gives_its_circumference_and_its_area(picture: Picture) -> None:
    around, inside = quantities(picture, Placement(HEAD_ROUND, axes(picture, 90, 70), Tool.ELLIPSE))
    assert (around.concept, around.unit, around.method) == (codes.HEAD_CIRCUMFERENCE, "um", AROUND)
    assert around.value == pytest.approx(252_305, abs=20)
    assert (inside.concept, inside.unit, inside.method) == (codes.AREA, "um2", INSIDE)
    assert inside.value == pytest.approx(math.pi * 45 * 35 * 1e6, rel=1e-4)
    assert inside.label == "Head circumference, area"
    scale = 0.04 * around.value
    assert scale < around.error < 1.1 * scale, "an uncalibrated probe's scale, and a little for reading"


@pytest.mark.parametrize(
    ("tool", "label", "concept"),
    [
        (Tool.DISTANCE, "Distance", codes.DISTANCE),
        (Tool.DISTANCE, "Head, outer to outer", codes.DISTANCE),
        (Tool.DISTANCE, THIGH_BONE, codes.FEMUR_LENGTH),
        (Tool.ELLIPSE, "Ellipse", codes.CIRCUMFERENCE),
        (Tool.ELLIPSE, ABDOMEN_ROUND, codes.ABDOMINAL_CIRCUMFERENCE),
        (Tool.ELLIPSE, THIGH_BONE, codes.CIRCUMFERENCE),
        (Tool.ANGLE, "Angle", codes.ANGLE),
    ],
)
def test_a_code_is_given_where_the_label_leaves_no_doubt(
    picture: Picture, tool: Tool, label: str, concept: codes.Coded
) -> None:
    places = axes(picture, 60, 40)[: {Tool.DISTANCE: 2, Tool.ANGLE: 3, Tool.ELLIPSE: 4}[tool]]
    assert quantities(picture, Placement(label, places, tool))[0].concept == concept


def test_an_angle_is_in_whole_degrees_with_its_error_rounded_up(picture: Picture) -> None:
    corner, right, below = (picture.to_pixel(*place) for place in ((0, 60), (40, 60), (40, 100)))
    [read] = quantities(picture, Placement("Angle", (corner, right, below), Tool.ANGLE))
    assert (read.value, read.unit) == (45, "deg")
    assert read.error >= 3


def test_what_makes_no_figure_is_refused(picture: Picture) -> None:
    a, b, c, _ = axes(picture, 60, 40)
    with pytest.raises(CannotImage, match="axis"):
        quantities(picture, Placement("Ellipse", (a, b, c, c), Tool.ELLIPSE))
    with pytest.raises(CannotImage, match="corner"):
        quantities(picture, Placement("Angle", (a, a, b), Tool.ANGLE))


def kept(picture: Picture, *placements: Placement, calibrated_on: str = "") -> tuple[Image, list[Measurement]]:
    source = replace(SOURCE, calibrated_on=calibrated_on)
    image = Image("i", "e", "View 1", "still", 1, 240, 320, picture.pixel_um, 0, 0, 0, 1, source, {})
    read = [(quantity, each.places) for each in placements for quantity in quantities(picture, each)]
    return image, [recorded(f"m{at}", image, *one, taken_ms=at) for at, one in enumerate(read)]


def test_a_kept_figure_is_drawn_once_as_it_was(picture: Picture) -> None:
    head = Placement(HEAD_ROUND, axes(picture, 90, 70), Tool.ELLIPSE)
    length = Placement("Distance", head.places[:2])
    _, measurements = kept(picture, head, length)
    assert [one.label for one in measurements] == [HEAD_ROUND, f"{HEAD_ROUND}, area", "Distance"]
    round_head, line = marked(picture, measurements)
    assert ([one.label for one in round_head.readings], round_head.number) == ([HEAD_ROUND, f"{HEAD_ROUND}, area"], "1")
    assert np.allclose(round_head.crosses, head.places, atol=0.001)
    assert len(round_head.line) > 60
    for place, wanted in zip(round_head.line, outline(picture, head), strict=True):
        assert place == pytest.approx(wanted, abs=0.01)
    assert (line.number, line.line) == ("2", line.crosses)


def test_a_figure_of_another_method_is_drawn_from_place_to_place(picture: Picture) -> None:
    _, [measured] = kept(picture, Placement("Distance", ((10, 20), (30, 40))))
    for odd in (replace(measured, method="calipers"), replace(measured, method=AROUND)):
        [drawn] = marked(picture, [odd])
        assert drawn.line == drawn.crosses == ((10, 20), (30, 40))
    assert marked(picture, [replace(measured, points_mpx=())]) == ()


@pytest.mark.parametrize("calibrated_on", ["", "2026-01-09"])
def test_a_volume_of_three_kept_distances(picture: Picture, calibrated_on: str) -> None:
    ends = [((-a, 90), (a, 90)) for a in (40, 30, 25)]
    image, sides = kept(
        picture,
        *(Placement("side", tuple(picture.to_pixel(*end) for end in pair)) for pair in ends),
        calibrated_on=calibrated_on,
    )
    assert all(is_distance(side) for side in sides)
    found = volume_of(sides, {image.id: image})
    assert (found.concept, found.unit) == (codes.VOLUME, "uL")
    assert found.value == pytest.approx(math.pi / 6 * 80 * 60 * 50 * 1000 / 1000, rel=2e-4)
    assert found.method == "ellipsoid of three distances, pi/6 x 80.0 x 60.0 x 50.0 mm"
    share = found.error / found.value
    assert (0.12 < share < 0.125) if not calibrated_on else share > 0.06, "each side's error is its own when calibrated"


def test_a_distance_of_zero_makes_no_volume(picture: Picture) -> None:
    image, [side] = kept(picture, Placement("side", ((10, 10), (10, 10))))
    with pytest.raises(CannotImage, match="zero"):
        volume_of([side] * 3, {image.id: image})
