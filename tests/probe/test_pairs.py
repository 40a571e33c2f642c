"""Each twin and its driver through the real reader thread, over the link that the real device uses."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from queue import Empty, SimpleQueue

import pytest

from imaging.chain import picture_of
from imaging.preset import Preset
from probe.driver import Identified
from probe.drivers import registry
from probe.emulators import pty, tcp, tcp_udp
from probe.emulators import registry as twins
from probe.emulators.registry import Wish
from probe.frame import Frame
from probe.links.address import open_link
from probe.reader import Reader, ReaderState, StateChanged
from probe.settings import Settings
from probe.slot import Slot

pytestmark = [pytest.mark.enable_socket, pytest.mark.allow_hosts(["127.0.0.1"])]


@pytest.fixture
def address(name: str) -> Iterator[str]:
    """A twin, served until the test ends."""
    stop, told, where = threading.Event(), threading.Event(), []

    def tell(address: str) -> None:
        where.append(address)
        told.set()

    make = twins.maker(name, Wish(frames_per_s=10))

    def run() -> None:
        serve = {
            "serial": lambda: pty.serve(make(), 800_000, tell, stop),
            "tcp": lambda: tcp.serve(make, 20_000_000, tell, stop),
            "tcp+udp": lambda: tcp_udp.serve(make, tell, stop),
        }
        serve[twins.TWINS[name].link]()

    thread = threading.Thread(target=run)
    thread.start()
    assert told.wait(20)
    yield where[0]
    stop.set()
    thread.join(5)


class Session:
    """A reader and what it posts."""

    def __init__(self, address: str, name: str) -> None:
        self.heard: SimpleQueue = SimpleQueue()
        self.frames: Slot[Frame] = Slot()
        self.events: list = []
        self.reader = Reader(
            lambda: open_link(address), lambda: registry.make(name), self.frames, self.heard.put, poll_s=0.1
        )

    def until(self, state: ReaderState, limit_s: float = 10.0) -> None:
        deadline = time.monotonic() + limit_s
        while time.monotonic() < deadline:
            try:
                event = self.heard.get(timeout=0.1)
            except Empty:
                continue
            self.events.append(event)
            if isinstance(event, StateChanged) and event.state is state:
                return
        raise AssertionError(f"{state} was not reached: {self.events}, {self.reader.failure}")


@pytest.mark.parametrize("name", twins.names())
def test_from_the_first_byte_to_a_picture_and_back_to_silence(name: str, address: str) -> None:
    session = Session(address, name)
    reader = session.reader
    reader.configure(Settings())
    reader.start()
    try:
        session.until(ReaderState.READY)
        [capabilities] = [e.capabilities for e in session.events if isinstance(e, Identified)]
        assert capabilities.driver == name
        assert capabilities.simulated
        reader.begin()
        session.until(ReaderState.STREAMING)
        frames = [frame for _ in range(3) if (frame := session.frames.take(5.0)) is not None]
        assert len(frames) == 3
        assert all(frame.provenance.simulated for frame in frames)
        if "B" in capabilities.modes:
            picture = picture_of(frames[-1], Preset.for_frame(frames[-1]), 160, 120)
            assert picture.pixels.max() > 100
            assert picture.simulated
        else:
            assert frames[-1].lines == 1
        reader.freeze()
        session.until(ReaderState.FROZEN)
        while session.frames.take(0.1) is not None:
            pass
        assert session.frames.take(0.4) is None
        reader.begin()
        session.until(ReaderState.STREAMING)
        assert session.frames.take(5.0) is not None
    finally:
        reader.stop()
    assert reader.state is ReaderState.CLOSED
    assert reader.failure is None
