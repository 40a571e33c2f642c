"""A driver around another one: everything is passed on, and what the device says may be changed on its way."""

from __future__ import annotations

from collections.abc import Sequence

from probe.driver import Driver, DriverEvent, Foresees, LearnsLink, LinkCounters, LinkMemory
from probe.settings import SampleFormat, Settings


class AroundDriver:
    """Passes everything on; a subclass says what becomes of each event.

    Args:
        driver: The one inside.
    """

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._foresees = driver if isinstance(driver, Foresees) else None
        self.name = driver.name

    def changed(self, event: DriverEvent) -> DriverEvent:
        """What is told in the place of an event."""
        return event

    @property
    def counters(self) -> LinkCounters:
        """Of the driver inside."""
        return self._driver.counters

    @counters.setter
    def counters(self, counters: LinkCounters) -> None:
        self._driver.counters = counters

    def learn_link(self, memory: LinkMemory, port: str) -> None:
        """As the driver inside, if it learns."""
        if isinstance(self._driver, LearnsLink):
            self._driver.learn_link(memory, port)

    @property
    def wanted_bytes(self) -> int:
        """As the driver inside, if it foresees."""
        return self._foresees.wanted_bytes if self._foresees is not None else 0

    def identify(self, now_ns: int) -> bytes:
        return self._driver.identify(now_ns)

    def configure(self, settings: Settings, now_ns: int) -> bytes:
        return self._driver.configure(settings, now_ns)

    def start(self, now_ns: int) -> bytes:
        return self._driver.start(now_ns)

    def stop(self, now_ns: int) -> bytes:
        return self._driver.stop(now_ns)

    def fetch(self, frame_number: int, format: SampleFormat, now_ns: int) -> bytes:
        return self._driver.fetch(frame_number, format, now_ns)

    def tick(self, now_ns: int) -> bytes:
        return self._driver.tick(now_ns)

    def feed(self, data: bytes, now_ns: int) -> Sequence[DriverEvent]:
        """Events of the driver inside, changed."""
        return [self.changed(event) for event in self._driver.feed(data, now_ns)]
