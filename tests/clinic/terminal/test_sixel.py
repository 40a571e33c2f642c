"""Sixel: what the encoder writes, an independent decoder reads back, bit for bit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.terminal.inks import COLOURS, INKS, Ink
from clinic.terminal.marks import Marks
from clinic.terminal.sixel import LADDER, SixelEncoder, grey_levels, shown_percent
from tests.clinic.terminal.sixel_reader import read_sixel, read_sixel_colours


def expected(grey: np.ndarray, levels: int) -> np.ndarray:
    rows = len(grey) - len(grey) % 6
    return shown_percent(levels)[grey_levels(levels)[grey[:rows]]]


@pytest.mark.parametrize("levels", LADDER)
@pytest.mark.parametrize("shape", [(6, 1), (6, 2), (12, 5), (13, 7), (90, 640), (18, 1300)])
def test_noise_comes_back_exactly(shape: tuple[int, int], levels: int) -> None:
    grey = np.random.default_rng(3).integers(0, 256, shape).astype(np.uint8)
    assert np.array_equal(
        read_sixel(SixelEncoder(shape[1], shape[0], levels).encode(grey[: shape[0] // 6 * 6])), expected(grey, levels)
    )


@settings(deadline=None)
@given(st.integers(1, 40), st.integers(1, 3), st.lists(st.integers(0, 255), min_size=1, max_size=60))
def test_any_picture_comes_back_exactly(width: int, bands: int, values: list[int]) -> None:
    grey = np.resize(np.array(values, dtype=np.uint8), (6 * bands, width))
    assert np.array_equal(read_sixel(SixelEncoder(width, 6 * bands, 16).encode(grey)), expected(grey, 16))


@pytest.mark.parametrize("levels", LADDER)
def test_inks_lie_over_the_greys_exactly(levels: int) -> None:
    rng = np.random.default_rng(5)
    grey = rng.integers(0, 256, (48, 70)).astype(np.uint8)
    mask = (rng.integers(1, len(INKS) + 1, grey.shape) * (rng.random(grey.shape) < 0.3)).astype(np.uint8)
    where = np.flatnonzero(mask)
    drawn = read_sixel_colours(SixelEncoder(70, 48, levels).encode(grey, Marks(where, mask.ravel()[where])))
    wanted = np.repeat(expected(grey, levels)[..., None], 3, axis=2)
    for ink in Ink:
        if ink is not Ink.NONE:
            wanted[mask == ink] = [round(part / 2.55) for part in COLOURS[ink]]
    assert np.array_equal(drawn, wanted)


def test_the_worst_picture_there_is_fits_its_buffer() -> None:
    """No two neighbours alike, and as many registers as there are: the longest text that a band can become."""
    width, levels = 1999, LADDER[0]
    grey = ((np.arange(12)[:, None] * 37 + np.arange(width)[None, :] * 101) % 256).astype(np.uint8)
    encoder = SixelEncoder(width, 12, levels)
    assert np.array_equal(read_sixel(encoder.encode(grey)), expected(grey, levels))
    assert encoder._sizes.max() < encoder._out.shape[1]


def test_flat_pictures_are_short() -> None:
    text = SixelEncoder(640, 480, 32).encode(np.zeros((480, 640), np.uint8))
    assert len(text) < 1500


def test_one_encoder_forgets_the_picture_before() -> None:
    encoder = SixelEncoder(64, 48, 32)
    rng = np.random.default_rng(1)
    encoder.encode(rng.integers(0, 256, (48, 64)).astype(np.uint8))
    grey = np.full((48, 64), 77, np.uint8)
    assert encoder.encode(grey) == SixelEncoder(64, 48, 32).encode(grey)


def test_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match=r"is not \(48, 64\)"):
        SixelEncoder(64, 48, 32).encode(np.zeros((48, 65), np.uint8))
