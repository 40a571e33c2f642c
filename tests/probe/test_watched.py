"""A screen that hangs must not keep a probe transmitting; who has no screen is not asked for one."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from probe.drivers.p0rk import P0rkDriver
from probe.emulators.p0rk import P0rkDevice
from probe.links.memory import MemoryLink
from probe.reader import Reader, ReaderEvent, ReaderState, StateChanged
from probe.slot import Slot


class Line:
    """A source that costs no time."""

    def line(self, index: int) -> np.ndarray:
        return np.zeros(8192, dtype=np.int16)


class Streaming:
    """A board without a watchdog, live."""

    def __init__(self, watch_s: float) -> None:
        self.device = P0rkDevice(Line())
        self.heard: list[ReaderEvent] = []
        self.reader = Reader(
            lambda: MemoryLink(self.device, time.monotonic_ns, time.sleep), P0rkDriver, Slot(), self.heard.append,
            watch_s=watch_s,
        )  # fmt: skip
        self.reader.start()
        self.until(lambda: self.reader.state is ReaderState.READY)

    def until(self, done: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 20
        while not done():
            assert time.monotonic() < deadline
            time.sleep(0.002)

    def go_live(self) -> None:
        self.reader.begin()
        self.until(lambda: self.reader.state is ReaderState.STREAMING)


def test_a_screen_that_stands_still_stops_the_probe_and_a_key_starts_it_again() -> None:
    live = Streaming(watch_s=0.3)
    live.reader.watched()
    live.go_live()
    live.until(lambda: live.reader.state is ReaderState.FROZEN)
    [reason] = [event.reason for event in live.heard if isinstance(event, StateChanged) and event.reason]
    assert str(reason) == "The screen stood still, so the probe was stopped. Start the picture again."
    live.until(lambda: _is_quiet(live.device))
    live.go_live()
    live.reader.stop()


def test_who_has_no_screen_is_not_asked_for_one() -> None:
    live = Streaming(watch_s=0.0)
    live.go_live()
    fired = len(live.device.shots)
    live.until(lambda: len(live.device.shots) > fired + 5)
    assert live.reader.state is ReaderState.STREAMING
    live.reader.stop()


def test_a_screen_that_moves_keeps_it_live() -> None:
    live = Streaming(watch_s=1.0)
    live.reader.watched()
    live.go_live()
    began = time.monotonic()
    while time.monotonic() < began + 1.5:
        live.reader.watched()
        time.sleep(0.02)
    assert live.reader.state is ReaderState.STREAMING
    live.reader.stop()


def _is_quiet(device: P0rkDevice) -> bool:
    fired = len(device.shots)
    time.sleep(0.2)
    return len(device.shots) == fired
