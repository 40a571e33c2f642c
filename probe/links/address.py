"""From what a person types to an open Link: ``practice``, ``practice:femur``, or the path of a serial device."""

from __future__ import annotations

import time
from collections.abc import Callable

from probe.errors import LinkUnavailable
from probe.link import Link

PRACTICE = "practice"


def open_link(
    address: str,
    *,
    clock: Callable[[], int] = time.monotonic_ns,
    sleep: Callable[[float], object] = time.sleep,
    seed: int = 1,
) -> Link:
    """Open a link. What an address does not need is not imported.

    Args:
        address: ``practice`` for the phantom's head in memory, ``practice:`` and a name for another of its scenes, else
            a device path.
        clock: Monotonic nanoseconds, for the practice probe.
        sleep: Waits some seconds of that clock.
        seed: Which phantom.

    Raises:
        LinkUnavailable: There is nothing to open.
    """
    name, _, scene = address.partition(":")
    if name == PRACTICE:
        return _practice(address, scene, clock, sleep, seed)
    from probe.links.serial import SerialLink

    return SerialLink(address)


def _practice(address: str, scene: str, clock: Callable[[], int], sleep: Callable[[float], object], seed: int) -> Link:
    from probe.emulators.eop1 import Eop1Device
    from probe.emulators.source import PhantomSource
    from probe.links.memory import MemoryLink
    from probe.phantom import HEAD, SCENES

    shown = SCENES.get(scene or HEAD.name)
    if shown is None:
        raise LinkUnavailable(f"The practice probe has no {scene!r}", f"Choose one of: {', '.join(SCENES)}.")
    return MemoryLink(Eop1Device(PhantomSource(seed, shown)), clock, sleep, name=address)
