"""What goes between a played recording and the driver that plays it: records one way, four words the other. Sans-I/O.

A link carries bytes, so the container's own records are what the player sends, and what it has to say itself are
records of kinds that no file holds. Nothing of this is ever written down.
"""

from __future__ import annotations

from enum import IntEnum

from probe.sprobe.container import HEAD_BYTES, MARKER, MAX_PAYLOAD, Record, record_at

# begin at the beginning with the header; one record more; go on at the recorded pace; stand still
HELLO, NEXT, PLAY, STOP = b"hello\n", b"next\n", b"play\n", b"stop\n"
LONGEST_WORD = 16
MAX_PENDING = HEAD_BYTES + MAX_PAYLOAD + 65536


class Said(IntEnum):
    """Kinds of the player's own records; each has an empty payload."""

    PLAYING = 240
    STOPPED = 241
    AGAIN = 242
    OVER = 243


class RecordStream:
    """Bytes in any chunks to whole records. Never raises; holds at most ``MAX_PENDING``; damage costs what it hits."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self.done_bytes = 0
        self.skipped_bytes = 0

    @property
    def pending(self) -> int:
        """Bytes held back because the record that they begin is not complete."""
        return len(self._buffer)

    def feed(self, data: bytes) -> list[Record]:
        """Add received bytes; the records that they complete."""
        found: list[Record] = []
        for start in range(0, len(data), 65536):
            self._buffer += data[start : start + 65536]
            self._advance(found)
        return found

    def abandon(self) -> list[Record]:
        """Stop waiting for the rest of the record at hand; what was hidden behind its length comes out."""
        found: list[Record] = []
        if self._buffer:
            self.skipped_bytes += 1
            self.done_bytes += 1
            del self._buffer[:1]
            self._advance(found)
        return found

    def _advance(self, found: list[Record]) -> None:
        used = self._scan(found)
        self.done_bytes += used
        del self._buffer[:used]

    def _scan(self, found: list[Record]) -> int:
        """Consume what can be consumed; the number of bytes that are done with."""
        at, whole = 0, bytes(self._buffer)
        while True:
            start = whole.find(MARKER, at)
            if start < 0:
                kept = next((n for n in range(len(MARKER) - 1, 0, -1) if whole.endswith(MARKER[:n])), 0)
                done = max(at, len(whole) - kept)
                self.skipped_bytes += done - at
                return done
            self.skipped_bytes += start - at
            length = int.from_bytes(whole[start + 8 : start + 12], "little")
            complete = len(whole) >= start + HEAD_BYTES + length
            if len(whole) < start + HEAD_BYTES or (length <= MAX_PAYLOAD and not complete):
                return start
            record = record_at(whole, start)
            if record is None:
                self.skipped_bytes += 1
                at = start + 1
                continue
            found.append(record)
            at = start + HEAD_BYTES + length
