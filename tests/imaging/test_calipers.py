"""Measurement tools: right within a pixel on pictures of phantoms of known size, and honest about their error."""

from __future__ import annotations

import dataclasses
import itertools
import math

import numpy as np
import pytest

from imaging.calipers import (
    Distance,
    Place,
    angle,
    area,
    distance,
    ellipse_of_axes,
    ellipse_of_points,
    interval,
    rate,
    trace,
    travel,
    volume,
)
from imaging.calipers.ellipses import circumference_mm
from imaging.chain import picture_of
from imaging.errors import CannotImage
from imaging.mmode import MMode, MModeChain
from imaging.picture import Picture
from imaging.preset import Preset
from probe.geometry import Geometry
from tests.imaging.sweeps import CALIBRATION, PROVENANCE, frame_of, points, speckle

SECTOR = Geometry.sector(180, 56.0)
CENTRE, LONG, SHORT, TURN = (2.0, 55.0), 44.0, 30.0, math.radians(20)
KNOWN = dataclasses.replace(PROVENANCE, calibration=CALIBRATION)


def _on_ellipse(degrees: float) -> tuple[float, float]:
    along, across = LONG / 2 * math.cos(math.radians(degrees)), SHORT / 2 * math.sin(math.radians(degrees))
    x = CENTRE[0] + along * math.cos(TURN) - across * math.sin(TURN)
    return x, CENTRE[1] + along * math.sin(TURN) + across * math.cos(TURN)


WIRES = [_on_ellipse(degrees) for degrees in range(0, 360, 30)]


def _peak(picture: Picture, place_mm: tuple[float, float]) -> Place:
    """Column and row of the middle of the bright spot near a place."""
    column, row = (round(at) for at in picture.to_pixel(*place_mm))
    window = picture.pixels[row - 8 : row + 9, column - 8 : column + 9].astype(float)
    weight = np.clip(window - 0.55 * window.max(), 0, None)
    rows, columns = np.mgrid[row - 8 : row + 9, column - 8 : column + 9]
    return float((columns * weight).sum() / weight.sum()), float((rows * weight).sum() / weight.sum())


@pytest.fixture(scope="module")
def picture(obstetric: Preset) -> Picture:
    """Wires on an ellipse of known size, as the chain shows them."""
    echoes = points(SECTOR, WIRES, 2000, 13_000, 20_000_000, 1540)
    frame = frame_of(echoes, SECTOR, rate_hz=20_000_000, first_sample_ns=13_000)
    return picture_of(frame, dataclasses.replace(obstetric, tgc_db_m=0, dynamic_range_db=40), 640, 480)


@pytest.fixture(scope="module")
def found(picture: Picture) -> list[Place]:
    return [_peak(picture, wire) for wire in WIRES]


def _calibrated(picture: Picture) -> Picture:
    return dataclasses.replace(picture, provenance=KNOWN)


def test_traces_are_right(picture: Picture, found: list[Place]) -> None:
    sides = [math.dist(a, b) for a, b in itertools.pairwise([*WIRES, WIRES[0]])]
    opened, closed = trace(picture, found), trace(picture, found, closed=True)
    assert opened.mm == pytest.approx(sum(sides[:-1]), abs=picture.mm_per_pixel)
    assert closed.mm == pytest.approx(sum(sides), abs=picture.mm_per_pixel)
    assert trace(picture, found[:2]) == distance(picture, *found[:2])


def test_areas_are_right(picture: Picture, found: list[Place]) -> None:
    inside = 12 / 2 * (LONG * SHORT / 4) * math.sin(math.radians(30))  # of the polygon, not of the ellipse
    measured = area(picture, found)
    around = trace(picture, found, closed=True).mm
    assert measured.mm2 == pytest.approx(inside, abs=around * picture.mm_per_pixel)
    assert abs(measured.mm2 - inside) <= measured.error_mm2
    assert area(picture, found[::-1]).mm2 == pytest.approx(measured.mm2)
    with pytest.raises(CannotImage, match="crosses"):
        area(picture, [found[0], found[5], found[3], found[8]])


