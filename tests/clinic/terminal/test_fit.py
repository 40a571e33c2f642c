"""Fitting keeps proportions and loses no corner."""

from __future__ import annotations

import numpy as np
import pytest

from clinic.terminal.fit import plan_fit


def test_the_same_size_is_the_same_picture() -> None:
    grey = np.random.default_rng(1).integers(0, 256, (48, 64)).astype(np.uint8)
    assert np.array_equal(plan_fit((48, 64), (48, 64)).apply(grey), grey)


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
