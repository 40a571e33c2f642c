"""Fitting against its float64 twin: proportions, corners, every size up and down."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.terminal.fit import plan_fit
from tests.clinic.terminal.fit_twin import fitted

SIZES = st.tuples(st.integers(1, 60), st.integers(1, 60))


def noise(shape: tuple[int, int], seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, shape).astype(np.uint8)


def check(grey: np.ndarray, target: tuple[int, int], pixel_aspect: float) -> None:
    exact = fitted(grey, target, pixel_aspect)
    assert np.abs(plan_fit(grey.shape, target, pixel_aspect).apply(grey) - exact).max() <= 1


@settings(deadline=None)
@given(SIZES, SIZES, st.sampled_from((0.5, 0.9, 1.0, 1.3, 2.0)), st.integers(0, 9))
def test_any_size_is_the_twins(source: tuple[int, int], target: tuple[int, int], aspect: float, seed: int) -> None:
    check(noise(source, seed), target, aspect)


@pytest.mark.parametrize(
    ("target", "aspect"),
    [((480, 640), 1.0), ((481, 641), 1.0), ((600, 801), 1.0), ((37, 53), 1.0), ((100, 1000), 1.0), ((48, 80), 1.0),
     ((80, 100), 1.0833), ((1080, 1920), 1.0), ((2, 3), 1.0)],
)  # fmt: skip
@pytest.mark.parametrize("hard", [False, True])
def test_a_whole_picture_is_the_twins(target: tuple[int, int], aspect: float, hard: bool) -> None:
    grey = noise((480, 640))
    check((grey // 128 * 255).astype(np.uint8) if hard else grey, target, aspect)


def test_the_same_size_is_the_same_picture() -> None:
    grey = noise((48, 64))
    assert np.array_equal(plan_fit((48, 64), (48, 64)).apply(grey), grey)


def test_a_flat_picture_stays_flat() -> None:
    """No brightness is made or lost by rounding, at any place of any size."""
    for target in ((480, 640), (37, 53), (100, 1000), (211, 307)):
        out = plan_fit((120, 160), target).apply(np.full((120, 160), 201, np.uint8))
        assert set(np.unique(out)) <= {0, 201}


def test_a_thin_wire_does_not_vanish() -> None:
    grey = np.zeros((480, 640), np.uint8)
    grey[241] = 255
    for rows in (40, 77, 100, 239):
        out = plan_fit((480, 640), (rows, 640)).apply(grey)
        column = out[:, out.shape[1] // 2].astype(int)
        assert column.sum() == pytest.approx(255 * rows / 480, abs=2)


@pytest.mark.parametrize("target", [(480, 640), (100, 1000), (1000, 100), (37, 53)])
def test_it_is_as_large_as_it_goes_and_centred(target: tuple[int, int]) -> None:
    out = plan_fit((120, 160), target).apply(np.full((120, 160), 255, np.uint8))
    rows, columns = np.flatnonzero(out.any(axis=1)), np.flatnonzero(out.any(axis=0))
    scale = min(target[0] / 120, target[1] / 160)
    assert abs(len(rows) - 120 * scale) <= 1
    assert abs(len(columns) - 160 * scale) <= 1
    assert abs((rows[0] + rows[-1]) - (target[0] - 1)) <= 1
    assert abs((columns[0] + columns[-1]) - (target[1] - 1)) <= 1


def test_half_blocks_are_not_square() -> None:
    out = plan_fit((100, 100), (48, 80), 2.0).apply(np.full((100, 100), 255, np.uint8))
    rows, columns = int(out.any(axis=1).sum()), int(out.any(axis=0).sum())
    assert abs(columns - 2 * rows) <= 2


@settings(deadline=None)
@given(SIZES, SIZES, st.data())
def test_a_place_of_the_picture_is_where_its_pixel_is_drawn(
    source: tuple[int, int], target: tuple[int, int], data: st.DataObject
) -> None:
    """``place`` tells where a caliper belongs: a lit pixel's light is centred there, wherever it is not cut off."""
    row, column = data.draw(st.integers(0, source[0] - 1)), data.draw(st.integers(0, source[1] - 1))
    grey = np.zeros(source)
    grey[row, column] = 1000
    light = fitted(grey, target)
    fit = plan_fit(source, target)
    x, y = fit.place(column, row)
    inside = (1 <= row < source[0] - 1, 1 <= column < source[1] - 1)
    reach = max(1.0, 1 / fit.scale[0]) * fit.scale[0] + 1
    if light.sum() and all(inside) and reach <= y <= target[0] - reach and reach <= x <= target[1] - reach:
        rows, columns = np.arange(target[0]), np.arange(target[1])
        assert (light.sum(axis=1) * rows).sum() / light.sum() == pytest.approx(y, abs=0.51)
        assert (light.sum(axis=0) * columns).sum() / light.sum() == pytest.approx(x, abs=0.51)


def test_a_buffer_is_written_to_and_given_back() -> None:
    fit, buffer = plan_fit((48, 64), (30, 40)), np.full((30, 40), 7, np.uint8)
    grey = noise((48, 64))
    assert fit.apply(grey, buffer) is buffer
    assert np.array_equal(buffer, fit.apply(grey))
