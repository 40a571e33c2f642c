"""A driver whose calls are noted: what the host asked of it stands in the recording beside the bytes.

Some protocols write nothing when a picture is begun, so the bytes alone would not tell from when on frames were seen.
"""

from __future__ import annotations

from collections.abc import Callable

from probe import messages
from probe.driver import Driver
from probe.drivers.around import AroundDriver
from probe.settings import SampleFormat, Settings


class NotedDriver(AroundDriver):
    """Tells each call but ``feed`` and ``tick`` before it is made.

    Args:
        driver: Of the probe.
        note: Given the call's name and its arguments as text.
    """

    def __init__(self, driver: Driver, note: Callable[[str, str], None]) -> None:
        super().__init__(driver)
        self._note = note

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
