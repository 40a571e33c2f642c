"""The reader and its link: an absent probe is looked for often, a failed one seldom; a link teaches what it carries."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np

from probe.driver import Disarmed, DriverEvent, FrameFetched
from probe.drivers.eop1 import Eop1Driver
from probe.drivers.p0rk import P0rkDriver
from probe.emulators.eop1 import Eop1Device
from probe.emulators.p0rk import P0rkDevice
from probe.errors import LinkLost, LinkUnavailable
from probe.frame import Frame
from probe.link import Link
from probe.linkrates import LinkRates
from probe.links.memory import MemoryLink
from probe.reader import Reader, ReaderEvent, ReaderState, StateChanged
from probe.slot import Slot


def until(done: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def memory_link(device: Eop1Device, rate: int = 800_000) -> Link:
    return MemoryLink(device, time.monotonic_ns, time.sleep, rate, name="port-a")


def test_an_absent_probe_is_looked_for_many_times_a_second(tiny_source) -> None:
    looks: list[float] = []

    def open_link() -> Link:
        looks.append(time.monotonic())
        if len(looks) < 6:
            raise LinkUnavailable("There is no probe", "Plug it in.")
        return memory_link(Eop1Device(tiny_source()))

    reader = Reader(open_link, Eop1Driver, Slot(), lambda event: None, poll_s=5.0)
    reader.start()
    until(lambda: reader.state is ReaderState.READY, 3.0)
    reader.stop()
    assert looks[-1] - looks[0] < 2.0


def test_a_probe_that_failed_is_left_alone_for_a_while(tiny_source) -> None:
    looks: list[float] = []

    def open_link() -> Link:
        looks.append(time.monotonic())
        raise LinkLost("It went away at once")

    reader = Reader(open_link, Eop1Driver, Slot(), lambda event: None, poll_s=5.0)
    reader.start()
    time.sleep(0.4)
    reader.stop()
    assert len(looks) == 1


def test_a_fetch_teaches_the_reader_what_the_port_carries(tiny_source) -> None:
    class Long(tiny_source):
        loop = 1

        def __init__(self) -> None:
            super().__init__()
            self.sampling = self.sampling.__class__(4000, 12_000_000, 5_000)

        def rf(self, index: int):
            return super().rf(index).repeat(63, axis=1)[:, :4000]

    rates, events = LinkRates(), []
    frames: Slot[Frame] = Slot()
    device = Eop1Device(Long())
    reader = Reader(lambda: memory_link(device, 300_000), Eop1Driver, frames, events.append, rates=rates)
    reader.start()
    until(lambda: reader.state is ReaderState.READY)
    reader.begin()
    frame = frames.take(5)
    assert frame is not None
    reader.freeze()
    until(lambda: reader.state is ReaderState.FROZEN)
    reader.fetch(frame.number)
    until(lambda: any(isinstance(event, FrameFetched) for event in events))
    reader.stop()
    # the machine may be too busy to be a link of that rate, never faster
    assert 30_000 < (rates.recall("T1", "port-a") or 0) < 400_000


def test_a_warm_probe_is_told_in_its_own_words(tiny_source) -> None:
    events: list[ReaderEvent] = []
    device = Eop1Device(tiny_source())
    reader = Reader(lambda: memory_link(device), Eop1Driver, Slot(), events.append)
    reader.start()
    until(lambda: reader.state is ReaderState.READY)
    reader.begin()
    until(lambda: reader.state is ReaderState.STREAMING)
    device.sensors.temperature_c = 60
    until(lambda: reader.state is ReaderState.FROZEN)
    reader.stop()
    assert Disarmed("temperature") in events
    [reason] = [event.reason for event in events if isinstance(event, StateChanged) and event.reason]
    assert reason.title == "The probe is too warm and has stopped transmitting"
    assert reason.advice == "Let it cool down, then start again."


class Line:
    """A source that costs no time."""

    def line(self, index: int) -> np.ndarray:
        return np.zeros(8192, dtype=np.int16)


def test_a_board_does_not_go_on_transmitting_behind_a_failed_driver() -> None:
    """A P0RK has no watchdog and takes no notice of a closed port: what was live is told to stop."""
    device, broken = P0rkDevice(Line()), []

    class Failing(P0rkDriver):
        def feed(self, data: bytes, now_ns: int) -> Sequence[DriverEvent]:
            if broken:
                raise ZeroDivisionError
            return super().feed(data, now_ns)

    links: list[Link] = []

    def once() -> Link:
        if links:
            raise LinkUnavailable("It is not looked for again")
        links.append(MemoryLink(device, time.monotonic_ns, time.sleep))
        return links[0]

    reader = Reader(once, Failing, Slot(), lambda event: None)
    reader.start()
    until(lambda: reader.state is ReaderState.READY)
    reader.begin()
    until(lambda: reader.state is ReaderState.STREAMING)
    until(lambda: len(device.shots) > 2)
    broken.append(True)
    until(lambda: reader.state is ReaderState.LOST)
    reader.stop()
    fired = len(device.shots)
    now_ns = time.monotonic_ns()
    for _ in range(50):
        now_ns += 20_000_000
        device.poll(now_ns, 1 << 20)
    assert len(device.shots) <= fired + 1
