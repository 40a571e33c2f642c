"""WULPUS's acquisitions as its dongle sends them: ``START`` and a line feed, three zeros, 804 bytes; no check sum.

The dongle sends a C array of nine bytes that holds the six of its word, then what came by radio: 0xFF, the path, the
number of the acquisition, 400 samples. All zeros in their place is what passes while the probe takes a packet: the
dongle lets one such through after it was switched on.

Firmware 1.2.3 writes six bytes over the end of each acquisition, one too late: an accelerometer's, or zeros. They are
the last two samples and half of the one before, so these are never used, whichever firmware sent them.

Source of the facts: pulp-bio/wulpus v1.2.3 (48a913c): ``sw/wulpus/dongle.py``; ``us_serial_connection.c`` and
``us_ble.c`` of the dongle, ``iis2dh.c`` of the probe, ``main.c`` of ``fw/msp430``.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from probe.protocols.wulpus_config import SAMPLES, WulpusConfig
from probe.settings import Sampling

KEPT = SAMPLES - 3
START = b"START\n\0\0"
BODY_BYTES = 4 + 2 * SAMPLES
FRAME_BYTES = len(START) + 1 + BODY_BYTES
NUMBER_BITS = 16
_HEAD_BYTES = len(START) + 5
MAX_PENDING = FRAME_BYTES + _HEAD_BYTES + 65536
# the third of the zeros, as a twin sends it: what it shows is never taken for a patient
_TWIN = b"S"
_HEAD = re.compile(rb"START\n\0\0[\0S](?:\xff[\0-\x0f][\s\S]{2}|\0{4})")
# what a head may go on with, to see whether the bytes at hand may be the beginning of one
_FILLINGS = (START + b"\0\xff\0\0\0", START + b"\0\0\0\0\0")


class Acquisition(NamedTuple):
    """One line.

    Args:
        path: Which of the configured paths.
        number: The device's counter, modulo 2**16, from 0 after each configuration.
        simulated: A twin speaks.
        samples: (400,) int16 of the ADC.
    """

    path: int
    number: int
    simulated: bool
    samples: NDArray[np.int16]


class Idle(NamedTuple):
    """The probe waits for a configuration."""

    simulated: bool


def pack(acquisition: Acquisition) -> bytes:
    """The bytes of one line."""
    path, number, simulated, samples = acquisition
    head = START + (_TWIN if simulated else b"\0") + bytes((0xFF, path)) + number.to_bytes(2, "little")
    return head + samples.astype("<i2").tobytes()


def pack_idle(simulated: bool) -> bytes:
    """What comes instead of a line while the probe takes a packet."""
    return START + (_TWIN if simulated else b"\0") + bytes(BODY_BYTES)


def sampling(config: WulpusConfig) -> Sampling:
    """When the samples that count were taken, after the burst began."""
    return Sampling(min(config.samples, KEPT), config.rate_hz, config.first_sample_ns)


def counts(samples: NDArray[np.int16], config: WulpusConfig) -> NDArray[np.int16]:
    """(..., kept) of (..., 400) samples: those that count, as the ADC gave them."""
    return samples[..., : min(config.samples, KEPT)]


class Decoder:
    """Bytes in any chunks to lines. Never raises, holds at most ``MAX_PENDING``.

    A line has a length and no check sum. Where another line seems to begin inside it, either its samples look like
    that or bytes were lost: it counts if a head follows right behind it, else the search goes on inside it. While
    nothing has followed yet, ``waiting`` is true, and ``abandon`` decides.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self.lines = 0
        self.errors = 0
        self.skipped_bytes = 0

    @property
    def pending(self) -> int:
        """Bytes held back."""
        return len(self._buffer)

    @property
    def waiting(self) -> bool:
        """A line has begun and is not given out."""
        return len(self._buffer) > len(START)

    def feed(self, data: bytes) -> list[Acquisition | Idle]:
        """Add received bytes; the lines that they complete."""
        found: list[Acquisition | Idle] = []
        for start in range(0, len(data), 65536):
            self._buffer += data[start : start + 65536]
            self._scan(found)
        return found

    def abandon(self) -> list[Acquisition | Idle]:
        """Nothing more has come for a while: of two lines in doubt, the one that ends with the bytes at hand counts."""
        found: list[Acquisition | Idle] = []
        if self._ends_here():
            self._give(0, found)
            del self._buffer[:FRAME_BYTES]
        elif self._buffer:
            self.errors += 1
            self.skipped_bytes += 1
            del self._buffer[:1]
        self._scan(found)
        return found

    def _scan(self, found: list[Acquisition | Idle]) -> None:
        """Consume what can be consumed."""
        at, buffer = 0, self._buffer
        while True:
            head = _HEAD.search(buffer, at)
            start = head.start() if head else len(buffer) - _begun(buffer, at)
            self.skipped_bytes += start - at
            at = start
            whole = self._is_whole(start) if head else None
            if whole is None:
                break
            if whole:
                self._give(start, found)
                at += FRAME_BYTES
            else:
                self.errors += 1
                self.skipped_bytes += 1
                at += 1
        del buffer[:at]

    def _is_whole(self, start: int) -> bool | None:
        """Whether the line at ``start`` is one; None while more bytes must tell."""
        buffer, end = self._buffer, start + FRAME_BYTES
        if len(buffer) < end:
            return None
        inner = _HEAD.search(buffer, start + 1, min(len(buffer), end + _HEAD_BYTES - 1))
        if inner is None:
            late = len(buffer) - end < _HEAD_BYTES and _begun(buffer, start + 1) > len(buffer) - end
            return None if late else True
        behind = bytes(buffer[end : end + _HEAD_BYTES])
        if not _may_begin(behind):
            return False
        return True if len(behind) == _HEAD_BYTES else None

    def _ends_here(self) -> bool:
        over = len(self._buffer) - FRAME_BYTES
        if over <= 0:
            return over == 0
        return _may_begin(bytes(self._buffer[FRAME_BYTES:])) and not _HEAD.match(self._buffer, over)

    def _give(self, start: int, found: list[Acquisition | Idle]) -> None:
        mark, kind, path, low, high = self._buffer[start + len(START) : start + _HEAD_BYTES]
        simulated = mark != 0
        if kind == 0:
            found.append(Idle(simulated))
            return
        data = bytes(self._buffer[start + _HEAD_BYTES : start + FRAME_BYTES])
        self.lines += 1
        samples = np.frombuffer(data, dtype="<i2").astype(np.int16, copy=False)
        found.append(Acquisition(path, low | high << 8, simulated, samples))


def _begun(buffer: bytearray, after: int) -> int:
    """How many bytes at the end, none before ``after``, may be the beginning of a head."""
    most = min(_HEAD_BYTES - 1, len(buffer) - after)
    return next((count for count in range(most, 0, -1) if _may_begin(bytes(buffer[-count:]))), 0)


def _may_begin(data: bytes) -> bool:
    """Some bytes are a head or its beginning."""
    return any(_HEAD.match(data + filling[len(data) :]) for filling in _FILLINGS)
