"""Chain: Frame to Picture. Planned once for a geometry and a preset, then run on every frame without allocating."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor, wait
from dataclasses import asdict, replace
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imaging import compiled
from imaging.detection import check_plannable, detector, expected_samples, job_for, plan_detection
from imaging.digest import chain_digest
from imaging.errors import CannotImage, NoPictureYet
from imaging.kernels.registry import KERNELS
from imaging.layout import WHOLE, Layout, View, fit
from imaging.picture import Picture
from imaging.preset import Preset
from imaging.registration import Registration
from imaging.stage import Axis, FrameStep, Job, Place, Stage, Step
from imaging.stages.persist import PersistStep
from imaging.stages.registry import load
from imaging.stages.scan import ScanStep
from probe.frame import Frame
from probe.settings import SampleFormat

KNOBS = (
    "gain_db", "dynamic_range_db", "tgc_db_m", "tgc_curve_db", "depth_mm", "grey_map", "persistence_frames", "speckle",
    "speckle_strength", "name", "title",
)  # fmt: skip


OURS = ("persist", "speckle")  # steps of the places that are open to presets, but always there


class Status(Enum):
    """What became of a frame."""

    OK = "imaged"
    OTHER_PLAN = "the frame has another format, geometry or window than the chain was planned for"
    BAD_SAMPLES = "the frame's samples are not of the shape and type that it says"
    NO_LINES = "no line of the frame holds an echo"
    STAGE_FAILED = "a stage raised an error; `failure` says which"


class Chain:
    """Planned stages and their buffers. For one thread at a time; a picture outlives the chain's next run.

    Make one with ``Chain.plan``.
    """

    def __init__(self, like: Frame, job: Job, stages: Sequence[Stage], steps: Sequence[Step], scan: ScanStep) -> None:
        self._like = like
        self._job = job
        self._stages = tuple(stages)
        self._steps = tuple(steps)
        self._scan = scan
        self._executor: Executor | None = None
        shape, kind = expected_samples(like)
        self._input: NDArray[Any] = np.zeros(shape, dtype=kind)
        # each step after detection, and the same again where it knows one frame from the next
        self._others = tuple((step, step if isinstance(step, FrameStep) else None) for step in steps[1:])
        self._persist = next((step for step in steps if isinstance(step, PersistStep)), None)
        self._turning = 0
        self._imaged: Frame | None = None
        self._missing: tuple[int, ...] = ()
        self._mixed: tuple[int, ...] = ()
        self.failure = ""
        self._digest = chain_digest(self.description())

    @property
    def _axis(self) -> Axis:
        return self._job.polar_axis

    @classmethod
    def plan(
        cls,
        frame: Frame,
        preset: Preset,
        width_px: int,
        height_px: int,
        *,
        view: View = WHOLE,
        layout: Layout | None = None,
        registration: Registration | None = None,
        executor: Executor | None = None,
        parts: int = 1,
        kernels: compiled.Kernels | None = None,
    ) -> Chain:
        """A chain for frames like this one.

        Args:
            frame: Gives format, geometry, window and settings; its samples are not looked at.
            preset: How to image.
            width_px, height_px: Size of the picture.
            view: Zoom and flips.
            layout: The millimetre map, where it is not all that this scan shows; ``view`` then has no part in it.
            registration: Where the lines of forward and backward sweeps really lie, where that was measured.
            executor: Runs ``parts`` row ranges of each stage at the same time; the pixels do not depend on it.
            parts: Number of row ranges.
            kernels: Compiled kernels, when not the best ones of this installation.

        Raises:
            CannotImage: Frames like this one, with this preset, give no picture.
            BadPreset: It names a stage that is not there.
            NoKernels: Kernels are missing from this installation.
        """
        check_plannable(frame)
        if frame.geometry.lines < 2:
            raise CannotImage("A single line makes no picture", "Look at it as an A-line or in M-mode.")
        layout = layout or fit(
            frame.geometry, frame.sampling, preset.sound_speed_m_s, width_px, height_px, view
        )  # fmt: skip
        geometries = registration.geometries(frame.geometry) if registration else None
        job = job_for(frame, preset, layout, kernels, max(1, parts) if executor else 1, geometries)
        stages = _stages(frame.format, preset)
        detect = plan_detection(job)
        job = replace(job, axis=detect.axis)
        steps = [detect, *(stage.plan(job) for stage in stages[1:])]
        scan = next(step for step in steps if isinstance(step, ScanStep))
        chain = cls(frame, job, stages, steps, scan)
        chain._executor = executor
        chain._turning = registration.turning_lines if registration else 0
        return chain

    @property
    def digest(self) -> str:
        """Of everything that decides the pixels beside the samples."""
        return self._digest

    @property
    def missing_lines(self) -> tuple[int, ...]:
        """Lines without echoes of the last frame that was imaged."""
        return self._missing

    @property
    def polar(self) -> NDArray[np.uint8]:
        """(lines, m) grey of the last frame, before anything is mixed or smoothed; the next run overwrites it."""
        polar: NDArray[np.uint8] = self._steps[0].output
        return polar

    @property
    def layout(self) -> Layout:
        """The pictures' millimetre map."""
        return self._job.layout

    @property
    def polar_ranges_mm(self) -> NDArray[np.float64]:
        """(m,) distance along the line of each sample of ``polar``."""
        return self._axis.ranges_mm(self._job.sampling, self.preset.sound_speed_m_s)

    @property
    def preset(self) -> Preset:
        """As planned, or as last tuned."""
        return self._job.preset

    def fits(self, frame: Frame) -> bool:
        """Whether frames like this one are what the chain was planned for."""
        like = self._like
        mine, asked = like.settings, frame.settings
        return (
            frame.format is like.format
            and (frame.sampling is like.sampling or frame.sampling == like.sampling)
            and (asked is mine or (asked.log_range_db, asked.centre_hz) == (mine.log_range_db, mine.centre_hz))
            and (frame.geometry is like.geometry or frame.geometry == like.geometry)
        )

    def run(self, frame: Frame) -> Status:
        """Image a frame. Never raises: what cannot be imaged gets a status, and the last picture stays."""
        status = self._check(frame)
        if status is not Status.OK:
            return status
        try:
            status = self._run_steps(frame)
        except Exception as error:  # noqa: BLE001  (a preset's stage may be a stranger's)
            self._imaged, self.failure = None, f"{type(error).__name__}: {error}"
            self.forget()  # what was half done must not spoil the frames to come
            return Status.STAGE_FAILED
        return status

    def run_loop(self, frames: Sequence[Frame]) -> Status:
        """Image the last frame of a frozen loop as it looked live: with those before it that persistence mixes in."""
        self.forget()
        status = Status.NO_LINES
        for frame in frames[-self.preset.persistence_frames :]:
            status = self.run(frame)
        return status

    def forget(self) -> None:
        """The next frame does not follow the last one, as after a pause or for the next patient."""
        for _, knowing in self._others:
            if knowing is not None:
                knowing.forget()

    def picture(self) -> Picture:
        """The last frame that was imaged.

        Raises:
            NoPictureYet: None was.
        """
        if self._imaged is None:
            raise NoPictureYet("There is no picture yet", "Wait for the probe's next frame.")
        pixels: NDArray[np.uint8] = self._steps[-1].output.copy()
        pixels.flags.writeable = False
        layout, preset = self.layout, self._job.preset
        return Picture(
            pixels, self._scan.inside, layout.pixel_um, layout.origin_x_um, layout.origin_z_um,
            self._imaged.number, preset.name, preset.sound_speed_m_s, self._digest, self._imaged.provenance,
            self._missing, self._mixed, layout.mirrored, layout.upside_down, preset.gain_db, preset.dynamic_range_db,
        )  # fmt: skip

    def retune(self, preset: Preset) -> None:
        """Turn the knobs (``KNOBS``): new tables, from the next frame on.

        Raises:
            CannotImage: The preset differs in more than that, so a new chain must be planned.
        """
        other = self._not_knobs(preset)
        if other:
            raise CannotImage(f"A running chain cannot change {', '.join(other)}", "Plan a new one.")
        for step in self._steps:
            step.retune(preset)
        self._job = replace(self._job, preset=preset)
        self._digest = chain_digest(self.description())

    def can_become(self, preset: Preset, mirrored: bool, upside_down: bool) -> bool:
        """Whether ``retune`` and ``turn`` would do it, without a new plan."""
        stays = (mirrored, upside_down) == (self.layout.mirrored, self.layout.upside_down)
        return (stays or self._steps[-1] is self._scan) and not self._not_knobs(preset)

    def _not_knobs(self, preset: Preset) -> list[str]:
        """What a preset asks for that needs a new plan."""
        mine, asked = self.preset.values(), preset.values()
        return [key for key in mine if key not in KNOBS and mine[key] != asked[key]]

    def turn(self, mirrored: bool, upside_down: bool) -> None:
        """Exchange left and right, or top and bottom, from the next frame on: the tables of SCAN in another order.

        Raises:
            CannotImage: A stage of the preset's own works on the picture, so a new chain must be planned.
        """
        layout = self.layout
        if (mirrored, upside_down) == (layout.mirrored, layout.upside_down):
            return
        if self._steps[-1] is not self._scan:
            raise CannotImage("A running chain cannot turn a picture that a stage works on", "Plan a new one.")
        self._scan.turn(mirrored != layout.mirrored, upside_down != layout.upside_down)
        self._job = replace(self._job, layout=layout.turned(mirrored, upside_down))
        self._imaged = None  # what was filled before is not this way round
        self._digest = chain_digest(self.description())

    def description(self) -> dict[str, Any]:
        """What the digest is made of: whole numbers and texts (docs/reference/picture.md)."""
        job = self._job
        stages = zip(self._stages, self._steps, strict=True)
        return {
            "format": int(job.format),
            "geometry": asdict(job.geometry),
            "backward": None if job.backward is None else asdict(job.backward),
            "turning_lines": self._turning,
            "sampling": asdict(job.sampling),
            "centre_hz": job.settings.centre_hz,
            "log_range_db": job.settings.log_range_db,
            "layout": asdict(job.layout),
            "preset": job.preset.values(),
            "stages": [
                {"name": stage.name, "version": stage.version, "parameters": dict(step.parameters)}
                for stage, step in stages
            ],
            "kernels": {name: KERNELS[name].version for name in self._kernel_names()},
        }

    def _kernel_names(self) -> list[str]:
        """Kernels of ours that the steps name in their parameters."""
        named = [value for step in self._steps for value in step.parameters.values() if isinstance(value, str)]
        return [name for name in named if name in KERNELS]

    def _check(self, frame: Frame) -> Status:
        if not self.fits(frame):
            return Status.OTHER_PLAN
        samples, like = frame.samples, self._input
        # what nearly every frame is like, looked at first
        if type(samples) is np.ndarray and samples.shape == like.shape and samples.dtype == like.dtype:
            missing = frame.missing
            if type(missing) is np.ndarray and missing.shape == like.shape[:1] and missing.dtype == np.bool_:
                return Status.OK
        return Status.BAD_SAMPLES

    def _run_steps(self, frame: Frame) -> Status:
        source: NDArray[Any] = frame.samples
        if not source.flags.c_contiguous:
            np.copyto(self._input, source)
            source = self._input
        dead = self._job.dead
        np.copyto(dead, frame.missing, casting="unsafe")
        if self._turning:
            dead[: self._turning] = dead[-self._turning :] = 1
        detect = self._steps[0]
        self._run_step(detect, source)
        missing = tuple(np.flatnonzero(dead).tolist())
        if len(missing) == len(dead):
            return Status.NO_LINES
        source = detect.output
        for step, knowing in self._others:
            if knowing is not None:
                if knowing.idle:
                    continue
                knowing.begin(frame)
            self._run_step(step, source)
            source = step.output
        self._missing = missing
        self._mixed = () if self._persist is None or self._persist.idle else self._persist.mixed_frames
        self._imaged = frame
        return Status.OK

    def _run_step(self, step: Step, source: NDArray[Any]) -> None:
        """All rows of a step, in as many ranges as there are parts; returns when all are done."""
        parts, rows = self._job.parts, step.rows
        if self._executor is None or parts == 1:
            step.run(source, 0, rows, 0)
            return
        bounds = [rows * part // parts for part in range(parts + 1)]
        waiting = [
            self._executor.submit(step.run, source, bounds[part], bounds[part + 1], part) for part in range(parts)
        ]
        wait(waiting)  # all of them, also where one failed: the next step must not meet a straggler
        for future in waiting:
            future.result()


def picture_of(frame: Frame, preset: Preset, width_px: int, height_px: int) -> Picture:
    """One frame, one picture: plan, run, and take it.

    Raises:
        CannotImage: The frame, with this preset, gives none.
        BadPreset: The preset names a stage that is not there.
        NoKernels: Kernels are missing from this installation.
    """
    chain = Chain.plan(frame, preset, width_px, height_px)
    status = chain.run(frame)
    if status is not Status.OK:
        raise CannotImage(f"Frame {frame.number} cannot be imaged: {status.value}", "Choose another frame.")
    return chain.picture()


def _stages(format: SampleFormat, preset: Preset) -> list[Stage]:
    """In their order: detection, persistence, speckle, the preset's polar ones, scan conversion, its picture ones."""
    own = [load(name) for name in preset.stages]
    for stage in own:
        if stage.place not in (Place.POLAR, Place.PICTURE) or stage.name in OURS:
            raise CannotImage(f"The stage {stage.name!r} cannot be added by a preset", "Take it out of the preset.")
    polar = [stage for stage in own if stage.place is Place.POLAR]
    picture = [stage for stage in own if stage.place is Place.PICTURE]
    ours = [load("persist"), load("speckle")]
    return [detector(format, preset), *ours, *polar, load("pack"), load("scan"), *picture]
