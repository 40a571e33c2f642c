"""Driver and twin together in virtual time: negotiation, streaming, freeze, fetch, watchdog, damage."""

from __future__ import annotations

import numpy as np
import pytest

from probe import messages
from probe.driver import Acknowledged, Applied, DeviceStatus, FrameReceived, Identified, Refused
from probe.drivers.eop1 import Eop1Driver
from probe.emulators.eop1 import RING_FRAMES, Eop1Device
from probe.errors import NotUnderstood
from probe.settings import SampleFormat, Settings
from probe.wire import Decoder, Header, Message, MessageType, pack

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
    events = tiny_pair.ask(tiny_pair.driver.fetch(1, SampleFormat.IQ_I8, tiny_pair.now_ns), 0.3)
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


def damaged_in_meaning(change):  # type: ignore[no-untyped-def]
    """Control messages with true CRCs and changed bodies, or left out: a firmware in the making."""
    decoder = Decoder()

    def alter(data: bytes) -> bytes:
        out = b""
        for header, payload in decoder.feed(data):
            body = change(header.type, messages.decode(payload)) if header.type < MessageType.LINES else {}
            if body is not None:
                out += pack(Message(header, messages.encode(body)))
        return out

    return alter


@pytest.mark.parametrize("key", ["modes", "formats", "serial", "simulated", "centre_hz", "re"])
def test_capabilities_that_do_not_hold_are_told_at_once_and_by_name(tiny_pair, key: str) -> None:
    """The one who writes a firmware sees which key is wrong, not that no probe answers."""
    tiny_pair.alter = damaged_in_meaning(lambda kind, body: {k: v for k, v in body.items() if k != key})
    with pytest.raises(NotUnderstood, match=rf"speaks EOP/1 wrongly: .* has no valid {key}\. Tell its maker"):
        tiny_pair.ask(tiny_pair.driver.identify(tiny_pair.now_ns), 0.3)


def test_settings_that_do_not_hold_are_told_by_name(tiny_pair) -> None:
    def change(type: int, body: messages.Body) -> messages.Body:
        return {k: v for k, v in body.items() if k != "rate_hz"} if type == MessageType.APPLIED else body

    tiny_pair.ask(tiny_pair.driver.identify(tiny_pair.now_ns))
    tiny_pair.alter = damaged_in_meaning(change)
    events = tiny_pair.ask(tiny_pair.driver.configure(Settings(), tiny_pair.now_ns), 3.5)
    [refused] = [event for event in events if isinstance(event, Refused)]
    assert refused == Refused("SET", "timeout", "Its answer does not hold: A control message has no valid rate_hz")
    tiny_pair.alter = damaged_in_meaning(lambda kind, body: None if kind == MessageType.ACK else body)
    events = tiny_pair.ask(tiny_pair.driver.stop(tiny_pair.now_ns), 3.5)
    assert Refused("STOP", "timeout", "The probe did not answer") in events
