"""uProbe-1, byte for byte: envelope lines of 525 bytes, frame after frame, for as long as somebody listens."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from probe.coding import envelope
from probe.emulators.resampling import to_window
from probe.emulators.source import FrameSource
from probe.protocols.uprobe1 import LINES, LOG_RANGE_DB, RECORD_BYTES, SAMPLING, Record, pack
from probe.recording import Recording
from probe.settings import SampleFormat

FRAMES_PER_S = 12
MOST_WAITING = 8


class Uprobe1Device:
    """A probe that shows a loop of envelopes.

    Args:
        frames: (frames, 128, 512) uint8.
        frames_per_s: How fast.
        first_frame: Where the frame counter starts.
    """

    def __init__(self, frames: NDArray[np.uint8], *, frames_per_s: float = FRAMES_PER_S, first_frame: int = 0) -> None:
        self._frames = frames
        self._line_ns = round(1e9 / (frames_per_s * LINES))
        self._frame, self._line = first_frame, 0
        self._due_ns: int | None = None
        self._out = bytearray()

    def feed(self, data: bytes, now_ns: int) -> None:
        """Nothing is known to be listened to on this port."""

    def poll(self, now_ns: int, room: int = 1 << 20) -> bytes:
        """The lines that are due, at most ``room`` bytes of them."""
        if self._due_ns is None:
            self._due_ns = now_ns
        while self._due_ns <= now_ns:
            if len(self._out) >= MOST_WAITING * RECORD_BYTES:
                self._due_ns = now_ns
                break
            samples = self._frames[self._frame % len(self._frames), self._line]
            self._out += pack(Record(self._frame % 256, self._line, True, samples))
            self._line += 1
            if self._line == LINES:
                self._line, self._frame = 0, self._frame + 1
            self._due_ns += self._line_ns
        part = bytes(self._out[:room])
        del self._out[:room]
        return part

    def disconnect(self, now_ns: int) -> None:
        """The client went away."""
        self._out.clear()
        self._due_ns = None


def recorded_frames(recording: Recording) -> NDArray[np.uint8] | None:
    """(frames, 128, 512) of a recording of this probe; None when it is one of another."""
    first = recording.frame(0)
    if first.format is not SampleFormat.ENVELOPE_U8_LOG or first.sampling != SAMPLING or first.lines != LINES:
        return None
    return np.stack([frame.samples for frame in recording.all]).astype(np.uint8)


def rendered_frames(source: FrameSource) -> NDArray[np.uint8]:
    """(loop, 128, 512) of the sweeps of a source: its lines dealt out to 128, its echoes as logarithms."""
    own = np.linspace(0, source.geometry.lines - 1, LINES).round().astype(int)
    frames = []
    for index in range(source.loop):
        heard = envelope(source.rf(index), source.sampling.rate_hz, source.centre_hz)[own] / source.full_scale
        level = to_window(heard, source.sampling, SAMPLING)
        codes = 255 + 20 * np.log10(np.maximum(level, 1e-6)) * (254 / LOG_RANGE_DB)
        frames.append(np.clip(np.rint(codes), 0, 255).astype(np.uint8))
    return np.stack(frames)
