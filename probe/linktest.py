"""Count the wrong bits of a link: one conversation, from opening to the result. The probe does not transmit for it."""

from __future__ import annotations

from collections.abc import Callable

from probe.driver import Driver, DriverEvent, Identified, LinkTested, Refused, TestsLink
from probe.errors import ProbeRefused, ProbeTimeout
from probe.link import Link

_READ_S = 0.05
_BESIDE_S = 10


def run(link: Link, driver: Driver, clock: Callable[[], int], blocks: int, block_bytes: int) -> LinkTested:
    """Identify the probe and test its link.

    Args:
        link: Open; it is not closed here.
        driver: New, of the probe's protocol.
        clock: Monotonic nanoseconds.
        blocks: How many messages to ask for, 1 to 65536; a device may send fewer.
        block_bytes: Bytes in each, 1 to 65536.

    Raises:
        ProbeError: The probe does not answer, cannot be tested, or the link is lost.
    """
    if not isinstance(driver, TestsLink):
        raise ProbeRefused(f"Probes of the kind {driver.name} cannot test their link", "Choose an EOP/1 probe.")
    # a link of 10 kB/s is the slowest that a test waits for
    deadline_ns = clock() + (_BESIDE_S + blocks * block_bytes // 10_000) * 1_000_000_000
    link.write(driver.identify(clock()))
    while clock() < deadline_ns:
        now = clock()
        for event in driver.feed(link.read(_READ_S), now):
            if isinstance(event, LinkTested):
                return event
            _check(event)
            if isinstance(event, Identified):
                link.write(driver.test_link(blocks, block_bytes, now))
        link.write(driver.tick(clock()))
    raise ProbeTimeout("The test of the link did not come to its end", "Check the cable, and test again.")


def _check(event: DriverEvent) -> None:
    if isinstance(event, Refused):
        raise ProbeRefused(f"The probe does not test its link: {event.text}", "Its firmware may be too old for that.")
