"""A recording as a device: any host is answered, the frames are the recorded ones, and it is always simulated."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from probe import messages
from probe.driver import Acknowledged, Applied, DeviceStatus, Identified, Refused
from probe.drivers.eop1 import Eop1Driver
from probe.emulators.device import Device
from probe.emulators.eop1 import Eop1Device
from probe.emulators.faults import Fault, FaultKind, FaultyDevice
from probe.emulators.played import Film, PlayedDevice
from probe.errors import RecordingError
from probe.frame import Frame
from probe.links.address import open_link
from probe.playback import frames_of
from probe.settings import SampleFormat, Settings
from probe.sprobe.container import MAGIC, Record, RecordKind, Sprobe, SprobeHeader, header_body, json_bytes, pack
from probe.sprobe.redaction import redacted
from probe.wire import SYNC, Decoder, Header, Message, MessageType
from probe.wire import pack as pack_message

HEADER = SprobeHeader("/dev/sauti/eop1-ECHO0001", "eop1", "1209:0001", "ECHO0001", 0, "test")
KIND = RecordKind


class Keeping:
    """A device whose conversation is kept, as a tap would keep it."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self.records: list[Record] = []
        self.started_ns: int | None = None

    def feed(self, data: bytes, now_ns: int) -> None:
        self._device.feed(data, now_ns)
        self._keep(KIND.SENT, data, now_ns)

    def poll(self, now_ns: int, room: int) -> bytes:
        data = self._device.poll(now_ns, room)
        self._keep(KIND.RECEIVED, data, now_ns)
        return data

    def disconnect(self, now_ns: int) -> None:
        self._device.disconnect(now_ns)

    def _keep(self, kind: RecordKind, data: bytes, now_ns: int) -> None:
        if self.started_ns is None:
            self.started_ns = now_ns
        if data:
            self.records.append(Record(kind, now_ns - self.started_ns, data))


def container(records: list[Record], header: SprobeHeader = HEADER) -> bytes:
    first = Record(KIND.HEADER, 0, json_bytes(header_body(header)))
    end = Record(KIND.END, records[-1].time_ns if records else 0, b"{}")
    return MAGIC + b"".join(pack(record) for record in [first, *records, end])


@pytest.fixture
def recorded(pair, tiny_source):  # type: ignore[no-untyped-def]
    """A second of the tiny device, live: its container and the frames that the driver made then."""
    kept = Keeping(Eop1Device(tiny_source(dead=(3,)), first_frame=41))
    session = pair(kept).connect(Settings(frame_interval_us=50_000), start=True)
    session.run(1.02)
    session.ask(session.driver.stop(session.now_ns))
    return container(kept.records), session.frames()


@pytest.fixture
def path(tmp_path: Path, recorded) -> Path:  # type: ignore[no-untyped-def]
    file = tmp_path / "a.sprobe"
    file.write_bytes(recorded[0])
    return file


def same_picture(a: Frame, b: Frame) -> None:
    assert np.array_equal(a.samples, b.samples)
    assert np.array_equal(a.missing, b.missing)
    assert np.array_equal(a.line_us, b.line_us)
    assert (a.geometry, a.sampling, a.settings, a.direction) == (b.geometry, b.sampling, b.settings, b.direction)


def test_every_frame_comes_back_with_its_provenance(path: Path, recorded) -> None:  # type: ignore[no-untyped-def]
    frames = list(frames_of(path))
    assert len(frames) == len(recorded[1]) == 21
    for number, (frame, original) in enumerate(zip(frames, recorded[1], strict=True)):
        same_picture(frame, original)
        assert frame.device_us == original.device_us
        assert frame.provenance == original.provenance
        assert frame.number == number
        assert frame.dropped_before == 0


def test_a_host_with_other_numbers_is_answered(pair, recorded) -> None:  # type: ignore[no-untyped-def]
    device = PlayedDevice(Film.of(Sprobe.read(recorded[0])))
    session = pair(device)
    for _ in range(5):
        (identified,) = session.ask(session.driver.identify(session.now_ns), 0.02)
        assert isinstance(identified, Identified)
    for _ in range(3):
        (applied,) = session.ask(session.driver.configure(Settings(gain_db=20), session.now_ns), 0.02)
        assert isinstance(applied, Applied)
    assert applied.settings == recorded[1][0].settings
    said = session.ask(session.driver.start(session.now_ns), 0.02)
    assert Acknowledged("START") in said
    session.run(2.5)
    assert session.driver.counters.lost_blocks == 0


