"""A recording as a probe, for every driver: the frames that were seen, at their times, and it is always simulated."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from probe import messages
from probe.driver import Acknowledged, Applied, DeviceStatus, Identified, Refused
from probe.drivers.recording import RecordingDriver
from probe.emulators import registry as twins
from probe.emulators.eop1 import Eop1Device
from probe.emulators.played import PlayedDevice
from probe.errors import ProbeError, RecordingError
from probe.frame import Frame
from probe.links.address import open_link, spoken_at
from probe.playback import driver_of, frames_of
from probe.settings import SampleFormat, Settings
from probe.sprobe.container import Record, RecordKind, Sprobe, object_of
from probe.sprobe.redaction import redacted
from probe.wire import Decoder, Message, MessageType
from probe.wire import pack as pack_message
from tests.fuzz.twins import factory
from tests.probe.recorded import USB_SERIAL, Keeping, container, header_of, record_session
from tests.probe.talk import Talk, frames

KIND = RecordKind
HAS_CLOCK = ("eop1", "p0rk")


@pytest.fixture(scope="module")
def sessions() -> dict[str, tuple[bytes, list[Frame]]]:
    """A second of every twin: its container and the frames that were seen."""
    return {name: record_session(name, factory(name)()) for name in twins.names()}


@pytest.fixture
def recorded(tiny_source) -> tuple[bytes, list[Frame]]:  # type: ignore[no-untyped-def]
    """A second of the tiny EOP/1 device, with a dead line and a counter that does not begin at 0."""
    device = Eop1Device(tiny_source(dead=(3,)), first_frame=41)
    return record_session("eop1", device, settings=Settings(frame_interval_us=50_000))


def all_of(data: bytes, path: Path) -> list[Frame]:
    path.write_bytes(data)
    return list(frames_of(path))


def play(data: bytes, **options: bool) -> Talk:
    return Talk(RecordingDriver(), PlayedDevice(Sprobe.read(data), **options), rate=10**9)


def same_pictures(got: list[Frame], live: list[Frame]) -> None:
    assert len(got) == len(live) > 0
    for one, other in zip(got, live, strict=True):
        assert np.array_equal(one.samples, other.samples)
        assert np.array_equal(one.missing, other.missing)
        assert np.array_equal(one.line_us, other.line_us)
        assert (one.geometry, one.sampling, one.settings) == (other.geometry, other.sampling, other.settings)
        assert (one.direction, one.dropped_before) == (other.direction, other.dropped_before)


def same_frames(got: list[Frame], live: list[Frame], *, own_clock: bool) -> None:
    """Numbers and device times too; where the host's clock stands in for a device's, from the recording's beginning."""
    same_pictures(got, live)
    assert [frame.number for frame in got] == [frame.number for frame in live]
    assert [frame.provenance for frame in got] == [frame.provenance for frame in live]
    shifts = {one.device_us - other.device_us for one, other in zip(got, live, strict=True)}
    assert shifts == ({0} if own_clock else {-1_000_000})


