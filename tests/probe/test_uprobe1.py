"""uProbe-1: its real stream, a byte too few or too many, counters that wrap and lie, a session with the twin."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from probe.driver import Acknowledged, FrameReceived, Identified
from probe.drivers.uprobe1 import Uprobe1Driver
from probe.emulators.source import PhantomSource
from probe.emulators.uprobe1 import Uprobe1Device, rendered_frames
from probe.errors import NotUnderstood, ProbeTimeout
from probe.frame import Frame
from probe.protocols.uprobe1 import LINES, RECORD_BYTES, SAMPLES, Decoder, Record, geometry, pack
from probe.settings import Settings
from tests.probe.talk import Talk, frames, in_chunks

STREAM = "20170404-potatoes.frames00-11.stream.bin"


@pytest.fixture(scope="module")
def real(recordings: Path) -> bytes:
    return (recordings / "uprobe1" / STREAM).read_bytes()


def samples(frame: int, line: int) -> np.ndarray:
    return np.random.default_rng((frame, line)).integers(1, 256, SAMPLES).astype(np.uint8)


def stream(numbers: range, lines: range = range(LINES)) -> bytes:
    return b"".join(pack(Record(n % 256, line, False, samples(n, line))) for n in numbers for line in lines)


def driven(data: bytes) -> tuple[list[Frame], Uprobe1Driver]:
    driver = Uprobe1Driver()
    driver.identify(0)
    driver.feed(stream(range(900, 901), range(1)), 0)
    driver.configure(Settings(), 0)
    driver.start(0)
    events = driver.feed(data, 1)
    events += driver.flush(2)
    return [event.frame for event in events if isinstance(event, FrameReceived)], driver


@pytest.mark.parametrize("chunk", [1, 63, 525, 4096])
def test_every_real_record_is_read(real: bytes, chunk: int) -> None:
    decoder = Decoder()
    records = in_chunks(decoder.feed, real, chunk)
    assert [(r.frame, r.line) for r in records] == [(f, n) for f in range(5, 17) for n in range(128)]
    assert (decoder.errors, decoder.skipped_bytes, decoder.pending) == (0, 0, 0)


@pytest.mark.parametrize("place", [0, 7, 8, 9, 300, 521, 522, 524])
def test_a_byte_deleted_costs_exactly_one_line(real: bytes, place: int) -> None:
    at = 3 * LINES * RECORD_BYTES + 40 * RECORD_BYTES + place
    got, _ = driven(real[:at] + real[at + 1 :])
    assert len(got) == 12
    assert [int(frame.missing.sum()) for frame in got] == [0, 0, 0, 1] + [0] * 8
    assert got[3].missing[40]
    assert not got[3].samples[40].any()


def test_a_byte_inserted_costs_one_line(real: bytes) -> None:
    at = 40 * RECORD_BYTES + 100
    got, driver = driven(real[:at] + b"\x99" + real[at:])
    assert np.flatnonzero(got[0].missing).tolist() == [40]
    assert driver.counters.payload_errors == 1


def test_the_counter_wraps_at_256() -> None:
    got, _ = driven(stream(range(250, 262)))
    assert [frame.number for frame in got] == list(range(got[0].number, got[0].number + 12))
    assert all(np.array_equal(frame.samples[9], samples(250 + i, 9)) for i, frame in enumerate(got))


def test_lost_frames_are_counted() -> None:
    got, _ = driven(stream(range(3)) + stream(range(5, 7)))
    assert [frame.dropped_before for frame in got] == [0, 0, 0, 2, 0]


def test_one_record_with_a_wrong_counter_is_one_line_missing() -> None:
    data = bytearray(stream(range(4)))
    data[LINES * RECORD_BYTES + 60 * RECORD_BYTES + 8] ^= 0x40
    got, _ = driven(bytes(data))
    assert [int(frame.missing.sum()) for frame in got] == [0, 1, 0, 0]


def test_a_probe_that_begins_to_count_again_goes_on() -> None:
    got, _ = driven(stream(range(100, 102)) + stream(range(0, 3)))
    assert len(got) == 5
    assert [frame.dropped_before for frame in got][2] == 0


def test_a_session_shows_what_the_twin_has() -> None:
    shown = np.random.default_rng(1).integers(0, 256, (5, LINES, SAMPLES)).astype(np.uint8)
    talk = Talk(Uprobe1Driver(), Uprobe1Device(shown)).connect()
    assert talk.capabilities.simulated
    assert "assumed" in talk.capabilities.model
    got = talk.start(1.0)
    assert len(got) >= 10
    assert all(any(np.array_equal(f.samples[n], s[n]) for s in shown) for f in got[1:] for n in (0, 64, 127))
    assert Acknowledged("STOP") in talk.stop(0.1)


def test_a_real_probe_does_not_pass_for_a_twin() -> None:
    driver = Uprobe1Driver()
    driver.identify(0)
    [found] = driver.feed(stream(range(1), range(1)), 0)
    assert isinstance(found, Identified)
    assert not found.capabilities.simulated


def test_lines_leave_an_arc_at_right_angles() -> None:
    fan = geometry()
    assert fan.lines == 128
    assert not fan.is_sector
    assert (fan.angle_mdeg[0], fan.angle_mdeg[-1]) == (-30_000, 30_000)
    x, z = fan.origins_mm().T
    assert np.hypot(x, z + 60) == pytest.approx(60, abs=0.002)


def test_the_phantom_is_rendered() -> None:
    shown = rendered_frames(PhantomSource())
    assert shown.shape == (16, LINES, SAMPLES)
    assert 40 < np.median(shown[:, :, 40:]) < 200


def test_silence_and_another_language_are_told() -> None:
    talk = Talk(Uprobe1Driver(), Uprobe1Device(np.zeros((1, LINES, SAMPLES), np.uint8)))
    talk.write(talk.driver.identify(talk.now_ns))
    talk.alter = lambda data: b""
    with pytest.raises(ProbeTimeout, match="stopped sending"):
        talk.run(4)
    other = Talk(Uprobe1Driver(), Uprobe1Device(np.zeros((1, LINES, SAMPLES), np.uint8)))
    other.write(other.driver.identify(other.now_ns))
    other.alter = lambda data: b"HTTP/1.1 400 Bad Request\r\n"
    with pytest.raises(NotUnderstood, match="is not a uProbe-1"):
        other.run(6)


def test_frames_of_a_stopped_picture_are_not_shown() -> None:
    talk = Talk(Uprobe1Driver(), Uprobe1Device(np.zeros((1, LINES, SAMPLES), np.uint8))).connect()
    assert not frames(talk.run(1.0))
