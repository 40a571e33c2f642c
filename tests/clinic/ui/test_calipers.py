"""Calipers as values: moved by pixels, held by three places, the same in the body when a picture is turned."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.measuring import TOOLS, Tool
from clinic.ui.calipers import Caliper, first_caliper
from clinic.ui.scan_keys import ARROWS, BINDINGS, KEYS, MORE, ScanState
from clinic.ui.screens.scan import ScanScreen
from imaging.modes import Mode
from imaging.picture import Picture
from probe.frame import Provenance

PROVENANCE = Provenance("m", "s", "f", True, None, 1540)
PICTURE = Picture(
    np.zeros((480, 640), np.uint8), np.ones((480, 640), np.bool_), 333, -106_394, 0, 1, "obstetric", 1540, "d",
    PROVENANCE, (),
)  # fmt: skip


def axis_of(caliper: Caliper) -> tuple[float, float]:
    a, b, c, d = caliper.placement.places
    return math.dist(a, b), math.dist(c, d)


@pytest.mark.parametrize("tool", TOOLS[Mode.B])
def test_a_first_caliper_reads_something_and_one_place_is_held(tool: Tool) -> None:
    caliper = first_caliper(PICTURE, "x", tool)
    assert caliper.held >= 0
    assert caliper.reading(PICTURE)
    seen = {caliper.held}
    for _ in caliper.handles:
        caliper = caliper.other_end()
        seen.add(caliper.held)
    assert seen == set(range(len(caliper.handles)))
    assert caliper.placed().held == -1


def test_the_side_of_an_ellipse_changes_its_height_alone() -> None:
    caliper = replace(first_caliper(PICTURE, "Head", Tool.ELLIPSE), held=2)
    wide, high = axis_of(caliper)
    moved = caliper.moved(PICTURE, 17, -10)
    assert axis_of(moved) == pytest.approx((wide, high + 20))
    assert moved.handles[:2] == caliper.handles[:2]


def test_an_end_takes_the_side_along() -> None:
    caliper = first_caliper(PICTURE, "Head", Tool.ELLIPSE)
    wide, high = axis_of(caliper)
    moved = caliper.moved(PICTURE, -30, 40)
    assert axis_of(moved) == pytest.approx((math.hypot(wide + 30, 40), high))
    a, b, c, d = moved.placement.places
    assert np.dot(np.subtract(b, a), np.subtract(d, c)) == pytest.approx(0, abs=1e-6)


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(-200, 200), st.integers(-200, 200)), max_size=12))
def test_an_ellipse_is_one_whatever_is_pressed(moves: list[tuple[int, int, int]]) -> None:
    caliper = first_caliper(PICTURE, "Head", Tool.ELLIPSE)
    for held, across, down in moves:
        caliper = replace(caliper, held=held).moved(PICTURE, across, down)
        a, b, c, d = caliper.placement.places
        assert all(-0.5 <= x <= 639.5 and -0.5 <= y <= 479.5 for x, y in (a, b, c, d))
        assert abs(np.dot(np.subtract(b, a), np.subtract(d, c))) < 1e-6 * (1 + math.dist(a, b) * math.dist(c, d))
        flat = min(axis_of(caliper)) < 0.05 * max(axis_of(caliper))
        assert bool(caliper.reading(PICTURE)) is not flat, "what is no ellipse has no number"
        assert caliper.mark(PICTURE, 1).crosses == caliper.handles


@pytest.mark.parametrize("tool", TOOLS[Mode.B])
@pytest.mark.parametrize(("mirrored", "upside_down"), [(True, False), (False, True), (True, True)])
def test_on_a_turned_picture_it_measures_the_same(tool: Tool, mirrored: bool, upside_down: bool) -> None:
    turned = replace(
        PICTURE, mirrored=mirrored, upside_down=upside_down,
        origin_x_um=-106_394 + 639 * 333 * mirrored, origin_z_um=479 * 333 * upside_down,
    )  # fmt: skip
    caliper = first_caliper(PICTURE, "x", tool).moved(PICTURE, 31, -17)
    after = caliper.turned(PICTURE, turned)
    column, row = caliper.handles[0]
    assert after.handles[0] == pytest.approx((639 - column if mirrored else column, 479 - row if upside_down else row))
    assert [one.value for one in after.reading(turned)] == [one.value for one in caliper.reading(PICTURE)]
    again = after.moved(turned, -5 if mirrored else 5, 0)
    wanted = caliper.moved(PICTURE, 5, 0)
    for one, other in zip(again.reading(turned), wanted.reading(PICTURE), strict=True):
        assert one.value == pytest.approx(other.value, rel=1e-6)


@pytest.mark.parametrize("state", ScanState)
def test_every_key_behind_the_list_works_without_it(state: ScanState) -> None:
    bound = {key: binding.action for binding in BINDINGS for key in binding.key.split(",")}
    actions = {name.removeprefix("action_") for name in dir(ScanScreen) if name.startswith("action_")}
    for more in MORE[state]:
        assert more.action.partition("(")[0] in actions
        if more.key not in ARROWS:
            assert bound[more.key] == more.action
    assert not {more.printed for more in MORE[state]} & {key for key, _ in KEYS[state]}
