"""The echOpen kit, byte for byte: six setting bytes, then lines to and fro for as long as somebody listens."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from probe.coding import envelope
from probe.emulators.resampling import to_window
from probe.emulators.source import FrameSource
from probe.protocols.echopen import SOUND_SPEED_M_S, KitSettings, pack_line

LINE_US = 1000
MOST_WAITING = 32
KIT_COUNTS = 400
_MOST_LINES = 255


class EchopenDevice:
    """A kit that sees the sweeps of a source.

    Args:
        source: What the transducer sees.
        envelope: Send 8-bit envelopes, mode 1, instead of RF.
        line_us: Time from one line to the next.
    """

    def __init__(self, source: FrameSource, *, envelope: bool = False, line_us: int = LINE_US) -> None:
        self._source = source
        self._line_us = line_us
        self.settings = kit_settings(source, envelope)
        self._out = bytearray(self.settings.pack())
        self._due_ns: int | None = None
        self._sweep = self._line = 0
        self._made: dict[int, NDArray[np.integer]] = {}

    def feed(self, data: bytes, now_ns: int) -> None:
        """The kit takes no commands."""

    def poll(self, now_ns: int, room: int = 1 << 20) -> bytes:
        """The lines that are due, at most ``room`` bytes of them. A client that is slow slows the kit."""
        if self._due_ns is None:
            self._due_ns = now_ns
        while self._due_ns <= now_ns:
            if len(self._out) >= MOST_WAITING * self.settings.line_bytes:
                self._due_ns = now_ns
                break
            self._out += self._next_line()
            self._due_ns += 1000 * self._line_us
        part = bytes(self._out[:room])
        del self._out[:room]
        return part

    def disconnect(self, now_ns: int) -> None:
        """The client went away; the next one is greeted anew."""
        self._out = bytearray(self.settings.pack())
        self._due_ns = None
        self._sweep = self._line = 0

    def _next_line(self) -> bytes:
        lines = self.settings.lines
        backward = self._sweep % 2 == 1
        place = lines - 1 - self._line if backward else self._line
        data = pack_line(self.settings, place + 1, self._samples(self._sweep % self._source.loop)[place])
        self._line += 1
        if self._line == lines:
            self._line, self._sweep = 0, self._sweep + 1
        return data

    def _samples(self, index: int) -> NDArray[np.integer]:
        """(lines, samples) of a sweep as the kit sends it; made once."""
        if index not in self._made:
            source = self._source
            rf = source.rf(index)[: self.settings.lines]
            if self.settings.envelope:
                heard = envelope(rf, source.sampling.rate_hz, source.centre_hz) * (255 / source.full_scale)
                values = to_window(heard, source.sampling, self.settings.sampling)
                self._made[index] = np.clip(np.rint(values), 1, 255).astype(np.uint8)
            else:
                # the kit uses some 370 of its 8192 counts
                scale = min(1.0, KIT_COUNTS / source.full_scale)
                values = scale * to_window(rf, source.sampling, self.settings.sampling)
                self._made[index] = np.clip(np.rint(values), -32768, 32767).astype(np.int16)
        return self._made[index]


def kit_settings(source: FrameSource, envelope: bool) -> KitSettings:
    """What a kit would call a source's window and sector: whole millimetres, whole degrees, one of its rates."""
    own = source.sampling
    first, last = (own.range_mm(at, SOUND_SPEED_M_S) for at in (0, own.samples - 1))
    r0_mm, rf_mm = max(0, math.ceil(first - 0.01)), min(255, math.floor(last + 0.06))
    decimation = 8 if own.rate_hz < 60_000_000 else 1
    angles = source.geometry.angle_mdeg
    sector_deg = min(180, max(1, round((angles[-1] - angles[0]) / 1000)))
    lines = min(_MOST_LINES, source.geometry.lines)
    return KitSettings(r0_mm, rf_mm, decimation, lines, sector_deg, envelope, simulated=True)
