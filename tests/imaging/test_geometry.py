"""Millimetres: point targets land where they are, distances on the picture are true, for any kind of scan."""

from __future__ import annotations

import dataclasses
import itertools
import math

import numpy as np
import pytest

from imaging.calipers import distance
from imaging.chain import picture_of
from imaging.layout import fit
from imaging.picture import Picture
from imaging.preset import Preset
from imaging.scan_map import polar_of
from probe.geometry import Geometry
from probe.phantom import TRUTH, Phantom
from tests.imaging import naive
from tests.imaging.sweeps import CENTRE_HZ, frame_of, points

SPEED, RATE_HZ, FIRST_NS, SAMPLES = 1540, 20_000_000, 13_000, 2000
QUARTER_WAVE_MM = 1000 * SPEED / CENTRE_HZ / 4
PLACES = [(0.0, 25.0), (0.0, 60.0), (-12.0, 45.0), (14.0, 70.0)]


def _lounger(lines: int) -> Geometry:
    """Angle and origin both change from line to line, as a swinging mirror makes them."""
    angles = np.linspace(-28, 28, lines)
    return Geometry(
        tuple(int(a * 1000) for a in angles),
        tuple(int(-4000 * math.sin(math.radians(1.7 * a))) for a in angles),
        tuple(int(2500 * math.cos(math.radians(a)) - 9000) for a in angles),
    )


_UNEVEN = tuple(int(28_500 * math.sin(x)) for x in np.linspace(-1.3, 1.3, 160))
GEOMETRIES = {
    "sector": Geometry.sector(128, 57.0),
    "uneven sector": Geometry(_UNEVEN, (0,) * 160, (0,) * 160),
    "moved apex": Geometry(tuple(range(-30_000, 30_001, 400)), (3_000,) * 151, (-8_000,) * 151),
    "linear": Geometry((0,) * 120, tuple(range(-24_000, 24_000, 400)), (0,) * 120),
    "convex": Geometry(
        tuple(range(-30_000, 30_001, 500)),
        tuple(round(40_000 * math.sin(math.radians(a / 2))) for a in range(-60, 61)),
        tuple(round(40_000 * math.cos(math.radians(a / 2)) - 40_000) for a in range(-60, 61)),
    ),
    "lounger": _lounger(150),
}  # fmt: skip


def _peak(picture: Picture, x_mm: float, z_mm: float) -> tuple[float, float]:
    """Column and row of the middle of the bright spot near a place: the centre of gravity of its amplitude."""
    column, row = picture.to_pixel(x_mm, z_mm)
    c0, r0, reach = round(column), round(row), 8
    window = picture.pixels[r0 - reach : r0 + reach + 1, c0 - reach : c0 + reach + 1].astype(float)
    weight = np.clip(window - 0.55 * window.max(), 0, None)
    rows, columns = np.mgrid[r0 - reach : r0 + reach + 1, c0 - reach : c0 + reach + 1]
    return float((columns * weight).sum() / weight.sum()), float((rows * weight).sum() / weight.sum())


def _picture(geometry: Geometry, places: list[tuple[float, float]], preset: Preset) -> Picture:
    echoes = points(geometry, places, SAMPLES, FIRST_NS, RATE_HZ, SPEED)
    frame = frame_of(echoes, geometry, rate_hz=RATE_HZ, first_sample_ns=FIRST_NS)
    quiet = dataclasses.replace(preset, tgc_db_m=0, dynamic_range_db=40)
    return picture_of(frame, quiet, 640, 480)


@pytest.mark.parametrize("name", GEOMETRIES)
def test_points_land_within_half_a_pixel_and_a_quarter_wave(name: str, obstetric: Preset) -> None:
    picture = _picture(GEOMETRIES[name], PLACES, obstetric)
    for place in PLACES:
        column, row = picture.to_pixel(*place)
        found_column, found_row = _peak(picture, *place)
        assert abs(found_column - column) <= 0.5
        assert abs(found_row - row) <= 0.5
        assert math.dist(picture.to_mm(found_column, found_row), place) <= QUARTER_WAVE_MM


