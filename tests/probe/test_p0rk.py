"""P0RK: the golden stream in any chunks, damage that costs one frame, a session with the twin."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from probe.driver import Acknowledged, Applied, Disarmed, Refused
from probe.drivers.p0rk import P0rkDriver
from probe.emulators.p0rk import P0rkDevice, hilbert_envelope
from probe.errors import NotUnderstood, ProbeTimeout
from probe.protocols import p0rk
from probe.settings import SampleFormat, Settings
from tests.probe.talk import Talk, frames, in_chunks

CHUNKS = (1, 2, 63, 64, 65, 4096)
RAW, ENVELOPE, ALAW = SampleFormat.RF_I16, SampleFormat.ENVELOPE_U16, SampleFormat.ENVELOPE_U8_ALAW


@pytest.fixture(scope="module")
def golden(recordings: Path) -> bytes:
    return (recordings / "pic0rick" / "selftest_P0RK_frames.bin").read_bytes()


@pytest.fixture
def talk() -> Talk:
    return Talk(P0rkDriver(), P0rkDevice())


def own_stream(count: int = 3) -> bytes:
    device = P0rkDevice()
    device.feed(b"dsp selftest\n", 0)
    whole = device.poll(0)
    packets = [item for item in p0rk.Decoder().feed(whole) if isinstance(item, p0rk.Packet)]
    return b"".join(map(p0rk.pack, packets[:count]))


@pytest.mark.parametrize("chunk", CHUNKS)
def test_the_golden_stream_is_21_frames_in_any_chunks(golden: bytes, recordings: Path, chunk: int) -> None:
    decoder = p0rk.Decoder()
    packets = in_chunks(decoder.feed, golden, chunk)
    headers = json.loads((recordings / "pic0rick" / "selftest_headers.json").read_text())
    assert len(packets) == 21
    assert [(p.kind, p.sequence, p.flags, len(p.payload)) for p in packets] == [
        (h["payload_type"], h["sequence"], h["flags"], h["payload_bytes"]) for h in headers
    ]
    assert b"".join(map(p0rk.pack, packets)) == golden
    assert (decoder.skipped_bytes, decoder.pending, decoder.header_errors) == (0, 0, 0)


def test_the_golden_envelope_and_a_law_are_what_the_raw_line_gives(golden: bytes) -> None:
    packets = p0rk.Decoder().feed(golden)
    for raw, envelope, alaw in zip(packets[::3], packets[1::3], packets[2::3], strict=True):
        adc = np.frombuffer(raw.payload, "<u2")
        ours, theirs = hilbert_envelope(adc), np.frombuffer(envelope.payload, "<f4")
        scale = max(1.0, float(np.sqrt(np.mean(theirs.astype(float) ** 2))))
        assert np.sqrt(np.mean((ours - theirs) ** 2)) / scale <= 1e-4
        codes = p0rk.alaw_compress(theirs / alaw.alaw_reference).astype(int)
        assert np.abs(codes - np.frombuffer(alaw.payload, np.uint8).astype(int)).max() <= 1
        assert np.abs(p0rk.envelope(envelope)[0] / 32 - theirs).max() < 0.02


def test_a_law_expands_to_what_was_compressed() -> None:
    share = np.linspace(0, 1, 2001)
    back = p0rk.alaw_expand(p0rk.alaw_compress(share))
    assert np.abs(back - share).max() < 0.012
    assert np.array_equal(p0rk.alaw_compress(p0rk.alaw_expand(np.arange(256, dtype=np.uint8))), np.arange(256))


def test_text_and_frames_come_out_in_their_order() -> None:
    stream = own_stream(2)
    half = len(stream) // 2
    one = p0rk.HEADER.size + p0rk.PAYLOAD_BYTES[p0rk.Kind.RAW]
    mixed = b"OK stream started\r\n" + stream[:one] + b"AT+CGMI\r\nOK dac=1\r\n" + stream[one:] + b"ERR DMA x\r\n"
    for chunk in (1, 7, half):
        found = in_chunks(p0rk.Decoder().feed, mixed, chunk)
        kinds = [item if isinstance(item, str) else item.kind for item in found]
        assert kinds == ["OK stream started", 1, "OK dac=1", 2, "ERR DMA x"]


def test_a_magic_inside_a_payload_is_no_frame() -> None:
    payload = (b"P0RK\x01\x01" + bytes(58)) * 128
    packet = p0rk.Packet(1, 0, 7, 5, 0.0, 0.0, 512.0, 96, 6000, 96, 0, payload)
    assert len(payload) == 8192
    assert p0rk.Decoder().feed(p0rk.pack(packet)) == [packet]


@pytest.mark.parametrize("cut", [1, 40, 64, 70, 5000])
def test_bytes_lost_in_a_frame_cost_that_frame_only(cut: int) -> None:
    stream = own_stream(3)
    decoder = p0rk.Decoder()
    found = decoder.feed(stream[:cut] + stream[cut + 3 :])
    found += decoder.abandon() if decoder.waiting else []
    assert [packet.sequence for packet in found] == [1, 2]


def test_no_numbers_of_a_strange_envelope_do_harm() -> None:
    payload = np.full(p0rk.SAMPLES, np.nan, "<f4").tobytes()
    packet = p0rk.Packet(2, 0, 0, 0, 0.0, 0.0, float("nan"), 0, 0, 0, 0, payload)
    assert not p0rk.envelope(packet).any()
    assert not p0rk.envelope(packet._replace(kind=3, payload=bytes([255]) * p0rk.SAMPLES)).any()


@pytest.mark.parametrize(("asked", "kind", "most"), [(None, ENVELOPE, 50), (ALAW, ENVELOPE, 70), (RAW, RAW, 100)])
def test_a_session_gives_lines_as_fast_as_the_board_allows(asked, kind, most: int) -> None:
    talk = Talk(P0rkDriver(), P0rkDevice()).connect(Settings(format=asked, frame_interval_us=1))
    lines = talk.start(2.0)
    assert talk.capabilities.modes == ("A", "M")
    assert talk.capabilities.simulated
    assert 2 * most - 4 <= len(lines) <= 2 * most + 1
    assert {line.format for line in lines} == {kind}
    assert [line.number for line in lines] == list(range(len(lines)))
    assert lines[0].samples.shape == (1, 4096)
    assert lines[0].provenance.simulated
    assert Acknowledged("STOP") in talk.stop()
    assert not talk.device.armed
    assert not talk.run(1.0)


def test_raw_lines_are_the_counts_of_the_source(talk: Talk) -> None:
    talk.connect(Settings(format=RAW))
    line = talk.start()[0]
    assert np.array_equal(line.samples[0], talk.device._source.line(0)[:4096])


def test_settings_may_change_while_it_streams(talk: Talk) -> None:
    talk.connect()
    talk.start()
    talk.write(talk.driver.configure(Settings(format=RAW, frame_interval_us=20_000), talk.now_ns))
    later = talk.run(2.0)
    [applied] = [event.settings for event in later if isinstance(event, Applied)]
    assert (applied.format, applied.frame_interval_us) == (RAW, 20_000)
    assert frames(later)[-1].format is RAW
    assert talk.device.armed


def test_a_stream_that_an_earlier_host_left_running_is_stopped_first() -> None:
    device = P0rkDevice()
    device.feed(b"pulser arm\nstream start raw 100\n", 1_000_000_000)
    talk = Talk(P0rkDriver(), device).connect()
    assert not device.armed
    assert talk.start()


def test_a_lost_answer_to_start_is_made_good_by_the_first_line(talk: Talk) -> None:
    talk.connect()
    talk.alter = lambda data: b"" if b"OK stream" in data else data
    talk.start(1.0)
    assert Acknowledged("START") in talk.events


def test_the_sequence_wraps_at_32_bits() -> None:
    device = P0rkDevice()
    device._sequence = 2**32 - 5
    talk = Talk(P0rkDriver(), device).connect()
    lines = talk.start(1.0)
    assert [line.number - lines[0].number for line in lines] == list(range(len(lines)))
    assert sum(line.dropped_before for line in lines) == 0
    assert lines[-1].number > 2**32


def test_stop_does_not_wait_for_an_older_answer(talk: Talk) -> None:
    talk.connect()
    talk.start()
    talk.alter = lambda data: b""
    talk.write(talk.driver.configure(Settings(format=RAW), talk.now_ns))
    assert talk.driver.stop(talk.now_ns) == b"stream stop\n"


def test_a_board_that_disarms_itself_is_told(talk: Talk) -> None:
    talk.connect()
    talk.start()
    talk.device._stream, talk.device.armed = None, False
    talk.device._say("ERR DMA acquisition timeout; pulser disarmed")
    assert Disarmed("dma") in talk.run(0.2)


def test_a_refused_start_disarms(talk: Talk) -> None:
    talk.connect()
    talk.device._commands["stream"] = lambda words, now: "ERR BUSY try later"
    talk.start()
    [refused] = [event for event in talk.events if isinstance(event, Refused)]
    assert (refused.request, refused.code, refused.text) == ("START", "BUSY", "try later")
    assert not talk.device.armed


def test_a_pulse_outside_the_limits_is_not_accepted_from_the_board(talk: Talk) -> None:
    talk.write(talk.driver.identify(talk.now_ns))
    talk.run(1.0)
    talk.device._commands["pulse"] = lambda words, now: "OK pulse=9000/6000/96/neg-first"
    talk.write(talk.driver.configure(Settings(), talk.now_ns))
    assert [e.code for e in talk.run(0.3) if isinstance(e, Refused)] == ["limit"]


def test_a_silent_board_is_a_time_out(talk: Talk) -> None:
    talk.alter = lambda data: b""
    talk.write(talk.driver.identify(talk.now_ns))
    with pytest.raises(ProbeTimeout, match="No probe answers"):
        talk.run(9)


def test_a_board_that_falls_silent_in_its_stream_is_a_time_out(talk: Talk) -> None:
    talk.connect()
    talk.start()
    talk.alter = lambda data: b""
    with pytest.raises(ProbeTimeout, match="stopped sending"):
        talk.run(4)


def test_another_device_is_not_understood(talk: Talk) -> None:
    talk.alter = lambda data: b"login: \r\n"
    talk.write(talk.driver.identify(talk.now_ns))
    with pytest.raises(NotUnderstood, match="not a pic0rick"):
        talk.run(9)


def test_nothing_is_kept_to_fetch(talk: Talk) -> None:
    talk.connect()
    talk.write(talk.driver.fetch(0, RAW, talk.now_ns))
    assert [e.request for e in talk.run(0.1) if isinstance(e, Refused)] == ["FETCH"]


def test_the_twin_keeps_the_rules_of_the_text() -> None:
    device = P0rkDevice()

    def ask(line: bytes) -> bytes:
        device.feed(line + b"\n", 0)
        return device.poll(0)

    assert ask(b"pulse config 30 6000 96 neg-first") == b"ERR RANGE minimum is 40/40/40 ns\r\n"
    assert ask(b"dac write 1024") == b"ERR RANGE DAC value must be 0..1023\r\n"
    assert ask(b"stream start alaw 71") == b"ERR RATE allowed rate is 1..70 Hz\r\n"
    assert ask(b"stream stop") == b"OK stream already stopped\r\n"
    assert ask(b"read") == b"ERR NO_DATA no completed acquisition\r\n"
    assert ask(b"start acq") == b"OK legacy acquisition started\r\n"
    assert ask(b"read").startswith(b"OK raw-hex 4096\r\n200,200,")
    assert ask(b"x" * 200) == b"ERR LINE command is too long\r\n"
    assert ask(b"dsp selftest").startswith(b"OK selftest frames=21 cases=7\r\nP0RK\x01")
    assert len([p for p in p0rk.Decoder().feed(ask(b"dsp selftest")) if isinstance(p, p0rk.Packet)]) == 21


def test_the_twin_drops_a_frame_that_nobody_takes_for_two_seconds() -> None:
    device = P0rkDevice()
    device.feed(b"pulser arm\nstream start raw 100\n", 0)
    device.poll(0, 100)
    assert device.poll(2_100_000_000, 0) == b""
    assert device._drops >= 1
    device.feed(b"stream stop\n", 2_100_000_000)
    assert b"drops=" in device.poll(2_200_000_000)
