"""POLAR: speckle reduction, by the guided filter (fast) or by anisotropic diffusion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imaging import grey
from imaging.compiled import Bound
from imaging.preset import Preset
from imaging.stage import Job, Place
from probe.frame import Frame

_WINDOW = 25
# at this strength the filter halves what varies as speckle does
_STRENGTH_OF_SPECKLE = 2.5
# many small steps that expect little: of all that were tried, most speckle taken for least width added to a wire
_DIFFUSION_STEPS = 16
_EXPECTED, _DECAY = 0.15, 3.0


class SpeckleStep:
    """Runs ``smooth_guided`` or ``smooth_srad``, or is ``idle``. Both are ready, so that a knob can choose."""

    def __init__(self, job: Job) -> None:
        lines, samples = job.geometry.lines, job.polar_axis.samples
        self._lines = lines
        self.output = np.zeros((lines, samples), dtype=np.uint8)
        self._preset = job.preset
        self._noise = np.zeros(1, dtype=np.float32)
        self._intensities = np.ones(256, dtype=np.float32)
        self._table = np.zeros(65536, dtype=np.uint8)
        self._guided = [
            job.kernels.bind(
                "smooth_guided", self._noise, job.dead, np.zeros((2, samples + 4), np.int32),
                np.zeros((10, samples + 4), np.float32), self.output,
            )
            for _ in range(job.parts)
        ]  # fmt: skip
        image = np.zeros((2 * lines, samples + 2), dtype=np.float32)
        flow = np.zeros((lines, samples + 2), dtype=np.float32)
        # one plan for each strength: the number of steps is the length of the array
        self._diffusions: list[Bound] = [
            job.kernels.bind(
                "smooth_srad", self._intensities, expected(strength), self._table, job.dead, image, flow, self.output
            )
            for strength in range(11)
        ]
        self.retune(job.preset)

    @property
    def idle(self) -> bool:
        """Nothing to do: the chain passes its source on."""
        return self._preset.speckle == "none" or self._preset.speckle_strength == 0

    @property
    def rows(self) -> int:
        """Diffusion is one piece of work; the guided filter goes line by line."""
        return 1 if self._preset.speckle == "srad" else self._lines

    @property
    def parameters(self) -> Mapping[str, Any]:
        return {} if self.idle else {"kernel": f"smooth_{self._preset.speckle}"}

    def begin(self, frame: Frame) -> None:
        """One frame is like another."""

    def forget(self) -> None:
        """Nothing is remembered."""

    def run(self, source: NDArray[np.uint8], lo: int, hi: int, part: int) -> None:
        if self._preset.speckle == "srad":
            self._diffusions[self._preset.speckle_strength](source, lo, hi)
        else:
            self._guided[part](source, lo, hi)

    def retune(self, preset: Preset) -> None:
        self._preset = preset
        self._noise[0] = noise(preset)
        self._intensities[:] = grey.powers_of_grey(preset)
        self._table[:] = grey.power_table(preset)


def noise(preset: Preset) -> float:
    """What the guided filter takes for noise: the variance of log-compressed speckle, 5.6 dB, scaled by the strength.

    Times 625, since the kernel compares 25² times the variance.
    """
    speckle_greys = 5.57 * 255 / preset.dynamic_range_db
    return (_WINDOW * speckle_greys * max(1, preset.speckle_strength) / _STRENGTH_OF_SPECKLE) ** 2


def expected(strength: int) -> NDArray[np.float32]:
    """(steps,) squared coefficient of variation of the speckle that diffusion expects at each step: ever less."""
    count = _DIFFUSION_STEPS * strength
    return (_EXPECTED * np.exp(-_DECAY * np.arange(count) / max(1, count))).astype(np.float32)


@dataclass(frozen=True, slots=True)
class SpeckleStage:
    """Plans speckle reduction."""

    name: str = "speckle"
    version: int = 1
    place: Place = Place.POLAR

    def plan(self, job: Job) -> SpeckleStep:
        return SpeckleStep(job)


SPECKLE = SpeckleStage()
