"""Views of one beam: every pixel is where its axes say, and nothing is read off that is not there."""

from __future__ import annotations

import dataclasses
from itertools import pairwise

import numpy as np
import pytest

from imaging.amode import AMode, AModeChain
from imaging.axes import axes_of, ticks
from imaging.beam_overlay import burn_beam
from imaging.beam_view import BeamView, Scale, a_line_view, strip_view
from imaging.calipers.ranges import apart
from imaging.errors import CannotImage
from imaging.mmode import MModeChain
from imaging.modes import Mode
from imaging.overlay import Mark
from imaging.preset import Preset
from probe.geometry import Geometry
from tests.imaging.sweeps import CALIBRATION, frame_of, points

GEOMETRY, RATE_HZ, FIRST_NS, SAMPLES = Geometry.sector(5, 8.0), 20_000_000, 13_000, 1500
DEPTHS_MM = (30.0, 52.5)
FLOOR_DB = 60


@pytest.fixture(scope="module")
def frame(obstetric: Preset):  # type: ignore[no-untyped-def]
    echoes = points(GEOMETRY, [(0.0, depth) for depth in DEPTHS_MM], SAMPLES, FIRST_NS, RATE_HZ, 1540)
    return frame_of(echoes, GEOMETRY, rate_hz=RATE_HZ, first_sample_ns=FIRST_NS)


@pytest.fixture(scope="module")
def line(obstetric: Preset, frame) -> AMode:  # type: ignore[no-untyped-def]
    chain = AModeChain(frame, obstetric, 2)
    chain.run(frame)
    return chain.a_line()


@pytest.fixture(scope="module")
def m_view(obstetric: Preset, frame, line: AMode) -> BeamView:  # type: ignore[no-untyped-def]
    chain = MModeChain.plan(frame, obstetric, 2, 480, 480, 5000)
    for number in range(60):
        chain.run(dataclasses.replace(frame, number=number, device_us=100_000 * number))
    return strip_view(chain.picture(), line, 5, obstetric, 154)


def heights(view: BeamView) -> np.ndarray:
    return (view.pixels > 0).sum(axis=0)


@pytest.mark.parametrize("size", [(640, 480), (160, 120), (63, 49)])
def test_an_a_line_stands_over_its_depth_and_as_high_as_its_level(obstetric: Preset, line: AMode, size) -> None:  # type: ignore[no-untyped-def]
    view = a_line_view(line, 5, obstetric, *size)
    assert (view.mode, view.width_px, view.height_px, view.lines) == (Mode.A, *size, 5)
    for depth_mm in DEPTHS_MM:
        near = [c for c in range(size[0]) if abs(view.across.at(c) / 1000 - depth_mm) < 3]
        peak = max(near, key=lambda column: heights(view)[column])
        assert view.across.at(peak) / 1000 == pytest.approx(depth_mm, abs=0.1 + view.across.step / 1000)
        top = int(np.flatnonzero(view.pixels[:, peak])[0])
        level_db = view.down.at(top) / 1000
        truth_db = line.decibel[np.abs(line.ranges_mm - depth_mm) < 1].max()
        assert level_db == pytest.approx(truth_db, abs=0.6 * abs(view.down.step) / 1000)
    # whole micrometres a column: less than one more for each
    assert 0 <= view.depth_mm - line.ranges_mm[-1] < size[0] / 1000
    assert not view.pixels.flags.writeable


def test_a_shallower_line_shows_less_and_the_same_places(obstetric: Preset, line: AMode) -> None:
    whole, near = a_line_view(line, 5, obstetric, 640, 480), a_line_view(line, 5, obstetric, 640, 480, span_mm=30)
    assert near.depth_mm == pytest.approx(line.ranges_mm[0] + 30, abs=0.64)
    assert near.across.first == whole.across.first
    for view in (whole, near):
        peak = int(heights(view)[: round(view.across.place(35_000))].argmax())
        assert view.across.at(peak) / 1000 == pytest.approx(30.0, abs=0.15)


def test_the_curve_beside_a_strip_has_the_strips_rows(line: AMode, m_view: BeamView) -> None:
    strip = m_view.strip
    assert strip is not None
    assert m_view.pixels.shape == (480, 480 + 6 + 154)
    np.testing.assert_array_equal(m_view.measured, strip.pixels)
    assert not m_view.pixels[:, 480:486].any()
    reach = (m_view.pixels[:, 486:] > 0).sum(axis=1)
    for depth_mm in DEPTHS_MM:
        rows = [r for r in range(480) if abs(m_view.down.at(r) / 1000 - depth_mm) < 3]
        assert max(rows, key=lambda row: reach[row]) == pytest.approx(m_view.down.place(1000 * depth_mm), abs=1.5)
        assert strip.pixels[rows, -1].argmax() + rows[0] == pytest.approx(m_view.down.place(1000 * depth_mm), abs=1.5)
    assert m_view.level is not None
    ends = 485 + int(reach.max())
    assert m_view.level.at(ends) / 1000 == pytest.approx(line.decibel.max(), abs=0.6 * m_view.level.step / 1000)


