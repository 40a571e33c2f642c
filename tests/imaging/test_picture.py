"""The picture's millimetre map, calipers on it, the cine, and what is burnt in."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from imaging.calipers import distance
from imaging.chain import picture_of
from imaging.cine import Cine, frame_bytes
from imaging.errors import CannotImage
from imaging.overlay import FROZEN, MARKER, MIRRORED, PRACTICE, UNCALIBRATED, UPSIDE_DOWN, Mark, burn, notices
from imaging.picture import Picture
from imaging.preset import Preset
from probe.frame import Frame
from tests.imaging.sweeps import CALIBRATION, PROVENANCE, frame_of, speckle


@pytest.fixture(scope="module")
def picture(speckle_frame: Frame, obstetric: Preset) -> Picture:
    return picture_of(speckle_frame, obstetric, 320, 240)


def _calibrated(picture: Picture) -> Picture:
    return dataclasses.replace(picture, provenance=dataclasses.replace(PROVENANCE, calibration=CALIBRATION))


def test_the_map_goes_both_ways(picture: Picture) -> None:
    assert picture.to_mm(0, 0) == (picture.origin_x_mm, picture.origin_z_mm)
    for place in ((0, 0), (12.5, 200), (319, 239)):
        assert picture.to_pixel(*picture.to_mm(*place)) == pytest.approx(place)
    one, other = picture.to_mm(10, 10), picture.to_mm(11, 10)
    assert other[0] - one[0] == pytest.approx(picture.mm_per_pixel)
    assert (picture.width_px, picture.height_px) == (320, 240)


def test_a_distance_carries_its_error(picture: Picture) -> None:
    measured = distance(picture, (100, 100), (130, 140))
    assert measured.mm == pytest.approx(50 * picture.mm_per_pixel)
    assert measured.error_mm == pytest.approx(math.hypot(picture.mm_per_pixel, 0.04 * measured.mm))
    assert not measured.calibrated
    measured = distance(_calibrated(picture), (100, 100), (130, 140))
    assert measured.error_mm == pytest.approx(math.hypot(picture.mm_per_pixel, math.sqrt(2) * 0.05))
    assert measured.calibrated


@pytest.mark.parametrize("place", [(-1, 5), (5, -1), (320, 5), (5, 240), (math.nan, 5), (math.inf, 5)])
def test_a_caliper_off_the_picture_is_refused(picture: Picture, place: tuple[float, float]) -> None:
    with pytest.raises(CannotImage, match="caliper"):
        distance(picture, place, (5, 5))


def test_a_picture_says_what_it_is_not(picture: Picture) -> None:
    real = dataclasses.replace(picture, provenance=dataclasses.replace(PROVENANCE, simulated=False))
    assert notices(picture, frozen=True) == (PRACTICE, UNCALIBRATED, FROZEN)
    assert notices(_calibrated(picture)) == (PRACTICE,)
    assert notices(real) == (UNCALIBRATED,)
    plain = burn(real, ruler=False)
    practice = burn(picture, ruler=False)
    frozen = burn(real, ruler=False, frozen=True)
    assert (plain != practice).any()
    assert (plain != frozen).any()


def test_a_flip_is_never_silent(picture: Picture) -> None:
    corner = {}
    for mirrored, upside_down in ((False, False), (True, False), (False, True), (True, True)):
        turned = dataclasses.replace(picture, mirrored=mirrored, upside_down=upside_down)
        said = [MIRRORED] * mirrored + [UPSIDE_DOWN] * upside_down
        assert notices(_calibrated(turned)) == (PRACTICE, *said)
        rows, columns = np.nonzero((burn(turned, ruler=False) == MARKER).all(axis=2))
        assert len(rows) > 9
        corner[mirrored, upside_down] = (columns.mean() > 160, rows.mean() > 120)
    assert all(side == turned for turned, side in corner.items()), "the dot goes with the probe's marker"


def test_burning_leaves_the_picture_alone(picture: Picture) -> None:
    before = picture.pixels.copy()
    marks = [Mark(((50, 60), (150, 160)), text="42.0 mm"), Mark(((300, 10), (310, 20)))]
    burnt = burn(picture, marks, ["Amina O.", "view 2"])
    np.testing.assert_array_equal(picture.pixels, before)
    assert burnt.shape == (240, 320, 3)
    assert burnt.dtype == np.uint8
    assert tuple(burnt[60, 50]) == (255, 235, 80)
    assert tuple(burnt[160, 150]) == (255, 235, 80)
    np.testing.assert_array_equal(burnt, burn(picture, marks, ["Amina O.", "view 2"]))
    untouched = (burnt == picture.pixels[:, :, None]).all(axis=2)
    assert 0.8 < untouched.mean() < 1


def test_the_ruler_is_true(picture: Picture) -> None:
    burnt = burn(_calibrated(picture))
    edge = burnt[:, -1, 0] == 230
    depths = np.array([picture.to_mm(0, row)[1] for row in np.flatnonzero(edge)])
    assert len(depths) >= 5
    assert np.abs(depths - 10 * np.rint(depths / 10)).max() <= picture.mm_per_pixel
    row = picture.height_px - 10
    bar = np.flatnonzero((burnt[row, :, 0] == 230) & (burnt[row, :, 2] == 230))
    length = (bar[bar > 200][-1] - bar[bar > 200][0]) * picture.mm_per_pixel
    assert any(abs(length - whole) <= 2 * picture.mm_per_pixel for whole in (50, 20, 10, 5))


@pytest.mark.parametrize("size", [(16, 16), (16, 300), (1000, 17)])
def test_burning_fits_any_size(obstetric: Preset, size: tuple[int, int]) -> None:
    small = picture_of(frame_of(speckle(16)), obstetric, *size)
    marks = [Mark(((0, 0), (1, 1)), text="x" * 100), Mark(((-50, 900), (3, 3))), Mark(((3, 3), (3, 3)))]
    assert burn(small, marks, ["long" * 100] * 30, frozen=True).shape == (size[1], size[0], 3)


def test_the_cine_is_bounded_in_bytes() -> None:
    frames = [frame_of(np.ones((8, 100)), number=number) for number in range(10)]
    size = frame_bytes(frames[0])
    cine = Cine(4 * size + size // 2)
    for frame in frames:
        cine.append(frame)
        assert cine.bytes <= cine.limit_bytes
    loop = cine.freeze()
    assert [frame.number for frame in loop.frames] == [6, 7, 8, 9]
    assert loop.forgotten == 6
    assert len(cine) == 4
    cine.append(frames[0])
    assert [frame.number for frame in loop.frames] == [6, 7, 8, 9]
    cine.clear()
    assert (len(cine), cine.bytes, cine.freeze().frames) == (0, 0, ())


def test_the_newest_frame_always_has_room() -> None:
    cine = Cine(10)
    for number in range(3):
        cine.append(frame_of(np.ones((8, 100)), number=number))
    assert [frame.number for frame in cine.freeze().frames] == [2]
    with pytest.raises(ValueError, match="room"):
        Cine(0)
