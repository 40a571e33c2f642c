"""The frames of a recorded probe without waiting: the player and its driver in one loop."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from probe.driver import DriverEvent, FrameReceived
from probe.drivers.recording import RecordingDriver
from probe.emulators.played import PlayedDevice
from probe.errors import RecordingError
from probe.frame import Frame
from probe.sprobe.container import Sprobe

_ROOM = 1 << 20


def frames_of(path: Path | str) -> Iterator[Frame]:
    """The live frames of a recording, with the numbers, times and provenance that the recorded device gave them.

    Raises:
        RecordingError: It cannot be read, no driver spoke with the probe, or, at the first frame, there is none.
        ProbeRefused: There is no driver for it; at the first frame.
    """
    recording = Sprobe.load(path)
    PlayedDevice(recording)  # says now what is wrong with it
    return _frames(recording)


def driver_of(path: Path | str) -> str:
    """Name of the driver that spoke with the recorded probe.

    Raises:
        RecordingError: The file cannot be read.
    """
    return Sprobe.load(path).header.driver


def _frames(recording: Sprobe) -> Iterator[Frame]:
    """As noted; when that shows nothing, by custom."""
    for by_custom in (False, True):
        seen = False
        for frame in _round(recording, by_custom):
            seen = True
            yield frame
        if seen:
            return
    raise RecordingError("The recording holds no live picture", "Record a probe while it shows a picture.")


def _round(recording: Sprobe, by_custom: bool) -> Iterator[Frame]:
    device = PlayedDevice(recording, fast=True, loop=False)
    driver = RecordingDriver(as_recorded=True, by_custom=by_custom)
    device.feed(driver.identify(0), 0)
    yield from _said(driver, device)
    while not device.over:
        # each word is said when the one before it was answered
        device.feed(driver.tick(0) or driver.start(0), 0)
        yield from _said(driver, device)


def _said(driver: RecordingDriver, device: PlayedDevice) -> Iterator[Frame]:
    """Frames among all that the player has to say now."""
    while data := device.poll(0, _ROOM):
        events: list[DriverEvent] = driver.feed(data, 0)
        for event in events:
            if isinstance(event, FrameReceived):
                yield event.frame
