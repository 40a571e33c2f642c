"""From what a person types to an open Link: ``practice``, ``tcp:HOST:PORT``, or the path of a serial device."""

from __future__ import annotations

import time
from collections.abc import Callable

from probe.link import Link

PRACTICE = "practice"
NETWORK = "tcp:"
NETWORK_AND_DATAGRAMS = "tcp+udp:"


def open_link(
    address: str,
    *,
    clock: Callable[[], int] = time.monotonic_ns,
    sleep: Callable[[float], object] = time.sleep,
    seed: int = 1,
) -> Link:
    """Open a link. What an address does not need is not imported.

    Args:
        address: ``practice`` for the phantom in memory, ``tcp:HOST:PORT`` on a network, else a device path.
        clock: Monotonic nanoseconds, for the practice probe.
        sleep: Waits some seconds of that clock.
        seed: Which phantom.

    Raises:
        LinkUnavailable: There is nothing to open.
    """
    if address == PRACTICE:
        return _practice(clock, sleep, seed)
    if address.startswith(NETWORK_AND_DATAGRAMS):
        from probe.links.tcp_udp import TcpUdpLink

        return TcpUdpLink(address)
    if address.startswith(NETWORK):
        from probe.links.tcp import TcpLink

        return TcpLink(address)
    from probe.links.serial import SerialLink

    return SerialLink(address)


def _practice(clock: Callable[[], int], sleep: Callable[[float], object], seed: int) -> Link:
    from probe.emulators.eop1 import Eop1Device
    from probe.emulators.source import PhantomSource
    from probe.links.memory import MemoryLink

    return MemoryLink(Eop1Device(PhantomSource(seed)), clock, sleep, name=PRACTICE)
