"""EOP/1 framing: a 48-byte header with its own CRC, then a payload with another. Sans-I/O, no meaning of messages.

The header's CRC lets the decoder trust a length before it waits for the payload; so damage costs the damaged
message and nothing after it. The byte layout is specified in docs/reference/eop1.md.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from enum import IntEnum, IntFlag
from typing import NamedTuple

SYNC = b"\xa5EO1"
VERSION = 1
MAX_PAYLOAD = 65536
HEADER_SIZE = 48
SESSION_SHIFT = 8

_LAYOUT = struct.Struct("<4sBBHIIIHHQiHBBII")
_BODY = struct.Struct("<4sBBHIIIHHQiHBBI")
_PAYLOAD_LENGTH, _PAYLOAD_CRC = 4, 14
_SLICE = 65536


class MessageType(IntEnum):
    """What a message is; an unknown number is skipped by its receiver, so that old hosts outlive new devices."""

    HELLO = 0x01
    CAPS = 0x02
    SET = 0x03
    APPLIED = 0x04
    START = 0x05
    STOP = 0x06
    ACK = 0x07
    STATUS = 0x08
    PING = 0x09
    EVENT = 0x0A
    LOG = 0x0B
    FETCH = 0x0C
    LINES = 0x10
    FRAME_END = 0x11
    GEOMETRY = 0x12
    TESTPATTERN = 0x1F


class Flag(IntFlag):
    """Bits 0 to 7 of the header's flags; bits 8 to 15 are the session."""

    BACKWARD = 0x0001
    ARMED = 0x0002
    SIMULATED = 0x0004
    FETCHED = 0x0008


class Header(NamedTuple):
    """The fields of a header that carry meaning; sync, version, length and CRCs are the framing's own.

    Args:
        type: A ``MessageType``, or a number that this version does not know.
        flags: ``Flag`` bits and the session in bits 8 to 15.
        seq: Counts the sender's messages, modulo 2**32.
        frame_id: The device's frame counter, modulo 2**32.
        line: Index of the block's first line, in the order of the sweep.
        lines_in_frame: Lines of the whole frame.
        t_us: Device time of the block's first line, microseconds.
        time_zero_ns: From transmission to the first sample.
        samples: Samples per line.
        format: A ``SampleFormat`` value.
        lines_in_block: Lines in this message.
    """

    type: int
    flags: int = 0
    seq: int = 0
    frame_id: int = 0
    line: int = 0
    lines_in_frame: int = 0
    t_us: int = 0
    time_zero_ns: int = 0
    samples: int = 0
    format: int = 0
    lines_in_block: int = 0

    @property
    def session(self) -> int:
        """The number that the device changed at its last APPLIED, 0 to 255."""
        return self.flags >> SESSION_SHIFT & 0xFF


class Message(NamedTuple):
    """One message as it was sent."""

    header: Header
    payload: bytes = b""


def pack(message: Message) -> bytes:
    """The bytes of one message.

    Raises:
        ValueError: The payload is longer than ``MAX_PAYLOAD``, or a field does not fit its width.
    """
    header, payload = message
    if len(payload) > MAX_PAYLOAD:
        raise ValueError(f"a payload of {len(payload)} bytes is over the limit of {MAX_PAYLOAD}")
    kind, flags, *rest = header
    try:
        body = _BODY.pack(SYNC, VERSION, kind, flags, len(payload), *rest, zlib.crc32(payload))
    except struct.error as error:
        raise ValueError(f"a header field does not fit: {error}") from error
    return body + zlib.crc32(body).to_bytes(4, "little") + payload


