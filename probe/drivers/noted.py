"""A driver whose calls are noted: what the host asked of it stands in the recording beside the bytes.

Some protocols write nothing when a picture is begun, so the bytes alone would not tell from when on frames were seen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from probe import messages
from probe.driver import Driver, DriverEvent, Foresees, LinkCounters
from probe.settings import SampleFormat, Settings


class NotedDriver:
    """Passes everything on, and tells each call but ``feed`` and ``tick`` before it is made.

    Args:
        driver: Of the probe.
        note: Given the call's name and its arguments as text.
    """

    def __init__(self, driver: Driver, note: Callable[[str, str], None]) -> None:
        self._driver = driver
        self._note = note
        self._foresees = driver if isinstance(driver, Foresees) else None
        self.name = driver.name

    @property
    def counters(self) -> LinkCounters:
        """Of the driver inside."""
        return self._driver.counters

    @counters.setter
    def counters(self, counters: LinkCounters) -> None:
        self._driver.counters = counters

    @property
    def wanted_bytes(self) -> int:
        """As the driver inside, if it foresees."""
        return self._foresees.wanted_bytes if self._foresees is not None else 0

    def identify(self, now_ns: int) -> bytes:
        self._note("identify", "")
        return self._driver.identify(now_ns)

    def configure(self, settings: Settings, now_ns: int) -> bytes:
        self._note("configure", messages.encode(messages.settings_body(settings)).decode())
        return self._driver.configure(settings, now_ns)

    def start(self, now_ns: int) -> bytes:
        self._note("start", "")
        return self._driver.start(now_ns)

    def stop(self, now_ns: int) -> bytes:
        self._note("stop", "")
        return self._driver.stop(now_ns)

    def fetch(self, frame_number: int, format: SampleFormat, now_ns: int) -> bytes:
        self._note("fetch", messages.encode({"frame": frame_number, "format": int(format)}).decode())
        return self._driver.fetch(frame_number, format, now_ns)

    def feed(self, data: bytes, now_ns: int) -> Sequence[DriverEvent]:
        return self._driver.feed(data, now_ns)

    def tick(self, now_ns: int) -> bytes:
        return self._driver.tick(now_ns)
