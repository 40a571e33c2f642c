"""Bytes gather while nothing can come of them: none is lost, no frame waits for it, and the turns are few."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue

import numpy as np
import pytest

from probe.driver import Foresees, FrameReceived
from probe.drivers.calibrated import CalibratedDriver, InForce
from probe.drivers.eop1 import Eop1Driver
from probe.emulators.eop1 import Eop1Device
from probe.frame import Frame
from probe.geometry import Geometry
from probe.intake import HOLD_BYTES, HOLD_NS, Intake
from probe.link import Gathers
from probe.links.memory import MemoryLink
from probe.links.pace import GATHER_S, LEAST_S, LINE_HOLDS_BYTES, LONGEST_S, Pace
from probe.links.serial import SerialLink
from probe.reader import Reader, ReaderEvent, ReaderState, StateChanged
from probe.settings import Sampling, Settings
from probe.slot import Slot
from probe.sprobe.container import SprobeHeader, SprobeWriter
from probe.sprobe.tap import Tap
from probe.wire import HEADER_SIZE, Header, Message, MessageType, pack

WANTED = 10**6


class Wide:
    """Forty lines: five messages each frame."""

    model = serial = "wide"
    centre_hz, sound_speed_m_s, full_scale, loop = 3_000_000, 1500, 8000, 5
    geometry, sampling = Geometry.sector(40, 40.0), Sampling(64, 12_000_000, 5_000)

    def rf(self, index: int) -> np.ndarray:
        return (1000 * index + 50 * np.arange(40)[:, None] + np.arange(64)[None, :]).astype(np.int16)

    def dead(self, index: int) -> tuple[int, ...]:
        return (7,) if index % 2 else ()


def paced(bytes_s: float, turns: int = 50, holds: int = LINE_HOLDS_BYTES) -> Pace:
    """After some turns with a line that holds so much."""
    pace = Pace()
    for _ in range(turns):
        nap_s = pace.nap_s(WANTED) if pace.flows else GATHER_S
        pace.brought(min(round(nap_s * bytes_s), holds), nap_s)
    return pace


@pytest.mark.parametrize("bytes_s", [200_000, 640_000, 1_000_000, 4_000_000])
@pytest.mark.parametrize("holds", [LINE_HOLDS_BYTES, 20_000])
def test_no_more_is_left_waiting_than_the_line_holds(bytes_s: int, holds: int) -> None:
    pace = paced(bytes_s, holds=holds)
    assert pace.flows
    assert pace.nap_s(WANTED) * bytes_s <= holds
    assert pace.nap_s(WANTED) > 0.6 * min(LONGEST_S, LINE_HOLDS_BYTES / bytes_s)


def test_a_line_that_held_more_is_given_more_time() -> None:
    pace = paced(1_000_000)
    short = pace.nap_s(WANTED)
    pace.brought(12_000, 0.012)
    pace.brought(10_000, 0.010)
    assert short < pace.nap_s(WANTED) <= LONGEST_S


def test_a_frame_that_is_nearly_whole_is_not_waited_for_long() -> None:
    pace = paced(1_000_000)
    assert 0.001 < pace.nap_s(2000) < 0.002
    assert pace.nap_s(1) == LEAST_S
    assert pace.nap_s(0) == GATHER_S


def test_what_comes_seldom_is_no_stream() -> None:
    assert not Pace().flows
    assert not paced(10_000).flows
    pace = paced(1_000_000)
    for _ in range(10):
        pace.brought(0, 0.01)
    assert not pace.flows


def test_bytes_lie_until_something_can_come_of_them_or_the_time_is_up() -> None:
    intake = Intake(10**9)
    message = pack(Message(Header(MessageType.LINES), bytes(1000)))
    assert not intake.holds(message[:10], 0)  # nobody said what to expect
    assert intake.feed(message[:10], 0) == []
    intake.expect(2000, 0)
    assert intake.missing == 1990
    assert intake.holds(message[10:500], 1)
    assert intake.missing == 1500
    assert not intake.holds(b"", 2)
    assert not intake.holds(message[500:], HOLD_NS)
    assert [len(found.payload) for found in intake.feed(message[500:], HOLD_NS)] == [1000]
    intake.expect(10**9, 0)
    assert intake.holds(bytes(HOLD_BYTES - 1), 0)
    assert not intake.holds(b"12", 0)


def arrays(events: list[object]) -> list[tuple[object, ...]]:
    frames = [event.frame for event in events if isinstance(event, FrameReceived)]
    return [
        (f.number, f.direction, f.samples.tobytes(), f.line_us.tobytes(), f.geometry, f.missing.tobytes())
        for f in frames
    ]


Damage = Callable[[list[bytes]], list[bytes]]
DAMAGES: dict[str, Damage] = {
    "none": lambda all_of_it: all_of_it,
    "one lost": lambda all_of_it: all_of_it[:3] + all_of_it[4:],
    "many lost": lambda all_of_it: [m for i, m in enumerate(all_of_it) if i % 7 != 5],
    "twice": lambda all_of_it: [m for i, m in enumerate(all_of_it) for _ in range(1 + (i % 5 == 2))],
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_grouped_lines_make_the_frames_that_single_ones_make(pair, damage) -> None:
    """The messages one by one in turns far apart, against all in one piece."""
    sender = pair(Eop1Device(Wide())).connect(Settings(frame_interval_us=20_000), start=True)
    said: list[bytes] = []
    sender.alter = lambda data: said.append(data) or data
    sender.run(0.5)
    stream = messages(b"".join(said))
    results = []
    for together in (1, 3, 1000):
        twin = pair(Eop1Device(Wide())).connect(Settings(frame_interval_us=20_000))
        twin.driver.start(twin.now_ns)
        sent, events, now = DAMAGES[damage](stream), [], twin.now_ns
        for at in range(0, len(sent), together):
            now += HOLD_NS
            events += twin.driver.feed(b"".join(sent[at : at + together]), now)
        events += twin.driver.feed(b"", now)
        counters = twin.driver.counters
        results.append((arrays(events), counters.incomplete_frames, counters.stale_blocks, counters.lost_blocks))
    assert len(results[0][0]) > 10
    assert results[0] == results[1] == results[2]


def messages(stream: bytes) -> list[bytes]:
    """The stream cut before each message."""
    starts, at = [], 0
    while at + HEADER_SIZE <= len(stream):
        starts.append(at)
        at += HEADER_SIZE + int.from_bytes(stream[at + 8 : at + 12], "little")
    return [stream[a:b] for a, b in zip(starts, [*starts[1:], at], strict=True)]


def test_a_driver_says_how_much_of_a_frame_is_missing(pair) -> None:
    joined = pair(Eop1Device(Wide()), rate=50_000).connect(start=True)
    driver = joined.driver
    assert isinstance(driver, Foresees)
    assert driver.wanted_bytes == 0
    seen = []
    for _ in range(300):
        joined.run(0.0005, 0.0005)
        seen.append(driver.wanted_bytes)
    assert 1000 < max(seen) < 40 * (64 + 16) + 200
    assert 0 in seen
    around = CalibratedDriver(driver, lambda capabilities: InForce(None))
    assert around.wanted_bytes == driver.wanted_bytes


class Gathering(MemoryLink):
    """A link that can gather."""

    def __init__(self, device: Eop1Device) -> None:
        super().__init__(device, time.monotonic_ns, time.sleep, 40_000)
        self.told: list[int] = []

    def expect(self, wanted_bytes: int) -> None:
        self.told.append(wanted_bytes)


def test_a_link_hears_from_the_reader_how_much_of_a_frame_is_missing(tmp_path: Path) -> None:
    """Through a recording's tap and a calibrated driver, as the workstation has them."""
    link = Gathering(Eop1Device(Wide(), link_rate_bytes_s=40_000))
    writer = SprobeWriter(tmp_path / "x.sprobe", SprobeHeader("x", "eop1", "", "", 0, "t"))
    tap = Tap(link, writer, time.monotonic_ns, 0)
    frames: Slot[Frame] = Slot()
    heard: SimpleQueue[ReaderEvent] = SimpleQueue()
    reader = Reader(lambda: tap, lambda: CalibratedDriver(Eop1Driver(), lambda _: InForce(None)), frames, heard.put)
    reader.start()
    try:
        while heard.get(timeout=20) != StateChanged(ReaderState.READY):
            pass
        reader.begin()
        assert all(frames.take(20) is not None for _ in range(3))
    finally:
        reader.stop()
        writer.close(0)
    assert 0 in link.told
    assert 500 < max(link.told) < 40 * (64 + 16) + 200


def test_nothing_is_lost_when_the_reader_is_late_and_the_line_is_full() -> None:
    """The sender writes as fast as the line takes it, and the reader takes nothing while it is full."""
    master, host_end = os.openpty()
    link = SerialLink(os.ttyname(host_end))
    os.close(host_end)
    assert isinstance(link, Gathers)
    sent = np.random.default_rng(3).integers(0, 256, 2_000_000, dtype=np.uint8).tobytes()

    def send() -> None:
        at = 0
        while at < len(sent):
            at += os.write(master, sent[at : at + 30_000])

    thread = threading.Thread(target=send)
    thread.start()
    got = bytearray()
    while len(got) < len(sent):
        link.expect(len(sent) - len(got))
        piece = link.read(5.0)
        got += piece
    thread.join()
    assert bytes(got) == sent
    os.close(master)
    link.close()
