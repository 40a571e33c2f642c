"""Driver and twin together in virtual time: negotiation, streaming, freeze, fetch, watchdog, damage."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from probe.driver import Acknowledged, Applied, ButtonPressed, DeviceStatus, FrameReceived, Identified, Refused
from probe.drivers.eop1 import Eop1Driver
from probe.emulators.eop1 import RING_FRAMES, Eop1Device
from probe.emulators.faults import Fault, FaultKind, FaultyDevice, scatter
from probe.errors import LinkLost, NotUnderstood, ProbeTimeout
from probe.settings import SampleFormat, Sampling, Settings
from probe.wire import Decoder, Flag, Header, Message, MessageType, pack

RF = SampleFormat.RF_I16


def requests(pair, type: MessageType, body: bytes = b"{}", seq: int = 0) -> list:
    """Send a message that no driver would, and read what the driver makes of the answer."""
    return pair.ask(pack(Message(Header(type, seq=seq), body)))


def test_identification_tells_who_it_is(tiny_pair) -> None:
    (identified,) = tiny_pair.ask(tiny_pair.driver.identify(tiny_pair.now_ns))
    assert isinstance(identified, Identified)
    caps = identified.capabilities
    assert (caps.driver, caps.model, caps.serial, caps.simulated) == ("eop1", "tiny", "T1", True)
    assert caps == tiny_pair.device.capabilities


def test_all_settings_come_back_applied(tiny_pair) -> None:
    tiny_pair.connect()
    (applied,) = tiny_pair.ask(tiny_pair.driver.configure(Settings(frame_interval_us=50_000, gain_db=99), 0))
    assert isinstance(applied, Applied)
    got = applied.settings
    assert None not in (got.format, got.lines, got.sampling, got.gain_db, got.centre_hz, got.log_range_db)
    assert (got.frame_interval_us, got.gain_db) == (50_000, 40)


def test_frames_stream_in_order_and_both_directions(tiny_pair) -> None:
    tiny_pair.connect(Settings(format=RF), start=True).run(1.05)
    frames = tiny_pair.frames()
    assert [f.number for f in frames] == list(range(len(frames)))
    assert 10 <= len(frames) <= 11
    assert {f.direction for f in frames} == {1, -1}
    for frame in frames:
        assert np.array_equal(frame.samples, tiny_pair.device._source.rf(frame.number % 5))
        assert not frame.missing.any()
        assert frame.provenance.simulated
        assert frame.provenance.sound_speed_m_s == 1500
        assert frame.settings.format is RF
    counters = tiny_pair.driver.counters
    assert (counters.lost_blocks, counters.stale_blocks, counters.incomplete_frames) == (0, 0, 0)


def test_device_time_rises_with_the_frames(tiny_pair) -> None:
    tiny_pair.connect(start=True).run(0.5)
    first, second, *_ = tiny_pair.frames()
    assert second.device_us - first.device_us == 100_000
    assert first.line_us.tolist() == [1000 * i for i in range(8)]
    assert second.line_us.tolist() == [1000 * i for i in reversed(range(8))]


def test_a_dead_line_is_masked(pair, tiny_source) -> None:
    joined = pair(Eop1Device(tiny_source(dead=(1, 6)))).connect(start=True)
    joined.run(0.35)
    assert len(joined.frames()) >= 2
    for frame in joined.frames():
        assert np.flatnonzero(frame.missing).tolist() == [1, 6]
    assert joined.driver.counters.incomplete_frames == 0


def test_nothing_comes_before_start_nor_after_stop(tiny_pair) -> None:
    tiny_pair.connect().run(1)
    assert tiny_pair.frames() == []
    tiny_pair.ask(tiny_pair.driver.start(tiny_pair.now_ns), 1)
    assert tiny_pair.device.armed
    events = tiny_pair.ask(tiny_pair.driver.stop(tiny_pair.now_ns), 2)
    stopped = events.index(Acknowledged("STOP"))
    assert not any(isinstance(event, FrameReceived) for event in events[stopped:])
    assert not tiny_pair.device.armed


def test_a_start_without_consent_is_refused(tiny_pair) -> None:
    tiny_pair.connect()
    tiny_pair.driver._requests.send(MessageType.START, {}, tiny_pair.now_ns)
    assert requests(tiny_pair, MessageType.START, b"{}", seq=2) == [
        Refused("START", "not_armed", "START needs the consent to arm the transmitter")
    ]
    assert not tiny_pair.device.armed


def test_a_start_before_any_settings_is_refused(tiny_pair) -> None:
    tiny_pair.ask(tiny_pair.driver.identify(tiny_pair.now_ns))
    (refused,) = tiny_pair.ask(tiny_pair.driver.start(tiny_pair.now_ns))
    assert isinstance(refused, Refused)
    assert refused.code == "no_settings"


def test_fetch_brings_the_rf_of_a_live_frame_without_another_sweep(tiny_pair) -> None:
    tiny_pair.connect(start=True).run(0.5)
    tiny_pair.ask(tiny_pair.driver.stop(tiny_pair.now_ns))
    live = tiny_pair.frames()[-1]
    fired = tiny_pair.device._next_number
    tiny_pair.ask(tiny_pair.driver.fetch(live.number, RF, tiny_pair.now_ns), 0.3)
    (frame,) = tiny_pair.fetched()
    assert np.array_equal(frame.samples, tiny_pair.device._source.rf(live.number % 5))
    assert frame.sampling == tiny_pair.device._source.sampling
    assert (frame.number, frame.direction, frame.device_us) == (live.number, live.direction, live.device_us)
    assert frame.settings.format is RF
    assert tiny_pair.device._next_number == fired


def test_the_ring_holds_at_least_thirty_two_frames(tiny_pair) -> None:
    tiny_pair.connect(Settings(frame_interval_us=20_000), start=True).run(1.5)
    tiny_pair.ask(tiny_pair.driver.stop(tiny_pair.now_ns))
    newest = tiny_pair.device._next_number - 1
    for number, code in ((newest - RING_FRAMES + 1, None), (newest - RING_FRAMES, "gone"), (newest + 1, "gone")):
        events = tiny_pair.ask(tiny_pair.driver.fetch(number, RF, tiny_pair.now_ns), 0.3)
        refused = [event.code for event in events if isinstance(event, Refused)]
        assert refused == ([code] if code else [])
    assert [f.number for f in tiny_pair.fetched()] == [newest - RING_FRAMES + 1]


def test_a_frame_can_be_fetched_after_its_settings_have_changed(tiny_pair) -> None:
    tiny_pair.connect(Settings(gain_db=7), start=True).run(0.3)
    tiny_pair.ask(tiny_pair.driver.stop(tiny_pair.now_ns))
    tiny_pair.ask(tiny_pair.driver.configure(Settings(gain_db=3), tiny_pair.now_ns))
    tiny_pair.ask(tiny_pair.driver.fetch(1, RF, tiny_pair.now_ns), 0.3)
    (frame,) = tiny_pair.fetched()
    assert frame.settings.gain_db == 7


def test_fetching_in_a_format_that_the_device_has_not_is_refused(tiny_pair) -> None:
    tiny_pair.connect(start=True).run(0.3)
    events = tiny_pair.ask(tiny_pair.driver.fetch(1, SampleFormat.IQ_I16, tiny_pair.now_ns), 0.3)
    assert [event.code for event in events if isinstance(event, Refused)] == ["format"]


def test_a_fetch_while_streaming_delays_live_frames_only(tiny_pair) -> None:
    tiny_pair.connect(start=True).run(0.3)
    tiny_pair.ask(tiny_pair.driver.fetch(1, RF, tiny_pair.now_ns), 0.5)
    assert [f.number for f in tiny_pair.fetched()] == [1]
    assert all(not f.missing.any() for f in tiny_pair.frames())


def test_without_ping_the_device_disarms_after_two_seconds(tiny_pair) -> None:
    tiny_pair.connect(start=True).run(1)
    assert tiny_pair.device.armed
    before_ns = tiny_pair.now_ns
    sent = []
    while tiny_pair.device.armed and tiny_pair.now_ns < before_ns + 5_000_000_000:
        tiny_pair.now_ns += 10_000_000
        sent.append(tiny_pair.device.poll(tiny_pair.now_ns, 1 << 20))
    assert 1.5 <= (tiny_pair.now_ns - before_ns) * 1e-9 <= 2.02
    statuses = [e for e in tiny_pair.driver.feed(b"".join(sent), tiny_pair.now_ns) if isinstance(e, DeviceStatus)]
    assert statuses
    assert not statuses[-1].armed
    assert tiny_pair.driver.counters.lost_blocks == 0


def test_pings_keep_it_armed(tiny_pair) -> None:
    tiny_pair.connect(start=True).run(6)
    assert tiny_pair.device.armed


def test_closing_the_link_disarms(tiny_pair) -> None:
    tiny_pair.connect(start=True).run(0.5)
    tiny_pair.device.disconnect(tiny_pair.now_ns)
    assert not tiny_pair.device.armed
    assert tiny_pair.device.poll(tiny_pair.now_ns + 10**9, 1 << 20) == b""


def test_a_second_hello_ends_streaming_and_counts_from_zero(tiny_pair) -> None:
    tiny_pair.connect(start=True).run(0.5)
    tiny_pair.driver = Eop1Driver()
    events = tiny_pair.ask(tiny_pair.driver.identify(tiny_pair.now_ns), 0.2)
    assert [type(event) for event in events] == [Identified]
    assert not tiny_pair.device.armed
    tiny_pair.connect(start=True).run(0.5)
    assert tiny_pair.driver.counters.lost_blocks == 0
    assert len([f for f in tiny_pair.frames() if not f.missing.any()]) >= 8


def test_when_the_link_is_behind_whole_frames_are_dropped_and_counted(pair, tiny_source) -> None:
    device = Eop1Device(tiny_source(), link_rate_bytes_s=10**6)
    joined = pair(device, rate=12_000).connect(Settings(frame_interval_us=20_000), start=True)
    joined.run(4)
    frames = joined.frames()
    assert all(not frame.missing.any() for frame in frames)
    lost = sum(frame.dropped_before for frame in frames)
    assert lost > 20
    assert frames[-1].number + 1 == len(frames) + lost
    status = [event for event in joined.events if isinstance(event, DeviceStatus)][-1]
    assert abs(status.dropped_frames - lost) <= 5
    assert joined.driver.counters.lost_blocks == 0


def test_a_late_poll_drops_what_was_due_in_between(tiny_pair) -> None:
    tiny_pair.connect(start=True).run(0.3)
    tiny_pair.now_ns += 1_000_000_000
    tiny_pair.run(0.3)
    assert sum(frame.dropped_before for frame in tiny_pair.frames()) in (9, 10)


def test_the_host_can_lower_the_rate(pair, tiny_source) -> None:
    joined = pair(Eop1Device(tiny_source()), Eop1Driver(max_bytes_s=3_000)).connect()
    (applied,) = [event for event in joined.events if isinstance(event, Applied)]
    assert applied.settings.frame_interval_us > 200_000


@pytest.mark.parametrize("bits", [16, 32])
def test_frame_numbers_go_on_through_their_wrap(pair, tiny_source, bits: int) -> None:
    start = (1 << bits) - 3
    joined = pair(Eop1Device(tiny_source(), first_frame=start)).connect(start=True)
    joined.run(1)
    assert [f.number for f in joined.frames()][:6] == list(range(start, start + 6))
    assert all(frame.dropped_before == 0 for frame in joined.frames())
    joined.ask(joined.driver.fetch(start + 4, RF, joined.now_ns), 0.3)
    assert [f.number for f in joined.fetched()] == [start + 4]


def test_message_numbers_go_on_through_their_wrap(tiny_pair) -> None:
    tiny_pair.connect()
    tiny_pair.device._outbox._seq = tiny_pair.driver._sequence._expected = 2**32 - 4
    tiny_pair.ask(tiny_pair.driver.start(tiny_pair.now_ns), 1)
    assert tiny_pair.device._outbox._seq < 100
    assert tiny_pair.driver.counters.lost_blocks == 0
    assert len(tiny_pair.frames()) >= 9


def test_a_silently_restarted_counter_is_followed(tiny_pair) -> None:
    tiny_pair.connect()
    tiny_pair.device._outbox._seq = tiny_pair.driver._sequence._expected = 1_000_000
    tiny_pair.run(1.5)
    tiny_pair.device._outbox._seq = 0
    before = len(tiny_pair.events)
    tiny_pair.run(2.5)
    assert len(tiny_pair.events) - before >= 2
    assert tiny_pair.driver.counters.lost_blocks == 0


def test_lines_of_other_settings_are_dropped(tiny_pair) -> None:
    tiny_pair.connect(Settings(format=RF), start=True).run(0.3)
    driver = tiny_pair.driver
    driver._session += 1
    before = len(tiny_pair.frames())
    tiny_pair.run(0.5)
    assert len(tiny_pair.frames()) == before
    assert driver.counters.stale_blocks > 0


def test_every_frame_is_tied_to_one_snapshot_of_settings(tiny_pair) -> None:
    tiny_pair.connect(Settings(gain_db=1), start=True)
    for gain in range(2, 9):
        tiny_pair.ask(tiny_pair.driver.configure(Settings(gain_db=gain), tiny_pair.now_ns), 0.27)
    applied = [event.settings for event in tiny_pair.events if isinstance(event, Applied)]
    assert [settings.gain_db for settings in applied] == list(range(1, 9))
    assert {frame.settings.gain_db for frame in tiny_pair.frames()} <= set(range(1, 9))
    assert all(not frame.missing.any() for frame in tiny_pair.frames())
    values = {(f.number % 5, f.settings.gain_db): f.samples for f in tiny_pair.frames()}
    for (index, gain), samples in values.items():
        louder = values.get((index, gain + 5))
        assert louder is None or int(louder.max()) >= int(samples.max())


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
    for body in (b"[1]", b"{", b'{"gain_db":"loud"}', b'{"format":99}', b'{"samples":1}', b"\xff", b"[" * 5000):
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
