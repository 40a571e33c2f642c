"""The C device and the Python host over a pseudo-terminal: a whole session, and what goes wrong in one."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from probe.driver import Applied, ButtonPressed, DeviceStatus, Disarmed, Identified, LinkTested, Refused
from probe.drivers.eop1 import Eop1Driver
from probe.frame import Frame
from probe.geometry import Geometry
from probe.links.serial import SerialLink
from probe.reader import ReaderState, StateChanged
from probe.settings import SampleFormat, Sampling, Settings
from probe.wire import Header, Message, MessageType, pack

F = SampleFormat
LINES, SAMPLES = 32, 256


def expected_rf(frame: Frame) -> np.ndarray:
    """What example/synthetic.c says of itself, lines left to right."""
    lines, samples = np.arange(LINES)[:, None], np.arange(SAMPLES)[None, :]
    rf = (100 * (frame.number % 2**32) + 8 * lines + samples // 8) % 2**32 % 1024 - 512
    return rf[:: frame.direction].astype(np.int16)


def check(frame: Frame) -> None:
    """A frame holds what was fired, whatever its format."""
    rf = expected_rf(frame)
    level = (rf.astype(int) + 512) // 4
    expected = {
        F.RF_I16: rf,
        F.IQ_I16: np.stack([rf, -rf], axis=2),
        F.IQ_I8: np.stack([np.trunc(rf / 4), np.trunc(-rf / 4)], axis=2).astype(np.int8),
        F.ENVELOPE_U16: level * 257,
    }.get(frame.format, level)
    good = ~frame.missing
    assert np.array_equal(frame.samples[good], expected[good])
    third = 3 if frame.direction == 1 else LINES - 4
    assert np.flatnonzero(frame.missing).tolist() == ([third] if frame.number % 2**32 % 5 == 4 else [])
    fired_us = 200 * np.arange(LINES)[:: frame.direction]
    assert np.array_equal(frame.line_us[good], fired_us[good])


def test_a_whole_session(plug) -> None:
    _, host = plug("--press", 3)
    [identified] = host.found(Identified)
    caps = identified.capabilities
    assert (caps.model, caps.serial, caps.simulated, caps.buttons) == ("synthetic", "SYN-0001", True, ("freeze",))
    assert (caps.max_pulse_rate_hz, caps.modes, caps.link_bytes_s) == (2000, ("B", "M"), 800_000)
    assert caps.mechanical_index is None
    host.live(6, Settings(frame_interval_us=40_000))
    host.reader.freeze()
    host.reach(ReaderState.FROZEN)
    frames = list(host.frames)
    for frame in frames:
        check(frame)
    assert [f.number for f in frames] == list(range(len(frames)))
    assert {f.direction for f in frames} == {1, -1}
    assert all(f.provenance.simulated and f.provenance.model == "synthetic" for f in frames)
    assert host.found(ButtonPressed) == [ButtonPressed("freeze")]
    for code in caps.fetch_formats:
        fetched = host.fetched(frames[-2].number, code)
        check(fetched)
        assert (fetched.number, fetched.direction) == (frames[-2].number, frames[-2].direction)
        assert fetched.device_us == frames[-2].device_us
    host.reader.fetch(frames[0].number + 1000)
    host.until(lambda: bool(host.found(Refused)))
    assert host.found(Refused)[0].code == "gone"
    counters = host.reader.counters()
    assert (counters.lost_blocks, counters.header_errors, counters.payload_errors, counters.skipped_bytes) == (0,) * 4
    host.reader.begin()  # and live again after that
    host.until(lambda: len(host.frames) > len(frames) + 2)
    assert host.frames[-1].number > frames[-1].number


def test_a_past_sweep_is_told_as_it_was_fired(plug) -> None:
    """Other settings are in force by then: its lines, its window and its gain are still those of its own time."""
    _, host = plug()
    host.live(3, Settings(gain_db=12, frame_interval_us=40_000))
    host.reader.freeze()
    host.reach(ReaderState.FROZEN)
    number = host.frames[-1].number
    host.reader.configure(Settings(lines=9, gain_db=-3))
    host.until(lambda: host.found(Applied)[-1].settings.lines == 9)
    fetched = host.fetched(number, F.RF_I16)
    check(fetched)
    assert (fetched.lines, fetched.settings.gain_db) == (LINES, 12)


@pytest.mark.parametrize("format", list(F))
def test_every_format(plug, format: F) -> None:
    _, host = plug()
    host.live(4, Settings(format=format, frame_interval_us=50_000))
    assert host.found(Applied)[-1].settings.format is format
    frames = [frame for frame in host.frames if frame.settings.format is format]
    assert len(frames) >= 4
    for frame in frames:
        check(frame)


def test_the_device_keeps_its_limits_and_says_what_it_took(plug) -> None:
    _, host = plug()
    asked = Settings(
        lines=9, sampling=Sampling(100, 9_000_000, 77), frame_interval_us=1, gain_db=99, centre_hz=4_500_000
    )
    host.reader.configure(asked)
    host.until(lambda: host.found(Applied)[-1].settings.lines == 9)
    got = host.found(Applied)[-1].settings
    assert got.sampling == Sampling(100, 4_000_000, 10_000)  # this board has one rate and one time zero
    assert (got.gain_db, got.centre_hz, got.frame_interval_us) == (30, 5_000_000, 20_000)
    host.reader.configure(Settings(frame_interval_us=20_000))
    host.until(lambda: host.found(Applied)[-1].settings.lines == LINES)
    # 80 % of 800 kB/s, and 2000 pulses a second
    assert (host.found(Applied)[-1].settings.frame_interval_us or 0) >= LINES * 1_000_000 // 2000


@pytest.mark.parametrize(("option", "start"), [("--frame", 2**32 - 3), ("--frame", 2**16 - 3), ("--frame", 253)])
def test_frame_numbers_go_on_through_their_wrap(plug, option: str, start: int) -> None:
    _, host = plug(option, start)
    host.live(7, Settings(frame_interval_us=30_000))
    assert [f.number for f in host.frames][:7] == list(range(start, start + 7))
    assert all(f.dropped_before == 0 for f in host.frames)
    for frame in host.frames:
        check(frame)
    assert host.fetched(start + 5, F.RF_I16).number == start + 5


def converse(board, *asks, seconds: float = 10.0) -> tuple[list, Eop1Driver]:
    """A driver by hand on a link of its own: each request is made when the one before was answered."""
    link, driver, events = SerialLink(board.address), Eop1Driver(), []
    for ask in asks:
        link.write(ask(driver, time.monotonic_ns()))
        before, deadline = len(events), time.monotonic() + seconds
        while not [e for e in events[before:] if not isinstance(e, DeviceStatus)] and time.monotonic() < deadline:
            events += driver.feed(link.read(0.02), time.monotonic_ns())
    link.close()
    return events, driver


def test_message_numbers_go_on_through_their_wrap(plug) -> None:
    board, host = plug("--seq", 2**32 - 5000)
    host.close()
    events, driver = converse(
        board,
        Eop1Driver.identify,
        lambda driver, now: driver.configure(Settings(), now),
        lambda driver, now: driver.test_link(6000, 16, now),
        Eop1Driver.start,
        Eop1Driver.stop,
    )
    assert next(event for event in events if isinstance(event, LinkTested)).lost == 0
    assert driver.counters.messages > 6005
    assert (driver.counters.lost_blocks, driver.counters.stale_blocks) == (0, 0)


def test_sessions_wrap_too(plug) -> None:
    _, host = plug()
    for number in range(260):
        host.reader.configure(Settings(gain_db=number % 30))
        host.until(lambda number=number: host.found(Applied)[-1].settings.gain_db == number % 30)
    host.live(3)
    assert host.reader.counters().stale_blocks == 0
    check(host.frames[-1])


def silent_host(board) -> tuple[SerialLink, Eop1Driver, float]:
    """A host that starts the probe and then never says a word again; when it said the last one."""
    link, driver = SerialLink(board.address), Eop1Driver()
    for ask in (driver.identify, lambda now: driver.configure(Settings(frame_interval_us=50_000), now), driver.start):
        link.write(ask(time.monotonic_ns()))
        last = time.monotonic()
        deadline, events = last + 5, []
        while not events and time.monotonic() < deadline:
            events = list(driver.feed(link.read(0.02), time.monotonic_ns()))
    return link, driver, last


def test_two_seconds_of_silence_disarm(plug, tmp_path: Path) -> None:
    pulses = tmp_path / "pulses"
    board, host = plug("--pulses", pulses)
    host.close()
    link, driver, last = silent_host(board)
    events = []
    while time.monotonic() < last + 3.2:
        events += driver.feed(link.read(0.05), time.monotonic_ns())
    link.close()
    assert Disarmed("watchdog") in events
    assert not [e for e in events if isinstance(e, DeviceStatus)][-1].armed
    fired = [int(line) / 1e6 for line in pulses.read_text().split()]
    assert len(fired) >= 30
    # the board's clock is CLOCK_MONOTONIC as ours; it heard START a moment after we said it
    assert 1.5 < fired[-1] - last <= 2.1


def test_a_host_that_leaves_disarms_at_once(plug, tmp_path: Path) -> None:
    pulses = tmp_path / "pulses"
    board, host = plug("--pulses", pulses)
    host.close()
    link, _, _ = silent_host(board)
    time.sleep(0.3)
    link.close()
    left = time.monotonic()
    time.sleep(0.6)
    fired = [int(line) / 1e6 for line in pulses.read_text().split()]
    assert len(fired) >= 3
    assert fired[-1] < left + 0.2


def test_a_warm_board_stops_and_says_why(plug) -> None:
    _, host = plug("--hot", 6)
    host.live(5, Settings(frame_interval_us=20_000))
    host.reach(ReaderState.FROZEN)
    host.until(lambda: bool(host.found(Disarmed)))
    assert host.found(Disarmed) == [Disarmed("temperature")]
    [reason] = [e.reason for e in host.events if isinstance(e, StateChanged) and e.reason]
    assert reason.title == "The probe is too warm and has stopped transmitting"
    host.reader.begin()
    host.until(lambda: bool(host.found(Refused)))
    assert host.found(Refused)[-1].code == "temperature"


def test_an_unplugged_board_is_reported_and_another_host_may_come(plug, synthetic: Path) -> None:
    board, host = plug()
    host.live(3)
    host.close()
    again = type(host)(board)
    again.live(3)
    board.unplug()
    again.reach(ReaderState.LOST)
    again.close()


def test_garbage_before_between_and_behind_does_no_harm(plug) -> None:
    board, host = plug()
    host.close()
    link, driver = SerialLink(board.address), Eop1Driver()
    garbage = (b"AT\r", b"AT+GCAP\r\n", bytes(range(256)) * 3, b"\xa5EO1\x01", b"?\r", b"\x00" * 700)
    events = []
    for ask in (driver.identify, lambda now: driver.configure(Settings(), now), driver.start, driver.stop):
        for piece in garbage:
            link.write(piece)
        link.write(ask(time.monotonic_ns()))
        count, deadline = len(events), time.monotonic() + 5
        while len(events) == count and time.monotonic() < deadline:
            events += driver.feed(link.read(0.02), time.monotonic_ns())
    link.close()
    assert [type(e).__name__ for e in events if not isinstance(e, DeviceStatus)][:3] == [
        "Identified", "Applied", "Acknowledged",
    ]  # fmt: skip


def test_a_person_at_a_terminal_gets_a_line(plug) -> None:
    board, host = plug()
    host.close()
    link = SerialLink(board.address)
    for end in (b"\r", b"\n"):
        link.write(b"?" + end)
        heard, deadline = b"", time.monotonic() + 5
        while not heard.endswith(b"\n") and time.monotonic() < deadline:
            heard += link.read(0.05)
        assert heard == b"EOP/1 synthetic 1.0 SYN-0001\r\n"
    link.close()


def test_the_link_can_be_tested(plug) -> None:
    board, host = plug()
    host.close()
    events, _ = converse(board, Eop1Driver.identify, lambda driver, now: driver.test_link(40, 4096, now))
    [result] = [e for e in events if isinstance(e, LinkTested)]
    assert (result.blocks, result.lost, result.bit_errors) == (40, 0, 0)
    assert result.bits == 40 * 8 * 4096


def test_geometry_comes_as_the_board_says(plug) -> None:
    _, host = plug()
    host.live(1)
    geometry = host.frames[0].geometry
    assert geometry.origin_z_um == (-10_000,) * LINES
    off = np.array(geometry.angle_mdeg) - np.array(Geometry.sector(LINES, 60.0).angle_mdeg)
    assert np.abs(off).max() <= 1


def test_a_request_before_hello_is_refused(synthetic: Path, plug) -> None:
    board, host = plug()
    host.close()
    time.sleep(0.1)
    link = SerialLink(board.address)
    link.write(pack(Message(Header(MessageType.START, seq=5), b'{"armed":true}')))
    heard, deadline = b"", time.monotonic() + 5
    while b"hello" not in heard and time.monotonic() < deadline:
        heard += link.read(0.05)
    link.close()
    assert b'"code":"hello"' in heard
