"""The frames of a recorded probe without waiting: its driver and the recorded device in one loop."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from probe.driver import Driver, FrameReceived
from probe.drivers import registry
from probe.emulators.played import Film, PlayedDevice
from probe.frame import Frame
from probe.settings import Settings
from probe.sprobe.container import Sprobe

_STEP_NS = 1_000_000
_ROOM = 1 << 20


def frames_of(path: Path | str) -> Iterator[Frame]:
    """The live frames of a recording, with the provenance that the recorded device gave them.

    Raises:
        RecordingError: It cannot be read, or holds no live picture.
        ProbeRefused: There is no driver for it.
    """
    recording = Sprobe.load(path)
    device = PlayedDevice(Film.of(recording), fast=True, loop=False, as_recorded=True)
    return _frames(registry.make(recording.header.driver), device)


def _frames(driver: Driver, device: PlayedDevice) -> Iterator[Frame]:
    now_ns = 0
    # each request is made when the one before it was answered: a driver may ask for no more than it was told
    for ask in (driver.identify, lambda now: driver.configure(Settings(), now), driver.start):
        device.feed(ask(now_ns), now_ns)
        yield from _exchange(driver, device, now_ns)
    while not device.over:
        now_ns += _STEP_NS
        yield from _exchange(driver, device, now_ns)
    device.feed(driver.stop(now_ns), now_ns)
    yield from _exchange(driver, device, now_ns)


def _exchange(driver: Driver, device: PlayedDevice, now_ns: int) -> Iterator[Frame]:
    """All that the device has to say now."""
    while data := device.poll(now_ns, _ROOM):
        for event in driver.feed(data, now_ns):
            if isinstance(event, FrameReceived):
                yield event.frame
    device.feed(driver.tick(now_ns), now_ns)
