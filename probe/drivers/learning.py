"""What a driver knows of its link: told, remembered or measured; and what may be asked of it. Sans-I/O."""

from __future__ import annotations

from probe.capabilities import Capabilities
from probe.driver import DeviceStatus, LinkMemory
from probe.linkmeter import LinkMeter

# a link that was measured as nearly what the device says of it is taken to be that; measuring is not exact
_AS_DECLARED = 0.9


class Learning:
    """A link's rate, in one place.

    Args:
        told_bytes_s: A limit that the caller sets, or None.
    """

    def __init__(self, told_bytes_s: int | None = None) -> None:
        self.told_bytes_s = told_bytes_s
        self._meter = LinkMeter()
        self._memory: LinkMemory | None = None
        self._port = self._serial = ""
        self._declared: int | None = None

    def attach(self, memory: LinkMemory, port: str) -> None:
        """Where figures are kept, and under which port."""
        self._memory, self._port = memory, port

    def met(self, capabilities: Capabilities) -> None:
        """Another conversation begins: what is remembered of this probe at this port is what is known."""
        self._serial, self._declared = capabilities.serial, capabilities.link_bytes_s
        self._meter = LinkMeter(self._memory.recall(self._serial, self._port) if self._memory else None)

    @property
    def measured_bytes_s(self) -> int | None:
        """What the link was found to carry; None: the device's own figure is all there is."""
        rate, declared = self._meter.bytes_s, self._declared
        return None if rate is not None and declared is not None and rate >= _AS_DECLARED * declared else rate

    @property
    def budget_bytes_s(self) -> int | None:
        """What to reckon with: the least of what is known."""
        known = [rate for rate in (self.told_bytes_s, self.measured_bytes_s or self._declared) if rate is not None]
        return min(known, default=None)

    def received(self, count: int) -> None:
        """Some bytes have come."""
        self._meter.received(count)

    def burst_begun(self, now_ns: int) -> None:
        """The device sends what it has whole."""
        self._meter.burst_begun(now_ns)

    def burst_ended(self, now_ns: int) -> None:
        """It is sent."""
        self._keep(self._meter.burst_ended(now_ns))

    def reported(self, status: DeviceStatus, streaming: bool, now_ns: int) -> None:
        """The device told how many frames it had to drop."""
        if streaming and status.armed:
            self._keep(self._meter.reported(status.dropped_frames, now_ns))
        else:
            self._meter.interrupted()

    def interrupted(self) -> None:
        """The stream stopped or changed."""
        self._meter.interrupted()

    def _keep(self, news: bool) -> None:
        if news and self._memory is not None and self._meter.bytes_s is not None:
            self._memory.remember(self._serial, self._port, self._meter.bytes_s)
