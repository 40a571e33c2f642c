"""A probe that speaks over a TCP connection and UDP datagrams at once, as one stream of bytes.

A link is a stream; where a datagram ends must not be lost in it. Each piece is one byte for its channel, two for its
length (big-endian), and its bytes. Only the link, its twin and a driver meet this; nothing of it goes over a network.
"""

from __future__ import annotations

from typing import NamedTuple

TCP, UDP = 0x54, 0x55
MOST = 0xFFFF
MAX_PENDING = 3 + MOST + 65536
_HEAD = 3


class Piece(NamedTuple):
    """What came at once on one channel."""

    channel: int
    data: bytes


def wrap(channel: int, data: bytes) -> bytes:
    """The bytes of one piece; TCP bytes that are too many become several.

    Raises:
        ValueError: A datagram is longer than any can be.
    """
    if channel == UDP and len(data) > MOST:
        raise ValueError("no datagram is so long")
    parts = [data[at : at + MOST] for at in range(0, max(1, len(data)), MOST)]
    return b"".join(bytes((channel,)) + len(part).to_bytes(2, "big") + part for part in parts)


class Unwrapper:
    """Bytes in any chunks to pieces. Never raises; a byte that names no channel is skipped."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self.skipped_bytes = 0

    @property
    def pending(self) -> int:
        """Bytes held back."""
        return len(self._buffer)

    def feed(self, data: bytes) -> list[Piece]:
        """Add bytes; the pieces that they complete."""
        found: list[Piece] = []
        for start in range(0, len(data), 65536):
            self._buffer += data[start : start + 65536]
            self._take(found)
        return found

    def _take(self, found: list[Piece]) -> None:
        at, buffer = 0, self._buffer
        while len(buffer) - at >= _HEAD:
            if buffer[at] not in (TCP, UDP):
                self.skipped_bytes += 1
                at += 1
                continue
            end = at + _HEAD + int.from_bytes(buffer[at + 1 : at + 3], "big")
            if len(buffer) < end:
                break
            found.append(Piece(buffer[at], bytes(buffer[at + _HEAD : end])))
            at = end
        del buffer[:at]
