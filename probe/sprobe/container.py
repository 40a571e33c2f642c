"""The .sprobe container: what a link said, byte for byte with times. Layout and vectors in docs/reference/sprobe.md.

Each record carries its own checksum, so a file that was cut anywhere, or damaged in the middle, gives every whole
record that is in it. Nothing that a file holds raises anything but ``RecordingError``.
"""

from __future__ import annotations

import json
import os
import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any

from probe.errors import RecordingError
from probe.known_boards import usb_number

MAGIC = b"\x89SPROBE\n"
VERSION = 1
SUFFIX = ".sprobe"
MAX_PAYLOAD = 1 << 20
MAX_FILE = 1 << 29

MARKER = b"SPR1"
_HEAD = struct.Struct("<4sB3xIQI")
HEAD_BYTES = _HEAD.size
_COVERED = struct.Struct("<4sB3xIQ")


class RecordKind(IntEnum):
    """What a record holds; a number that this version does not know is skipped."""

    HEADER = 1
    RECEIVED = 2
    SENT = 3
    NOTE = 4
    END = 5


# events of a NOTE that are calls of the host: their texts hold numbers and no name
CALLS = frozenset({"identify", "configure", "start", "stop", "fetch"})
# the two directions of the link, and what END calls the number of their bytes
STREAMS = {RecordKind.RECEIVED: "received_bytes", RecordKind.SENT: "sent_bytes"}


@dataclass(frozen=True, slots=True)
class Record:
    """One record.

    Args:
        kind: A ``RecordKind``, or a number that this version does not know.
        time_ns: After the beginning of the recording.
        payload: Bytes of the link; for the other kinds a JSON object.
    """

    kind: int
    time_ns: int
    payload: bytes


@dataclass(frozen=True, slots=True)
class SprobeHeader:
    """The first record: where the bytes come from.

    Args:
        address: Of the probe when it was recorded.
        driver: Name of the driver that spoke with it; empty when nobody spoke.
        usb_id: Vendor and product id as ``1209:0001``; empty when unknown.
        usb_serial: USB serial number.
        started_unix_ms: Wall clock of the beginning.
        program: What wrote it.
        redacted: Serial numbers and names were blanked.
    """

    address: str
    driver: str
    usb_id: str
    usb_serial: str
    started_unix_ms: int
    program: str
    redacted: bool = False

    @property
    def number(self) -> str:
        """What the board is called if it tells no number itself (``usb_number``); empty where nothing tells."""
        vid, _, pid = self.usb_id.partition(":")
        try:
            return usb_number(int(vid, 16), int(pid, 16), "", self.usb_serial)
        except ValueError:
            return ""


@dataclass(frozen=True, slots=True)
class Sprobe:
    """A container as read.

    Args:
        header: Its first record.
        records: The others, in order, END left out.
        complete: It ends with END: nothing was cut off.
        skipped_bytes: Bytes that belong to no whole record.
        ended_ns: Time of its last record, END included.
    """

    header: SprobeHeader
    records: tuple[Record, ...]
    complete: bool
    skipped_bytes: int
    ended_ns: int = 0

    @classmethod
    def load(cls, path: Path | str) -> Sprobe:
        """Read a file.

        Raises:
            RecordingError: It is absent, may not be read, is no container, of a newer version, or too large.
        """
        path = Path(path)
        try:
            if path.stat().st_size > MAX_FILE:
                raise RecordingError(f"The recording {path.name} is larger than {MAX_FILE >> 20} MB", "Record less.")
            data = path.read_bytes()
        except FileNotFoundError as error:
            raise RecordingError(f"There is no recording at {path}", "Check the path.") from error
        except OSError as error:
            raise RecordingError(f"The recording at {path} may not be read", "Check its permissions.") from error
        return cls.read(data, path.name)

    @classmethod
    def read(cls, data: bytes, name: str = "recording") -> Sprobe:
        """Read a container's bytes; ``name`` is what a person calls it.

        Raises:
            RecordingError: It is no container, or of a newer version.
        """
        if not data.startswith(MAGIC):
            raise RecordingError(f"The file {name} is no probe recording", "Choose one that sauti record made.")
        records = list(_records(data))
        if not records or records[0].kind != RecordKind.HEADER:
            raise RecordingError(f"The recording {name} has lost its beginning", "Use another copy.")
        header = read_header(records[0].payload, name)
        used = len(MAGIC) + sum(_HEAD.size + len(record.payload) for record in records)
        complete = records[-1].kind == RecordKind.END
        body = tuple(record for record in records[1:] if record.kind != RecordKind.END)
        return cls(header, body, complete, len(data) - used, records[-1].time_ns)