def test_it_is_simulated_whatever_was_recorded(pair, recorded) -> None:  # type: ignore[no-untyped-def]
    real = [
        replace(record, payload=record.payload) for record in Sprobe.read(recorded[0]).records
    ]  # fmt: skip
    stream = b"".join(record.payload for record in real if record.kind == KIND.RECEIVED)
    said = b"".join(pack_message(_as_real(message)) for message in Decoder().feed(stream))
    film = Film.of(Sprobe.read(container([Record(KIND.RECEIVED, 0, said)])))
    assert film.capabilities["simulated"] is False
    session = pair(PlayedDevice(film, fast=True)).connect(start=True)
    session.run(0.1)
    [identified, *_] = [event for event in session.events if isinstance(event, Identified)]
    assert identified.capabilities.simulated
    assert all(frame.provenance.simulated for frame in session.frames())
    session = pair(PlayedDevice(film, fast=True, as_recorded=True)).connect(start=True)
    session.run(0.1)
    assert session.frames()
    assert not any(frame.provenance.simulated for frame in session.frames())


def _as_real(message: Message) -> Message:
    if message.header.type != MessageType.CAPS:
        return message
    return Message(message.header, messages.encode(messages.decode(message.payload) | {"simulated": False}))


def test_the_recorded_pace_is_held_and_the_loop_goes_on(pair, recorded) -> None:  # type: ignore[no-untyped-def]
    film = Film.of(Sprobe.read(recorded[0]))
    session = pair(PlayedDevice(film)).connect(start=True)
    session.run(3.0)
    frames = session.frames()
    assert 58 <= len(frames) <= 61
    assert [frame.number for frame in frames] == list(range(len(frames)))
    same_picture(frames[0], frames[21])
    steps = np.diff([frame.device_us for frame in frames])
    assert np.all(np.abs(steps - 50_000) <= 6_000)
    status = [event for event in session.events if isinstance(event, DeviceStatus)]
    assert status
    assert all(event.armed for event in status[1:])


def test_full_speed_is_faster_and_misses_nothing(pair, recorded) -> None:  # type: ignore[no-untyped-def]
    session = pair(PlayedDevice(Film.of(Sprobe.read(recorded[0])), fast=True), rate=10**8).connect(start=True)
    session.run(0.25)
    frames = session.frames()
    assert len(frames) > 60
    assert [frame.number for frame in frames] == list(range(len(frames)))


def test_a_frozen_film_goes_on_where_it_stood(pair, recorded) -> None:  # type: ignore[no-untyped-def]
    session = pair(PlayedDevice(Film.of(Sprobe.read(recorded[0])))).connect(start=True)
    session.run(0.3)
    assert Acknowledged("STOP") in session.ask(session.driver.stop(session.now_ns), 1.0)
    before = len(session.frames())
    session.run(1.0)
    assert len(session.frames()) == before
    refused = session.ask(session.driver.fetch(3, SampleFormat.RF_I16, session.now_ns))
    assert [event.code for event in refused if isinstance(event, Refused)] == ["gone"]
    session.ask(session.driver.start(session.now_ns), 0.2)
    numbers = [frame.number for frame in session.frames()]
    assert len(numbers) > before
    assert numbers[before] - numbers[before - 1] in (1, 2)


def test_a_damaged_film_keeps_its_holes(pair, tiny_source) -> None:  # type: ignore[no-untyped-def]
    clean = Keeping(Eop1Device(tiny_source()))
    pair(clean).connect(Settings(format=SampleFormat.RF_I16), start=True).run(0.3)
    first = sum(len(record.payload) for record in clean.records[:4])
    hurt = Keeping(FaultyDevice(Eop1Device(tiny_source()), [Fault(FaultKind.FLIP, first + 700)]))
    session = pair(hurt).connect(Settings(format=SampleFormat.RF_I16), start=True)
    session.run(0.52)
    assert session.driver.counters.payload_errors + session.driver.counters.header_errors == 1
    film = Film.of(Sprobe.read(container(hurt.records)))
    again = pair(PlayedDevice(film, loop=False)).connect(start=True)
    again.run(1.0)
    assert len(again.frames()) == len(session.frames())


