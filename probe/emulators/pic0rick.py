"""The stock pic0rick, byte for byte: a shell with echo and prompt that believes whatever number it is given."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from probe.emulators.alines import BlockSource, LineSource
from probe.emulators.shots import Shot, no_shots
from probe.protocols.pic0rick import (
    BINARY_SAMPLES,
    ENDED,
    FULL_SCALE,
    GREETING,
    MID_SCALE,
    PROMPT,
    SAMPLES,
    STARTED,
    TICK_NS,
    TIME_OUT,
    TWIN_ANSWER,
    UNKNOWN,
    write_binary,
    write_dump,
)

LINE_LIMIT = 127
BOOT_NS = 400_000_000
DMA_WAIT_NS = 3_000_000_000
CAPTURE_NS = 200_000
FIRST_SAMPLE, LATE_SAMPLES = 7, 14
HIGH_GAIN, HIGH_GAIN_DC = 500, -89
_WRAP = 1 << 32


class Pic0rickDevice:
    """A board that sees the lines of a source.

    Args:
        source: What the transducer sees.
        late_every: Every so many shots the pulse shows 14 samples later, as in some real traces; 0 never.
        time_out_every: Every so many shots the ADC times out, as the firmware's known race makes it; 0 never.
        dc_counts: What the baseline lies above mid-scale.
        four_channels: It is the board with a multiplexer, whose firmware also reads in binary.
    """

    def __init__(
        self,
        source: LineSource | None = None,
        *,
        late_every: int = 7,
        time_out_every: int = 0,
        dc_counts: int = 4,
        four_channels: bool = False,
    ) -> None:
        self._source = source or BlockSource()
        self._late_every = late_every
        self._time_out_every = time_out_every
        self._dc = dc_counts
        self._line = bytearray()
        self._out = bytearray()
        self._booted_ns: int | None = None
        self._boot_from_ns: int | None = None
        self._busy_until_ns = 0
        self._after: bytes | None = None
        self._typed = bytearray()
        self._four_channels = four_channels
        self._counts = np.full(SAMPLES, MID_SCALE, dtype=np.int16)
        self._count = 0
        self.dac = 0
        self.mux = 0
        self.shots = no_shots()

    def feed(self, data: bytes, now_ns: int) -> None:
        """What the host types; before the firmware runs, nothing listens."""
        self._wake(now_ns)
        self._typed += data[:4096]
        self._work(now_ns)

    def poll(self, now_ns: int, room: int = 1 << 20) -> bytes:
        """Let time pass; at most ``room`` bytes for the host. Being asked means that the host holds DTR."""
        self._wake(now_ns)
        self._work(now_ns)
        part = bytes(self._out[:room])
        del self._out[:room]
        return part

    def disconnect(self, now_ns: int) -> None:
        """The host closed its end: what it did not read is gone; there will be no new banner."""
        self._out.clear()
        self._typed.clear()
        self._line.clear()

    def _wake(self, now_ns: int) -> None:
        if self._boot_from_ns is None:
            self._boot_from_ns = now_ns

    def _work(self, now_ns: int) -> None:
        if self._booted_ns is None:
            if self._boot_from_ns is None or now_ns - self._boot_from_ns < BOOT_NS:
                return
            self._booted_ns = now_ns
            self._out += PROMPT
        if self._after is not None and now_ns >= self._busy_until_ns:
            self._out += self._after + PROMPT
            self._after = None
        while self._typed and self._after is None:
            self._type(self._typed[0], now_ns)
            del self._typed[:1]

    def _type(self, key: int, now_ns: int) -> None:
        if key in b"\r\n":
            line, self._line = bytes(self._line), bytearray()
            self._out += b"\r\n"
            self._run(line, now_ns)
        elif key in (8, 127):
            if self._line:
                del self._line[-1:]
                self._out += b"\b \b"
        elif 32 <= key <= 126 and len(self._line) < LINE_LIMIT:
            self._line.append(key)
            self._out.append(key)

    def _run(self, line: bytes, now_ns: int) -> None:
        words = line.split()
        name = b" ".join(words[:2])
        if name == b"start acq":
            self._acquire(words[2:], now_ns)
            return
        self._out += self._answer(name, words[2:]) + PROMPT

    def _answer(self, name: bytes, rest: list[bytes]) -> bytes:
        if name == b"read":
            return write_dump(self._counts)
        if name == b"read bin" and self._four_channels:
            return write_binary(self._counts[: min(max(1, _atoi(rest[0]) if rest else 1), BINARY_SAMPLES)])
        if name == b"write dac":
            self.dac = _atoi(rest[0]) if rest else 0
            return b"DAC writing started\r\nDAC writing ended\r\n"
        if name == b"write mux":
            self.mux = _hex(rest[0]) if rest else 0
            return b"MAX14866 writing started\r\nMAX14866 writing ended\r\n"
        if name in (b"", b"set mux", b"clear mux"):
            return b""
        twin = TWIN_ANSWER + b"\r\n" if name == GREETING else b""
        return UNKNOWN + name + b"\r\n" + twin

    def _acquire(self, rest: list[bytes], now_ns: int) -> None:
        on, off, damp = (_atoi(rest[at]) if at < len(rest) else usual for at, usual in enumerate((0, 1000, 1000)))
        self.shots.append(Shot(now_ns, *(_driven_ns(width) for width in (on, off, damp))))
        self._count += 1
        timed_out = bool(self._time_out_every) and self._count % self._time_out_every == 0
        if not timed_out:
            self._counts = self._capture()
        self._busy_until_ns = now_ns + (DMA_WAIT_NS if timed_out else CAPTURE_NS)
        self._out += STARTED + b"\r\n"
        self._after = (TIME_OUT + b"\r\n" if timed_out else b"") + ENDED + b"\r\n"

    def _capture(self) -> NDArray[np.int16]:
        """(8000,) ADC counts: quiet, then the pulse from sample 7 on, now and then from sample 21."""
        late = bool(self._late_every) and self._count % self._late_every == 0
        start = FIRST_SAMPLE + (LATE_SAMPLES if late else 0)
        # at high gain the real board's baseline falls by some ninety counts
        counts = np.full(SAMPLES, self._dc if self.dac < HIGH_GAIN else HIGH_GAIN_DC, dtype=np.int32)
        counts[start:] += self._source.line(self._count - 1)[: SAMPLES - start]
        return np.clip(counts + MID_SCALE, 0, FULL_SCALE).astype(np.int16)


def _atoi(word: bytes) -> int:
    """What the C library makes of a word: its leading digits, else 0."""
    match = re.match(rb"[+-]?\d{1,18}", word)
    return int(match[0]) if match else 0


def _hex(word: bytes) -> int:
    match = re.match(rb"[0-9A-Fa-f]{1,4}", word)
    return int(match[0], 16) if match else 0


def _driven_ns(asked: int) -> int:
    """How long the pulser is driven: whole ticks of an unsigned counter, so a negative width is 34 seconds."""
    return int(asked / TICK_NS) % _WRAP * TICK_NS
