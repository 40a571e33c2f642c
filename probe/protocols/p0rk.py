"""``P0RK`` version 1 of pic0rick's RP2350 firmware: text lines and binary A-lines in one stream.

A frame is a 64-byte little-endian header and its payload; the CRC-32 covers the payload only, so everything in the
header that can be known beforehand is checked before it is believed.
"""

from __future__ import annotations

import math
import re
import struct
import zlib
from enum import IntEnum, IntFlag
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

MAGIC = b"P0RK"
VERSION = 1
SAMPLES = 4096
RATE_HZ = 60_000_000
HEADER = struct.Struct("<4sBBHIIIIQfffIIIII")
MID_SCALE = 512
# a square wave of full swing has an envelope above its amplitude: 2048 counts are room enough
ENVELOPE_STEPS = 32
MAX_TEXT = 1024
_A = 87.6
_ANSWER = re.compile(rb"(?:OK|ERR) [ -~]*\Z")


class Kind(IntEnum):
    """What a payload holds."""

    RAW = 1
    ENVELOPE = 2
    ALAW = 3


NAMES = {Kind.RAW: "raw", Kind.ENVELOPE: "envelope", Kind.ALAW: "alaw"}
PAYLOAD_BYTES: dict[int, int] = {Kind.RAW: 2 * SAMPLES, Kind.ENVELOPE: 4 * SAMPLES, Kind.ALAW: SAMPLES}
MAX_RATE_HZ = {Kind.RAW: 100, Kind.ENVELOPE: 50, Kind.ALAW: 70}
MAX_PENDING = HEADER.size + max(PAYLOAD_BYTES.values()) + 65536


class Flag(IntFlag):
    """Bits 0 to 4 of the header's flags; bits 8 to 15 are the case of a self-test."""

    ALAW_SATURATED = 1
    PROCESSING_DROP = 2
    USB_DROP = 4
    SELF_TEST = 8
    PULSER_ARMED = 16


class Packet(NamedTuple):
    """One binary frame: an A-line.

    Args:
        kind: A ``Kind``.
        flags: ``Flag`` bits.
        sequence: The device's counter, modulo 2**32.
        timestamp_us: Device time of the capture.
        dc_mean: Mean of the ADC counts that the envelope was made about.
        envelope_peak: Largest value of the envelope, counts.
        alaw_reference: The envelope that an A-law code of 255 stands for, counts.
        neg_ns, damp_ns, pos_ns: The pulse that was sent.
        dropped: Frames that the device has dropped.
        payload: As sent.
    """

    kind: int
    flags: int
    sequence: int
    timestamp_us: int
    dc_mean: float
    envelope_peak: float
    alaw_reference: float
    neg_ns: int
    damp_ns: int
    pos_ns: int
    dropped: int
    payload: bytes


def pack(packet: Packet) -> bytes:
    """The bytes of one frame."""
    kind, flags, sequence, *rest, payload = packet
    head = HEADER.pack(
        MAGIC, VERSION, kind, flags, sequence, SAMPLES, RATE_HZ, len(payload), *rest, zlib.crc32(payload)
    )
    return head + payload


def counts(packet: Packet) -> NDArray[np.int16]:
    """(1, samples) of a raw frame: ADC counts about mid-scale."""
    adc = np.frombuffer(packet.payload, dtype="<u2")
    return (adc.astype(np.int32) - MID_SCALE).clip(-32768, 32767).astype(np.int16)[None]


def envelope(packet: Packet) -> NDArray[np.uint16]:
    """(1, samples) of an envelope or A-law frame in 32nds of an ADC count; what is no number is 0."""
    if packet.kind == Kind.ALAW:
        reference = packet.alaw_reference if math.isfinite(packet.alaw_reference) else 0.0
        values = alaw_expand(np.frombuffer(packet.payload, dtype=np.uint8)) * max(0.0, reference)
    else:
        values = np.frombuffer(packet.payload, dtype="<f4").astype(np.float64)
    known = np.nan_to_num(values, nan=0.0, posinf=1e6, neginf=0.0)
    return np.rint(ENVELOPE_STEPS * known).clip(0, 65535).astype(np.uint16)[None]