def test_a_film_over_two_connections_is_one(pair, tiny_source) -> None:  # type: ignore[no-untyped-def]
    kept = Keeping(Eop1Device(tiny_source(), first_frame=2**32 - 2))
    session = pair(kept)
    for _ in range(2):
        session.driver = Eop1Driver()
        session.connect(Settings(frame_interval_us=50_000), start=True).run(0.3)
        kept.disconnect(session.now_ns)
    count = len(session.frames())
    film = Film.of(Sprobe.read(container(kept.records)))
    again = pair(PlayedDevice(film, loop=False)).connect(start=True)
    again.run(2.0)
    assert [frame.number for frame in again.frames()] == list(range(count))


def test_other_settings_end_the_film(pair, tiny_source) -> None:  # type: ignore[no-untyped-def]
    kept = Keeping(Eop1Device(tiny_source()))
    session = pair(kept).connect(Settings(frame_interval_us=50_000), start=True)
    session.run(0.3)
    count = len(session.frames())
    session.ask(session.driver.configure(Settings(format=SampleFormat.RF_I16), session.now_ns), 0.5)
    assert len(session.frames()) > count + 2
    film = Film.of(Sprobe.read(container(kept.records)))
    assert abs(film.frames - count) <= 1
    assert film.settings["format"] == SampleFormat.ENVELOPE_U8_LOG


@pytest.mark.parametrize("kinds", [(), (MessageType.CAPS,), (MessageType.CAPS, MessageType.APPLIED)])
def test_a_recording_without_a_picture_says_so(recorded, kinds: tuple[MessageType, ...]) -> None:  # type: ignore[no-untyped-def]
    stream = b"".join(r.payload for r in Sprobe.read(recorded[0]).records if r.kind == KIND.RECEIVED)
    left = b"".join(pack_message(message) for message in Decoder().feed(stream) if message.header.type in kinds)
    with pytest.raises(RecordingError, match="holds no live picture"):
        Film.of(Sprobe.read(container([Record(KIND.RECEIVED, 0, left)])))


@pytest.mark.parametrize("driver", ["", "p0rk"])
def test_what_another_driver_made_is_not_played(recorded, driver: str) -> None:  # type: ignore[no-untyped-def]
    records = list(Sprobe.read(recorded[0]).records)
    with pytest.raises(RecordingError, match=r"cannot be played\. Play one made with eop1"):
        Film.of(Sprobe.read(container(records, replace(HEADER, driver=driver))))


def test_hostile_numbers_do_not_end_the_player(pair, recorded) -> None:  # type: ignore[no-untyped-def]
    stream = b"".join(r.payload for r in Sprobe.read(recorded[0]).records if r.kind == KIND.RECEIVED)
    changed = [
        Message(m.header._replace(t_us=2**64 - 1, frame_id=2**32 - 1), m.payload) if m.header.type >= 0x10 else m
        for m in Decoder().feed(stream)
    ]
    body = b"".join(map(pack_message, [*changed, Message(Header(MessageType.APPLIED), b"[" * 9)]))
    device = PlayedDevice(Film.of(Sprobe.read(container([Record(KIND.RECEIVED, 0, body)]))))
    pair(device).connect(start=True).run(3.0)


def test_a_recording_is_an_address(path: Path) -> None:
    for kind in ("recording", "recording-fast"):
        link = open_link(f"{kind}:{path}")
        link.write(Eop1Driver().identify(0))
        [message] = Decoder().feed(link.read(1))
        assert message.header.type == MessageType.CAPS
        assert link.name == f"{kind}:{path}"
        link.close()
    with pytest.raises(RecordingError, match="There is no recording"):
        open_link("recording:/there/is/none")


