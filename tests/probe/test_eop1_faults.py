"""EOP/1 when things go wrong: lost, doubled and damaged messages, silence, strangers, and an unplugged cable."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from probe.driver import Acknowledged, Applied, ButtonPressed, DeviceStatus, Identified, Refused
from probe.emulators.eop1 import Eop1Device
from probe.emulators.faults import Fault, FaultKind, FaultyDevice, scatter
from probe.errors import LinkLost, NotUnderstood, ProbeTimeout
from probe.settings import SampleFormat, Sampling, Settings
from probe.wire import Decoder, Flag, Header, Message, MessageType, pack

RF = SampleFormat.RF_I16


def requests(pair, type: MessageType, body: bytes = b"{}", seq: int = 0) -> list:
    """Send a message that no driver would, and read what the driver makes of the answer."""
    return pair.ask(pack(Message(Header(type, seq=seq), body)))


def lossy(lost: Callable[[Message], bool]) -> Callable[[bytes], bytes]:
    """A link that loses the messages of a kind, whole."""
    decoder = Decoder()
    return lambda data: b"".join(pack(m) for m in decoder.feed(data) if not lost(m))


def test_a_lost_block_is_a_masked_hole(tiny_pair) -> None:
    tiny_pair.connect(Settings(format=RF))
    numbers = iter(range(10**6))
    tiny_pair.alter = lossy(lambda m: m.header.type == MessageType.LINES and next(numbers) == 1)
    tiny_pair.ask(tiny_pair.driver.start(tiny_pair.now_ns), 0.6)
    # eight tiny lines make one block, so a lost block is a lost frame: it is seen as a gap
    assert [f.number for f in tiny_pair.frames()][:3] == [0, 2, 3]
    assert tiny_pair.frames()[1].dropped_before == 1
    assert tiny_pair.driver.counters.lost_blocks == 1


def test_a_lost_frame_end_is_made_good_by_the_next_frame(tiny_pair) -> None:
    tiny_pair.connect(Settings(format=RF))
    tiny_pair.alter = lossy(lambda m: m.header.type == MessageType.FRAME_END)
    tiny_pair.ask(tiny_pair.driver.start(tiny_pair.now_ns), 0.6)
    assert [f.number for f in tiny_pair.frames()][:4] == [0, 1, 2, 3]
    tiny_pair.ask(tiny_pair.driver.stop(tiny_pair.now_ns), 0.2)
    assert tiny_pair.frames()[-1].number == tiny_pair.device._next_number - 1


def test_messages_that_come_twice_count_once(tiny_pair) -> None:
    tiny_pair.connect(Settings(format=RF), start=True)
    decoder = Decoder()
    tiny_pair.alter = lambda data: b"".join(pack(m) * 2 for m in decoder.feed(data))
    tiny_pair.run(1)
    frames = tiny_pair.frames()
    assert [f.number for f in frames] == list(range(len(frames)))
    assert all(not frame.missing.any() for frame in frames)
    assert tiny_pair.driver.counters.stale_blocks > 10
    assert tiny_pair.driver.counters.lost_blocks == 0


@pytest.mark.parametrize("kind", [MessageType.CAPS, MessageType.APPLIED, MessageType.ACK])
def test_a_lost_answer_is_asked_for_again(tiny_pair, kind: MessageType) -> None:
    losses = iter([True])
    tiny_pair.alter = lossy(lambda m: m.header.type == kind and next(losses, False))
    driver = tiny_pair.driver
    for ask, answer in (
        (driver.identify, Identified),
        (lambda now: driver.configure(Settings(), now), Applied),
        (driver.start, Acknowledged),
    ):
        assert [type(e) for e in tiny_pair.ask(ask(tiny_pair.now_ns), 1.3) if isinstance(e, answer)] == [answer]
    tiny_pair.run(1)
    assert len(tiny_pair.frames()) >= 9


def test_an_answer_that_never_comes_is_a_refusal_at_last(tiny_pair) -> None:
    tiny_pair.connect()
    tiny_pair.alter = lossy(lambda m: m.header.type == MessageType.ACK)
    events = tiny_pair.ask(tiny_pair.driver.stop(tiny_pair.now_ns), 3.5)
    assert [e for e in events if isinstance(e, Refused)] == [Refused("STOP", "timeout", "The probe did not answer")]


def test_a_fetched_frame_with_a_hole_is_asked_for_again(pair, tiny_source) -> None:
    class Long(tiny_source):
        sampling = Sampling(1700, 12_000_000, 5_000)

        def rf(self, index: int) -> np.ndarray:
            return np.repeat(np.arange(1, 9, dtype=np.int16)[:, None], 1700, axis=1)

    for losses, holes in ((1, 0), (5, 4)):
        joined = pair(Eop1Device(Long())).connect(start=True)
        joined.run(0.3)
        joined.ask(joined.driver.stop(joined.now_ns))
        left = iter([True] * losses)
        joined.alter = lossy(lambda m, left=left: m.header.type == MessageType.LINES and next(left, False))
        joined.ask(joined.driver.fetch(1, RF, joined.now_ns), 1)
        (frame,) = joined.fetched()
        # four lines of 1700 samples make a block; two blocks a frame; three tries
        assert frame.missing.sum() == holes
        assert np.array_equal(frame.samples[~frame.missing], Long().rf(0)[~frame.missing])


def test_a_fetch_that_dries_up_is_refused_at_last(tiny_pair) -> None:
    tiny_pair.connect(start=True).run(0.3)
    tiny_pair.ask(tiny_pair.driver.stop(tiny_pair.now_ns))
    tiny_pair.alter = lossy(lambda m: bool(m.header.flags & Flag.FETCHED))
    events = tiny_pair.ask(tiny_pair.driver.fetch(1, RF, tiny_pair.now_ns), 6)
    assert [e.code for e in events if isinstance(e, Refused)] == ["timeout"]


def test_a_silent_device_is_a_time_out(tiny_pair) -> None:
    tiny_pair.connect()
    tiny_pair.alter = lambda data: b""
    with pytest.raises(ProbeTimeout, match="stopped answering"):
        tiny_pair.run(4)


def test_no_device_at_all_is_a_time_out(tiny_pair) -> None:
    tiny_pair.alter = lambda data: b""
    with pytest.raises(ProbeTimeout, match="No probe answers"):
        tiny_pair.ask(tiny_pair.driver.identify(tiny_pair.now_ns), 4)


def test_a_device_of_another_kind_is_not_understood(tiny_pair) -> None:
    tiny_pair.alter = lambda data: b"run> \r\n"
    with pytest.raises(NotUnderstood, match="not an EOP/1 probe"):
        tiny_pair.ask(tiny_pair.driver.identify(tiny_pair.now_ns), 4)


def test_a_device_of_another_version_says_so(tiny_pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("probe.drivers.eop1.VERSION", 9)
    (refused,) = tiny_pair.ask(tiny_pair.driver.identify(tiny_pair.now_ns))
    assert refused == Refused("HELLO", "version", "This device speaks version 1 only")


def test_a_stalled_message_does_not_hide_the_next_for_ever(tiny_pair) -> None:
    tiny_pair.connect()
    tiny_pair.run(0.2)
    torn = pack(Message(Header(MessageType.LINES, seq=50), bytes(60_000)))[:100]
    tiny_pair.events += tiny_pair.driver.feed(torn, tiny_pair.now_ns)
    events = tiny_pair.run(2.9)
    assert [event for event in events if isinstance(event, DeviceStatus)]


def test_a_button_is_an_event(tiny_pair) -> None:
    tiny_pair.connect()
    tiny_pair.device._send(MessageType.EVENT, {"event": "button", "name": "freeze"})
    assert tiny_pair.run(0.1) == [ButtonPressed("freeze")]


def test_requests_that_make_no_sense_are_answered_and_change_nothing(tiny_pair) -> None:
    tiny_pair.connect(Settings(gain_db=5))
    plan = tiny_pair.device._plan
    for body in (
        b"[1]",
        b"{",
        b'{"gain_db":"loud"}',
        b'{"format":99}',
        b'{"samples":1}',
        b'{"rate_hz":1}',
        b"\xff",
        b"[" * 5000,
    ):
        requests(tiny_pair, MessageType.SET, body)
        assert tiny_pair.device._plan is plan
    for body in (b'{"frame":-1,"format":1}', b'{"frame":1.5,"format":1}', b"{}"):
        requests(tiny_pair, MessageType.FETCH, body)
    tiny_pair.run(1.2)
    assert tiny_pair.driver.counters.payload_errors == 0


def test_unknown_types_and_keys_are_left_alone(tiny_pair) -> None:
    tiny_pair.connect()
    sent = pack(Message(Header(0x77, seq=9), b"?")) + pack(Message(Header(MessageType.TESTPATTERN, seq=10), b"x"))
    tiny_pair.ask(sent, 1.2)
    events = requests(tiny_pair, MessageType.SET, b'{"tgc":[1,2],"gain_db":4}', seq=11)
    (applied,) = [event for event in events if isinstance(event, Applied)]
    assert applied.settings.gain_db == 4


def test_a_person_at_a_terminal_gets_a_line(tiny_source) -> None:
    device = Eop1Device(tiny_source())
    device.feed(b"?", 1)
    device.feed(b"\n", 2)
    assert device.poll(3) == b"EOP/1 tiny twin-1 T1\r\n"


def test_the_text_line_is_silent_while_streaming(tiny_pair) -> None:
    tiny_pair.connect(start=True).run(0.2)
    tiny_pair.ask(b"?\n", 0.5)
    assert tiny_pair.driver.counters.skipped_bytes == 0


@pytest.mark.parametrize("seed", range(12))
def test_any_damage_is_survived_and_the_stream_goes_on(pair, tiny_source, seed: int) -> None:
    kinds = [FaultKind.FLIP, FaultKind.DROP, FaultKind.DUPLICATE, FaultKind.GARBAGE, FaultKind.STALL]
    # the answers of the first second are left whole: too many of them lost is "no probe", told by other tests
    faults = [replace(fault, at=fault.at + 2_000) for fault in scatter(seed, 12, 14_000, kinds)]
    device = FaultyDevice(Eop1Device(tiny_source()), faults, seed)
    joined = pair(device)
    joined.connect(Settings(format=RF, frame_interval_us=50_000))
    joined.run(3)
    joined.ask(joined.driver.configure(Settings(format=RF, frame_interval_us=50_000), joined.now_ns), 3)
    joined.ask(joined.driver.start(joined.now_ns), 5)
    source = tiny_source()
    assert len(joined.frames()) > 40
    for frame in joined.frames():
        good = ~frame.missing
        assert np.array_equal(frame.samples[good], source.rf(frame.number % 5)[good])
    assert not joined.frames()[-1].missing.any()


def test_unplugging_is_told_by_the_link(pair, tiny_source) -> None:
    joined = pair(FaultyDevice(Eop1Device(tiny_source()), [Fault(FaultKind.UNPLUG, 9_000)]))
    joined.connect(Settings(format=RF), start=True)
    with pytest.raises(LinkLost):
        joined.run(5)
    assert joined.driver.counters.bytes <= 9_000