def test_axes_say_what_the_pixels_are(obstetric: Preset, line: AMode, m_view: BeamView) -> None:
    depth, time, level = axes_of(m_view)
    assert (depth.unit, time.unit, level.unit) == ("mm", "s", "dB")
    assert depth.upright
    assert depth.place(DEPTHS_MM[0])[1] == pytest.approx(m_view.down.place(1000 * DEPTHS_MM[0]))
    assert time.place(0)[0] == 479
    assert time.place(-1)[0] == pytest.approx(479 - 1e6 / m_view.across.step)
    assert level.place(-FLOOR_DB)[0] == pytest.approx(486)
    across, down = axes_of(a_line_view(line, 5, obstetric, 640, 480))
    assert (across.unit, down.unit, across.upright, down.upright) == ("mm", "dB", False, True)
    assert (down.place(0)[1], across.to_value) == (0, pytest.approx(line.ranges_mm[-1], abs=0.64))


@pytest.mark.parametrize(("low", "high"), [(0, 52.6), (-5, 0), (10.0, 162.0), (-60, 0), (0, 1.3), (3, 3.0001)])
@pytest.mark.parametrize("most", [2, 4, 11])
def test_ticks_are_round_and_few(low: float, high: float, most: int) -> None:
    values = ticks(low, high, most)
    assert values == ticks(high, low, most)
    assert len(values) <= most + 1
    assert all(low - 1e-6 <= value <= high + 1e-6 for value in values)
    steps = {round(b - a, 9) for a, b in pairwise(values)}
    assert len(steps) <= 1
    assert all(f"{step:e}"[0] in "125" for step in steps)


def test_the_distance_of_two_echoes_of_an_a_line(obstetric: Preset, line: AMode) -> None:
    view = a_line_view(line, 5, obstetric, 640, 480)
    a, b = (view.across.place(1000 * depth) for depth in DEPTHS_MM)
    measured = apart(view, b, a)
    assert measured.mm == pytest.approx(22.5)
    assert measured.error_mm == pytest.approx(np.hypot(view.across.step / 1000, 0.04 * 22.5))
    known = dataclasses.replace(view, provenance=dataclasses.replace(view.provenance, calibration=CALIBRATION))
    assert apart(known, a, b).error_mm == pytest.approx(np.hypot(view.across.step / 1000, np.sqrt(2) * 0.05))
    with pytest.raises(CannotImage, match="not on the line"):
        apart(view, -2, b)


def test_a_strip_has_no_depth_from_left_to_right(m_view: BeamView) -> None:
    with pytest.raises(CannotImage, match="A-line"):
        apart(m_view, 10, 20)


def test_what_is_printed_says_practice_and_has_its_calipers(m_view: BeamView) -> None:
    plain = dataclasses.replace(m_view, pixels=m_view.measured, level=None)
    before = plain.pixels.copy()
    burnt = burn_beam(plain, [Mark(((100.0, 50.0), (100.0, 300.0)), (), "1")], ["1  Distance 40.0 mm"])
    assert burnt.shape == (480, 480, 3)
    np.testing.assert_array_equal(plain.pixels, before)
    assert tuple(burnt[50, 100]) == (255, 235, 80)
    colours = {tuple(colour) for colour in burnt[:60, :250].reshape(-1, 3).tolist()}
    assert (255, 120, 200) in colours, "practice"
    assert (255, 170, 60) in colours, "uncalibrated"


def test_a_scale_goes_both_ways() -> None:
    scale = Scale("um", 12_000, 250)
    assert scale.place(scale.at(37.5)) == pytest.approx(37.5)


@pytest.mark.parametrize("deepest_mm", [100.0, 60.0])
def test_echoes_in_coarse_samples_stand_where_they_are(line: AMode, deepest_mm: float) -> None:
    """Samples further apart than columns: the peak is at its sample, and nothing from below is in the last column."""
    ranges_mm = 10.0 + 0.5 * np.arange(200)
    decibel = np.full(200, -200.0)
    decibel[[40, 170]] = -10.0, 0.0  # at 30 mm, and at 95 mm
    coarse = dataclasses.replace(line, ranges_mm=ranges_mm, decibel=decibel)
    view = a_line_view(coarse, 5, Preset.load("abdomen"), 640, 480, span_mm=deepest_mm - 10.0)
    heights_px = heights(view)
    near = heights_px[: round(view.across.place(40_000))]
    highest = np.flatnonzero(near == near.max())
    assert abs(view.across.at(highest.mean()) / 1000 - 30.0) <= view.across.step / 1000
    if deepest_mm < 95:
        assert heights_px[-1] == heights_px.min()
