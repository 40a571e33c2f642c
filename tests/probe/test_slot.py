"""The slot between two threads."""

from __future__ import annotations

import threading
import time

from probe.slot import Slot, SlotCounts


def test_the_newest_wins_and_the_others_are_counted() -> None:
    slot: Slot[int] = Slot()
    assert slot.take() is None
    for item in (1, 2, 3):
        slot.put(item)
    assert slot.take() == 3
    assert slot.take() is None
    assert slot.counts() == SlotCounts(put=3, taken=1, dropped=2)
    assert slot.dropped == 2


def test_what_is_dropped_can_be_told_to_the_newest() -> None:
    slot: Slot[list[int]] = Slot()
    for item in (1, 2, 3):
        slot.put([item], lambda dropped, newest: [*dropped, *newest])
    assert slot.take() == [1, 2, 3]


def test_taking_waits_for_an_item() -> None:
    slot: Slot[str] = Slot()
    threading.Timer(0.05, slot.put, ["x"]).start()
    began = time.monotonic()
    assert slot.take(5) == "x"
    assert time.monotonic() - began < 2
    assert slot.take(0.01) is None
