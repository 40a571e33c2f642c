"""A driver and its twin joined in virtual time, for every protocol; the same way a reader would drive them."""

from __future__ import annotations

from collections.abc import Callable

from probe.driver import Applied, Driver, DriverEvent, FrameReceived, Identified
from probe.emulators.device import Device
from probe.emulators.pacing import TokenBucket
from probe.frame import Frame
from probe.settings import Settings


class Talk:
    """Time is ours.

    Args:
        driver, device: The two ends.
        rate: Bytes per second that the link carries.
    """

    def __init__(self, driver: Driver, device: Device, rate: int = 5_000_000) -> None:
        self.driver = driver
        self.device = device
        self.now_ns = 1_000_000_000
        self.bucket = TokenBucket(rate, self.now_ns)
        self.events: list[DriverEvent] = []
        self.sent = b""
        self.alter: Callable[[bytes], bytes] = lambda data: data

    def write(self, data: bytes) -> None:
        if data:
            self.sent += data
            self.device.feed(data, self.now_ns)

    def run(self, seconds: float, step_s: float = 0.005) -> list[DriverEvent]:
        before = len(self.events)
        for _ in range(max(1, round(seconds / step_s))):
            self.now_ns += round(step_s * 1e9)
            data = self.device.poll(self.now_ns, self.bucket.room(self.now_ns))
            self.bucket.spend(len(data))
            self.events += self.driver.feed(self.alter(data), self.now_ns)
            self.write(self.driver.tick(self.now_ns))
        return self.events[before:]

    def connect(self, settings: Settings | None = None) -> Talk:
        """Until the settings are applied."""
        self.write(self.driver.identify(self.now_ns))
        assert [e for e in self.run(1.0) if isinstance(e, Identified)]
        self.write(self.driver.configure(settings or Settings(), self.now_ns))
        assert [e for e in self.run(0.3) if isinstance(e, Applied)]
        return self

    def start(self, seconds: float = 1.0) -> list[Frame]:
        self.write(self.driver.start(self.now_ns))
        return frames(self.run(seconds))

    def stop(self, seconds: float = 0.5) -> list[DriverEvent]:
        self.write(self.driver.stop(self.now_ns))
        return self.run(seconds)

    @property
    def capabilities(self):
        return next(event.capabilities for event in self.events if isinstance(event, Identified))


def frames(events: list[DriverEvent]) -> list[Frame]:
    return [event.frame for event in events if isinstance(event, FrameReceived)]


def in_chunks(feed: Callable[[bytes], list], data: bytes, chunk: int) -> list:
    return [item for at in range(0, len(data), chunk) for item in feed(data[at : at + chunk])]
