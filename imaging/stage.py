"""Stage: the third seam. One step of imaging, planned once for a geometry and a preset, then run on every frame.

    samples --DETECT--> grey polar --POLAR...--> grey polar --PACK--> cells --SCAN--> picture --PICTURE...--> picture

DETECT is chosen by the frame's format; persistence, speckle reduction, PACK and SCAN are ours; POLAR and PICTURE are
where a preset's own stages go.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from imaging.compiled import Kernels
from imaging.layout import Layout
from imaging.preset import Preset
from probe.frame import Frame
from probe.geometry import Geometry
from probe.settings import SampleFormat, Sampling, Settings


class Place(Enum):
    """Where in the chain a stage sits; it says what goes in and what comes out."""

    DETECT = "detect"
    POLAR = "polar"
    PACK = "pack"
    SCAN = "scan"
    PICTURE = "picture"


@dataclass(frozen=True, slots=True)
class Axis:
    """Where polar samples lie along a line: sample ``j`` is the frame's sample ``first + step * j``."""

    samples: int
    first: float
    step: float

    def ranges_mm(self, sampling: Sampling, sound_speed_m_s: int) -> NDArray[np.float64]:
        """(samples,) distance along the line."""
        nearest = sampling.range_mm(self.first, sound_speed_m_s)
        spacing = sampling.spacing_mm(sound_speed_m_s) * self.step
        return np.asarray(nearest + spacing * np.arange(self.samples), dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """What a stage is planned for.

    Args:
        format, geometry, sampling, settings: Of the frames that will come.
        preset: How to image them.
        layout: The picture's millimetre map.
        dead: (lines,) uint8, 1 where a line holds no echoes; filled before DETECT, which may add to it.
        parts: How many row ranges may run at the same time: a step keeps scratch for each.
        kernels: Compiled kernels.
        axis: The polar samples; None while DETECT itself is planned.
        backward: Where the lines of a backward sweep really lie, where that was measured; else as ``geometry`` says.
    """

    format: SampleFormat
    geometry: Geometry
    sampling: Sampling
    settings: Settings
    preset: Preset
    layout: Layout
    dead: NDArray[np.uint8]
    parts: int
    kernels: Kernels
    axis: Axis | None = None
    backward: Geometry | None = None

    @property
    def polar_axis(self) -> Axis:
        """The polar samples, known to every stage after DETECT.

        Raises:
            RuntimeError: DETECT asked for it.
        """
        if self.axis is None:
            raise RuntimeError("the polar axis is what DETECT plans")
        return self.axis


class Step(Protocol):
    """A planned stage. It owns its output and its scratch, and allocates nothing in ``run``."""

    @property
    def output(self) -> NDArray[Any]:
        """What it fills: always the same array."""

    @property
    def rows(self) -> int:
        """How many rows ``run`` may be asked for; any division into ranges gives the same output."""

    @property
    def parameters(self) -> Mapping[str, Any]:
        """What decides the output beside job and source, for the digest: whole numbers, texts, lists of them."""

    def run(self, source: NDArray[Any], lo: int, hi: int, part: int) -> None:
        """Fill rows ``lo`` to ``hi`` from the step before (from the frame's samples in DETECT); never raises.

        Args:
            source: (rows, ...) C order.
            lo, hi: Rows to do.
            part: Which scratch to use; no two threads run the same part.
        """

    def retune(self, preset: Preset) -> None:
        """Take what knobs change (``chain.KNOBS``) of a preset that is otherwise the same."""


class DetectStep(Step, Protocol):
    """DETECT also says where its samples lie."""

    @property
    def axis(self) -> Axis: ...


@runtime_checkable
class FrameStep(Step, Protocol):
    """A step of ours that knows one frame from the next, and may have nothing to do."""

    @property
    def idle(self) -> bool:
        """The chain leaves it out."""

    def begin(self, frame: Frame) -> None:
        """Called before the step's first range, unless it is idle."""

    def forget(self) -> None:
        """What comes next does not follow what came before."""


class Stage(Protocol):
    """Plans steps. ``name`` and ``version`` are part of every picture's digest: raise the version with the numbers."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> int: ...

    @property
    def place(self) -> Place: ...

    def plan(self, job: Job) -> Step:
        """A step with all its tables.

        Raises:
            CannotImage: The data does not give what the stage needs.
        """
