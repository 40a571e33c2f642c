"""uProbe-1's data stream: 525 bytes a line, begun by eight sync bytes and ended by three bytes that are zero."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from probe.geometry import Geometry
from probe.settings import Sampling

PORT = 5002
SYNC = bytes.fromhex("5aa5ff005aa5ff00")
LINES = 128
SAMPLES = 512
RECORD_BYTES = len(SYNC) + 2 + SAMPLES + 3
MAX_PENDING = RECORD_BYTES + 65536
_TRAILER = bytes(3)
# the last of the three zeros, as a twin sends it: a film is never taken for a patient
_TWIN_TRAILER = b"\0\0S"

# The maker publishes no geometry and no scale. These are what a convex abdominal head of this kind usually has, and
# assumed; that the envelope is a logarithm is seen in its recordings: their median is a third of full scale.
SECTOR_DEG = 60.0
RADIUS_MM = 60.0
DEPTH_MM = 150.0
CENTRE_HZ = 3_500_000
_SOUND_SPEED_M_S = 1540
LOG_RANGE_DB = 60
SAMPLING = Sampling(SAMPLES, round(500 * _SOUND_SPEED_M_S * SAMPLES / DEPTH_MM), 0)


class Record(NamedTuple):
    """One line.

    Args:
        frame: The device's frame counter, modulo 256.
        line: 0 to 127.
        simulated: A twin speaks.
        samples: (512,) uint8 envelope.
    """

    frame: int
    line: int
    simulated: bool
    samples: NDArray[np.uint8]


def geometry() -> Geometry:
    """Lines that leave an arc at right angles; its foremost point is the origin."""
    return Geometry.convex(LINES, SECTOR_DEG, RADIUS_MM)


def pack(record: Record) -> bytes:
    """The bytes of one line."""
    head = SYNC + bytes((record.frame, record.line))
    return head + record.samples.tobytes() + (_TWIN_TRAILER if record.simulated else _TRAILER)


class Decoder:
    """Bytes in any chunks to lines. Never raises, holds at most ``MAX_PENDING``; a damaged line costs itself only."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self.records = 0
        self.errors = 0
        self.skipped_bytes = 0

    @property
    def pending(self) -> int:
        """Bytes held back."""
        return len(self._buffer)

    def feed(self, data: bytes) -> list[Record]:
        """Add received bytes; the lines that they complete."""
        found: list[Record] = []
        for start in range(0, len(data), 65536):
            self._buffer += data[start : start + 65536]
            used = self._scan(found)
            del self._buffer[:used]
        return found

    def _scan(self, found: list[Record]) -> int:
        """Consume what can be consumed; the number of bytes that are done with."""
        at, buffer = 0, self._buffer
        while True:
            start = buffer.find(SYNC, at)
            if start < 0:
                kept = next((n for n in range(len(SYNC) - 1, 0, -1) if buffer.endswith(SYNC[:n])), 0)
                done = max(at, len(buffer) - kept)
                self.skipped_bytes += done - at
                return done
            self.skipped_bytes += start - at
            if len(buffer) < start + RECORD_BYTES:
                return start
            record = _parse(bytes(buffer[start : start + RECORD_BYTES]))
            if record is None:
                self.errors += 1
                self.skipped_bytes += 1
                at = start + 1
                continue
            self.records += 1
            found.append(record)
            at = start + RECORD_BYTES


def _parse(data: bytes) -> Record | None:
    trailer = data[-3:]
    frame, line = data[len(SYNC)], data[len(SYNC) + 1]
    if trailer not in (_TRAILER, _TWIN_TRAILER) or line >= LINES:
        return None
    samples = np.frombuffer(data, dtype=np.uint8, count=SAMPLES, offset=len(SYNC) + 2)
    return Record(frame, line, trailer == _TWIN_TRAILER, samples)
