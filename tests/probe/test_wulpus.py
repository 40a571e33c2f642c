"""WULPUS: the maker's packet, refused values, lines without check sum in any chunks, and a session with the twin."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.driver import Acknowledged, Applied, FrameReceived, Identified, Refused
from probe.drivers.numbering import Numbering
from probe.drivers.wulpus import LEAST_INTERVAL_US, LONGEST_SILENCE_NS, WulpusDriver
from probe.emulators.wulpus import AcquisitionLoop, VesselSource, WulpusDevice
from probe.errors import NotUnderstood, ProbeRefused, ProbeTimeout, RecordingError
from probe.links.memory import MemoryLink
from probe.protocols.wulpus import FRAME_BYTES, KEPT, Acquisition, Decoder, Idle, pack, pack_idle
from probe.protocols.wulpus_config import (
    ALL_CHANNELS,
    GAINS_DB,
    PACKET_BYTES,
    RATES_HZ,
    STOP,
    MuxPath,
    Registers,
    WulpusConfig,
    half_ticks,
)
from probe.reader import Reader, ReaderState, StateChanged
from probe.recording import Recording
from probe.settings import SampleFormat, Sampling, Settings
from probe.slot import Slot
from tests.probe.talk import Talk, frames, in_chunks

CHUNKS = (1, 2, 63, 64, 65, 4096)
# what the maker's host (sw/wulpus at v1.2.3) makes of the settings beside his recording
EXAMPLE = bytes.fromhex(
    "fa 0300 6606 10552200 10552200 02 0000 2003 29 01 ffff 5555 700f c409 1900 1900 f109 a903 a60e"
).ljust(68, b"\0")


def acquisition(number: int = 0, samples: np.ndarray | None = None) -> Acquisition:
    made = np.random.default_rng(number).integers(-2048, 2048, 400).astype(np.int16)
    return Acquisition(0, number, False, made if samples is None else samples)


def numbers(found: list) -> list[int]:
    return [item.number for item in found if isinstance(item, Acquisition)]


def drained(decoder: Decoder, found: list) -> list:
    """What a clock would bring out of it."""
    while decoder.waiting:
        found = found + decoder.abandon()
    return found


@pytest.fixture
def talk() -> Talk:
    return Talk(WulpusDriver(), WulpusDevice())


# the packet


def test_the_packet_of_the_makers_example_is_his_byte_for_byte() -> None:
    assert WulpusConfig().packet() == EXAMPLE
    assert WulpusConfig().first_sample_ns == 9_000
    assert WulpusConfig().interval_us == 49_988


def test_every_packet_is_read_back_as_it_was_meant() -> None:
    paths = tuple(MuxPath((channel,), (7 - channel,)) for channel in range(8))
    config = WulpusConfig(20_000, 3_500_000, 30, RATES_HZ[4], 1, -6.5, paths)
    assert len(config.packet()) == PACKET_BYTES
    assert Registers.unpack(config.packet()) == config.registers()


@given(
    period=st.integers(20_000, 1_999_000), hz=st.integers(160_000, 5_000_000), pulses=st.integers(0, 30),
    rate=st.sampled_from(RATES_HZ), gain=st.sampled_from(GAINS_DB), sampling=st.integers(500_000, 2_000_000),
)  # fmt: skip
def test_registers_are_the_values_in_whole_ticks(period, hz, pulses, rate, gain, sampling) -> None:
    registers = WulpusConfig(period, hz, pulses, rate, 400, gain, sampling_ns=sampling).registers()
    assert 0 <= period - registers.period * 1e6 / 32_768 < 31
    assert 0 <= sampling - 200 * registers.sampling < 200
    assert (registers.pulse_hz, registers.pulses, registers.capture) == (hz, pulses, 800)
    assert 80e6 / (10 << registers.oversampling) == rate
    assert GAINS_DB[registers.gain - 17] == gain
    high, low = half_ticks(hz)
    assert 1 <= low <= high <= 250
    assert abs((high + low) * 12.5 - 1e9 / hz) <= 6.25


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"period_us": 19_900}, "19900 us as the acquisition period. Choose 20 ms to 2 s"),
        ({"period_us": 2_000_100}, "acquisition period"),
        ({"pulse_hz": 0}, "0 Hz as the pulse frequency. Choose 160 kHz to 5 MHz"),
        ({"pulse_hz": 5_000_001}, "pulse frequency"),
        ({"pulses": 31}, "number of pulses. Choose 0 to 30"),
        ({"rate_hz": 5_000_000}, "sampling rate. Nearest is 4000000 Hz"),
        ({"samples": 401}, "number of samples. Choose 1 to 400"),
        ({"gain_db": 13.5}, "gain. Nearest is 13.9 dB"),
        ({"paths": ()}, "number of paths. Choose 1 to 8"),
        ({"paths": (ALL_CHANNELS,) * 9}, "number of paths"),
        ({"paths": (MuxPath((8,), (0,)),)}, "no such channel"),
        ({"high_voltage_ns": 50_000_000}, "high voltage's beginning. Choose less than the acquisition period"),
        ({"receive_ns": 8_200_000}, "beginning of receiving"),
        ({"burst_ns": -200}, "burst's beginning"),
        ({"sampling_ns": 2_960_000}, "end of the capture"),
        ({"restart_ns": 10**9}, "capture's restart"),
    ],
)
def test_a_value_that_the_device_cannot_take_is_a_sentence(change: dict, sentence: str) -> None:
    with pytest.raises(ProbeRefused, match="A WULPUS ") as refused:
        replace(WulpusConfig(), **change).packet()
    assert sentence in str(refused.value)


def test_the_multiplexer_closes_the_larger_group_of_receivers_early() -> None:
    assert ALL_CHANNELS.words() == (0xFFFF, 0x5555)
    assert MuxPath((0,), (0,), early=False).words() == (0b10, 0b01)
    assert MuxPath((0,), (0,)).words() == (0b11, 0b01)
    assert MuxPath((0, 1), (0, 2, 3)).words() == (0b1010 | 0b1010000, 0b1010001)
    assert MuxPath((), ()).words() == (0, 0)


# the stream


@pytest.mark.parametrize("chunk", CHUNKS)
def test_recorded_acquisitions_on_the_wire_are_the_recordings_lines(recordings: Path, chunk: int) -> None:
    with np.load(recordings / "wulpus" / "data_0.npz") as arrays:
        rows = zip(arrays["tx_rx_id_arr"].tolist(), arrays["acq_num_arr"].tolist(), arrays["data_arr"].T, strict=True)
        stream = b"".join(pack(Acquisition(path, number, False, samples)) for path, number, samples in rows)
    driver, now_ns = WulpusDriver(), LONGEST_SILENCE_NS
    driver.identify(0)
    said = driver.feed(b"", now_ns)
    driver.configure(Settings(), now_ns)
    assert driver.start(now_ns) == EXAMPLE
    found = in_chunks(lambda data: driver.feed(data, now_ns), stream, chunk)
    got = [event.frame for event in found if isinstance(event, FrameReceived)]
    wanted = Recording.load(recordings / "wulpus")
    assert not next(event.capabilities.simulated for event in said if isinstance(event, Identified))
    assert len(got) == wanted.frames == 100
    for frame, recorded in zip(got, wanted.all, strict=True):
        assert np.array_equal(frame.samples, recorded.samples)
        assert frame.sampling == recorded.sampling == Sampling(KEPT, 8_000_000, 9_000)
        assert frame.device_us - got[0].device_us == recorded.device_us
    assert driver.counters.skipped_bytes == driver.counters.lost_blocks == 0


@pytest.mark.parametrize("chunk", CHUNKS)
@pytest.mark.parametrize("place", [0, 100, 399 * 2 - 6])
def test_a_start_among_the_samples_costs_nothing(chunk: int, place: int) -> None:
    poison = bytearray(800)
    poison[place : place + 6] = b"START\n"
    worse = bytearray(800)
    for at in range(0, 780, 13):
        worse[at : at + 13] = pack(acquisition(3))[:13]
    lines = [acquisition(n, np.frombuffer(bytes(data), "<i2")) for n, data in enumerate((poison, worse, worse, poison))]
    stream = b"".join(map(pack, lines))
    decoder = Decoder()
    found = drained(decoder, in_chunks(decoder.feed, stream, chunk))
    assert b"".join(map(pack, found)) == stream
    assert (decoder.errors, decoder.skipped_bytes) == (0, 0)


@pytest.mark.parametrize("cut", [*range(1, FRAME_BYTES, 37), FRAME_BYTES - 1])
def test_bytes_lost_in_a_line_cost_that_line_only(cut: int) -> None:
    stream = b"".join(pack(acquisition(n)) for n in range(3))
    decoder = Decoder()
    found = drained(decoder, in_chunks(decoder.feed, stream[:cut] + stream[cut + 1 :], 64))
    assert numbers(found) == [1, 2]


@given(before=st.binary(max_size=400), after=st.binary(max_size=400), chunk=st.integers(1, 900))
def test_a_line_behind_garbage_is_never_lost(before: bytes, after: bytes, chunk: int) -> None:
    good, decoder = pack(acquisition(77)), Decoder()
    found = drained(decoder, in_chunks(decoder.feed, before + good + after, chunk))
    assert good in [pack(item) for item in found if isinstance(item, Acquisition)]


@given(cut=st.integers(1, FRAME_BYTES - 1), repeats=st.integers(1, 3), chunk=st.integers(1, 900))
def test_the_beginnings_of_other_lines_hide_no_line(cut: int, repeats: int, chunk: int) -> None:
    good, decoder = pack(acquisition(77)), Decoder()
    found = drained(decoder, in_chunks(decoder.feed, pack(acquisition(1))[:cut] * repeats + good, chunk))
    assert numbers(found)[-1] == 77
    assert pack(found[-1]) == good


def test_zeros_in_the_place_of_a_line_are_none() -> None:
    found = Decoder().feed(pack_idle(False) + pack(acquisition(5)) + pack_idle(True))
    assert found[0] == Idle(False)
    assert numbers(found) == [5]
    assert found[2] == Idle(True)


# a session


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
    talk.write(talk.driver.stop(talk.now_ns))
    talk.write(talk.driver.start(talk.now_ns))
    assert frames(talk.run(1.0)), "a start behind a stop waits until the device is silent"


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


# the twin


def test_the_twin_believes_whatever_it_is_told() -> None:
    """Else the property of pulse safety could not fail."""
    device = WulpusDevice()
    wrong = WulpusConfig().registers()._replace(period=33, pulse_hz=170_000, pulses=255)
    device.feed(wrong.pack(), 0)
    device.poll(10**8)
    device.poll(10**8 + 3_000_000)
    assert device.shots[-1][1:] == (2950, 2938, 0, 255)
    assert device.shots[-1].at_ns - device.shots[-2].at_ns <= 3_100_000


@pytest.mark.parametrize("change", [{"pulses": 0}, {"pulse_hz": 0}, {"pulse_hz": 1000}, {"paths": ((0, 1),)}])
def test_the_twin_sends_lines_without_a_burst(change: dict) -> None:
    device = WulpusDevice()
    device.feed(WulpusConfig().registers()._replace(**change).pack(), 0)
    [line] = [i for i in Decoder().feed(device.poll(20_000_000)) if isinstance(i, Acquisition)]
    assert not line.samples.any()
    assert not device.shots


def test_the_twin_takes_no_packet_that_the_firmware_does_not_take() -> None:
    device = WulpusDevice()
    for packet in (b"AT\r\n" * 17, b"\xfa" + bytes(18) + b"\x11" + bytes(48)):
        device.feed(packet, 0)
        assert Decoder().feed(device.poll(10**9)) == [Idle(True)]
        assert not device.running
    device.feed(WulpusConfig().packet()[:67], 0)
    device.poll(10**9)
    assert not device.running
    device.disconnect(10**9)
    device.feed(WulpusConfig().packet(), 10**9)
    device.poll(2 * 10**9)
    assert device.running, "a dongle that was opened anew counts from the first byte"


def test_what_lies_behind_a_packet_overwrites_it() -> None:
    """So a stop right before a configuration is lost, and a driver must wait between them."""
    device = WulpusDevice()
    device.feed(WulpusConfig().packet(), 0)
    device.poll(10**8)
    device.feed(STOP + replace(WulpusConfig(), gain_db=20.5).packet(), 10**8)
    device.poll(10**9)
    assert device.running


def test_a_stop_is_found_by_a_dongle_that_lost_count() -> None:
    device = WulpusDevice()
    device.feed(WulpusConfig().packet(), 0)
    device.feed(b"AT\r", 10**8)
    for at in range(1, 3):
        device.feed(STOP, 10**8 + at)
    device.poll(10**9)
    assert not device.running


def test_the_twin_goes_on_without_a_host_and_its_next_host_gets_the_rest() -> None:
    device = WulpusDevice()
    device.feed(WulpusConfig().packet(), 0)
    assert len(device.poll(20_000_000, 100)) == 100
    device.disconnect(20_000_000)
    before = len(device.shots)
    late = device.poll(10**9)
    assert len(device.shots) > before
    [line] = [item for item in Decoder().feed(late) if isinstance(item, Acquisition)]
    assert late[: 3 * 201] == bytes(late[: 3 * 201])
    assert len(late) == 3 * 201 + FRAME_BYTES
    assert line.number == 19


def test_a_recording_is_played_as_it_was_taken(recordings: Path) -> None:
    from probe.emulators.registry import Wish, maker

    recording = Recording.load(recordings / "wulpus")
    talk = Talk(WulpusDriver(), maker("wulpus", Wish(recording))()).connect()
    lines = talk.start(3.0)
    assert len(lines) > 50
    for line in lines:
        assert np.array_equal(line.samples, recording.frame(line.number % 100).samples)
    with pytest.raises(RecordingError, match="no acquisitions of a WULPUS"):
        maker("wulpus", Wish(Recording.load(recordings / "pic0rick")))


# recordings of the maker's host


def saved(folder: Path, recordings: Path, ids: np.ndarray, stop: int = 100, **said: object) -> Path:
    """The maker's recording with other paths, other settings, or stopped early."""
    with np.load(recordings / "wulpus" / "data_0.npz") as arrays:
        data, numbered = arrays["data_arr"].copy(), arrays["acq_num_arr"].copy()
    data[:, stop:], numbered[stop:] = 0, 0
    settings = json.loads((recordings / "wulpus" / "uss_config.json").read_text()) | said
    (folder / "uss_config.json").write_text(json.dumps(settings))
    np.savez(folder / "data_1.npz", data_arr=data, acq_num_arr=numbered, tx_rx_id_arr=ids)
    return folder / "data_1.npz"


def test_one_path_of_several_is_shown_and_an_early_stop_is_said(tmp_path: Path, recordings: Path) -> None:
    ids = (np.arange(100) % 4).astype(np.uint8)
    recording = Recording.load(saved(tmp_path, recordings, ids, stop=42, start_adcsampl=503, pulse_freq=1_000_000))
    assert recording.frames == 11
    assert recording.frame(1).device_us == 4 * 49_988
    assert recording.sampling.first_sample_ns == 3_000
    assert "It has 4 paths of the multiplexer; the first one is shown." in recording.remarks
    assert "It was stopped early: 42 of 100 acquisitions were made." in recording.remarks


@pytest.mark.parametrize("said", [{"sampling_freq": 7}, {"meas_period": 0}, {"start_ppg": None}, {"pulse_freq": 9}])
def test_settings_that_no_device_had_are_a_sentence(tmp_path: Path, recordings: Path, said: dict) -> None:
    with pytest.raises(RecordingError, match="no settings that fit it"):
        Recording.load(saved(tmp_path, recordings, np.zeros(100, np.uint8), **said))
