"""POLAR: persistence. The last few frames are mixed, the newest most; a gap between them begins anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imaging import scratch
from imaging.preset import Preset
from imaging.stage import Job, Place
from probe.frame import Frame

MOST_FRAMES = 8
# a second or more between two frames is a pause, whatever the probe does
_LONGEST_PAUSE_US = 1_000_000


class PersistStep:
    """Runs ``blend`` over a ring of grey polar pictures. ``idle`` while one frame is shown by itself.

    The mixture follows from the last frames alone, not from all that came before; so a stored loop gives it again.
    """

    def __init__(self, job: Job) -> None:
        self.rows, samples = job.geometry.lines, job.polar_axis.samples
        self.output = np.zeros((self.rows, samples), dtype=np.uint8)
        self._dead = job.dead
        self._stack = np.zeros((MOST_FRAMES * self.rows, samples), dtype=np.uint8)
        self._weights = np.zeros(MOST_FRAMES, dtype=np.int32)
        self._alive = np.zeros((MOST_FRAMES, self.rows), dtype=np.uint8)
        self._held: list[tuple[int, int]] = []
        self._last_us = 0
        self._slot = 0
        self._frames = job.preset.persistence_frames
        self._runs = [
            job.kernels.bind("blend", self._weights, self._alive, scratch.zeros((2, samples), np.uint16), self.output)
            for _ in range(job.parts)
        ]

    @property
    def idle(self) -> bool:
        """Nothing to do: the chain passes its source on."""
        return self._frames == 1

    @property
    def parameters(self) -> Mapping[str, Any]:
        return {} if self.idle else {"kernel": "blend"}

    @property
    def mixed_frames(self) -> tuple[int, ...]:
        """Numbers of the older frames that are in the output."""
        return tuple(number for number, _ in self._held[:-1])

    def begin(self, frame: Frame) -> None:
        """Make room for a frame; frames that are not its close forerunners are forgotten."""
        # a probe that was frozen meanwhile goes on with the next number
        pause = not 0 <= frame.device_us - self._last_us <= _LONGEST_PAUSE_US
        if self._held and (pause or not 0 < frame.number - self._held[-1][0] <= 2 * self._frames):
            self.forget()
        self._last_us = frame.device_us
        self._slot = (self._slot + 1) % MOST_FRAMES
        kept = self._held[max(0, len(self._held) - self._frames + 1) :]
        self._held = [*kept, (frame.number, self._slot)]
        np.equal(self._dead, 0, out=self._alive[self._slot], casting="unsafe")
        self._weights[:] = 0
        for age, (_, slot) in enumerate(reversed(self._held)):
            self._weights[slot] = self._frames - age

    def run(self, source: NDArray[np.uint8], lo: int, hi: int, part: int) -> None:
        first = self._slot * self.rows
        np.copyto(self._stack[first + lo : first + hi], source[lo:hi])
        self._runs[part](self._stack, lo, hi)

    def retune(self, preset: Preset) -> None:
        """Greys of another gain are not mixed with those of this one."""
        self._frames = preset.persistence_frames
        self.forget()

    def forget(self) -> None:
        """The next frame is shown by itself."""
        self._held = []


@dataclass(frozen=True, slots=True)
class PersistStage:
    """Plans persistence."""

    name: str = "persist"
    version: int = 1
    place: Place = Place.POLAR

    def plan(self, job: Job) -> PersistStep:
        return PersistStep(job)


PERSIST = PersistStage()
