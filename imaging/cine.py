"""Cine: the last seconds of live frames, bounded in bytes. It holds Frames, so gain and measuring still work on it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from probe.frame import Frame


@dataclass(frozen=True, slots=True)
class Loop:
    """A frozen cine: frames from the oldest to the newest, which nothing changes any more."""

    frames: tuple[Frame, ...]

    @property
    def duration_ms(self) -> int:
        """Time from the first to the last frame, by the host's clock."""
        if not self.frames:
            return 0
        return (self.frames[-1].received_ns - self.frames[0].received_ns) // 1_000_000


class Cine:
    """A ring of frames; the oldest make room.

    Args:
        limit_bytes: Most bytes of samples held.
    """

    def __init__(self, limit_bytes: int = 32 << 20) -> None:
        self._limit_bytes = limit_bytes
        self._frames: deque[Frame] = deque()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._frames)

    @property
    def held_bytes(self) -> int:
        return self._bytes

    def append(self, frame: Frame) -> None:
        """Hold a frame; one that alone exceeds the limit is held alone."""
        self._frames.append(frame)
        self._bytes += frame.samples.nbytes
        while self._bytes > self._limit_bytes and len(self._frames) > 1:
            self._bytes -= self._frames.popleft().samples.nbytes

    def freeze(self) -> Loop:
        """What is held, as a loop. No sample is copied; later frames do not change it."""
        return Loop(tuple(self._frames))

    def clear(self) -> None:
        """Forget all frames: the next exam begins."""
        self._frames.clear()
        self._bytes = 0