class Decoder:
    """Bytes in any chunks to whole messages. Never raises, never holds more than two payloads, loses no good message.

    After a bad header CRC the search goes on one byte further. After a bad payload CRC it goes on right behind the
    header, because bytes lost inside a payload would otherwise take the next message with them.

    Args:
        on_skipped: Given every byte that belongs to no message, in order; the device looks there for its text line.
        on_damaged: Given a message whose header holds and whose payload does not; a link's test counts its wrong bits.
    """

    def __init__(
        self,
        on_skipped: Callable[[bytes], None] | None = None,
        on_damaged: Callable[[Message], None] | None = None,
    ) -> None:
        self._buffer = bytearray()
        self._on_skipped = on_skipped
        self._on_damaged = on_damaged
        self._wanted = 0
        self.bytes = 0
        self.messages = 0
        self.header_errors = 0
        self.payload_errors = 0
        self.skipped_bytes = 0

    @property
    def pending(self) -> int:
        """Bytes held back because the message that they begin is not complete."""
        return len(self._buffer)

    def feed(self, data: bytes) -> list[Message]:
        """Add received bytes; the messages that they complete."""
        found: list[Message] = []
        self.bytes += len(data)
        if len(self._buffer) + len(data) < self._wanted:  # the message at hand goes on behind these bytes
            self._buffer += data
            return found
        with memoryview(data) as view:
            for start in range(0, len(view), _SLICE):
                self._buffer += view[start : start + _SLICE]
                self._scan(found)
        return found

    def abandon(self) -> list[Message]:
        """Stop waiting for the rest of the message at hand; what was hidden behind its header comes out.

        For a caller with a clock: a header whose payload was lost would otherwise hold back later messages until
        as many bytes have come as it promised.
        """
        found: list[Message] = []
        if len(self._buffer) >= HEADER_SIZE:
            self.payload_errors += 1
            self._skip(bytes(self._buffer[:1]))
            del self._buffer[:1]
            self._scan(found)
        return found

    def _scan(self, found: list[Message]) -> None:
        self._wanted = 0
        with memoryview(self._buffer) as view:
            used = self._walk(view, found)
        del self._buffer[:used]

    def _walk(self, view: memoryview, found: list[Message]) -> int:
        """Consume what can be consumed; the number of bytes that are done with."""
        at = 0
        while True:
            start = self._buffer.find(SYNC, at)
            if start < 0:
                # what was taken already may end like a sync
                end = max(at, len(view) - self._sync_begun(view))
                self._skip(bytes(view[at:end]))
                return end
            self._skip(bytes(view[at:start]))
            step = self._take(view, start, found)
            if step == 0:
                return start
            at = start + step

    def _take(self, view: memoryview, start: int, found: list[Message]) -> int:
        """Try the message at ``start``; how far to go on, 0 to wait for more bytes."""
        body = start + HEADER_SIZE
        if len(view) < body:
            return 0
        fields = _LAYOUT.unpack_from(view, start)
        length: int = fields[_PAYLOAD_LENGTH]
        if fields[1] != VERSION or length > MAX_PAYLOAD or zlib.crc32(view[start : body - 4]) != fields[-1]:
            self.header_errors += 1
            self._skip(bytes(view[start : start + 1]))
            return 1
        if len(view) < body + length:
            self._wanted = HEADER_SIZE + length
            return 0
        payload = bytes(view[body : body + length])
        message = Message(Header._make((fields[2], fields[3], *fields[5:_PAYLOAD_CRC])), payload)
        if zlib.crc32(payload) != fields[_PAYLOAD_CRC]:
            self.payload_errors += 1
            self._skip(bytes(view[start:body]))
            if self._on_damaged is not None:
                self._on_damaged(message)
            return HEADER_SIZE
        self.messages += 1
        found.append(message)
        return HEADER_SIZE + length

    def _skip(self, data: bytes) -> None:
        if data:
            self.skipped_bytes += len(data)
            if self._on_skipped is not None:
                self._on_skipped(data)

    @staticmethod
    def _sync_begun(view: memoryview) -> int:
        """How many bytes at the end may be the beginning of a sync."""
        tail = bytes(view[-3:])
        for count in range(len(tail), 0, -1):
            if SYNC.startswith(tail[-count:]):
                return count
        return 0
