"""The bytes of EOP/1's test pattern, known to both sides."""

from __future__ import annotations

MOST_BLOCKS = 65536
_RAMP = bytes(range(256))


def ramp(index: int, count: int) -> bytes:
    """The payload of block ``index``: byte i is (index + i) modulo 256, so that every byte value comes by."""
    start = index % 256
    return (_RAMP * (count // 256 + 2))[start : start + count]
