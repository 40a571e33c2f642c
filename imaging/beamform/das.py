"""Delay and sum: channel data of one or more waves to one complex image, planned once, then run without allocating."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, wait
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imaging import compiled
from imaging.beamform.channels import Channels
from imaging.beamform.lines import Lines
from imaging.beamform.receive import Receive
from imaging.beamform.sampling import ChannelSampling
from imaging.beamform.summing import Points, Summing, summing_of
from imaging.beamform.wave import Wave
from imaging.errors import CannotImage

Rows = Callable[[NDArray[Any], int, int], None]


class Beamformer:
    """A plan for channel data that is alike from frame to frame. For one thread at a time.

    Several waves are compounded coherently: their complex images are summed.

    Args:
        target: What to image: lines that repeat with the elements (fast), or points anywhere.
        waves: What was transmitted, in the order of the data.
        sampling: How the data was sampled, with one ``first_sample_s`` for each wave.
        sound_speed_m_s: Of the tissue.
        receive: Aperture and window.
        coherence: Also keep what coherence factors are made of (``coherence.py``).
        executor: Runs ``parts`` row ranges at the same time; the image does not depend on it.
        parts: Number of row ranges.
        kernels: Compiled kernels, when not the best ones of this installation.

    Raises:
        CannotImage: The pieces do not fit together.
        NoKernels: Kernels are missing from this installation.
    """

    def __init__(
        self,
        target: Lines | Points,
        waves: Sequence[Wave],
        sampling: ChannelSampling,
        sound_speed_m_s: float,
        receive: Receive | None = None,
        *,
        coherence: bool = False,
        executor: Executor | None = None,
        parts: int = 1,
        kernels: compiled.Kernels | None = None,
    ) -> None:
        if not waves or len(waves) != len(sampling.first_sample_s):
            raise CannotImage("Each wave needs the time of its first sample", "Correct the description of the data.")
        self._executor, self._parts = executor, max(1, parts) if executor else 1
        ready = kernels or compiled.kernels()
        self.target, self.sampling, self.sound_speed_m_s = target, sampling, sound_speed_m_s
        summing: list[Summing] = [
            summing_of(target, wave, receive or Receive(), sound_speed_m_s, coherence) for wave in waves
        ]
        self.keeps_coherence = all(each.coherence for each in summing)
        delays_s = [each.delays_s for each in summing]
        self._channels = Channels(target.aperture, sampling, delays_s, ready, self._parts)
        self._shape = (len(waves), target.aperture.elements, sampling.samples)
        rows, columns = target.rows, target.lines
        self.image = np.zeros((rows, 2 * columns), np.float32)
        self.likeness = np.zeros((rows, 2 * columns), np.float32)
        self.envelope = np.zeros((rows, columns), np.float32)
        self.listening = np.zeros((rows, columns), np.float32)
        self._sums: list[list[Rows]] = []
        for number, each in enumerate(summing):
            bound = each.bind(self._channels, number, ready, self._parts, (self.image, self.likeness, self.listening))
            self._sums.append(bound)
        self._magnitude = ready.bind("magnitude", self.envelope)

    def fits(self, samples: NDArray[Any]) -> bool:
        """Whether data is what this was planned for: (waves, elements, samples) int16 in C order."""
        return (
            isinstance(samples, np.ndarray)
            and samples.shape == self._shape
            and samples.dtype == np.int16
            and samples.flags.c_contiguous
        )

    def run(self, samples: NDArray[np.int16]) -> bool:
        """Image a frame into ``image`` and ``envelope``; False, and nothing changed, where the data does not fit."""
        if not self.fits(samples):
            return False
        for number, sums in enumerate(self._sums):
            turn, filtering = self._channels.bound[number]
            self._run(turn, samples[number], self._shape[1])
            self._run([filtering] * self._parts, self._channels.turned, self._channels.moments)
            self._run(sums, self._channels.analytic, self.target.rows)
        self._run([self._magnitude] * self._parts, self.image, self.target.rows)
        return True

    def iq(self) -> NDArray[np.complex64]:
        """(rows, columns) a copy of the complex image, the carrier still in it."""
        columns = self.target.lines
        return np.asarray(self.image[:, :columns] + 1j * self.image[:, columns:], dtype=np.complex64)

    def _run(self, bound: list[Rows], source: NDArray[Any], rows: int) -> None:
        """All rows of a step, in as many ranges as there are parts; returns when all are done."""
        parts = self._parts
        if self._executor is None or parts == 1:
            bound[0](source, 0, rows)
            return
        ends = [rows * part // parts for part in range(parts + 1)]
        waiting = [self._executor.submit(bound[part], source, ends[part], ends[part + 1]) for part in range(parts)]
        wait(waiting)
        for future in waiting:
            future.result()
