"""The text shell of pic0rick's stock firmware: echo, the prompt ``run> ``, a dump of 8000 samples in hexadecimal."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

PROMPT = b"run> "
SAMPLES = 8000
RATE_HZ = 60_000_000
MID_SCALE = 512
FULL_SCALE = 1023
TICK_NS = 8
TIME_OUT = b"ADC timeout occured"
STARTED = b"Acquisition of 8000 samples started"
ENDED = b"Acquisition ended"
DUMP_START = b"----------Start of ACQ----------"
DUMP_END = b"-----------End of ACQ-----------"
UNKNOWN = b"Unknown command: "
# no command of the firmware: a board answers that it does not know it, a twin also that it is one
GREETING = b"sauti hello"
TWIN_ANSWER = b"Simulated by Sauti"
# a dump is at most 4 characters a sample; this leaves room for its frame and for an echo
MAX_REPLY = 4 * SAMPLES + 1024

# the four-channel board reads 16-bit numbers behind a word of its own, at most 3000 of them
BINARY = b"BINACQ1"
BINARY_SAMPLES = 3000
CHANNELS = 4

# where the pulse shows in the samples: it begins at sample 7 or, in some traces, at 21
SEARCHED = 40
KEPT = SAMPLES - SEARCHED
_DUMP = re.compile(rb"(?:[0-9A-F]{1,3},)*[0-9A-F]{1,3},?")
_QUIET = 6
_JUMP = 60


class Shell:
    """Bytes in any chunks to replies: what the device wrote between two prompts. Never raises, holds ``MAX_REPLY``."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self.replies = 0
        self.skipped_bytes = 0

    @property
    def pending(self) -> int:
        """Bytes since the last prompt."""
        return len(self._buffer)

    def feed(self, data: bytes) -> list[bytes]:
        """Add received bytes; the replies that they complete, each without its prompt."""
        found: list[bytes] = []
        for start in range(0, len(data), MAX_REPLY):
            self._buffer += data[start : start + MAX_REPLY]
            *replies, rest = self._buffer.split(PROMPT)
            found += map(bytes, replies)
            over = max(0, len(rest) - MAX_REPLY)
            self.skipped_bytes += over
            self._buffer = rest[over:]
        self.replies += len(found)
        return found


def read_dump(reply: bytes) -> NDArray[np.int16] | None:
    """(samples,) ADC counts of the dump in a reply; None when it holds none that is whole and possible."""
    _, start, rest = reply.rpartition(DUMP_START)
    body, end, _ = rest.partition(DUMP_END)
    if not start or not end:
        return None
    digits = b"".join(body.split())
    if not _DUMP.fullmatch(digits):
        return None
    words = digits.removesuffix(b",").split(b",")
    if len(words) != SAMPLES:
        return None
    values = np.array([int(word, 16) for word in words], dtype=np.int16)
    return values if int(values.max()) <= FULL_SCALE else None


def write_dump(adc: NDArray[np.integer]) -> bytes:
    """What the device prints for ``read``, without echo and prompt."""
    digits = b"".join(b"%X," % value for value in adc.tolist())
    return DUMP_START + b"\r\n" + digits + b"\r\n" + DUMP_END + b"\r\n"


def read_binary(reply: bytes) -> NDArray[np.int16] | None:
    """(samples,) ADC counts of a binary read in a reply; None when it holds none that is whole and possible."""
    _, start, rest = reply.rpartition(BINARY)
    count = int.from_bytes(rest[:2], "little")
    if not start or not 1 <= count <= BINARY_SAMPLES or len(rest) < 2 + 2 * count:
        return None
    values = np.frombuffer(rest, dtype="<u2", offset=2, count=count)
    return values.astype(np.int16) if int(values.max()) <= FULL_SCALE else None


def write_binary(adc: NDArray[np.integer]) -> bytes:
    """What the four-channel board sends for ``read bin``, without echo and prompt."""
    return BINARY + len(adc).to_bytes(2, "little") + adc.astype("<u2").tobytes()


def mux_word(transmit: int, receive: int) -> int:
    """The switches that join the pulser to one channel and the receiver to another, each counted from 0.

    Raises:
        ValueError: There is no such channel.
    """
    if not (0 <= transmit < CHANNELS and 0 <= receive < CHANNELS):
        raise ValueError("there are four channels")
    return 1 << 2 * receive | 1 << 2 * transmit + 1


def pulse_at(adc: NDArray[np.integer]) -> int | None:
    """Sample at which the transmitted pulse first shows; None when it does not within the first 40."""
    head = adc[:SEARCHED].astype(np.int32)
    quiet = int(np.median(head[:_QUIET]))
    jumps = np.flatnonzero(np.abs(head - quiet) > _JUMP)
    return int(jumps[0]) if jumps.size else None


def from_pulse(adc: NDArray[np.integer], usual: int = 7) -> tuple[NDArray[np.int16], bool]:
    """All but 40 counts about mid-scale from the pulse on, and whether the pulse was seen; else from ``usual`` on."""
    at = pulse_at(adc)
    first = usual if at is None else at
    counts = adc[first : first + len(adc) - SEARCHED].astype(np.int32) - MID_SCALE
    return counts.astype(np.int16), at is not None