def test_an_ellipse_through_points_is_right(picture: Picture, found: list[Place]) -> None:
    measured = ellipse_of_points(picture, found)
    pixel = picture.mm_per_pixel
    assert (measured.x_mm, measured.z_mm) == pytest.approx(CENTRE, abs=pixel)
    assert measured.turn_deg == pytest.approx(20, abs=1)
    for got, truth in (
        (measured.long, LONG), (measured.short, SHORT), (measured.circumference, circumference_mm(LONG, SHORT)),
    ):  # fmt: skip
        assert got.mm == pytest.approx(truth, abs=pixel)
        assert abs(got.mm - truth) <= got.error_mm
    assert measured.area.mm2 == pytest.approx(math.pi / 4 * LONG * SHORT, abs=measured.circumference.mm * pixel)
    outline = measured.outline_mm(12)
    assert max(min(math.dist(wire, on) for on in outline) for wire in WIRES) < 3 * pixel


def test_an_ellipse_of_two_axes_is_right(picture: Picture, found: list[Place]) -> None:
    truth = (LONG, SHORT, circumference_mm(LONG, SHORT))
    for first, second in ((0, 3), (3, 0)):
        measured = ellipse_of_axes(
            picture, (found[first], found[first + 6]), (found[second], found[second + 6])
        )  # fmt: skip
        got = measured.long.mm, measured.short.mm, measured.circumference.mm
        assert got == pytest.approx(truth, abs=picture.mm_per_pixel)
        assert measured.turn_deg == pytest.approx(20, abs=1)
        assert (measured.x_mm, measured.z_mm) == pytest.approx(CENTRE, abs=picture.mm_per_pixel)


def test_the_way_round_an_ellipse_is_exact() -> None:
    assert circumference_mm(10, 10) == pytest.approx(10 * math.pi, rel=1e-12)
    at = np.linspace(0, 2 * math.pi, 200_001)
    for long, short in ((90, 70), (100, 10)):
        path = np.hypot(np.diff(long / 2 * np.cos(at)), np.diff(short / 2 * np.sin(at))).sum()
        assert circumference_mm(long, short) == pytest.approx(path, rel=1e-8)


def test_angles_are_right(picture: Picture, found: list[Place]) -> None:
    wanted = math.degrees(math.acos(np.clip(_cosine(WIRES[0], WIRES[3], WIRES[7]), -1, 1)))
    measured = angle(picture, found[0], found[3], found[7])
    assert measured.deg == pytest.approx(wanted, abs=math.degrees(picture.mm_per_pixel / math.dist(WIRES[0], WIRES[3])))
    assert abs(measured.deg - wanted) <= measured.error_deg
    assert angle(picture, (100, 100), (150, 100), (50, 100)).deg == pytest.approx(180)
    with pytest.raises(CannotImage, match="corner"):
        angle(picture, found[0], found[0], found[1])


def _cosine(corner: Place, a: Place, b: Place) -> float:
    one, other = np.subtract(a, corner), np.subtract(b, corner)
    return float(one @ other / np.hypot(*one) / np.hypot(*other))


def test_volumes_are_right(picture: Picture, found: list[Place]) -> None:
    long, short = distance(picture, found[0], found[6]), distance(picture, found[3], found[9])
    measured = volume(long, short, short)
    truth = math.pi / 6 * LONG * SHORT**2 / 1000
    assert abs(measured.ml - truth) <= measured.error_ml
    assert measured.ml == pytest.approx(truth, rel=0.02)
    assert volume(Distance(60, 1, True, 1), Distance(50, 1, True, 1), Distance(40, 1, True, 1)).error_ml == (
        pytest.approx(math.pi / 6 * 120 * math.hypot(1 / 60, 1 / 50, 1 / 40))
    )
    with pytest.raises(CannotImage, match="zero"):
        volume(long, short, Distance(0, 1, True))


