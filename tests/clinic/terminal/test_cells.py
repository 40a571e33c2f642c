"""Half-block cells: what the encoder writes, an independent terminal shows, byte for byte."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.geometry import Region

from clinic.terminal.cells import CellEncoder, true_greys
from clinic.terminal.inks import COLOURS, INKS
from clinic.terminal.marks import Marks
from tests.clinic.terminal.simulated_terminal import SimulatedTerminal, colour_256

RAMP = (0, *range(8, 239, 10), 255)
PALETTE = np.array([colour_256(number) for number in range(16, 256)])


def marks_of(mask: np.ndarray) -> Marks:
    where = np.flatnonzero(mask)
    return Marks(where, mask.ravel()[where])


def shown(grey: np.ndarray, mask: np.ndarray | None, *, truecolor: bool, at: tuple[int, int] = (0, 0)) -> np.ndarray:
    """(2 * rows, columns, 3) of a terminal on which the picture was painted."""
    rows, columns = len(grey) // 2, grey.shape[1]
    encoder = CellEncoder(columns, rows, (8, 16), truecolor=truecolor)
    assert encoder.shape_px == grey.shape
    terminal = SimulatedTerminal(columns + at[0] + 1, rows + at[1] + 2)
    terminal.feed(encoder.paint(grey, None if mask is None else marks_of(mask), Region(*at, columns, rows)))
    outside = terminal.halves.copy()
    outside[2 * at[1] : 2 * (at[1] + rows), at[0] : at[0] + columns] = -1
    assert (outside == -1).all(), "nothing is painted beside the picture"
    return terminal.halves[2 * at[1] : 2 * (at[1] + rows), at[0] : at[0] + columns]


def expected(grey: np.ndarray, mask: np.ndarray | None, *, truecolor: bool) -> np.ndarray:
    greys = np.array(true_greys() if truecolor else RAMP)
    out = np.repeat(greys[np.abs(greys[:, None, None] - grey.astype(int)).argmin(axis=0)][..., None], 3, axis=2)
    for ink in INKS if mask is not None else ():
        colour = np.array(COLOURS[ink])
        if not truecolor:
            cube = PALETTE[: 6 * 6 * 6]
            colour = cube[((cube - colour) ** 2).sum(axis=1).argmin()]
        out[mask == ink] = colour
    return out


@pytest.mark.parametrize("truecolor", [True, False])
@pytest.mark.parametrize("shape", [(2, 1), (2, 7), (6, 5), (46, 80), (94, 160)])
def test_noise_with_marks_comes_back_exactly(shape: tuple[int, int], truecolor: bool) -> None:
    rng = np.random.default_rng(2)
    grey = rng.integers(0, 256, shape).astype(np.uint8)
    mask = (rng.integers(0, len(INKS) + 1, shape) * (rng.random(shape) < 0.2)).astype(np.uint8)
    for marks in (None, mask):
        assert np.array_equal(shown(grey, marks, truecolor=truecolor), expected(grey, marks, truecolor=truecolor))


@settings(deadline=None)
@given(st.integers(1, 12), st.integers(1, 4), st.lists(st.integers(0, 255), min_size=1, max_size=40), st.booleans())
def test_any_picture_comes_back_exactly(columns: int, rows: int, values: list[int], truecolor: bool) -> None:
    grey = np.resize(np.array(values, dtype=np.uint8), (2 * rows, columns))
    assert np.array_equal(shown(grey, None, truecolor=truecolor), expected(grey, None, truecolor=truecolor))


def test_it_is_painted_where_it_belongs() -> None:
    grey = np.random.default_rng(4).integers(0, 256, (8, 9)).astype(np.uint8)
    assert np.array_equal(shown(grey, None, truecolor=True, at=(5, 3)), expected(grey, None, truecolor=True))


def test_a_colour_is_named_only_where_it_changes() -> None:
    text = CellEncoder(100, 2, (8, 16), truecolor=True).paint(
        np.full((4, 100), 90, np.uint8), None, Region(0, 0, 100, 2)
    )
    assert text.count("38;2") == text.count("48;2") == 2, "once a row"


def test_one_encoder_forgets_the_picture_before() -> None:
    encoder, rng = CellEncoder(20, 6, (8, 16), truecolor=False), np.random.default_rng(1)
    region = Region(0, 0, 20, 6)
    encoder.paint(rng.integers(0, 256, (12, 20)).astype(np.uint8), None, region)
    grey = np.full((12, 20), 77, np.uint8)
    assert encoder.paint(grey, None, region) == CellEncoder(20, 6, (8, 16), truecolor=False).paint(grey, None, region)


def test_the_grey_ramp_is_finer_than_the_eye_needs() -> None:
    """No grey is shown further off than half a step: 5 in 256 colours, 3 where any colour goes."""
    grey = np.arange(256, dtype=np.uint8).reshape(2, 128)
    for truecolor, off in ((True, 3), (False, 8)):
        assert np.abs(shown(grey, None, truecolor=truecolor)[..., 0] - grey.astype(int)).max() <= off
