"""Marks: each on the pixel that it belongs to, at any size; what must be said is said; nothing else is touched."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.terminal.fit import Fit, plan_fit
from clinic.terminal.inks import COLOURS, INKS, Ink
from clinic.terminal.marks import CaliperMark, Overlay, draw_marks, marks_over
from imaging.axes import AxisLine

SOURCE = (480, 640)
TARGETS = [(480, 640), (600, 800), (936, 1400), (240, 300), (150, 640), (468, 636)]
SMALL = [(46, 80), (100, 160), (20, 60)]


def ink_rows(mask: np.ndarray, ink: Ink) -> set[int]:
    return set(np.flatnonzero((mask == ink).any(axis=1)).tolist())


def arm_of(mask: np.ndarray, ink: Ink, row: int, column: int) -> int:
    """How far an ink goes on to the right of a place, along its row."""
    run = mask[row, column:] == ink
    return int(run.argmin()) if not run.all() else len(run)


def by_hand(fit: Fit, place: tuple[float, float]) -> tuple[int, int]:
    """(row, column) of a place of the picture on the result, from the proportions and not from ``place``."""
    scale = min(fit.target[0] / fit.source[0], fit.target[1] / fit.source[1])
    return tuple(
        round((at + 0.5) * scale + (target - source * scale) / 2 - 0.5)
        for at, target, source in zip(reversed(place), fit.target, fit.source, strict=True)
    )  # type: ignore[return-value]


@pytest.mark.parametrize("target", TARGETS + SMALL)
@pytest.mark.parametrize(
    "ends", [((10.0, 20.0), (600.0, 450.0)), ((320.0, 240.0), (320.5, 300.0)), ((0.0, 0.0), (639.0, 479.0))]
)
def test_a_caliper_lies_on_its_pixels(target: tuple[int, int], ends: tuple[tuple[float, float], ...]) -> None:
    fit = plan_fit(SOURCE, target)
    mask = draw_marks(Overlay((CaliperMark((ends[0], ends[1]), "", 1),)), fit)
    for place, ink in zip(ends, (Ink.MARK, Ink.HELD), strict=True):
        row, column = by_hand(fit, place)
        assert mask[row, column] == ink
    row, column = by_hand(fit, ends[1])
    held = mask == Ink.HELD
    assert abs(np.flatnonzero(held.any(axis=1)).mean() - row) <= held.any(axis=1).sum() / 2, "round its own end"


@settings(deadline=None)
@given(st.floats(30, 600), st.floats(30, 440), st.sampled_from(TARGETS))
def test_a_cross_is_centred_wherever_it_is(column: float, row: float, target: tuple[int, int]) -> None:
    fit = plan_fit(SOURCE, target)
    mask = draw_marks(Overlay((CaliperMark(((column, row), (column, row)), "", 0),)), fit)
    [down, across] = [np.flatnonzero((mask == Ink.HELD).sum(axis=axis) > 1) for axis in (1, 0)]
    assert (abs((down[0] + down[-1]) / 2 - fit.place(column, row)[1])) <= 0.5 + 1e-9
    assert (abs((across[0] + across[-1]) / 2 - fit.place(column, row)[0])) <= 0.5 + 1e-9


def test_the_held_end_is_larger_and_of_another_ink() -> None:
    fit = plan_fit(SOURCE, (480, 640))
    for held in (0, 1):
        mask = draw_marks(Overlay((CaliperMark(((100, 100), (400, 300)), "", held),)), fit)
        arms = [
            arm_of(mask, Ink.HELD if end == held else Ink.MARK, *place)
            for end, place in enumerate([(100, 100), (300, 400)])
        ]
        assert arms[held] > arms[1 - held] > 3
    placed = draw_marks(Overlay((CaliperMark(((100, 100), (400, 300)), "", -1),)), fit)
    assert not (placed == Ink.HELD).any()


def test_a_cross_has_an_edge_that_sets_it_off() -> None:
    mask = draw_marks(Overlay((CaliperMark(((100, 100), (400, 300)), ""),)), plan_fit(SOURCE, (480, 640)))
    assert mask[101, 103] == mask[99, 103] == mask[103, 101] == Ink.EDGE


@pytest.mark.parametrize("target", TARGETS)
def test_a_number_stands_beside_its_caliper_and_inside_the_view(target: tuple[int, int]) -> None:
    fit = plan_fit(SOURCE, target)
    for right_end in (300.0, 639.0):
        caliper = CaliperMark(((20.0, 200.0), (right_end, 240.0)), "1")
        bare = draw_marks(Overlay((CaliperMark(caliper.crosses, ""),)), fit)
        added = (draw_marks(Overlay((caliper,)), fit) == Ink.MARK) & (bare != Ink.MARK)
        rows, columns = np.nonzero(added)
        assert len(rows) > 3, "there is a number"
        row, column = by_hand(fit, caliper.crosses[1])
        assert abs(rows.mean() - row) < 0.05 * target[0]
        assert abs(columns.mean() - column) < 0.1 * target[1] + 12
        assert columns.max() < target[1] - 1, "whole"


@pytest.mark.parametrize("target", [*TARGETS, *SMALL])
@pytest.mark.parametrize(("pixel_um", "origin_z_um"), [(250, 0), (250, -3_100), (333, 20_000), (97, 4_999)])
def test_ticks_are_at_their_millimetres(target: tuple[int, int], pixel_um: int, origin_z_um: int) -> None:
    fit = plan_fit(SOURCE, target)
    mask = draw_marks(Overlay(ruler=(pixel_um, origin_z_um)), fit)
    last_um = origin_z_um + pixel_um * (SOURCE[0] - 1)
    depths = [depth for depth in range(0, last_um // 1000 + 1, 10) if depth * 1000 >= origin_z_um]
    wanted = {by_hand(fit, (0, (1000 * depth - origin_z_um) / pixel_um))[0] for depth in depths}
    edge = min(target[1] - 3, round(fit.place(SOURCE[1] - 1, 0)[0]))
    short, long = (1, 3) if target in SMALL else (4, 9)
    ticks = set(np.flatnonzero((mask[:, edge - short : edge + 1] == Ink.TEXT).all(axis=1)).tolist())
    assert ticks == wanted
    longer = set(np.flatnonzero((mask[:, edge - long : edge + 1] == Ink.TEXT).all(axis=1)).tolist())
    assert longer == {
        by_hand(fit, (0, (1000 * depth - origin_z_um) / pixel_um))[0] for depth in depths if depth % 50 == 0
    }


@pytest.mark.parametrize("target", [*TARGETS, *SMALL])
def test_the_ruler_of_a_picture_upside_down_grows_upwards(target: tuple[int, int]) -> None:
    fit = plan_fit(SOURCE, target)
    last_um = 250 * (SOURCE[0] - 1)
    mask = draw_marks(Overlay(ruler=(-250, last_um)), fit)
    wanted = {by_hand(fit, (0, (last_um - 1000 * depth) / 250))[0] for depth in range(0, last_um // 1000 + 1, 10)}
    edge = min(target[1] - 3, round(fit.place(SOURCE[1] - 1, 0)[0]))
    short = 1 if target in SMALL else 4
    assert set(np.flatnonzero((mask[:, edge - short : edge + 1] == Ink.TEXT).all(axis=1)).tolist()) == wanted


@pytest.mark.parametrize("target", [*TARGETS, *SMALL])
def test_the_marker_is_a_dot_where_it_is_said_to_be(target: tuple[int, int]) -> None:
    fit = plan_fit(SOURCE, target)
    for place in ((200.0, 20.0), (440.0, 460.0)):
        rows, columns = np.nonzero(draw_marks(Overlay(marker=place), fit) == Ink.HELD)
        row, column = by_hand(fit, place)
        assert (abs(rows.mean() - row), abs(columns.mean() - column)) <= (0.5, 0.5)
        assert len(rows) >= 4


@pytest.mark.parametrize("ink", [Ink.FROZEN, Ink.WARNING])
@pytest.mark.parametrize("target", TARGETS + SMALL)
def test_a_border_goes_round_the_whole_view(target: tuple[int, int], ink: Ink) -> None:
    mask = draw_marks(Overlay(border=ink), plan_fit(SOURCE, target))
    for edge in (mask[0], mask[-1], mask[:, 0], mask[:, -1]):
        assert (edge == ink).all()
    inside = max(1, target[0] // 200)
    assert not mask[inside:-inside, inside:-inside].any()


@pytest.mark.parametrize("target", TARGETS)
def test_notices_are_said_each_on_its_line(target: tuple[int, int]) -> None:
    said = (("PRACTICE - NOT A PATIENT", Ink.PRACTICE), ("UNCALIBRATED", Ink.WARNING), ("FROZEN", Ink.FROZEN))
    mask = draw_marks(Overlay(notices=said), plan_fit(SOURCE, target))
    lines = [ink_rows(mask, ink) for _, ink in said]
    assert all(len(line) >= 5 for line in lines)
    assert max(lines[0]) < min(lines[1]) <= max(lines[1]) < min(lines[2]), "one below the other"
    assert not mask[:, -1].any(), "the longest fits"
    assert (mask[: max(lines[2]) + 3, :] == Ink.EDGE).any(), "set off from a bright picture"


@pytest.mark.parametrize("target", SMALL)
def test_letters_that_nobody_can_read_are_left_out(target: tuple[int, int]) -> None:
    mask = draw_marks(Overlay(notices=(("FROZEN", Ink.FROZEN),)), plan_fit(SOURCE, target))
    assert not mask.any()


def test_marked_pixels_are_the_mask() -> None:
    overlay = Overlay((CaliperMark(((100, 100), (400, 300)), "2", 0),), (("FROZEN", Ink.FROZEN),), Ink.FROZEN, (250, 0))
    fit = plan_fit(SOURCE, (480, 640))
    marks, mask = marks_over(overlay, fit), draw_marks(overlay, fit)
    assert marks is not None
    again = np.zeros_like(mask)
    again.flat[marks.where] = marks.inks
    assert np.array_equal(again, mask)
    assert (
        marks_over(
            Overlay((CaliperMark(((100, 100), (400, 300)), "2", 0),), overlay.notices, Ink.FROZEN, (250, 0)), fit
        )
        is marks
    )
    assert marks_over(Overlay(), fit) is None


def test_inks_can_be_told_apart() -> None:
    """Also by who sees no difference of red and green: by brightness (ITU-R BT.601) or by blue."""
    light = {ink: 0.299 * r + 0.587 * g + 0.114 * b for ink, (r, g, b) in COLOURS.items()}
    for a in INKS:
        for b in INKS:
            if a < b:
                assert abs(light[a] - light[b]) > 12 or abs(COLOURS[a][2] - COLOURS[b][2]) > 40, (a, b)
    assert tuple(Ink)[1:] == INKS, "registers follow the inks' numbers"


@pytest.mark.parametrize("target", TARGETS)
def test_an_axis_has_its_ticks_at_round_values_and_its_unit(target: tuple[int, int]) -> None:
    fit = plan_fit(SOURCE, target)
    depth = AxisLine((400.0, 0.0), (400.0, 479.0), 8.1, 161.6, "mm")
    mask = draw_marks(Overlay(scales=(depth,)), fit)
    for value in range(20, 161, 20) if target[0] > 200 else range(50, 151, 50):
        row, column = by_hand(fit, depth.place(value))
        near = mask[max(0, row - 1) : row + 2, max(0, column - 3) : column + 1]
        assert (near == Ink.TEXT).any(), f"a tick at {value} mm"
    assert not (mask[:, by_hand(fit, (420.0, 0.0))[1] :] != Ink.NONE).any(), "nothing beyond the axis"


@pytest.mark.parametrize("target", SMALL)
def test_an_axis_of_a_small_view_has_ticks_alone(target: tuple[int, int]) -> None:
    fit = plan_fit(SOURCE, target)
    mask = draw_marks(Overlay(scales=(AxisLine((0.0, 479.0), (639.0, 479.0), -5.0, 0.0, "s"),)), fit)
    rows = ink_rows(mask, Ink.TEXT)
    assert rows
    assert max(rows) - min(rows) <= 2


@pytest.mark.parametrize("target", TARGETS + SMALL)
def test_a_beam_is_dashed_from_end_to_end(target: tuple[int, int]) -> None:
    fit = plan_fit(SOURCE, target)
    ends = ((320.0, 10.0), (500.0, 470.0))
    mask = draw_marks(Overlay(beam=ends), fit)
    rows = np.flatnonzero((mask == Ink.HELD).any(axis=1))
    first, last = by_hand(fit, ends[0])[0], by_hand(fit, ends[1])[0]
    dash = max(2, target[0] // 80)
    assert first - 1 <= rows[0] <= first + 1
    assert last - 3 * dash - 1 <= rows[-1] <= last + 1
    assert 0.2 < len(rows) / (last - first) < 0.75, "the picture shows between the dashes"
