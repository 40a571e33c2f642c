"""echOpen V0/V1: commands and lines on two channels, lost and out of order, counters that wrap and begin again."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.driver import Acknowledged, Applied, DeviceStatus, FrameReceived, Identified, Refused
from probe.drivers.echopen_v0 import EchopenV0Driver
from probe.emulators.echopen_v0 import EchopenV0Device
from probe.emulators.source import PhantomSource
from probe.errors import NotUnderstood, ProbeTimeout
from probe.geometry import Geometry
from probe.protocols.echopen_v0 import (
    LINES,
    MAX_PENDING,
    WHITE,
    Command,
    Line,
    State,
    WordDecoder,
    pack_line,
    pack_words,
    read_line,
)
from probe.protocols.two_channels import TCP, UDP, Unwrapper, wrap
from probe.settings import SampleFormat, Sampling, Settings
from tests.probe.talk import Talk, frames, in_chunks


class Source:
    """Four sweeps of eight lines of noise."""

    model = serial = "v0"
    centre_hz = 3_500_000
    sound_speed_m_s = 1480
    full_scale = 400
    loop = 4
    geometry = Geometry.sector(8, 57.0)
    sampling = Sampling(2000, 12_500_000, 0)

    def rf(self, index: int) -> np.ndarray:
        return np.random.default_rng(index).normal(0, 200, (8, 2000)).round().astype(np.int16)

    def dead(self, index: int) -> tuple[int, ...]:
        return ()


def datagram(frame: int, line: int, count: int = 50) -> bytes:
    """A line whose samples say which it is."""
    samples = ((np.arange(count) + 7 * line + 13 * frame) % (WHITE + 1)).astype(np.int16)
    return wrap(UDP, pack_line(Line(line, 0, frame % 256, samples)))


def status(state: State = State.STANDBY, *more: int) -> bytes:
    return wrap(TCP, pack_words(Command.STATUS, 0, 40, 31_500, 87, state, 0, *more))


def streaming() -> EchopenV0Driver:
    driver = EchopenV0Driver()
    driver.identify(0)
    driver.feed(status(), 0)
    driver.configure(Settings(), 0)
    driver.start(0)
    driver.feed(wrap(TCP, pack_words(Command.SCANNING, 0, 40)), 0)
    return driver


def feed(driver: EchopenV0Driver, datagrams: list[bytes]):
    events = driver.feed(b"".join(datagrams), 1)
    return [event.frame for event in events if isinstance(event, FrameReceived)]


def sweep(frame: int) -> list[bytes]:
    return [datagram(frame, line) for line in range(1, LINES + 1)]


def right(frame, number: int) -> bool:
    good = np.flatnonzero(~frame.missing)
    # the first line of a sweep is the rightmost
    wanted = (np.arange(50)[None] + 7 * (LINES - good[:, None]) + 13 * number) % (WHITE + 1)
    return np.array_equal(frame.samples[good] // 32, wanted)


def test_a_session_gives_sweeps_in_the_lounger_s_geometry() -> None:
    talk = Talk(EchopenV0Driver(), EchopenV0Device(Source())).connect()
    assert talk.capabilities.simulated
    got = talk.start(1.0)
    assert len(got) >= 8
    assert got[0].format is SampleFormat.ENVELOPE_U16
    assert not got[1].missing.any()
    assert got[0].geometry.lines == 100
    assert len(set(got[0].geometry.origin_x_um)) > 50
    assert Acknowledged("STOP") in talk.stop(0.2)
    assert talk.device.state is State.STANDBY
    [*_, last] = [event for event in talk.run(1.5) if isinstance(event, DeviceStatus)]
    assert (last.armed, last.battery_percent, last.temperature_c) == (False, 87, 31)


def test_loss_is_masked_and_order_does_not_matter() -> None:
    lossy = Talk(EchopenV0Driver(), EchopenV0Device(Source(), lose_every=37, swap_every=11)).connect()
    got = lossy.start(2.0)
    assert len(got) >= 17
    assert all(1 <= int(frame.missing.sum()) <= 5 for frame in got[1:-1])
    clean = Talk(EchopenV0Driver(), EchopenV0Device(Source())).connect()
    whole = {frame.number % 4: frame.samples for frame in clean.start(0.7)}
    for frame in got[1:-1]:
        good = ~frame.missing
        assert np.array_equal(frame.samples[good], whole[frame.number % 4][good])


@given(seed=st.integers(0, 10**6))
def test_any_order_within_the_window_gives_the_same_frames(seed: int) -> None:
    random = np.random.default_rng(seed)
    sent = [piece for frame in range(3) for piece in sweep(frame)]
    places = np.argsort(np.arange(len(sent)) + random.uniform(0, 8, len(sent)), kind="stable")
    got = feed(streaming(), [sent[at] for at in places])
    assert [int(frame.missing.sum()) for frame in got] == [0, 0, 0]
    assert all(right(frame, number) for number, frame in enumerate(got))


def test_the_counter_wraps_at_256_and_lines_go_beyond_127() -> None:
    got = feed(streaming(), [piece for frame in range(250, 262) for piece in sweep(frame)])
    assert [frame.number - got[0].number for frame in got] == list(range(12))
    assert all(right(frame, 250 + at) for at, frame in enumerate(got))
    driver = streaming()
    driver.feed(datagram(0, 1) + datagram(0, 128) + datagram(0, 255), 1)
    assert driver.counters.stale_blocks == 2


def test_lost_frames_are_counted_and_a_lone_strange_counter_is_not_believed() -> None:
    got = feed(streaming(), [*sweep(0), *sweep(4), *sweep(5)])
    assert [frame.dropped_before for frame in got] == [0, 3, 0]
    strange = [*sweep(0), *sweep(1)[:50], datagram(90, 7), *sweep(1)[50:], *sweep(2), *sweep(3)]
    got = feed(streaming(), strange)
    assert [int(frame.missing.sum()) for frame in got] == [0, 0, 0, 0]
    assert all(right(frame, number) for number, frame in enumerate(got))


def test_a_probe_that_begins_to_count_again_goes_on() -> None:
    got = feed(streaming(), [*sweep(100), *sweep(101), *sweep(0), *sweep(1), *sweep(2)])
    assert len(got) >= 4
    assert right(got[-1], 2)
    assert not got[-1].missing.any()


def test_duplicates_count_once() -> None:
    got = feed(streaming(), [piece for piece in (*sweep(0), *sweep(1)) for _ in range(2)])
    assert [int(frame.missing.sum()) for frame in got] == [0, 0]


def test_another_number_of_samples_is_a_new_setting() -> None:
    driver = streaming()
    events = driver.feed(b"".join(sweep(0)), 1)
    [applied] = [event.settings for event in events if isinstance(event, Applied)]
    assert applied.sampling.samples == 50
    [frame] = [event.frame for event in events if isinstance(event, FrameReceived)]
    assert frame.sampling == applied.sampling


def test_a_refusal_is_told() -> None:
    device = EchopenV0Device(Source())
    talk = Talk(EchopenV0Driver(), device).connect()
    device.state = State.ERROR_MODE
    talk.start(0.2)
    [refused] = [event for event in talk.events if isinstance(event, Refused)]
    assert (refused.request, refused.code) == ("START", "-5")
    assert refused.text == "not possible in its present state"


def test_a_real_probe_does_not_pass_for_a_twin() -> None:
    driver = EchopenV0Driver()
    driver.identify(0)
    [found, _] = driver.feed(status(), 0)
    assert isinstance(found, Identified)
    assert not found.capabilities.simulated


def test_silence_and_another_language_are_told() -> None:
    for answer, error in ((b"", ProbeTimeout), (wrap(TCP, b"HTTP/1.1 400 Bad"), NotUnderstood)):
        talk = Talk(EchopenV0Driver(), EchopenV0Device(Source()))
        talk.write(talk.driver.identify(talk.now_ns))
        talk.alter = lambda data, answer=answer: answer
        with pytest.raises(error):
            talk.run(5)


def test_a_lost_answer_is_asked_for_again() -> None:
    talk = Talk(EchopenV0Driver(), EchopenV0Device(Source()))
    once = iter([True])
    talk.alter = lambda data: b"" if data and next(once, False) else data
    talk.write(talk.driver.identify(talk.now_ns))
    assert [event for event in talk.run(1.5) if isinstance(event, Identified)]


@pytest.mark.parametrize("chunk", [1, 2, 63, 64, 65, 4096])
def test_pieces_come_out_whole_in_any_chunks(chunk: int) -> None:
    sent = b"".join(sweep(0)) + status() + wrap(TCP, bytes(70_000))
    pieces = in_chunks(Unwrapper().feed, sent, chunk)
    assert [len(piece.data) for piece in pieces[:LINES]] == [118] * LINES
    assert sum(len(piece.data) for piece in pieces if piece.channel == TCP) == 32 + 70_000


@given(st.binary(max_size=300))
def test_any_datagram_is_a_line_or_none(data: bytes) -> None:
    line = read_line(data)
    assert line is None or pack_line(line)[12:] == data[12:]


@given(st.lists(st.binary(max_size=200), max_size=8))
def test_any_bytes_are_taken_without_complaint(parts: list[bytes]) -> None:
    words, driver = WordDecoder(), streaming()
    for part in parts:
        words.feed(part)
        assert words.pending <= MAX_PENDING
        driver.feed(part + wrap(UDP, part) + wrap(TCP, part), 1)


def test_the_phantom_is_recognisable() -> None:
    talk = Talk(EchopenV0Driver(), EchopenV0Device(PhantomSource())).connect()
    got = talk.start(0.4)
    assert got[0].samples.max() > 30_000
    assert frames(talk.run(0.2))


def test_half_a_request_of_one_host_is_none_of_the_next() -> None:
    """Found by make fuzz: the twin kept it, and answered the next host never."""
    device = EchopenV0Device(Source())
    device.feed(pack_words(Command.STATUS, *range(9))[:13], 0)
    device.disconnect(0)
    Talk(EchopenV0Driver(), device).connect()