@pytest.mark.parametrize("name", GEOMETRIES)
def test_distances_are_right_within_a_pixel(name: str, obstetric: Preset) -> None:
    picture = _picture(GEOMETRIES[name], PLACES, obstetric)
    for one, other in itertools.combinations(PLACES, 2):
        measured = distance(picture, _peak(picture, *one), _peak(picture, *other))
        assert abs(measured.mm - math.dist(one, other)) <= picture.mm_per_pixel
        assert abs(measured.mm - math.dist(one, other)) <= measured.error_mm


@pytest.mark.parametrize("name", ["sector", "uneven sector", "moved apex"])
def test_the_general_map_agrees_with_the_sectors(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    geometry = GEOMETRIES[name]
    frame = frame_of(np.ones((geometry.lines, SAMPLES)), geometry, rate_hz=RATE_HZ, first_sample_ns=FIRST_NS)
    layout = fit(geometry, frame.sampling, SPEED, 160, 120)
    line, range_mm = polar_of(geometry, layout, 12.0, 80.0)
    monkeypatch.setattr(Geometry, "is_sector", property(lambda _: False))
    general_line, general_range = polar_of(geometry, layout, 12.0, 80.0)
    assert (np.isnan(line) != np.isnan(general_line)).sum() <= 3  # a pixel on the very edge may fall to either side
    both = ~np.isnan(line) & ~np.isnan(general_line)
    assert both.sum() > 5000
    np.testing.assert_allclose(general_line[both], line[both], atol=1e-4)
    np.testing.assert_allclose(general_range[both], range_mm[both], atol=1e-6)
    slow_line, slow_range = naive.line_and_range(geometry, layout)
    np.testing.assert_allclose(line[both], slow_line[both], atol=1e-9)
    np.testing.assert_allclose(range_mm[both], slow_range[both], atol=1e-9)


def test_pixels_are_square_whole_micrometres_and_fill_the_picture() -> None:
    sampling = frame_of(np.ones((128, SAMPLES)), rate_hz=RATE_HZ, first_sample_ns=FIRST_NS).sampling
    for geometry, (width, height) in itertools.product(GEOMETRIES.values(), [(640, 480), (300, 600), (1920, 1080)]):
        layout = fit(geometry, sampling, SPEED, width, height)
        line, _ = polar_of(geometry, layout, sampling.range_mm(0, SPEED), sampling.range_mm(SAMPLES - 1, SPEED))
        inside = ~np.isnan(line)
        rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
        free = min(width - (columns[-1] - columns[0] + 1), height - (rows[-1] - rows[0] + 1))
        assert type(layout.pixel_um) is int
        assert free <= 4 + 0.01 * max(width, height)


def test_the_sound_speed_makes_the_millimetres(film_frame: object, water: Preset) -> None:
    slow = picture_of(film_frame, water, 640, 480)  # type: ignore[arg-type]
    fast = picture_of(film_frame, dataclasses.replace(water, sound_speed_m_s=1540), 640, 480)  # type: ignore[arg-type]
    assert fast.pixel_um / slow.pixel_um == pytest.approx(1540 / 1480, rel=0.005)
    nearest = np.flatnonzero(slow.inside[:, 320])[[0, -1]]
    assert slow.to_mm(320, float(nearest[0]))[1] == pytest.approx(80, abs=0.3)
    assert slow.to_mm(320, float(nearest[1]))[1] == pytest.approx(160, abs=0.5)


def test_the_practice_head_measures_true(obstetric: Preset) -> None:
    """Outer edges of the skull's ring, along its two axes, on the picture of the practice phantom's RF."""
    phantom = Phantom(1)
    frame = frame_of(
        phantom.rf(0), phantom.geometry, rate_hz=phantom.sampling.rate_hz,
        first_sample_ns=phantom.sampling.first_sample_ns,
    )  # fmt: skip
    picture = picture_of(frame, obstetric, 640, 480)
    skull = TRUTH.skull
    column, row = (round(at) for at in picture.to_pixel(skull.x_mm, skull.z_mm))
    band = slice(-4, 5)
    down = picture.pixels[:, column + band.start : column + band.stop].mean(axis=1)
    across = picture.pixels[row + band.start : row + band.stop].mean(axis=0)
    for profile, truth in ((down, skull.height_mm), (across, skull.width_mm)):
        bright = np.flatnonzero(profile > 200)
        measured = (bright[-1] - bright[0]) * picture.mm_per_pixel
        assert measured == pytest.approx(truth, rel=0.02)