@pytest.mark.parametrize("name", twins.names())
def test_every_frame_comes_back(name: str, sessions, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    data, live = sessions[name]
    got = all_of(data, tmp_path / "a.sprobe")
    own_clock = len({a.device_us - b.device_us for a, b in zip(got, live, strict=True)} - {0}) == 0
    assert own_clock or name not in HAS_CLOCK
    same_frames(got, live, own_clock=own_clock)
    assert driver_of(tmp_path / "a.sprobe") == name


class Damage:
    """One bit of one byte in so many is inverted, and one byte in four times as many is lost."""

    def __init__(self, every: int) -> None:
        self._every = every
        self._passed = 0

    def __call__(self, data: bytes) -> bytes:
        out = bytearray(data)
        for at in range(len(data) - 1, -1, -1):
            count = self._passed + at + 1
            if count % self._every == 0:
                out[at : at + 1] = b"" if count % (4 * self._every) == 0 else bytes((data[at] ^ 4,))
        self._passed += len(data)
        return bytes(out)


@pytest.mark.parametrize("name", twins.names())
def test_what_was_damaged_is_as_damaged_again(name: str, tmp_path: Path) -> None:
    # a message that is larger than the distance between two faults would never come whole
    alter = Damage({"p0rk": 50_021, "pic0rick": 60_013}.get(name, 4999))
    data, live = record_session(name, factory(name)(), 1.5, alter=alter)
    got = all_of(data, tmp_path / "a.sprobe")
    same_pictures(got, live)
    assert [frame.number for frame in got] == [frame.number for frame in live]


@pytest.mark.parametrize("name", twins.names())
def test_it_plays_at_its_pace_over_and_over_and_is_simulated(name: str, sessions) -> None:  # type: ignore[no-untyped-def]
    data, live = sessions[name]
    talk = play(data).connect(Settings(gain_db=3, lines=1))
    [applied] = [event.settings for event in talk.events if isinstance(event, Applied)][-1:]
    assert applied.format == live[0].settings.format
    assert talk.capabilities.driver == name
    assert talk.capabilities.simulated
    seen = talk.start(1.6 * Sprobe.read(data).ended_ns / 1e9)
    assert len(seen) > len(live) + 2
    # as far apart as they were; a device's own time of a frame is that of its first line
    spans = [np.diff([frame.received_ns for frame in each[: len(live)]]) for each in (seen, live)]
    assert np.abs(spans[0] - spans[1]).max() <= 12_000_000
    same_pictures(seen[: len(live)], live)
    same_pictures(seen[len(live) : len(live) + 2], live[:2])
    numbers, times = [frame.number for frame in seen], [frame.device_us for frame in seen]
    assert numbers == sorted(set(numbers))
    assert numbers[: len(live)] == [frame.number for frame in live]
    assert numbers[len(live)] == numbers[len(live) - 1] + 1
    assert times == sorted(set(times))
    assert all(frame.provenance.simulated for frame in seen)


@pytest.mark.parametrize("name", twins.names())
def test_redacted_it_plays_the_same_and_names_nobody(name: str, sessions, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    data, live = sessions[name]
    opened = Record(KIND.NOTE, 0, Sprobe.read(data).records[0].payload.replace(name.encode(), USB_SERIAL.encode()))
    with_name = container([opened, *Sprobe.read(data).records[1:]], header_of(name))
    blank = redacted(Sprobe.read(with_name))
    assert USB_SERIAL.encode() not in blank
    got = all_of(blank, tmp_path / "a.sprobe")
    same_pictures(got, live)
    assert [frame.number for frame in got] == [frame.number for frame in live]


def test_a_number_like_the_serial_number_stays_in_the_settings(tiny_source, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    source = tiny_source()
    source.serial = "50"
    data, live = record_session("eop1", Eop1Device(source), settings=Settings(frame_interval_us=50_000))
    blank = Sprobe.read(redacted(Sprobe.read(data)))
    [text] = [object_of(note)["text"] for note in blank.records if object_of(note).get("event") == "configure"]
    assert text == '{"frame_interval_us":50000}'
    same_pictures(all_of(redacted(Sprobe.read(data)), tmp_path / "a.sprobe"), live)


@pytest.mark.parametrize("name", twins.names())
def test_without_notes_every_frame_that_was_seen_is_there(name: str, tmp_path: Path) -> None:
    """As another program or an older Sauti left it; what came before the start or behind the stop may be there."""
    data, live = record_session(name, factory(name)(), noted=False)
    got = all_of(data, tmp_path / "a.sprobe")
    seen, pictures = ([frame.samples.tobytes() for frame in each] for each in (live, got))
    assert any(pictures[at : at + len(seen)] == seen for at in range(len(pictures)))


@pytest.mark.parametrize("lost", ["identify", "configure", "start"])
def test_a_note_that_is_lost_costs_no_picture(lost: str, sessions, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    for name in ("eop1", "uprobe1"):
        records = [
            record for record in Sprobe.read(sessions[name][0]).records if object_of(record).get("event") != lost
        ]
        data = container(records, header_of(name))
        assert len(all_of(data, tmp_path / "a.sprobe")) >= len(sessions[name][1])
        talk = play(data, fast=True)
        talk.write(talk.driver.identify(talk.now_ns))
        talk.write(talk.driver.configure(Settings(), talk.now_ns))
        assert [event for event in talk.run(15.0) if isinstance(event, Applied)]
        assert talk.start(0.1 if name == "eop1" else 0.7)


def test_full_speed_is_faster_and_misses_nothing(recorded) -> None:  # type: ignore[no-untyped-def]
    seen = play(recorded[0], fast=True).connect().start(0.25)
    assert len(seen) > 60
    assert [frame.number for frame in seen] == list(range(41, 41 + len(seen)))


def test_a_length_that_is_damage_hides_no_record(recorded) -> None:  # type: ignore[no-untyped-def]
    """Found by make fuzz: the driver waited for a megabyte that never came."""
    talk = play(recorded[0]).connect()
    talk.start(0.2)
    talk.driver.feed(b"SPR1\2\0\0\0" + (1 << 20).to_bytes(4, "little") + bytes(12), talk.now_ns)
    assert frames(talk.run(1.0))


def test_a_frozen_film_goes_on_where_it_stood(recorded) -> None:  # type: ignore[no-untyped-def]
    talk = play(recorded[0]).connect()
    before = talk.start(0.8)
    assert Acknowledged("STOP") in talk.stop()
    assert frames(talk.run(1.0)) == []
    talk.write(talk.driver.fetch(3, SampleFormat.RF_I16, talk.now_ns))
    assert [event.code for event in talk.run(0.1) if isinstance(event, Refused)] == ["gone"]
    after = talk.start(0.3)
    assert after[0].number - before[-1].number in (1, 2)
    status = [event for event in talk.events if isinstance(event, DeviceStatus)]
    assert status
    assert all(event.armed for event in status[1:])


def test_it_is_greeted_again_and_again(recorded) -> None:  # type: ignore[no-untyped-def]
    talk = play(recorded[0])
    for _ in range(3):
        talk.connect().start(0.4)
        talk.device.disconnect(talk.now_ns)
    assert frames(talk.events)[-1].number < 41 + 12


def test_as_recorded_says_what_the_device_said(recorded, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    stream = b"".join(r.payload for r in Sprobe.read(recorded[0]).records if r.kind == KIND.RECEIVED)
    said = b"".join(pack_message(_as_real(message)) for message in Decoder().feed(stream))
    data = container([Record(KIND.RECEIVED, 0, said)], header_of("eop1"))
    real = all_of(data, tmp_path / "a.sprobe")
    assert real
    assert not any(frame.provenance.simulated for frame in real)
    talk = play(data).connect()
    assert talk.capabilities.simulated
    assert all(frame.provenance.simulated for frame in talk.start(0.2))


def _as_real(message: Message) -> Message:
    if message.header.type != MessageType.CAPS:
        return message
    return Message(message.header, messages.encode(messages.decode(message.payload) | {"simulated": False}))


def test_other_settings_and_a_second_connection_are_in_it(tiny_source, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    kept = Keeping(Eop1Device(tiny_source(), first_frame=2**32 - 2))
    live: list[Frame] = []
    for wish in (Settings(frame_interval_us=50_000), Settings(format=SampleFormat.RF_I16)):
        talk = Talk(_noted("eop1", kept), kept)
        talk.now_ns += kept.now_ns
        kept._keep(KIND.NOTE, b'{"event":"opened","text":""}', talk.now_ns)
        talk.connect(Settings(frame_interval_us=50_000)).start(0.3)
        talk.write(talk.driver.configure(wish, talk.now_ns))
        talk.run(0.5)
        live += frames(talk.events)
        kept.disconnect(talk.now_ns)
    assert len({frame.format for frame in live}) == 2
    got = all_of(container(kept.records, header_of("eop1")), tmp_path / "a.sprobe")
    same_pictures(got, live)
    numbers = [frame.number for frame in got]
    assert numbers == sorted(set(numbers))


def _noted(name: str, kept: Keeping):  # type: ignore[no-untyped-def]
    from probe.drivers import registry
    from probe.drivers.noted import NotedDriver

    return NotedDriver(registry.make(name), kept.note)


@pytest.mark.parametrize("kinds", [(), (MessageType.CAPS,), (MessageType.CAPS, MessageType.APPLIED)])
def test_a_recording_without_a_picture_says_so(recorded, kinds: tuple[MessageType, ...], tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    stream = b"".join(r.payload for r in Sprobe.read(recorded[0]).records if r.kind == KIND.RECEIVED)
    left = b"".join(pack_message(message) for message in Decoder().feed(stream) if message.header.type in kinds)
    data = container([Record(KIND.RECEIVED, 0, left)], header_of("eop1"))
    with pytest.raises(RecordingError, match="holds no live picture"):
        all_of(data, tmp_path / "a.sprobe")
    talk = play(data)
    talk.write(talk.driver.identify(talk.now_ns))
    talk.write(talk.driver.configure(Settings(), talk.now_ns))
    with pytest.raises(RecordingError, match="holds no live picture"):
        _until_it_gives_up(talk)


def _until_it_gives_up(talk: Talk) -> None:
    talk.run(0.5)
    talk.start(0.5)


@pytest.mark.parametrize("driver", ["", "recording"])
def test_what_nobody_spoke_with_is_not_played(recorded, driver: str, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    data = container(list(Sprobe.read(recorded[0]).records), header_of(driver))
    with pytest.raises(RecordingError, match=r"cannot be played\. Record the probe with its own driver"):
        all_of(data, tmp_path / "a.sprobe")
    with pytest.raises(RecordingError, match="cannot be played"):
        open_link(str(tmp_path / "a.sprobe"))


def test_a_driver_that_is_not_here_is_named(recorded, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    data = container(list(Sprobe.read(recorded[0]).records), header_of("sonar9"))
    with pytest.raises(ProbeError, match="There is no driver named sonar9"):
        all_of(data, tmp_path / "a.sprobe")
    talk = play(data)
    talk.write(talk.driver.identify(talk.now_ns))
    with pytest.raises(ProbeError, match="There is no driver named sonar9"):
        talk.run(0.1)


def test_a_recording_is_an_address(recorded, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "a.sprobe"
    path.write_bytes(recorded[0])
    for address in (f"recording:{path}", f"recording-fast:{path}", str(path)):
        assert spoken_at(address, "eop1") == "recording"
        link = open_link(address)
        driver = RecordingDriver()
        link.write(driver.identify(0))
        events = driver.feed(link.read(1), 0)
        while not events:
            link.write(driver.tick(0))
            events = driver.feed(link.read(1), 0)
        assert isinstance(events[0], Identified)
        assert link.name == address
        link.close()
    assert spoken_at("/dev/ttyACM0", "p0rk") == "p0rk"
    with pytest.raises(RecordingError, match="There is no recording"):
        open_link("recording:/there/is/none")


def test_mutated_recordings_give_frames_or_one_error(sessions, tmp_path: Path, faults) -> None:  # type: ignore[no-untyped-def]
    """Bytes changed, lost, doubled and cut; whatever is left is played, redacted, or refused in a sentence."""
    names = [name for name in twins.names() if len(sessions[name][0]) < 400_000]
    for seed in faults.seeds(3000):
        random = np.random.default_rng(seed)
        hurt = bytearray(sessions[names[seed % len(names)]][0])
        for _ in range(int(random.integers(1, 12))):
            at, count = int(random.integers(len(hurt))), int(random.integers(1, 200))
            part = (b"", random.bytes(count), bytes(hurt[at : at + count]) * 2)[int(random.integers(3))]
            hurt[at : at + int(random.integers(count + 1))] = part
        try:
            recording = Sprobe.read(bytes(hurt))
            list(frames_of_bytes(bytes(hurt), tmp_path))
        except ProbeError:
            continue
        again = Sprobe.read(redacted(recording))
        links = (KIND.RECEIVED, KIND.SENT)
        assert [len(r.payload) for r in again.records if r.kind in links] == [
            len(r.payload) for r in recording.records if r.kind in links
        ]


def frames_of_bytes(data: bytes, folder: Path) -> list[Frame]:
    return all_of(data, folder / "hurt.sprobe")


def test_hostile_numbers_do_not_end_the_player(recorded) -> None:  # type: ignore[no-untyped-def]
    stream = b"".join(r.payload for r in Sprobe.read(recorded[0]).records if r.kind == KIND.RECEIVED)
    changed = [
        Message(m.header._replace(t_us=2**62 - 1, frame_id=2**32 - 1), m.payload) if m.header.type >= 0x10 else m
        for m in Decoder().feed(stream)
    ]
    data = container([Record(KIND.RECEIVED, 0, b"".join(map(pack_message, changed)))], header_of("eop1"))
    talk = play(data).connect()
    assert talk.start(0.5)
