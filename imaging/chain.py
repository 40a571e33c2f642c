"""Chain: Frame to Picture. Planned once for a geometry and a preset; running it fills buffers that it owns.

    samples --front--> polar grey --polar stages--> --pack_quads, convert--> picture --picture stages--> Picture

The same frame with the same preset gives the same pixels, whatever came before it and however many threads helped.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, wait
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imaging.compiled import kernel
from imaging.errors import Unplannable
from imaging.fronts import make_front
from imaging.kernels.registry import KERNELS
from imaging.mapping import fit_grid, plan_tables
from imaging.picture import Picture
from imaging.preset import Preset
from imaging.stage import Field, Place, Stage, Step
from probe.frame import Frame

Key = tuple[object, ...]


class Status(Enum):
    """What became of a frame in the live loop, where nothing may be raised."""

    OK = "ok"
    MISFIT = "the frame is not of the kind that the chain was planned for"
    EMPTY = "every line is missing"


class Chain:
    """A planned chain; made by ``plan``.

    Args:
        frame: Any frame of the kind; its samples are not used.
        preset: What the picture is for.
        width_px, height_px: Size of the picture.
        stages: Further processing, in order.
        workers: Runs ranges of rows side by side, if given.
    """

    def __init__(
        self,
        frame: Frame,
        preset: Preset,
        width_px: int,
        height_px: int,
        stages: Sequence[Stage] = (),
        workers: Executor | None = None,
    ) -> None:
        if frame.lines < 2 or frame.samples.shape[1] < 8:
            raise Unplannable("A picture needs at least two lines of eight samples", "Use the test line instead.")
        self._key = _key(frame)
        self._preset = preset
        self._workers = workers
        self._front = make_front(frame, preset)
        depths = self._front.depths
        self._grid = fit_grid(frame.geometry, depths, width_px, height_px)
        self._tables = plan_tables(frame.geometry, depths, self._grid)
        self._quads = np.zeros((frame.lines - 1, depths.count - 1), dtype=np.uint32)
        self._missing = np.zeros(frame.lines, dtype=np.uint8)
        self._scratch = np.zeros((height_px, width_px), dtype=np.uint32)
        self._pixels = np.zeros((height_px, width_px), dtype=np.uint8)
        self._polar = _Steps(stages, Field(self._front.grey.shape, depths.spacing_mm, Place.POLAR), preset)
        self._flat = _Steps(stages, Field((height_px, width_px), self._grid.step_mm, Place.PICTURE), preset)
        self.digest = self._make_digest(frame, stages)
        self._frame: Frame | None = None
        self._shown = self._pixels

    @classmethod
    def plan(
        cls,
        frame: Frame,
        preset: Preset,
        width_px: int = 640,
        height_px: int = 480,
        stages: Sequence[Stage] = (),
        workers: Executor | None = None,
    ) -> Chain:
        """Plan a chain for frames like this one.

        Raises:
            Unplannable: No picture can be made of this kind of data.
        """
        return cls(frame, preset, width_px, height_px, stages, workers)

    def fits(self, frame: Frame) -> bool:
        """Whether this chain was planned for frames like this one."""
        return _key(frame) == self._key

    def run(self, frame: Frame) -> Status:
        """Image a frame into the chain's own buffers; never raises on a bad one."""
        if not self.fits(frame) or not frame.samples.flags.c_contiguous:
            return Status.MISFIT
        np.copyto(self._missing, frame.missing, casting="unsafe")
        if self._missing.all():
            return Status.EMPTY
        self._front.run(frame.samples, self._spread)
        polar = self._polar.run(self._front.grey)
        tables = self._tables
        self._spread(kernel("pack_quads"), self._quads.shape[0], (polar, self._missing, self._quads))
        self._spread(
            kernel("convert"),
            self._pixels.shape[0],
            (
                self._quads.reshape(-1), tables.cells, tables.weights, tables.runs, tables.row_runs, self._scratch,
                self._pixels,
            ),
        )  # fmt: skip
        self._shown = self._flat.run(self._pixels)
        self._frame = frame
        return Status.OK

    def picture(self) -> Picture:
        """A copy of the last frame's picture that nothing will change any more.

        Raises:
            RuntimeError: No frame was run yet.
        """
        frame = self._frame
        if frame is None:
            raise RuntimeError("run a frame first")
        pixels = self._shown.copy()
        pixels.flags.writeable = False
        grid = self._grid
        return Picture(
            pixels=pixels, mm_per_pixel=grid.step_mm, origin_x_mm=grid.x0_mm, origin_z_mm=grid.z0_mm,
            frame_number=frame.number, preset=self._preset.name, sound_speed_m_s=self._preset.sound_speed_m_s,
            digest=self.digest, provenance=frame.provenance, missing_lines=int(self._missing.sum()),
        )  # fmt: skip

    def _spread(self, compiled: Callable[..., None], rows: int, arguments: tuple[Any, ...]) -> None:
        if self._workers is None:
            compiled(*arguments, 0, rows)
            return
        half = rows // 2
        wait([self._workers.submit(compiled, *arguments, lo, hi) for lo, hi in ((0, half), (half, rows))])

    def _make_digest(self, frame: Frame, stages: Sequence[Stage]) -> str:
        preset = self._preset
        parameters = {
            "kernels": {name: kernel.version for name, kernel in KERNELS.items()},
            "front": self._front.parameters,
            "stages": [[stage.name, stage.version, stage.place.value] for stage in stages],
            "preset": {
                "name": preset.name, "sound_speed_m_s": preset.sound_speed_m_s, "gain_db": preset.gain_db,
                "dynamic_range_db": preset.dynamic_range_db, "bandwidth_percent": preset.bandwidth_percent,
            },
            "geometry": [frame.geometry.angle_mdeg, frame.geometry.origin_x_um, frame.geometry.origin_z_um],
            "sampling": [frame.sampling.samples, frame.sampling.rate_hz, frame.sampling.first_sample_ns],
            "size_px": [self._grid.columns, self._grid.rows],
        }  # fmt: skip
        return hashlib.sha256(json.dumps(parameters, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


class _Steps:
    """The planned stages of one place, with a buffer each."""

    def __init__(self, stages: Sequence[Stage], field: Field, preset: Preset) -> None:
        here = [stage for stage in stages if stage.place is field.place]
        self._steps: list[tuple[Step, NDArray[np.uint8]]] = [
            (stage.plan(field, preset), np.zeros(field.shape, dtype=np.uint8)) for stage in here
        ]

    def run(self, grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The last step's result, or what came in if there is none."""
        for step, target in self._steps:
            step.run(grey, target)
            grey = target
        return grey


def picture_of(frame: Frame, preset: Preset, width_px: int = 640, height_px: int = 480) -> Picture:
    """One picture of one frame.

    Raises:
        Unplannable: No picture can be made of this kind of data, or every line is missing.
    """
    chain = Chain.plan(frame, preset, width_px, height_px)
    status = chain.run(frame)
    if status is not Status.OK:
        raise Unplannable("This frame cannot be imaged", f"It is empty: {status.value}.")
    return chain.picture()


def _key(frame: Frame) -> Key:
    return (
        frame.format, frame.samples.shape, frame.samples.dtype.str, frame.geometry, frame.sampling,
        frame.settings.log_range_db, frame.settings.centre_hz,
    )  # fmt: skip