def test_redaction_leaves_no_name_and_every_checksum(pair, tiny_source) -> None:  # type: ignore[no-untyped-def]
    source = tiny_source()
    source.serial = 'Ünï-"0001"'
    kept = Keeping(Eop1Device(source))
    session = pair(kept)
    kept.feed(b"?\n", session.now_ns)
    session.connect(start=True).run(0.5)
    opened = Record(KIND.NOTE, 0, json_bytes({"event": "opened", "text": HEADER.address}))
    before = Sprobe.read(container([opened, *kept.records]))
    after = Sprobe.read(redacted(before))
    names = [source.serial.encode(), json_bytes({"": source.serial})[5:-2], b"ECHO0001"]
    stored = b"".join(record.payload for record in after.records)
    assert not [name for name in names if name in stored or name.decode() in str(after.header)]
    assert (after.complete, after.skipped_bytes, after.header.redacted) == (True, 0, True)
    assert [(r.kind, r.time_ns, len(r.payload)) for r in after.records if r.kind != KIND.NOTE] == [
        (r.kind, r.time_ns, len(r.payload)) for r in before.records if r.kind != KIND.NOTE
    ]
    for kind in (KIND.RECEIVED, KIND.SENT):
        decoder, was = Decoder(), Decoder()
        now = [m for r in after.records if r.kind == kind for m in decoder.feed(r.payload)]
        then = [m for r in before.records if r.kind == kind for m in was.feed(r.payload)]
        assert decoder.payload_errors == decoder.header_errors == 0
        assert [m for m in now if m.header.type != MessageType.CAPS] == [
            m for m in then if m.header.type != MessageType.CAPS
        ]
    [frame, *_] = list(played_frames(pair, after))
    assert set(frame.provenance.serial) == {"X"}


def played_frames(pair, recording: Sprobe) -> list[Frame]:  # type: ignore[no-untyped-def]
    session = pair(PlayedDevice(Film.of(recording), fast=True)).connect(start=True)
    session.run(0.1)
    return session.frames()


def test_a_name_in_a_damaged_message_is_blanked_and_the_damage_stays() -> None:
    body = messages.encode({"serial": "ECHO0001", "calibration": {"operator": "Amina Juma"}, "re": 0})
    good = pack_message(Message(Header(MessageType.CAPS), body))
    hurt = bytearray(good)
    hurt[-1] ^= 1
    stream = good + bytes(hurt) + SYNC
    for size in (1, 7, 64, len(stream)):
        records = [Record(KIND.RECEIVED, i, stream[i : i + size]) for i in range(0, len(stream), size)]
        after = Sprobe.read(redacted(Sprobe.read(container(records))))
        left = b"".join(record.payload for record in after.records)
        assert len(left) == len(stream)
        assert b"ECHO" not in left
        assert b"Amina" not in left
        decoder = Decoder()
        [message] = decoder.feed(left)
        assert messages.decode(message.payload)["calibration"] == {"operator": "X" * 10}
        assert decoder.payload_errors == 1


def test_a_cut_recording_stays_cut() -> None:
    data = container([Record(KIND.RECEIVED, 0, b"x" * 50)])
    read = Sprobe.read(data[:-20])
    assert not Sprobe.read(redacted(read)).complete


def test_mutated_recordings_give_frames_or_one_error(recorded, faults) -> None:  # type: ignore[no-untyped-def]
    """Bytes changed, lost, doubled and cut; whatever is left is played, redacted, or refused in a sentence."""
    data = recorded[0]
    for seed in faults.seeds(3000):
        random = np.random.default_rng(seed)
        hurt = bytearray(data)
        for _ in range(int(random.integers(1, 12))):
            at, count = int(random.integers(len(hurt))), int(random.integers(1, 200))
            part = (b"", random.bytes(count), bytes(hurt[at : at + count]) * 2)[int(random.integers(3))]
            hurt[at : at + int(random.integers(count + 1))] = part
        try:
            recording = Sprobe.read(bytes(hurt))
            film = Film.of(recording)
        except RecordingError:
            continue
        again = Sprobe.read(redacted(recording))
        assert [len(r.payload) for r in again.records if r.kind in (KIND.RECEIVED, KIND.SENT)] == [
            len(r.payload) for r in recording.records if r.kind in (KIND.RECEIVED, KIND.SENT)
        ]
        device, driver, now_ns = PlayedDevice(film, fast=True, loop=False), Eop1Driver(), 0
        for ask in (driver.identify, lambda now, driver=driver: driver.configure(Settings(), now), driver.start):
            device.feed(ask(0), 0)
            driver.feed(device.poll(0), 0)
        while not device.over:
            now_ns += 1_000_000
            driver.feed(device.poll(now_ns), now_ns)
        assert driver.counters.frames <= film.frames
