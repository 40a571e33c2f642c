"""pic0rick's RP2350 signal processor, byte for byte: answers in text, A-lines in binary, in one stream.

It boots disarmed, honours only ``stream stop`` while it streams, drops a frame that the host does not take for two
seconds, and says in its firmware's version that it is a twin.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from probe.emulators.alines import BlockSource, LineSource
from probe.emulators.shots import Shot, no_shots
from probe.protocols.p0rk import (
    MAX_RATE_HZ,
    MID_SCALE,
    NAMES,
    SAMPLES,
    Flag,
    Kind,
    Packet,
    alaw_compress,
    pack,
)

FIRMWARE = "1.5-twin"
LINE_LIMIT = 159
STALL_NS = 2_000_000_000
QUEUED = 2
LEAST_NS = 40
CASES = 7
_KINDS = {name: kind for kind, name in NAMES.items()}


class P0rkDevice:
    """A board that sees the lines of a source.

    Args:
        source: What the transducer sees.
        self_test: The frames that ``dsp selftest`` answers with; left out, the twin makes its own.
    """

    def __init__(self, source: LineSource | None = None, self_test: bytes | None = None) -> None:
        self._source = source or BlockSource()
        self._self_test = self_test
        self._line = bytearray()
        self._leaving = b""
        self._queue: deque[tuple[bytes, bool]] = deque()
        self._moved_ns = 0
        self._stream: tuple[Kind, int] | None = None
        self._due_ns = 0
        self._sequence = self._drops = self._index = 0
        self._pulse = (96, 6000, 96)
        self._order = "neg-first"
        self._dac = 0
        self._scale = 512.0
        self._captured: NDArray[np.uint16] | None = None
        self.armed = False
        self.shots = no_shots()
        self._commands: dict[str, Callable[[list[str], int], str]] = {
            "help": lambda words, now: "OK commands=status|help|pulser|pulse|dac|dsp|acq|stream|start|read",
            "status": lambda words, now: self._status(),
            "pulser": self._on_pulser,
            "pulse": self._on_pulse,
            "dac": self._on_dac,
            "dsp": self._on_dsp,
            "acq": self._on_acq,
            "stream": self._on_stream,
            "start": self._on_legacy,
            "read": self._on_read,
        }

    def feed(self, data: bytes, now_ns: int) -> None:
        """What the host sends: lines, without echo."""
        for key in data:
            if key not in b"\r\n":
                if len(self._line) <= LINE_LIMIT:
                    self._line.append(key)
                continue
            line, self._line = bytes(self._line), bytearray()
            if line:
                self._run(line, now_ns)

    def poll(self, now_ns: int, room: int = 1 << 20) -> bytes:
        """Let time pass; at most ``room`` bytes for the host."""
        self._fire(now_ns)
        parts: list[bytes] = []
        while room > 0 and (self._leaving or self._queue):
            if not self._leaving:
                self._leaving = self._queue.popleft()[0]
            part, self._leaving = self._leaving[:room], self._leaving[room:]
            room -= len(part)
            parts.append(part)
        if parts or not self._leaving:
            self._moved_ns = now_ns
        elif now_ns - self._moved_ns >= STALL_NS:
            # the firmware clears its FIFO in the middle of a frame
            self._leaving, self._drops, self._moved_ns = b"", self._drops + 1, now_ns
        return b"".join(parts)

    def disconnect(self, now_ns: int) -> None:
        """The host closed its end: what it did not read is gone. The bus is still there, so a stream goes on, armed."""
        self._leaving = b""
        self._queue.clear()
        self._line.clear()

    def _run(self, line: bytes, now_ns: int) -> None:
        text = line.decode("ascii", "replace")
        if self._stream is not None:
            if text == "stream stop":
                self._say(self._stop())
            return
        if len(line) > LINE_LIMIT:
            self._say("ERR LINE command is too long")
            return
        words = text.split()
        command = self._commands.get(words[0]) if words else None
        self._say("ERR COMMAND unknown command" if command is None else command(words, now_ns))

    def _say(self, answer: str) -> None:
        if answer:
            self._queue.append((answer.encode("ascii", "replace") + b"\r\n", False))

    def _status(self) -> str:
        neg, damp, pos = self._pulse
        stream = f"on/{self._stream[1]}" if self._stream else "off/0"
        return (
            f"OK board=pic0rick package=RP2350A firmware={FIRMWARE} dsp_backend=f32-rfft-hilbert samples={SAMPLES} "
            f"sample_rate=60000000 pulser={'armed' if self.armed else 'disarmed'} "
            f"pulse={neg}/{damp}/{pos}/{self._order} dac={self._dac} scale={self._scale:.6g} stream={stream} "
            f"drops={self._drops} stages_us=0/0/0/0/0/0 dsp_us=0 worst_us=0 performance=ok envelope_max_rate=50 "
            "alaw_max_rate=70 cmsis=1.17.0"
        )

    def _on_pulser(self, words: list[str], now_ns: int) -> str:
        if words[1:] not in (["arm"], ["disarm"]):
            return "ERR ARG use pulser arm or pulser disarm"
        self.armed = words[1] == "arm"
        return f"OK pulser {words[1]}ed"

    def _on_pulse(self, words: list[str], now_ns: int) -> str:
        widths = [int(word) for word in words[2:5] if re.fullmatch(r"\d{1,9}", word)]
        if words[1:2] != ["config"] or len(widths) != 3 or words[5:] not in (["neg-first"], ["pos-first"]):
            return "ERR ARG use pulse config neg damp pos order"
        if min(widths) < LEAST_NS:
            return "ERR RANGE minimum is 40/40/40 ns"
        neg, damp, pos = (8 * round(width / 8) for width in widths)
        self._pulse, self._order = (neg, damp, pos), words[5]
        return f"OK pulse={neg}/{damp}/{pos}/{self._order}"

    def _on_dac(self, words: list[str], now_ns: int) -> str:
        if words[1:2] != ["write"] or len(words) != 3 or not words[2].isdecimal() or int(words[2][:9]) > 1023:
            return "ERR RANGE DAC value must be 0..1023"
        self._dac = int(words[2])
        return f"OK dac={self._dac}"

    def _on_dsp(self, words: list[str], now_ns: int) -> str:
        if words[1:] == ["selftest"]:
            self._say(f"OK selftest frames={3 * CASES} cases={CASES}")
            self._queue.append((self._self_test or self._make_self_test(), True))
            return ""
        if words[1:2] != ["scale"] or len(words) != 3 or not re.fullmatch(r"\d{1,5}(\.\d{1,6})?", words[2]):
            return "ERR ARG use dsp scale ref or dsp selftest"
        if not 0 < float(words[2]) <= 65535:
            return "ERR RANGE scale must be above 0 and at most 65535"
        self._scale = float(words[2])
        return f"OK scale={self._scale:g}"

    def _on_acq(self, words: list[str], now_ns: int) -> str:
        kind = _KINDS.get(words[1]) if len(words) == 2 else None
        if kind is None:
            return "ERR ARG use acq raw, envelope or alaw"
        self._say(f"OK capture started type={words[1]}")
        self._push(kind, now_ns)
        return ""

    def _on_stream(self, words: list[str], now_ns: int) -> str:
        if words[1:] == ["stop"]:
            return "OK stream already stopped"
        kind = _KINDS.get(words[2]) if len(words) == 4 and words[1] == "start" else None
        if kind is None or not re.fullmatch(r"\d{1,9}", words[3]):
            return "ERR ARG use stream start type rate"
        if not 1 <= int(words[3]) <= MAX_RATE_HZ[kind]:
            return f"ERR RATE allowed rate is 1..{MAX_RATE_HZ[kind]} Hz"
        self._stream, self._due_ns = (kind, int(words[3])), now_ns
        return f"OK stream started type={words[2]} rate={words[3]}"

    def _stop(self) -> str:
        self._stream, self.armed = None, False
        self._queue = deque(entry for entry in self._queue if not entry[1])
        return f"OK stream stopped drops={self._drops}"

    def _on_legacy(self, words: list[str], now_ns: int) -> str:
        if words[1:] != ["acq"]:
            return "ERR COMMAND unknown command"
        self._captured = self._capture(now_ns)
        return "OK legacy acquisition started"

    def _on_read(self, words: list[str], now_ns: int) -> str:
        if self._captured is None:
            return "ERR NO_DATA no completed acquisition"
        digits = ",".join(f"{value:03X}" for value in self._captured.tolist())
        return f"OK raw-hex {SAMPLES}\r\n{digits}"

    def _fire(self, now_ns: int) -> None:
        """Take the line that is due; those that were due before it and never asked for are not shot."""
        while self._stream is not None and now_ns >= self._due_ns:
            kind, rate_hz = self._stream
            interval_ns = 1_000_000_000 // rate_hz
            self._due_ns += interval_ns * ((now_ns - self._due_ns) // interval_ns + 1)
            self._push(kind, now_ns)

    def _push(self, kind: Kind, now_ns: int) -> None:
        adc = self._capture(now_ns)
        if sum(binary for _, binary in self._queue) >= QUEUED:
            self._drops += 1
            self._sequence += 1
            return
        flags = Flag.PULSER_ARMED if self.armed else Flag(0)
        self._queue.append((pack(self._packet(kind, adc, flags, now_ns)), True))

    def _capture(self, now_ns: int) -> NDArray[np.uint16]:
        if self.armed:
            neg, damp, pos = self._pulse
            self.shots.append(Shot(now_ns, neg, pos, damp))
        counts = self._source.line(self._index)[:SAMPLES].astype(np.int32)
        self._index += 1
        echoes = counts if self.armed else np.zeros_like(counts)
        return np.clip(echoes + MID_SCALE, 0, 1023).astype(np.uint16)

    def _packet(self, kind: Kind, adc: NDArray[np.uint16], flags: int, now_ns: int) -> Packet:
        envelope = hilbert_envelope(adc)
        share = envelope / self._scale
        payloads = {
            Kind.RAW: lambda: adc.astype("<u2").tobytes(),
            Kind.ENVELOPE: lambda: envelope.astype("<f4").tobytes(),
            Kind.ALAW: lambda: alaw_compress(share).tobytes(),
        }
        if kind is Kind.ALAW and float(share.max()) > 1:
            flags |= Flag.ALAW_SATURATED
        sequence, self._sequence = self._sequence % (1 << 32), self._sequence + 1
        return Packet(
            kind, int(flags), sequence, now_ns // 1000, float(adc.mean()), float(envelope.max()), self._scale,
            *self._pulse, self._drops, payloads[kind](),
        )  # fmt: skip

    def _make_self_test(self) -> bytes:
        """Seven tones, each raw, as envelope and as A-law."""
        seconds = np.arange(SAMPLES) / 60e6
        out = b""
        for case in range(CASES):
            swell = 1 - 0.6 * np.cos(2 * np.pi * (case + 1) * np.arange(SAMPLES) / SAMPLES)
            tone = 200 * swell * np.sin(2 * np.pi * (2 + case) * 1e6 * seconds)
            adc = np.rint(MID_SCALE + tone).astype(np.uint16)
            for kind in Kind:
                out += pack(self._packet(kind, adc, Flag.SELF_TEST | case << 8, 0))
        return out


def hilbert_envelope(adc: NDArray[np.integer]) -> NDArray[np.float64]:
    """Magnitude of the analytic signal of the counts about their mean."""
    spectrum = np.fft.fft(adc - adc.mean())
    half = len(adc) // 2
    spectrum[1:half] *= 2
    spectrum[half + 1 :] = 0
    envelope: NDArray[np.float64] = np.abs(np.fft.ifft(spectrum))
    return envelope
