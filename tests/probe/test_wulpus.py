"""A session with a WULPUS: nothing transmits before a start, and whatever ends one ends the transmission."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from functools import partial
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.driver import Acknowledged, Applied, Identified, Refused
from probe.drivers.numbering import Numbering
from probe.drivers.wulpus import LONGEST_SILENCE_NS, WulpusDriver
from probe.drivers.wulpus_offer import LEAST_INTERVAL_US
from probe.emulators.vessel import AcquisitionLoop, VesselSource
from probe.emulators.wulpus import WulpusDevice
from probe.errors import NotUnderstood, ProbeRefused, ProbeTimeout
from probe.links.memory import MemoryLink
from probe.protocols.wulpus import KEPT
from probe.protocols.wulpus_config import ALL_CHANNELS, STOP, MuxPath, WulpusConfig
from probe.reader import Reader, ReaderState, StateChanged
from probe.settings import SampleFormat, Sampling, Settings
from probe.slot import Slot
from tests.probe.talk import Talk, frames


@pytest.fixture
def talk() -> Talk:
    return Talk(WulpusDriver(), WulpusDevice())


def test_nothing_but_a_start_makes_it_transmit(talk: Talk) -> None:
    talk.connect(Settings(gain_db=20, centre_hz=2_000_000, frame_interval_us=30_000))
    talk.write(talk.driver.fetch(0, SampleFormat.RF_I16, talk.now_ns))
    talk.write(talk.driver.configure(Settings(), talk.now_ns))
    talk.write(talk.driver.stop(talk.now_ns))
    talk.run(3)
    assert set(talk.sent) == {0xFB}
    assert not talk.device.shots
    assert [event.request for event in talk.events if isinstance(event, Refused)] == ["FETCH"]


def test_a_session_gives_lines_until_it_is_silent_again(talk: Talk) -> None:
    talk.connect(Settings(frame_interval_us=1, gain_db=99, centre_hz=3_100_000))
    applied = next(event.settings for event in talk.events if isinstance(event, Applied))
    assert (applied.frame_interval_us, applied.gain_db, applied.centre_hz) == (LEAST_INTERVAL_US, 31, 3_000_000)
    lines = talk.start(2.0)
    assert talk.capabilities.modes == ("A", "M")
    assert talk.capabilities.simulated
    assert talk.capabilities.mechanical_index is None
    assert 97 <= len(lines) <= 100
    assert [line.number for line in lines] == list(range(len(lines)))
    assert [line.device_us - lines[0].device_us for line in lines] == [20_020 * n for n in range(len(lines))]
    assert {line.samples.shape for line in lines} == {(1, KEPT)}
    assert lines[0].provenance.simulated
    heard = talk.stop()
    assert not frames(heard), "what comes behind a stop is not shown"
    assert Acknowledged("STOP") in heard
    assert not talk.device.running
    again = talk.start(1.0)
    assert again[0].number > lines[-1].number
    assert again[0].device_us > lines[-1].device_us
    assert not again[0].dropped_before


def test_the_far_wall_is_where_the_twin_has_it(talk: Talk) -> None:
    talk.connect()
    for line in talk.start(2.0):
        quiet = np.abs(line.samples[0].astype(float) - 370)
        near, far = (round(2e-3 * mm / 1540 * 8e6) - 72 for mm in (16.0, VesselSource().far_wall_mm(line.number)))
        assert abs(int(np.argmax(quiet[near - 20 : near + 20])) - 20) <= 2
        assert abs(int(np.argmax(quiet[far - 20 : far + 20])) - 20) <= 2


def test_a_window_is_kept_where_the_frequency_allows_it(talk: Talk) -> None:
    talk.connect(Settings(centre_hz=1_000_000, sampling=Sampling(9, 4_100_000, 60_100)))
    applied = next(event.settings for event in talk.events if isinstance(event, Applied))
    assert applied.sampling == Sampling(KEPT, 4_000_000, 60_000)
    talk.write(talk.driver.configure(Settings(centre_hz=3_500_000, sampling=Sampling(9, 1, -5)), talk.now_ns))
    assert [e.settings.sampling for e in talk.run(0.1) if isinstance(e, Applied)] == [Sampling(KEPT, 8_000_000, 3_000)]
    talk.write(talk.driver.configure(Settings(centre_hz=1_000_000, sampling=applied.sampling), talk.now_ns))
    line = talk.start(1.0)[0]
    assert line.sampling == applied.sampling


def test_settings_may_change_while_it_streams(talk: Talk) -> None:
    talk.connect()
    talk.start()
    talk.write(talk.driver.configure(Settings(frame_interval_us=25_000, gain_db=20), talk.now_ns))
    later = talk.run(2.0)
    assert [e.settings.frame_interval_us for e in later if isinstance(e, Applied)] == [24_994]
    assert {line.settings.gain_db for line in frames(later)} == {20}
    assert 55 <= len(frames(later)) <= 68
    assert not any(isinstance(event, Acknowledged) for event in later)


def test_one_path_only_is_asked_for_and_shown() -> None:
    talk = Talk(WulpusDriver(MuxPath((2,), (3,))), WulpusDevice()).connect()
    talk.start()
    assert talk.device._registers.paths == ((1 << 5 | 1 << 6, 1 << 6),)
    talk.stop()
    assert talk.driver.start(talk.now_ns)
    several = replace(WulpusConfig(), paths=(ALL_CHANNELS, MuxPath((0,), (0,))))
    talk.write(several.packet())
    lines = frames(talk.run(2.0))
    assert 18 <= len(lines) <= 20
    assert {line.dropped_before for line in lines[1:]} == {1}


def test_acquisitions_lost_on_the_radio_are_counted() -> None:
    talk = Talk(WulpusDriver(), WulpusDevice(lose_every=7)).connect()
    lines = talk.start(5.0)
    assert {line.dropped_before for line in lines} == {0, 1}
    assert sum(line.dropped_before for line in lines) == talk.driver.counters.lost_blocks >= 12
    assert [b.number - a.number - 1 for a, b in pairwise(lines)] == [line.dropped_before for line in lines[1:]]


def test_the_number_wraps_at_16_bits_and_a_jump_costs_one_line(talk: Talk) -> None:
    talk.connect()
    before = talk.start(0.5)[-1]
    talk.device._number = 2**16 - 5
    lines = frames(talk.run(1.0))
    assert [line.dropped_before for line in lines] == [1, *[0] * 18]
    assert [line.number - before.number for line in lines] == list(range(2, 21))
    assert lines[-1].device_us - before.device_us == 20 * 49_988
    assert talk.driver.counters.header_errors == 1


@given(raw=st.integers(0, 65_535), far=st.integers(37, 65_535))
def test_a_number_that_time_does_not_allow_is_not_followed(raw: int, far: int) -> None:
    numbering = Numbering(16, 35)
    assert numbering.step(raw, 0) == 1
    assert numbering.step((raw + far) % 65_536, 1) is None
    assert numbering.step((raw + 2) % 65_536, 2) == 2
    assert numbering.step((raw + 2) % 65_536, 1) is None, "a line that comes twice"
    assert numbering.step((raw + 140) % 65_536, 140) == 138, "a radio that was away"


def test_what_an_earlier_host_left_running_is_stopped_before_it_is_ready() -> None:
    device = WulpusDevice()
    device.feed(replace(WulpusConfig(), period_us=1_900_000).packet(), 0)
    device.poll(5 * 10**9)
    assert device.running
    talk = Talk(WulpusDriver(), device)
    talk.now_ns = 5 * 10**9
    talk.write(talk.driver.identify(talk.now_ns))
    events = talk.run(6)
    assert not device.running
    assert [event for event in events if isinstance(event, Identified)]
    assert not frames(events)


def test_a_real_one_is_identified_by_two_seconds_of_silence() -> None:
    driver = WulpusDriver()
    assert driver.identify(0) == STOP
    assert not driver.feed(b"", LONGEST_SILENCE_NS - 1)
    [identified] = driver.feed(b"", LONGEST_SILENCE_NS)
    assert identified.capabilities.model == "WULPUS (unconfirmed)"
    assert not identified.capabilities.simulated
    assert not driver.tick(LONGEST_SILENCE_NS)


def test_one_that_comes_back_into_reach_while_it_transmits_is_stopped(talk: Talk) -> None:
    talk.connect()
    talk.device.feed(WulpusConfig().packet(), talk.now_ns)
    talk.run(4)
    assert not talk.device.running
    assert talk.driver.counters.frames == 0
    assert talk.start(1.0)


def test_a_stop_that_is_lost_is_sent_again(talk: Talk) -> None:
    talk.connect()
    talk.start()
    talk.driver.stop(talk.now_ns)
    heard = talk.run(3)
    assert not talk.device.running
    assert Acknowledged("STOP") in heard


def test_one_that_cannot_be_stopped_is_said(talk: Talk) -> None:
    talk.connect()
    talk.start()
    talk.driver.stop(talk.now_ns)
    talk.device.feed = lambda data, now_ns: None
    with pytest.raises(ProbeRefused, match="goes on transmitting"):
        talk.run(5)
    assert Acknowledged("STOP") not in talk.events


def test_a_dongle_without_a_probe_is_a_time_out_and_leaves_no_start_behind(talk: Talk) -> None:
    talk.connect()
    talk.device.feed = lambda data, now_ns: None
    talk.alter = lambda data: b""
    talk.write(talk.driver.start(talk.now_ns))
    with pytest.raises(ProbeTimeout, match="No WULPUS answers"):
        talk.run(20)
    assert talk.sent.endswith(STOP)
    assert talk.sent.count(b"\xfa") == 3


def test_one_that_goes_out_of_reach_is_told_to_stop_for_when_it_is_back(talk: Talk) -> None:
    talk.connect()
    talk.start()
    talk.alter = lambda data: b""
    with pytest.raises(ProbeTimeout, match="stopped sending"):
        talk.run(5)
    assert talk.sent.endswith(STOP)


def test_another_device_is_not_understood(talk: Talk) -> None:
    talk.alter = lambda data: b"login: \r\n" * 3
    talk.write(talk.driver.identify(talk.now_ns))
    with pytest.raises(NotUnderstood, match="not the dongle of a WULPUS"):
        talk.run(4)


def test_a_twin_that_speaks_late_is_never_taken_for_real(talk: Talk) -> None:
    talk.alter = lambda data: b""
    talk.write(talk.driver.identify(talk.now_ns))
    talk.run(3)
    talk.write(talk.driver.configure(Settings(), talk.now_ns))
    talk.write(talk.driver.start(talk.now_ns))
    talk.alter = lambda data: data
    with pytest.raises(ProbeRefused, match="real probe and a simulated one"):
        talk.run(1)
    assert not frames(talk.events)
    assert talk.sent.endswith(STOP)


def test_a_stop_before_the_first_line_takes_the_start_back(talk: Talk) -> None:
    talk.connect()
    talk.write(talk.driver.start(talk.now_ns))
    heard = talk.stop(1.0)
    assert [event for event in heard if isinstance(event, Acknowledged)] == [Acknowledged("STOP")]
    assert not talk.device.running
    assert talk.driver.stop(talk.now_ns) == STOP
    assert talk.driver.start(talk.now_ns) == b"", "a start behind a stop waits until the device is silent"
    assert frames(talk.run(1.0))


def test_a_reader_that_ends_before_the_first_line_stops_it_all_the_same() -> None:
    """It has no watchdog: a start that nobody waits for would transmit for ever."""
    device, muted, begun = WulpusDevice(), threading.Event(), threading.Event()

    class Muted(MemoryLink):
        def read(self, timeout_s: float) -> bytes:
            data = super().read(timeout_s)
            return b"" if muted.is_set() else data

        def write(self, data: bytes) -> None:
            super().write(data)
            if data[:1] == b"\xfa":
                begun.set()

    ready = threading.Event()

    def hear(event: object) -> None:
        if isinstance(event, StateChanged) and event.state is ReaderState.READY:
            ready.set()

    link = Muted(device, time.monotonic_ns, time.sleep)
    reader = Reader(lambda: link, WulpusDriver, Slot(), hear)
    reader.start()
    assert ready.wait(20)
    muted.set()
    reader.begin()
    assert begun.wait(20)
    reader.stop()
    device.poll(time.monotonic_ns() + 10**9)
    assert not device.running


def test_all_of_a_session_in_any_chunks_and_damage_goes_on(faults) -> None:
    """Lines are lost, never the stream; what is not damaged is right."""
    for seed in faults.seeds(1000):
        random = np.random.default_rng(seed)
        talk = Talk(WulpusDriver(), WulpusDevice(AcquisitionLoop([np.arange(400, dtype=np.int16)], WINDOW)))
        talk.connect(Settings(frame_interval_us=20_020))
        talk.alter = partial(bent, random)
        talk.start(1.0)
        talk.alter = lambda data: data
        talk.run(0.5)
        lines = frames(talk.run(1.0))
        assert len(lines) >= 48
        assert all(np.array_equal(line.samples[0], np.arange(KEPT)) for line in lines)


WINDOW = Sampling(400, 8_000_000, 9_000)


def bent(random: np.random.Generator, data: bytes) -> bytes:
    """Some bytes taken out, put in or changed, seldom."""
    if not data or random.random() > 0.2:
        return data
    at, count = int(random.integers(len(data))), int(random.integers(1, 40))
    change = int(random.integers(3))
    return data[:at] + (b"", random.bytes(count), data[at : at + 1])[change] + data[at + (count, 0, 0)[change] :]
