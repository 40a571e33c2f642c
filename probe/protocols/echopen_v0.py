"""echOpen's WiFi probes V0 and V1: commands over TCP port 50000, one UDP datagram to port 51000 for each line.

All numbers are big-endian, but for the three bytes that count a line's samples.
"""

from __future__ import annotations

import struct
from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

COMMAND_PORT, LINE_PORT = 50_000, 51_000
LINES, SAMPLES = 100, 800
CLOCK_HZ, DECIMATION = 80_000_000, 27
CENTRE_HZ = 3_500_000
WHITE = 2047
MAX_SAMPLES = 4096
MAX_PENDING = 4096
# the channel that a twin sends its lines on: a real probe has one transducer, channel 0
TWIN_CHANNEL = 0x53
_LINE = struct.Struct(">iii3sBBB")
_MOST_WORDS = 64


class Command(IntEnum):
    """What the host may ask."""

    SCANNING = 1
    STATUS = 2
    STOP_SCANNING = 6
    TEST_PATTERN = 7
    STOP_TEST_PATTERN = 8


class State(IntEnum):
    """What the probe is doing."""

    POWER_OFF = 1
    OFF_LINE = 2
    STANDBY = 3
    START_OF_SCANNING = 4
    SCANNING = 5
    TEST_PATTERN = 6
    ERROR_MODE = 7


ERRORS = {
    -5: "not possible in its present state", -8: "the motor did not find its origin", -9: "a parameter is wrong",
    -10: "not implemented", -11: "unknown command", -13: "a request of the wrong size",
}  # fmt: skip


class Reply(NamedTuple):
    """An answer.

    Args:
        command: What it answers.
        error: 0, or what went wrong.
        values: What follows the duration, as signed words: for STATUS temperature in thousandths of a degree Celsius,
            battery in percent, state, last error; a twin adds a fifth word.
    """

    command: int
    error: int
    values: tuple[int, ...] = ()


class Line(NamedTuple):
    """One line.

    Args:
        line: 1 to N.
        channel: 0; a twin has another.
        frame: The probe's counter, modulo 256.
        samples: (n,) int16 envelope.
    """

    line: int
    channel: int
    frame: int
    samples: NDArray[np.int16]


def pack_words(*words: int) -> bytes:
    """A request, or a reply: the number of words, itself counted, then the words."""
    return struct.pack(f">{len(words) + 1}i", len(words) + 1, *words)


def pack_line(line: Line, previous_us: tuple[int, int, int] = (0, 0, 0)) -> bytes:
    """The datagram of one line."""
    count = len(line.samples).to_bytes(3, "little")
    return _LINE.pack(*previous_us, count, line.line, line.channel, line.frame) + line.samples.astype(">i2").tobytes()


def read_line(datagram: bytes) -> Line | None:
    """The line in a datagram; None when it is not exactly one."""
    if len(datagram) < _LINE.size:
        return None
    *_, count, line, channel, frame = _LINE.unpack_from(datagram)
    samples = int.from_bytes(count, "little")
    if not 1 <= samples <= MAX_SAMPLES or len(datagram) != _LINE.size + 2 * samples or line == 0:
        return None
    return Line(line, channel, frame, np.frombuffer(datagram, dtype=">i2", offset=_LINE.size).astype(np.int16))


class WordDecoder:
    """TCP bytes in any chunks to messages of words. Never raises, holds at most ``MAX_PENDING``."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self.skipped_bytes = 0

    @property
    def pending(self) -> int:
        """Bytes held back."""
        return len(self._buffer)

    def feed(self, data: bytes) -> list[tuple[int, ...]]:
        """Add received bytes; the messages that they complete, without their size."""
        found: list[tuple[int, ...]] = []
        for start in range(0, len(data), 1024):
            self._buffer += data[start : start + 1024]
            self._take(found)
        return found

    def _take(self, found: list[tuple[int, ...]]) -> None:
        at, buffer = 0, self._buffer
        while len(buffer) - at >= 4:
            words = int.from_bytes(buffer[at : at + 4], "big", signed=True)
            if not 2 <= words <= _MOST_WORDS:
                self.skipped_bytes += 1
                at += 1
                continue
            if len(buffer) - at < 4 * words:
                break
            found.append(struct.unpack_from(f">{words - 1}i", buffer, at + 4))
            at += 4 * words
        del buffer[:at]


def read_reply(words: tuple[int, ...]) -> Reply | None:
    """The reply in a message: command, error, duration, values."""
    return Reply(words[0], words[1], words[3:]) if len(words) >= 3 else None
