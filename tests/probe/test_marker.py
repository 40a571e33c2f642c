"""A finger on one end of the face: the side is told, or nothing is claimed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from probe.calibration.marker import Side, touched_side
from probe.errors import ProbeRefused
from probe.frame import Frame
from tests.probe.distortions import Errors, SectorProbe


def touched(end: str, number: int = 0, strength: float = 1.0) -> Frame:
    """A probe in the air, its near field ringing; a finger damps it at one end."""
    probe = SectorProbe(Errors())
    frame = probe._frame([], number, 1 if number % 2 == 0 else -1)
    ringing = 400 * np.exp(-np.arange(frame.sampling.samples) / 200) * np.cos(np.arange(frame.sampling.samples) * 1.4)
    lines = np.arange(64)
    where = {"left": np.exp(-(((lines - 10) / 8) ** 2)), "right": np.exp(-(((lines - 53) / 8) ** 2))}
    damped = 1 - 0.7 * strength * where.get(end, np.full(64, 0.6 if end == "both" else 0.0))
    samples = np.rint(frame.samples + damped[:, None] * ringing[None, :]).astype(np.int16)
    return replace(frame, samples=samples)


BEFORE = [touched("", number) for number in range(4)]


@pytest.mark.parametrize("end", ["left", "right"])
def test_the_touched_end_is_told(end: str) -> None:
    assert touched_side(BEFORE, [touched(end, number) for number in range(4, 8)]) is Side(end)


@pytest.mark.parametrize("end", ["", "both"])
def test_without_one_touched_end_nothing_is_claimed(end: str) -> None:
    with pytest.raises(ProbeRefused, match="not clear which end"):
        touched_side(BEFORE, [touched(end, number) for number in range(4, 8)])


def test_a_breath_is_no_touch() -> None:
    with pytest.raises(ProbeRefused):
        touched_side(BEFORE, [touched("left", number, strength=0.1) for number in range(4, 8)])


def test_nothing_to_compare_is_refused() -> None:
    with pytest.raises(ProbeRefused, match="changed its settings"):
        touched_side(BEFORE, [])