@pytest.mark.parametrize("calibrated", [False, True])
def test_errors_are_what_moving_the_places_does(picture: Picture, found: list[Place], calibrated: bool) -> None:
    """Places are thrown about by what one reading may be off; the spread of each result is its stated error."""
    picture = _calibrated(picture) if calibrated else picture
    rng = np.random.default_rng(7)
    spread_px = math.hypot(1 / math.sqrt(2), 0.05 / picture.mm_per_pixel if calibrated else 0)
    tools = {
        "trace": lambda at: trace(picture, at, closed=True).mm,
        "area": lambda at: area(picture, at).mm2,
        "around": lambda at: ellipse_of_points(picture, at).circumference.mm,
        "axes": lambda at: ellipse_of_axes(picture, (at[0], at[6]), (at[3], at[9])).circumference.mm,
        "angle": lambda at: angle(picture, at[0], at[3], at[7]).deg,
    }
    thrown = [np.asarray(found) + rng.normal(0, spread_px, (12, 2)) for _ in range(120)]
    fitted, axes = (
        ellipse_of_points(picture, found),
        ellipse_of_axes(picture, (found[0], found[6]), (found[3], found[9])),
    )
    stated = {
        "trace": trace(picture, found, closed=True).error_mm,
        "area": area(picture, found).error_mm2,
        "around": fitted.circumference.error_mm,
        "axes": axes.circumference.error_mm,
        "angle": angle(picture, found[0], found[3], found[7]).error_deg,
    }
    for name, tool in tools.items():
        spread = float(np.std([tool([tuple(place) for place in at]) for at in thrown]))
        if calibrated:
            assert stated[name] == pytest.approx(spread, rel=0.25), name
        else:
            assert stated[name] > spread, name


def test_without_a_calibration_the_speed_of_sound_counts(picture: Picture, found: list[Place]) -> None:
    measured = area(picture, found)
    known = area(_calibrated(picture), found)
    assert not measured.calibrated
    assert known.calibrated
    assert measured.error_mm2 > 0.08 * measured.mm2 > known.error_mm2
    sure, unsure = (ellipse_of_points(each, found).circumference for each in (_calibrated(picture), picture))
    assert unsure.error_mm == pytest.approx(math.hypot(0.04 * unsure.mm, unsure.reading_mm))
    assert sure.error_mm == sure.reading_mm


def test_what_cannot_be_measured_is_refused(picture: Picture, found: list[Place]) -> None:
    with pytest.raises(CannotImage, match="places"):
        ellipse_of_points(picture, found[:4])
    for places in (
        [(10.0 * n, 10.0 * n) for n in range(8)],
        [(100.0, 100.0)] * 6,
        [(100, 100), (200, 101), (300, 100), (400, 101), (500, 100), (600, 101)],
    ):
        with pytest.raises(CannotImage, match="ellipse"):
            ellipse_of_points(picture, places)
    with pytest.raises(CannotImage, match="axis"):
        ellipse_of_axes(picture, (found[0], found[6]), (found[3], found[3]))
    with pytest.raises(CannotImage, match="places"):
        trace(picture, found[:1])
    with pytest.raises(CannotImage, match="caliper"):
        area(picture, [found[0], found[1], (-5, 3)])


def test_any_places_give_an_ellipse_or_a_sentence(picture: Picture) -> None:
    rng = np.random.default_rng(11)
    outcomes = {True: 0, False: 0}
    for n in range(200):
        places = rng.uniform((0, 0), (639, 479), (int(rng.integers(5, 9)), 2))
        if n % 4 == 0:
            places[:, 1] = 100 + 0.5 * places[:, 0] / (1 + n % 3) + rng.normal(0, 10.0 ** -(n % 7), len(places))
        if n % 4 == 1:
            places[1:] = places[0] + rng.normal(0, 10.0 ** -(n % 9), (len(places) - 1, 2))
        try:
            measured = ellipse_of_points(picture, [tuple(place) for place in places.clip(0, 479)])
        except CannotImage:
            outcomes[False] += 1
            continue
        assert measured.long.mm >= measured.short.mm > 0
        assert math.isfinite(measured.circumference.error_mm)
        outcomes[True] += 1
    assert min(outcomes.values()) > 10


def test_two_ends_in_one_place_are_nothing_long(picture: Picture) -> None:
    measured = distance(_calibrated(picture), (50, 50), (50, 50))
    assert measured.mm == 0
    assert measured.error_mm == pytest.approx(math.hypot(picture.mm_per_pixel, math.sqrt(2) * 0.05))


@pytest.fixture(scope="module")
def strip(obstetric: Preset) -> MMode:
    """Two seconds at 25 lines a second."""
    settings_of = frame_of(speckle(8, 800))
    chain = None
    for number in range(60):
        frame = dataclasses.replace(
            settings_of, number=number, device_us=number * 40_000,
            settings=dataclasses.replace(settings_of.settings, frame_interval_us=40_000),
        )  # fmt: skip
        chain = chain or MModeChain.plan(frame, obstetric, 3, 400, 300, 2000)
        chain.run(frame)
    assert chain is not None
    return chain.picture()


