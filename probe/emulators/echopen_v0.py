"""echOpen's WiFi probe V1, byte for byte: answers over TCP, lines as datagrams, some of them lost or out of order."""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from probe.coding import envelope
from probe.emulators.resampling import to_window
from probe.emulators.source import FrameSource
from probe.protocols.echopen_v0 import (
    CLOCK_HZ,
    DECIMATION,
    LINES,
    SAMPLES,
    TWIN_CHANNEL,
    WHITE,
    Command,
    Line,
    State,
    WordDecoder,
    pack_line,
    pack_words,
)
from probe.protocols.two_channels import TCP, UDP, wrap
from probe.settings import Sampling

LINE_NS = 1_000_000
SAMPLING = Sampling(SAMPLES, round(CLOCK_HZ / DECIMATION), 0)
MOST_WAITING = 400
_DURATION_US = 40
_BAD_STATE, _UNKNOWN = -5, -11


class EchopenV0Device:
    """A probe that shows the sweeps of a source.

    Args:
        source: What the transducer sees; its lines are dealt out to a hundred.
        lose_every: Every so many datagrams one is lost; 0 none.
        swap_every: Every so many datagrams one comes three later than it was sent; 0 none.
        first_frame: Where the frame counter starts.
    """

    def __init__(self, source: FrameSource, *, lose_every: int = 0, swap_every: int = 0, first_frame: int = 0) -> None:
        self._source = source
        self._lose_every = lose_every
        self._swap_every = swap_every
        self._requests = WordDecoder()
        self._out = bytearray()
        self._waiting: deque[bytes] = deque()
        self._late: list[tuple[int, bytes]] = []
        self._sent = 0
        self._frame, self._line = first_frame, 0
        self._due_ns = 0
        self._made: dict[int, NDArray[np.int16]] = {}
        self.state = State.STANDBY

    def feed(self, data: bytes, now_ns: int) -> None:
        """Requests of the host."""
        for words in self._requests.feed(data):
            self._out += wrap(TCP, self._answer(words[0], now_ns))

    def poll(self, now_ns: int, room: int = 1 << 20) -> bytes:
        """Answers and the lines that are due, each whole datagram behind its channel and length."""
        while self.state is State.SCANNING and self._due_ns <= now_ns:
            self._fire()
            self._due_ns += LINE_NS
        parts = [bytes(self._out)]
        self._out.clear()
        room -= len(parts[0])
        while self._waiting and len(self._waiting[0]) <= room:
            part = self._waiting.popleft()
            room -= len(part)
            parts.append(part)
        return b"".join(parts)

    def disconnect(self, now_ns: int) -> None:
        """The host went away: the probe stops."""
        self.state = State.STANDBY
        self._requests = WordDecoder()  # half a request of one host is none of the next
        self._out.clear()
        self._waiting.clear()
        self._late.clear()

    def _answer(self, command: int, now_ns: int) -> bytes:
        if command == Command.STATUS:
            # the fifth word is a twin's alone
            return pack_words(command, 0, _DURATION_US, 31_500, 87, self.state, 0, TWIN_CHANNEL)
        if command == Command.SCANNING:
            error = _BAD_STATE if self.state is not State.STANDBY else 0
            self.state, self._due_ns = State.SCANNING, now_ns
            return pack_words(command, error, _DURATION_US)
        if command == Command.STOP_SCANNING:
            error = _BAD_STATE if self.state is not State.SCANNING else 0
            self.state = State.STANDBY
            self._waiting.clear()
            self._late.clear()
            return pack_words(command, error, _DURATION_US)
        return pack_words(command, _UNKNOWN, _DURATION_US)

    def _fire(self) -> None:
        samples = self._samples(self._frame % self._source.loop)[LINES - 1 - self._line]
        line = Line(self._line + 1, TWIN_CHANNEL, self._frame % 256, samples)
        self._pass(wrap(UDP, pack_line(line)))
        self._line += 1
        if self._line == LINES:
            self._line, self._frame = 0, self._frame + 1

    def _pass(self, datagram: bytes) -> None:
        """Over a network that loses and reorders; a queue that nobody empties loses too."""
        self._sent += 1
        if self._swap_every and self._sent % self._swap_every == 0:
            self._late.append((self._sent + 3, datagram))
        elif not (self._lose_every and self._sent % self._lose_every == 0) and len(self._waiting) < MOST_WAITING:
            self._waiting.append(datagram)
        while self._late and self._late[0][0] <= self._sent:
            self._waiting.append(self._late.pop(0)[1])

    def _samples(self, index: int) -> NDArray[np.int16]:
        """(100, 800) of a sweep, as the probe sends it; made once."""
        if index not in self._made:
            source = self._source
            own = np.linspace(0, source.geometry.lines - 1, LINES).round().astype(int)
            heard = envelope(source.rf(index), source.sampling.rate_hz, source.centre_hz)[own] / source.full_scale
            level = np.clip(to_window(heard, source.sampling, SAMPLING), 1e-9, 1)
            self._made[index] = np.rint(WHITE * level).astype(np.int16)
        return self._made[index]
