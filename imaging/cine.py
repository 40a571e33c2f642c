"""Cine: the last frames, bounded in bytes. Frames, not pictures, so that every knob still works on a frozen loop."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from probe.frame import Frame


@dataclass(frozen=True, slots=True)
class Loop:
    """A frozen cine.

    Args:
        frames: Oldest first; empty when nothing had arrived.
        forgotten: How many older frames the ring had let go.
    """

    frames: tuple[Frame, ...]
    forgotten: int = 0


class Cine:
    """A ring of frames. Used by the imaging thread alone.

    Args:
        limit_bytes: What the frames' arrays may take together. The newest frame is kept even if it is larger alone.

    Raises:
        ValueError: The limit is no positive number.
    """

    def __init__(self, limit_bytes: int) -> None:
        if limit_bytes <= 0:
            raise ValueError("a cine needs room for something")
        self.limit_bytes = limit_bytes
        self.bytes = 0
        self._frames: deque[Frame] = deque()
        self._forgotten = 0

    @property
    def frames(self) -> Sequence[Frame]:
        """What is in the ring, oldest first; only until the next ``append``."""
        return self._frames

    def __len__(self) -> int:
        return len(self._frames)

    def append(self, frame: Frame) -> None:
        """Take a frame; the oldest ones go until the limit holds again."""
        self._frames.append(frame)
        self.bytes += frame_bytes(frame)
        while self.bytes > self.limit_bytes and len(self._frames) > 1:
            self.bytes -= frame_bytes(self._frames.popleft())
            self._forgotten += 1

    def freeze(self) -> Loop:
        """What is in the ring now; the ring goes on."""
        return Loop(tuple(self._frames), self._forgotten)

    def clear(self) -> None:
        """Forget all frames, as for the next patient."""
        self._frames.clear()
        self.bytes = self._forgotten = 0


def frame_bytes(frame: Frame) -> int:
    """What a frame's arrays take."""
    return int(frame.samples.nbytes + frame.missing.nbytes + frame.line_us.nbytes)
