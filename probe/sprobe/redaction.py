"""A copy of a recording without serial numbers and names: blanked in place, every checksum made right again.

A blanked text keeps its length, so no byte moves and every time stays true. Serial numbers and the calibration's
operator are found by their keys in the protocol's JSON, and wherever they stand again as text.
"""

from __future__ import annotations

import json
import re
import struct
import zlib
from collections.abc import Iterable
from dataclasses import replace

from probe.sprobe.container import (
    CALLS,
    MAGIC,
    STREAMS,
    Record,
    RecordKind,
    Sprobe,
    header_body,
    json_bytes,
    object_of,
    pack,
)
from probe.wire import HEADER_SIZE, MAX_PAYLOAD, SYNC

BLANK = "X"
# a key that names a device or a person, and the answer to a person at a terminal, whose last word is the number
_NAMED = re.compile(rb'"(?:serial|operator)"\s*:\s*"((?:[^"\\]|\\.)*)"|EOP/1 [^\r\n]{0,400} ([^\s]+)\r\n')
# a text that is shorter stands in samples by chance
_LEAST_TEXT = 6
_LENGTH_AT, _PAYLOAD_CRC_AT, _HEADER_CRC_AT = 8, 40, 44
_U32 = struct.Struct("<I")


def redacted(recording: Sprobe) -> bytes:
    """The bytes of a container that is the same but for what names a device or a person."""
    header = recording.header
    streams = {
        kind: bytearray(b"".join(record.payload for record in recording.records if record.kind == kind))
        for kind in STREAMS
    }
    texts = _texts(streams.values()) | ({header.usb_serial} if header.usb_serial else set())
    for stream in streams.values():
        whole = _whole_messages(stream)
        _blank(stream, texts)
        _seal(stream, whole)
    known = replace(
        header,
        address=_blanked_text(header.address, texts),
        usb_serial=BLANK * len(header.usb_serial),
        redacted=True,
    )
    records = list(_cut_again(recording.records, streams, texts))
    first = Record(RecordKind.HEADER, 0, json_bytes(header_body(known)))
    counts = {"records": len(records) + 1, **{STREAMS[kind]: len(stream) for kind, stream in streams.items()}}
    end = Record(RecordKind.END, records[-1].time_ns if records else 0, json_bytes(counts))
    return MAGIC + b"".join(pack(record) for record in [first, *records, *([end] if recording.complete else [])])


def _texts(streams: Iterable[bytearray]) -> set[str]:
    """What is to disappear: every value of a key that names a device or a person."""
    found: set[str] = set()
    for stream in streams:
        for match in _NAMED.finditer(stream):
            word = match[match.lastindex or 0]
            try:
                found.add(str(json.loads(b'"' + word + b'"')))
            except ValueError:
                found.add(word.decode("ascii", "ignore"))
    return found - {""}


def _blank(stream: bytearray, texts: Iterable[str]) -> None:
    for match in list(_NAMED.finditer(stream)):
        start, end = match.span(match.lastindex or 0)
        stream[start:end] = BLANK.encode() * (end - start)
    for form in _forms(texts):
        for match in list(re.finditer(re.escape(form), stream)):
            stream[match.start() : match.end()] = BLANK.encode() * len(form)


def _forms(texts: Iterable[str]) -> set[bytes]:
    """How a text may stand in a stream: plain, or escaped as JSON."""
    long = [text for text in texts if len(text) >= _LEAST_TEXT]
    return {text.encode() for text in long} | {json.dumps(text)[1:-1].encode() for text in long}


def _whole_messages(stream: bytes | bytearray) -> list[int]:
    """Where the EOP/1 messages begin whose two checksums hold."""
    starts, at = [], 0
    while (at := stream.find(SYNC, at)) >= 0:
        step = _whole_at(stream, at)
        starts += [at] if step else []
        at += step or 1
    return starts


def _whole_at(stream: bytes | bytearray, at: int) -> int:
    """The length of the message at a place; 0 when there is none that holds."""
    if at + HEADER_SIZE > len(stream) or zlib.crc32(stream[at : at + _HEADER_CRC_AT]) != _u32(
        stream, at + _HEADER_CRC_AT
    ):
        return 0
    length = _u32(stream, at + _LENGTH_AT)
    end = at + HEADER_SIZE + length
    if length > MAX_PAYLOAD or end > len(stream):
        return 0
    return end - at if zlib.crc32(stream[at + HEADER_SIZE : end]) == _u32(stream, at + _PAYLOAD_CRC_AT) else 0


def _seal(stream: bytearray, starts: Iterable[int]) -> None:
    """Make the checksums of messages right that were right before."""
    for at in starts:
        end = at + HEADER_SIZE + _u32(stream, at + _LENGTH_AT)
        _U32.pack_into(stream, at + _PAYLOAD_CRC_AT, zlib.crc32(stream[at + HEADER_SIZE : end]))
        _U32.pack_into(stream, at + _HEADER_CRC_AT, zlib.crc32(stream[at : at + _HEADER_CRC_AT]))


def _cut_again(
    records: Iterable[Record], streams: dict[RecordKind, bytearray], texts: Iterable[str]
) -> Iterable[Record]:
    """The same records over the blanked streams; notes may name an address, so they are blanked too."""
    at = dict.fromkeys(streams, 0)
    for record in records:
        if record.kind in streams:
            kind = RecordKind(record.kind)
            start, at[kind] = at[kind], at[kind] + len(record.payload)
            yield replace(record, payload=bytes(streams[kind][start : at[kind]]))
        elif record.kind == RecordKind.NOTE and _is_call(record):
            yield record
        elif record.kind == RecordKind.NOTE:
            body = {key: _blanked_text(str(value), texts) for key, value in object_of(record).items()}
            yield replace(record, payload=json_bytes(body))


def _is_call(record: Record) -> bool:
    event = object_of(record).get("event")
    return isinstance(event, str) and event in CALLS


def _blanked_text(text: str, texts: Iterable[str]) -> str:
    for each in texts:
        text = text.replace(each, BLANK * len(each)) if len(each) > 1 else text
    return text


def _u32(stream: bytes | bytearray, at: int) -> int:
    value: int = _U32.unpack_from(stream, at)[0]
    return value