def alaw_compress(share: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Codes of envelopes as a share of the reference, 0 to 1; A = 87.6."""
    x = np.clip(np.asarray(share, dtype=np.float64), 0, 1)
    scale = 1 + math.log(_A)
    y = np.where(x < 1 / _A, _A * x / scale, (1 + np.log(_A * np.maximum(x, 1 / _A))) / scale)
    return np.floor(255 * y + 0.5).astype(np.uint8)


def alaw_expand(codes: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Envelopes as a share of the reference."""
    scale = 1 + math.log(_A)
    y = codes.astype(np.float64) / 255
    return np.where(y < 1 / scale, y * scale / _A, np.exp(y * scale - 1) / _A)


class Decoder:
    """Bytes in any chunks to frames and answer lines, in their order. Never raises, holds at most ``MAX_PENDING``."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._text = bytearray()
        self._too_long = False
        self.packets = 0
        self.lines = 0
        self.header_errors = 0
        self.payload_errors = 0
        self.skipped_bytes = 0

    @property
    def pending(self) -> int:
        """Bytes held back."""
        return len(self._buffer) + len(self._text)

    @property
    def waiting(self) -> bool:
        """A frame has begun."""
        return bool(self._buffer)

    def feed(self, data: bytes) -> list[Packet | str]:
        """Add received bytes; the frames and lines that they complete."""
        found: list[Packet | str] = []
        for start in range(0, len(data), 65536):
            self._buffer += data[start : start + 65536]
            self._scan(found)
        return found

    def abandon(self) -> list[Packet | str]:
        """Stop waiting for the rest of the frame at hand; what was hidden behind its header comes out."""
        found: list[Packet | str] = []
        if self._buffer:
            self.payload_errors += 1
            self._pass_text(self._buffer[:1], found)
            del self._buffer[:1]
            self._scan(found)
        return found

    def _scan(self, found: list[Packet | str]) -> None:
        at, buffer = 0, self._buffer
        while True:
            start = buffer.find(MAGIC, at)
            if start < 0:
                end = len(buffer) - _begun(buffer)
                self._pass_text(buffer[at:end], found)
                del buffer[: max(at, end)]
                return
            self._pass_text(buffer[at:start], found)
            step = self._take(start, found)
            if step == 0:
                del buffer[:start]
                return
            at = start + step

    def _take(self, start: int, found: list[Packet | str]) -> int:
        """Try the frame at ``start``; how far to go on, 0 to wait for more bytes."""
        body = start + HEADER.size
        if len(self._buffer) < body:
            return 0
        fields: tuple[Any, ...] = HEADER.unpack_from(self._buffer, start)
        _, version, kind, flags, sequence, samples, rate, length = fields[:8]
        expected = PAYLOAD_BYTES.get(kind, -1)
        if (version, samples, rate, length) != (VERSION, SAMPLES, RATE_HZ, expected):
            self.header_errors += 1
            self.skipped_bytes += 1
            return 1
        if len(self._buffer) < body + expected:
            return 0
        payload = bytes(self._buffer[body : body + expected])
        if zlib.crc32(payload) != fields[-1]:
            # bytes lost in a payload would take the next frame with them: look for it right behind the magic
            self.payload_errors += 1
            self.skipped_bytes += 1
            return 1
        self.packets += 1
        found.append(Packet._make((kind, flags, sequence, *fields[8:-1], payload)))
        self._drop_text()
        return HEADER.size + expected

    def _pass_text(self, data: bytearray, found: list[Packet | str]) -> None:
        """Bytes between frames: whole lines that are answers come out, the rest is counted."""
        if not data:
            return
        self._text += data
        *lines, rest = re.split(rb"[\r\n]", self._text)
        for line in lines:
            answer = None if self._too_long else _ANSWER.search(line)
            self._too_long = False
            if answer is not None:
                self.lines += 1
                found.append(answer[0].decode("ascii"))
            self.skipped_bytes += len(line) - (len(answer[0]) if answer else 0)
        self._text = bytearray(rest)
        if len(rest) > MAX_TEXT:
            self._drop_text()
            self._too_long = True

    def _drop_text(self) -> None:
        self.skipped_bytes += len(self._text)
        self._text = bytearray()
        self._too_long = False


def _begun(buffer: bytearray) -> int:
    """How many bytes at the end may be the beginning of a magic."""
    return next((n for n in (3, 2, 1) if buffer[-n:] == MAGIC[:n]), 0)
