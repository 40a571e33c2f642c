"""Check sums made right in mutated bytes, so that fuzzing comes behind them: whatever follows a sync word is sealed."""

from __future__ import annotations

import hashlib
import json
import struct
import zlib
from collections.abc import Callable

from imaging.archive import MAGIC as ARCHIVE
from imaging.digest import canonical
from probe.protocols.p0rk import HEADER as P0RK_HEADER
from probe.protocols.p0rk import MAGIC as P0RK
from probe.protocols.p0rk import PAYLOAD_BYTES
from probe.wire import HEADER_SIZE, SYNC

_SPROBE = b"SPR1"
_U32 = struct.Struct("<I")


def sealed(data: bytes) -> bytes:
    """The same bytes with every check sum right whose message is all there; a length that is too long is shortened."""
    out = bytearray(data)
    for word, seal in _SEALS.items():
        at = 0
        while (at := out.find(word, at)) >= 0:
            at += seal(out, at)
    return bytes(out)


def _seal_eop1(data: bytearray, at: int) -> int:
    if len(data) < at + HEADER_SIZE:
        return 1
    data[at + 4] = 1
    length = min(_U32.unpack_from(data, at + 8)[0], len(data) - at - HEADER_SIZE)
    _U32.pack_into(data, at + 8, length)
    body = at + HEADER_SIZE
    _U32.pack_into(data, at + 40, zlib.crc32(data[body : body + length]))
    _U32.pack_into(data, at + 44, zlib.crc32(data[at : at + 44]))
    return HEADER_SIZE + length


def _seal_p0rk(data: bytearray, at: int) -> int:
    body = at + P0RK_HEADER.size
    expected = PAYLOAD_BYTES.get(data[at + 5], 0) if len(data) > at + 5 else 0
    if not expected or len(data) < body + expected:
        return 1
    _U32.pack_into(data, at + P0RK_HEADER.size - 4, zlib.crc32(data[body : body + expected]))
    return P0RK_HEADER.size + expected


def _seal_sprobe(data: bytearray, at: int) -> int:
    body = at + 24
    if len(data) < body:
        return 1
    length = min(_U32.unpack_from(data, at + 8)[0], len(data) - body)
    _U32.pack_into(data, at + 8, length)
    _U32.pack_into(data, at + 20, zlib.crc32(data[body : body + length], zlib.crc32(data[at : at + 20])))
    return 24 + length


def _seal_archive(data: bytearray, at: int) -> int:
    """Header and payload share what there is: the header ends at the last brace that lets it be read as JSON."""
    body = at + 52
    if len(data) < body + 2:
        return 1
    try:
        values, end = json.JSONDecoder().raw_decode(data[body:].decode("latin-1"))
        header = canonical(values)
    except (ValueError, RecursionError):
        return 8
    payload = bytes(data[body + end :])
    covered = ARCHIVE + struct.pack("<IQ", len(header), len(payload))
    data[at:] = covered + hashlib.sha256(covered + header + payload).digest() + header + payload
    return len(data)


_SEALS: dict[bytes, Callable[[bytearray, int], int]] = {
    SYNC: _seal_eop1,
    P0RK: _seal_p0rk,
    _SPROBE: _seal_sprobe,
    ARCHIVE: _seal_archive,
}
