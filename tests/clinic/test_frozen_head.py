"""The head of the practice probe, from its bytes to the frozen picture, measured there: true within 2 %."""

from __future__ import annotations

import threading
import time

import pytest

from clinic.scanner import Scanner
from imaging.calipers import distance, ellipse_of_axes, ellipse_of_points
from imaging.calipers.ellipses import circumference_mm
from imaging.cine import Cine
from imaging.picture import Picture
from imaging.preset import Preset
from probe.frame import Frame
from probe.phantom import TRUTH
from probe.slot import Slot
from tests.imaging.edges import skull_edge

Sweeps = tuple[tuple[Frame, ...], Frame]


@pytest.fixture(scope="module")
def frozen(sweeps: Sweeps) -> Picture:
    """As the scanner freezes it: live log envelopes, then the last sweep fetched as RF."""
    live, rf = sweeps
    slot: Slot[Frame] = Slot()
    shown, asked = threading.Event(), threading.Event()

    def fetch(number: int) -> bool:
        asked.set()
        return number == live[-1].number

    scanner = Scanner(
        slot,
        Cine(1 << 24),
        Preset.for_frame,
        fetch,
        lambda window: None,
        lambda picture, advice: shown.set(),
        time.monotonic_ns,
        pytest.fail,
    )
    scanner.start()
    try:
        slot.put(live[-1])
        assert shown.wait(20)
        receipt = scanner.ask_freeze()
        scanner.probe_stopped()
        assert asked.wait(20)
        scanner.frame_fetched(rf)
        return receipt.wait(20).picture
    finally:
        scanner.stop()


def test_the_frozen_head_measures_true(frozen: Picture) -> None:
    skull = TRUTH.skull
    ends = [skull_edge(frozen, degrees) for degrees in (0, 180, 90, 270)]
    by_axes = ellipse_of_axes(frozen, (ends[0], ends[1]), (ends[2], ends[3]))
    by_points = ellipse_of_points(frozen, [skull_edge(frozen, degrees) for degrees in range(0, 360, 24)])
    for measured in (by_axes, by_points):
        assert measured.circumference.mm == pytest.approx(circumference_mm(skull.width_mm, skull.height_mm), rel=0.02)
        assert measured.long.mm == pytest.approx(skull.width_mm, rel=0.02)
        assert measured.short.mm == pytest.approx(skull.height_mm, rel=0.02)
    assert distance(frozen, ends[2], ends[3]).mm == pytest.approx(skull.height_mm, rel=0.02)
    assert frozen.simulated
