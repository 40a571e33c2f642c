"""A driver whose frames are corrected by the calibration in force; around any other driver."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from probe.calibration.correction import InForce, Lookup, corrected
from probe.driver import (
    Driver,
    DriverEvent,
    Foresees,
    FrameFetched,
    FrameReceived,
    Identified,
    LearnsLink,
    LinkCounters,
    LinkMemory,
)
from probe.settings import SampleFormat, Settings


class CalibratedDriver:
    """Passes everything on; frames get their true window and angles, or the mark that nobody measured them.

    Args:
        driver: Of the probe.
        lookup: What is in force for a probe that has said who it is; asked once for each time it says so.
    """

    def __init__(self, driver: Driver, lookup: Lookup) -> None:
        self._driver = driver
        self._lookup = lookup
        self._in_force = InForce(None)
        self._foresees = driver if isinstance(driver, Foresees) else None
        self.name = driver.name

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
        """Events of the driver inside, frames corrected."""
        return [self._changed(event) for event in self._driver.feed(data, now_ns)]

    def _changed(self, event: DriverEvent) -> DriverEvent:
        match event:
            case Identified(capabilities):
                self._in_force = self._lookup(capabilities)
                return Identified(replace(capabilities, calibration=self._in_force.calibration))
            case FrameReceived(frame):
                return FrameReceived(corrected(frame, self._in_force))
            case FrameFetched(frame):
                return FrameFetched(corrected(frame, self._in_force))
        return event
