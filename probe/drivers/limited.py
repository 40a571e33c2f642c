"""A stranger's driver, held to what it says of its probe: settings within its capabilities, and nothing beyond them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from probe.capabilities import Capabilities, measured_index
from probe.driver import Applied, Driver, DriverEvent, Identified, Refused
from probe.drivers.around import AroundDriver
from probe.limits import clamp, overstepped
from probe.settings import Settings

_LONGEST = 200


class LimitedDriver(AroundDriver):
    """Around a driver that Sauti did not bring.

    Settings are clamped before the driver sees them. When it says that its probe went beyond its capabilities, the
    probe is stopped, and may not start before other settings were taken.

    Args:
        driver: The stranger's.
    """

    def __init__(self, driver: Driver) -> None:
        super().__init__(driver)
        self._capabilities: Capabilities | None = None
        self._due = b""
        self._broken: str | None = None
        self._refused: list[DriverEvent] = []

    def identify(self, now_ns: int) -> bytes:
        """As the driver inside; what it said of its probe before no longer counts."""
        self._capabilities = None
        return self._driver.identify(now_ns)

    def configure(self, settings: Settings, now_ns: int) -> bytes:
        """Within the capabilities; nothing before these are known, the reader then asks again."""
        if self._capabilities is None:
            return b""
        return self._driver.configure(clamp(settings, self._capabilities), now_ns)

    def start(self, now_ns: int) -> bytes:
        """As the driver inside, unless its probe is beyond its limits."""
        if self._broken is not None:
            self._refused.append(_beyond("START", self._broken))
            return b""
        return self._driver.start(now_ns)

    def tick(self, now_ns: int) -> bytes:
        out, self._due = self._due, b""
        return out + self._driver.tick(now_ns)

    def feed(self, data: bytes, now_ns: int) -> Sequence[DriverEvent]:
        """Events of the driver inside, its claims looked at."""
        refused, self._refused = self._refused, []
        return [*refused, *(self._judged(event, now_ns) for event in self._driver.feed(data, now_ns))]

    def _judged(self, event: DriverEvent, now_ns: int) -> DriverEvent:
        match event:
            case Identified(capabilities):
                self._capabilities = _plain(capabilities)
                return Identified(self._capabilities)
            case Applied(settings):
                self._broken = "order" if self._capabilities is None else overstepped(settings, self._capabilities)
                if self._broken is not None:
                    self._due += self._driver.stop(now_ns)
                    return _beyond("SET", self._broken)
        return event


def _beyond(request: str, limit: str) -> Refused:
    return Refused(request, "limits", f"The probe goes beyond its own limit of {limit}")


def _plain(capabilities: Capabilities) -> Capabilities:
    """Texts as they may be shown, and output indices that are decimal numbers or not measured."""
    c = capabilities
    return replace(
        c, model=_text(c.model), serial=_text(c.serial), firmware=_text(c.firmware),
        mechanical_index=measured_index(c.mechanical_index), thermal_index=measured_index(c.thermal_index),
    )  # fmt: skip


def _text(value: object) -> str:
    return "".join(c if c.isprintable() else "?" for c in str(value)[:_LONGEST])
