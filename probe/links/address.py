"""From what a person types to an open Link: ``practice``, a scene of it, a recording, a network address, a device."""

from __future__ import annotations

import time
from collections.abc import Callable

from probe.errors import LinkUnavailable
from probe.link import Link

PRACTICE = "practice"
NETWORK = "tcp:"
NETWORK_AND_DATAGRAMS = "tcp+udp:"
# at the recorded pace, and as fast as it is read
RECORDING, RECORDING_FAST = "recording:", "recording-fast:"
PLAYER = "recording"
ENDING = ".sprobe"
_PLAYED_BYTES_S = 1 << 30


def open_link(
    address: str,
    *,
    clock: Callable[[], int] = time.monotonic_ns,
    sleep: Callable[[float], object] = time.sleep,
    seed: int = 1,
) -> Link:
    """Open a link. What an address does not need is not imported.

    Args:
        address: ``practice`` for the phantom's head in memory, ``practice:`` and a name for another of its scenes,
            ``recording:FILE``, or a path that ends as recordings do, for a recorded probe, ``tcp:HOST:PORT`` on a
            network, else a device path.
        clock: Monotonic nanoseconds, for what plays in memory.
        sleep: Waits some seconds of that clock.
        seed: Which phantom.

    Raises:
        LinkUnavailable: There is nothing to open.
        RecordingError: The recording cannot be played.
    """
    name, _, scene = address.partition(":")
    if name == PRACTICE:
        return _practice(address, scene, clock, sleep, seed)
    if address.startswith(NETWORK_AND_DATAGRAMS):
        from probe.links.tcp_udp import TcpUdpLink

        return TcpUdpLink(address)
    if address.startswith(NETWORK):
        from probe.links.tcp import TcpLink

        return TcpLink(address)
    if _is_recording(address):
        return _recording(address, clock, sleep)
    from probe.links.serial import SerialLink

    return SerialLink(address)


def spoken_at(address: str, driver: str) -> str:
    """The driver to speak with at an address: a recording is played by one of its own, whatever the probe spoke."""
    return PLAYER if _is_recording(address) else driver


def _is_recording(address: str) -> bool:
    return address.startswith((RECORDING, RECORDING_FAST)) or address.endswith(ENDING)


def _practice(address: str, scene: str, clock: Callable[[], int], sleep: Callable[[float], object], seed: int) -> Link:
    from probe.emulators.eop1 import Eop1Device
    from probe.emulators.source import PhantomSource
    from probe.links.memory import MemoryLink
    from probe.phantom import HEAD, SCENES

    shown = SCENES.get(scene or HEAD.name)
    if shown is None:
        raise LinkUnavailable(f"The practice probe has no {scene!r}", f"Choose one of: {', '.join(SCENES)}.")
    return MemoryLink(Eop1Device(PhantomSource(seed, shown)), clock, sleep, name=address)


def _recording(address: str, clock: Callable[[], int], sleep: Callable[[float], object]) -> Link:
    from probe.emulators.played import PlayedDevice
    from probe.links.memory import MemoryLink
    from probe.sprobe.container import Sprobe

    fast = address.startswith(RECORDING_FAST)
    path = address.removeprefix(RECORDING).removeprefix(RECORDING_FAST)
    device = PlayedDevice(Sprobe.load(path), fast=fast)
    return MemoryLink(device, clock, sleep, _PLAYED_BYTES_S, name=address)