def test_times_and_rates(strip: MMode) -> None:
    measured = interval(strip, 350, 250)
    assert measured.seconds == pytest.approx(0.5)
    assert measured.error_s == pytest.approx(math.hypot(0.005, 0.04 / math.sqrt(2)))
    beating = rate(strip, 50, 350, beats=4)
    assert beating.per_minute == pytest.approx(160)
    assert beating.error_per_minute == pytest.approx(160 * measured.error_s / 1.5)
    assert rate(strip, 250, 350).error_per_minute > 2 * beating.error_per_minute * 120 / 160


def test_a_rate_faster_than_the_looks_is_refused(strip: MMode) -> None:
    with pytest.raises(CannotImage, match="25 times a second"):
        rate(strip, 100, 115)
    assert rate(strip, 100, 117).per_minute == pytest.approx(60 / 0.085)
    for beats, ends in ((0, (100, 200)), (1, (100, 100)), (1, (-3, 100))):
        with pytest.raises(CannotImage):
            rate(strip, *ends, beats=beats)


def test_travel(strip: MMode) -> None:
    measured = travel(strip, 20, 120)
    assert measured.mm == pytest.approx(strip.um_per_row / 10)
    assert measured.error_mm == pytest.approx(math.hypot(strip.um_per_row / 1000, 0.04 * measured.mm))
    known = travel(dataclasses.replace(strip, provenance=KNOWN), 20, 120)
    assert known.error_mm == pytest.approx(math.hypot(strip.um_per_row / 1000, math.sqrt(2) * 0.05))
    with pytest.raises(CannotImage, match="strip"):
        travel(strip, 20, 900)


def looks_at(obstetric: Preset, times_ms: list[int], interval_us: int) -> MMode:
    """A strip of 2 s whose looks were at these times; what the probe says of its interval may be nothing."""
    like = frame_of(speckle(8, 800))
    like = dataclasses.replace(like, settings=dataclasses.replace(like.settings, frame_interval_us=interval_us))
    chain = MModeChain.plan(like, obstetric, 3, 400, 300, 2000)
    for number, at_ms in enumerate(times_ms):
        chain.run(dataclasses.replace(like, number=number, device_us=at_ms * 1000))
    return chain.picture()


def test_a_lost_look_widens_the_error_where_it_is_lost(obstetric: Preset) -> None:
    times = [40 * n for n in range(51) if n not in (20, 21)]
    strip = looks_at(obstetric, times, 40_000)
    at = {ms: round((1000 * ms + 1500 - strip.started_us) / strip.us_per_column) for ms in (400, 860, 1200)}
    assert [int(strip.looked_us[column]) for column in at.values()] == [40_000, 120_000, 40_000]
    even, late = interval(strip, at[400], at[1200]), interval(strip, at[400], at[860])
    assert even.error_s == pytest.approx(math.hypot(0.005, 0.02, 0.02))
    assert late.error_s == pytest.approx(math.hypot(0.005, 0.02, 0.06))
    with pytest.raises(CannotImage, match="8 times a second there"):
        rate(strip, at[400], at[860], beats=2)
    assert rate(strip, at[860] + 8, at[1200], beats=2).per_minute > 0


def test_no_time_is_read_where_nothing_was_seen(obstetric: Preset) -> None:
    strip = looks_at(obstetric, [40 * n for n in range(51) if not 15 <= n < 30], 40_000)
    black = np.flatnonzero(~strip.filled)
    black = int(black[black > 50].mean())
    with pytest.raises(CannotImage, match="Nothing was seen"):
        interval(strip, 20, black)
    with pytest.raises(CannotImage, match="gap"):
        rate(strip, black - 80, black + 80)
    assert interval(strip, black - 80, black + 80).seconds == pytest.approx(0.8)


def test_a_probe_that_does_not_say_how_often_it_looks_is_watched(obstetric: Preset) -> None:
    """To and fro: near the edge of a sector looks come unevenly, and all of them are shown."""
    times = [n * 100 + (30 if n % 2 else 0) for n in range(25)]
    strip = looks_at(obstetric, times, 0)
    assert strip.filled[30:].all()
    assert strip.interval_us == pytest.approx(100_000, rel=0.25)
    assert sorted({int(us) for us in strip.looked_us[60:]}) == [70_000, 130_000]