class SprobeWriter:
    """Writes a container, each record at once, so that a power cut costs the record at hand.

    Args:
        path: Of the new file; an existing one is never overwritten.
        header: Its first record.

    Raises:
        RecordingError: It exists, or cannot be made.
    """

    def __init__(self, path: Path, header: SprobeHeader) -> None:
        self._path = path
        self.failure: RecordingError | None = None
        self.bytes = {"received_bytes": 0, "sent_bytes": 0}
        self._records = 0
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError as error:
            raise RecordingError(f"There is a file at {path} already", "Choose another name.") from error
        except OSError as error:
            raise RecordingError(f"{path} cannot be written", f"{error.strerror}.") from error
        self._file = os.fdopen(descriptor, "wb", buffering=0)
        self._write(MAGIC)
        self.add(Record(RecordKind.HEADER, 0, json_bytes(header_body(header))))

    def add(self, record: Record) -> None:
        """Append a record; one that is too long is split.

        Raises:
            RecordingError: It cannot be written; ``failure`` says so too.
        """
        for start in range(0, max(1, len(record.payload)), MAX_PAYLOAD):
            part = record.payload[start : start + MAX_PAYLOAD]
            self._write(pack(Record(record.kind, record.time_ns, part)))
            self._records += 1
        if record.kind in STREAMS:
            self.bytes[STREAMS[RecordKind(record.kind)]] += len(record.payload)

    def note(self, time_ns: int, event: str, text: str = "") -> None:
        """Append what happened to the link.

        Raises:
            RecordingError: As ``add``.
        """
        self.add(Record(RecordKind.NOTE, time_ns, json_bytes({"event": event, "text": text})))

    def close(self, time_ns: int) -> None:
        """Append END, and see the file onto the disk.

        Raises:
            RecordingError: As ``add``.
        """
        try:
            if self.failure is None:
                self.add(Record(RecordKind.END, time_ns, json_bytes({"records": self._records, **self.bytes})))
                os.fsync(self._file.fileno())
        finally:
            self._file.close()

    def _write(self, data: bytes) -> None:
        try:
            while data:
                data = data[self._file.write(data) :]
        except OSError as error:
            self.failure = RecordingError(f"{self._path} cannot be written any more", f"{error.strerror}.")
            raise self.failure from error


def pack(record: Record) -> bytes:
    """The bytes of one record."""
    covered = _COVERED.pack(MARKER, record.kind, len(record.payload), record.time_ns)
    return covered + zlib.crc32(record.payload, zlib.crc32(covered)).to_bytes(4, "little") + record.payload


def header_body(header: SprobeHeader) -> dict[str, Any]:
    """The first record's object."""
    return {"v": VERSION, **{name: getattr(header, name) for name in header.__slots__}}


def object_of(record: Record) -> dict[str, Any]:
    """The JSON object of a record that is not the link's; an empty one when it does not hold."""
    try:
        body = json.loads(record.payload)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def _records(data: bytes) -> Iterator[Record]:
    """Every whole record; behind damage the search goes on at the next marker."""
    at = len(MAGIC)
    while (at := data.find(MARKER, at)) >= 0:
        record = record_at(data, at)
        if record is None:
            at += 1
            continue
        yield record
        at += _HEAD.size + len(record.payload)


def record_at(data: bytes, at: int) -> Record | None:
    """The record that begins at a place; None when it is not whole, or its checksum does not hold."""
    if at + _HEAD.size > len(data):
        return None
    _, kind, length, time_ns, crc = _HEAD.unpack_from(data, at)
    start = at + _HEAD.size
    if length > MAX_PAYLOAD or start + length > len(data):
        return None
    payload = data[start : start + length]
    if zlib.crc32(payload, zlib.crc32(data[at : at + _COVERED.size])) != crc:
        return None
    return Record(kind, time_ns, payload)


_TEXTS = ("address", "driver", "usb_id", "usb_serial", "program")


def read_header(payload: bytes, name: str) -> SprobeHeader:
    """The first record's payload.

    Raises:
        RecordingError: It is of a newer version, or not whole.
    """
    body = object_of(Record(RecordKind.HEADER, 0, payload))
    version = body.get("v")
    if type(version) is int and version > VERSION:
        raise RecordingError(f"The recording {name} was made by a newer Sauti", "Install that one.")
    texts = {key: body.get(key) for key in _TEXTS}
    started, redacted = body.get("started_unix_ms"), body.get("redacted")
    whole = type(started) is int and type(redacted) is bool and all(isinstance(v, str) for v in texts.values())
    if type(version) is not int or version != VERSION or not whole:
        raise RecordingError(f"The recording {name} does not say what it is", "Use another copy.")
    shown = {key: "".join(c if c.isprintable() else "?" for c in str(value)[:200]) for key, value in texts.items()}
    return SprobeHeader(**shown, started_unix_ms=int(started or 0), redacted=bool(redacted))


def json_bytes(body: Mapping[str, object]) -> bytes:
    """An object as the container writes it: UTF-8, sorted keys, no spaces."""
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
