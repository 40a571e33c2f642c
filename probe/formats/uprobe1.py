"""uProbe-1's byte stream in a file; each frame whole, or with the lines masked that never arrived."""

from __future__ import annotations

from pathlib import Path

from probe.driver import FrameReceived
from probe.drivers.uprobe1 import Uprobe1Driver
from probe.errors import RecordingError
from probe.formats.arrays import damaged
from probe.protocols.uprobe1 import SYNC
from probe.recording import OTHER_KIND, Recording
from probe.settings import Settings


def read(path: Path) -> Recording:
    """The frames of a stream, through the driver that reads the probe itself.

    Raises:
        RecordingError: It holds no line.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise damaged(path) from error
    if SYNC not in data:
        raise RecordingError(f"The file {path.name} is of no kind that Sauti reads", OTHER_KIND)
    driver = Uprobe1Driver()
    driver.identify(0)
    driver.feed(data[:65536], 0)
    driver.configure(Settings(), 0)
    driver.start(0)
    events = [*driver.feed(data, 0), *driver.flush(0)]
    frames = tuple(event.frame for event in events if isinstance(event, FrameReceived))
    if not frames:
        raise damaged(path)
    return Recording(path.name, "uProbe-1 stream, envelope", frames, ("Its depth and angle are assumed.",))
