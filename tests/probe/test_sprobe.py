"""The .sprobe container: the page is true, and whatever happens to a file, its whole records come back."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.errors import LinkLost, RecordingError
from probe.sprobe import container
from probe.sprobe.container import (
    MAGIC,
    MAX_PAYLOAD,
    Record,
    RecordKind,
    Sprobe,
    SprobeHeader,
    SprobeWriter,
    header_body,
    json_bytes,
    pack,
)
from probe.sprobe.tap import Tap

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "sprobe.md"
KIND = RecordKind
HEADER = SprobeHeader("/dev/ttyACM0", "eop1", "1209:0001", "ECHO0001", 1_764_028_800_000, "sauti 0.1")
VECTORS = {
    "HEADER": Record(KIND.HEADER, 0, json_bytes(header_body(HEADER))),
    "SENT": Record(KIND.SENT, 1_000_000, b"?\n"),
    "RECEIVED": Record(KIND.RECEIVED, 3_500_000, b"EOP/1 tiny fw-1 ECHO0001\r\n"),
    "NOTE": Record(KIND.NOTE, 0, json_bytes({"event": "opened", "text": "/dev/ttyACM0"})),
    "END": Record(
        KIND.END, 4_000_000, json_bytes({"records": 4, "received_bytes": 26, "sent_bytes": 2})
    ),
}  # fmt: skip


def whole() -> bytes:
    parts = ("HEADER", "NOTE", "SENT", "RECEIVED", "END")
    return MAGIC + b"".join(pack(VECTORS[name]) for name in parts)


@pytest.mark.parametrize("name", VECTORS)
def test_a_vector_is_what_is_packed(name: str) -> None:
    found = re.search(rf"^`{name}`[^\n]*\n+```\n([0-9a-f\s]+)```", PAGE.read_text(encoding="utf-8"), re.M)
    assert found, f"the page has no vector {name}"
    assert bytes.fromhex(found[1]) == pack(VECTORS[name])


@pytest.mark.parametrize("kind", list(RecordKind))
def test_the_page_names_every_kind(kind: RecordKind) -> None:
    assert f"| {int(kind)} | {kind.name} |" in PAGE.read_text(encoding="utf-8")


def test_a_whole_file_is_read_as_it_was_written() -> None:
    read = Sprobe.read(whole())
    assert read.header == HEADER
    assert read.records == (VECTORS["NOTE"], VECTORS["SENT"], VECTORS["RECEIVED"])
    assert (read.complete, read.skipped_bytes) == (True, 0)


def test_cut_at_every_byte_the_whole_records_before_it_are_read() -> None:
    data = whole()
    ends = [len(MAGIC)]
    for name in ("HEADER", "NOTE", "SENT", "RECEIVED", "END"):
        ends.append(ends[-1] + len(pack(VECTORS[name])))
    for cut in range(len(data)):
        if cut < ends[1]:
            with pytest.raises(RecordingError):
                Sprobe.read(data[:cut])
            continue
        read = Sprobe.read(data[:cut])
        before = sum(end <= cut for end in ends[2:])
        assert len(read.records) == before
        assert not read.complete
        assert read.skipped_bytes == cut - max(end for end in ends if end <= cut)


def test_damage_at_every_byte_costs_the_record_that_it_hits() -> None:
    data = whole()
    first = len(MAGIC) + len(pack(VECTORS["HEADER"]))
    bodies = {name: pack(VECTORS[name]) for name in ("NOTE", "SENT", "RECEIVED", "END")}
    at = first
    for name, body in bodies.items():
        for offset in range(at, at + len(body)):
            damaged = bytearray(data)
            damaged[offset] ^= 0x10
            read = Sprobe.read(bytes(damaged))
            kept = [VECTORS[other] for other in bodies if other not in (name, "END")]
            assert list(read.records) == kept
            assert read.complete == (name != "END")
            assert read.skipped_bytes == len(body)
        at += len(body)


@given(st.binary(max_size=300))
def test_any_bytes_give_records_or_one_error(tail: bytes) -> None:
    read = Sprobe.read(MAGIC + pack(VECTORS["HEADER"]) + tail)
    assert read.header == HEADER
    with pytest.raises(RecordingError, match="is no probe recording"):
        Sprobe.read(b"x" + tail)


@given(st.lists(st.tuples(st.sampled_from([KIND.SENT, KIND.RECEIVED]), st.binary(max_size=40)), max_size=8), st.data())
def test_records_behind_garbage_are_found(bodies: list[tuple[RecordKind, bytes]], data: st.DataObject) -> None:
    records = [Record(kind, index, body) for index, (kind, body) in enumerate(bodies)]
    parts = [pack(record) for record in records]
    garbage = data.draw(st.binary(max_size=20))
    place = data.draw(st.integers(0, len(parts)))
    joined = b"".join([*parts[:place], garbage, *parts[place:]])
    read = Sprobe.read(MAGIC + pack(VECTORS["HEADER"]) + joined)
    assert list(read.records) == records
    assert read.skipped_bytes == len(garbage)


def test_a_kind_of_later_is_passed_on_and_a_later_version_refused() -> None:
    later = Record(77, 5, b"x")
    assert Sprobe.read(MAGIC + pack(VECTORS["HEADER"]) + pack(later)).records == (later,)
    newer = Record(KIND.HEADER, 0, json_bytes(header_body(HEADER) | {"v": 2}))
    with pytest.raises(RecordingError, match="made by a newer Sauti"):
        Sprobe.read(MAGIC + pack(newer))


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{", b'{"v":1}', json_bytes(header_body(HEADER) | {"v": True}),
     json_bytes(header_body(HEADER) | {"driver": 7}), json_bytes(header_body(HEADER) | {"redacted": "no"}),
     json_bytes(header_body(HEADER) | {"started_unix_ms": 1.5}), b"[" * 100_000],
)  # fmt: skip
def test_a_header_that_does_not_hold_is_refused(body: bytes) -> None:
    with pytest.raises(RecordingError):
        Sprobe.read(MAGIC + pack(Record(KIND.HEADER, 0, body)))


def test_what_a_header_says_may_be_shown() -> None:
    body = header_body(HEADER) | {"address": "\x1b[2J" + "x" * 500}
    shown = Sprobe.read(MAGIC + pack(Record(KIND.HEADER, 0, json_bytes(body)))).header.address
    assert shown.startswith("?[2Jxx")
    assert len(shown) == 200


def test_each_file_that_is_no_recording_has_its_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RecordingError, match="There is no recording at"):
        Sprobe.load(tmp_path / "gone")
    with pytest.raises(RecordingError, match="may not be read"):
        Sprobe.load(tmp_path)
    plain = tmp_path / "x.sprobe"
    plain.write_bytes(b"hello")
    with pytest.raises(RecordingError, match="is no probe recording"):
        Sprobe.load(plain)
    plain.write_bytes(MAGIC + pack(VECTORS["SENT"]))
    with pytest.raises(RecordingError, match="has lost its beginning"):
        Sprobe.load(plain)
    monkeypatch.setattr(container, "MAX_FILE", 4)
    with pytest.raises(RecordingError, match="is larger than"):
        Sprobe.load(plain)


def test_the_writer_keeps_each_record_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.sprobe"
    writer = SprobeWriter(path, HEADER)
    long = bytes(range(256)) * 4100
    for record in (VECTORS["NOTE"], VECTORS["SENT"], VECTORS["RECEIVED"]):
        writer.add(record)
        assert Sprobe.load(path).records[-1] == record
    writer.add(Record(KIND.RECEIVED, 9, long))
    assert not Sprobe.load(path).complete
    writer.close(10)
    read = Sprobe.load(path)
    assert read.complete
    assert [len(record.payload) for record in read.records[-2:]] == [MAX_PAYLOAD, len(long) - MAX_PAYLOAD]
    assert b"".join(record.payload for record in read.records[-2:]) == long
    assert writer.bytes == {"received_bytes": 26 + len(long), "sent_bytes": 2}
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_file_is_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "a.sprobe"
    path.write_text("mine")
    with pytest.raises(RecordingError, match="There is a file at"):
        SprobeWriter(path, HEADER)
    with pytest.raises(RecordingError, match="cannot be written"):
        SprobeWriter(tmp_path / "no" / "a.sprobe", HEADER)
    assert path.read_text() == "mine"


class Full:
    """A disk that takes some bytes and then no more."""

    def __init__(self, room: int) -> None:
        self.room = room

    def write(self, data: bytes) -> int:
        if not self.room:
            raise OSError(28, "No space left on device")
        taken = min(self.room, len(data))
        self.room -= taken
        return taken

    def close(self) -> None: ...


def test_a_full_disk_is_said_and_stays_said(tmp_path: Path) -> None:
    writer = SprobeWriter(tmp_path / "a.sprobe", HEADER)
    writer._file.close()
    writer._file = Full(30)  # type: ignore[assignment]
    with pytest.raises(RecordingError, match=r"cannot be written any more\. No space left"):
        writer.add(VECTORS["RECEIVED"])
    assert writer.failure is not None
    writer.close(0)


class Spoken:
    name = "spoken"

    def __init__(self) -> None:
        self.parts = [b"one", b"", b"two"]
        self.sent: list[bytes] = []
        self.closed = False

    def read(self, timeout_s: float) -> bytes:
        if not self.parts:
            raise LinkLost("gone")
        return self.parts.pop(0)

    def write(self, data: bytes) -> None:
        self.sent.append(data)

    def close(self) -> None:
        self.closed = True


def test_a_tap_keeps_both_directions_with_their_times(tmp_path: Path) -> None:
    path, link, now = tmp_path / "a.sprobe", Spoken(), [100]
    writer = SprobeWriter(path, HEADER)
    tap = Tap(link, writer, lambda: now[0], 100)
    now[0] = 107
    assert tap.read(0) == b"one"
    tap.write(b"hello")
    tap.write(b"")
    now[0] = 200
    assert (tap.read(0), tap.read(0)) == (b"", b"two")
    with pytest.raises(LinkLost):
        tap.read(0)
    tap.close()
    writer.close(0)
    assert link.closed
    assert link.sent == [b"hello", b""]
    note, *rest = Sprobe.load(path).records
    assert note == Record(KIND.NOTE, 0, json_bytes({"event": "opened", "text": "spoken"}))
    assert rest == [
        Record(KIND.RECEIVED, 7, b"one"),
        Record(KIND.SENT, 7, b"hello"),
        Record(KIND.RECEIVED, 100, b"two"),
    ]
