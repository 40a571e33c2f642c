"""Recording: frames that a probe once sent, read from a file. Which formats are known: ``probe.formats.registry``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from probe.errors import RecordingError
from probe.frame import Frame, Provenance
from probe.geometry import Geometry
from probe.samples import Samples
from probe.settings import SampleFormat, Sampling, Settings

NOT_RECORDED = "not recorded"
MOST_LINES = 1024
_MOST_SECONDS = 1e10
OTHER_KIND = "Choose a file of a kind that docs/reference/recordings.md names."


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """What a file holds.

    Args:
        name: File name, for people.
        kind: What it is, for people.
        all: The frames in their order; samples are read-only.
        remarks: What is known to be wrong with it, each one sentence: it is shown, never repaired in silence.
    """

    name: str
    kind: str
    all: tuple[Frame, ...]
    remarks: tuple[str, ...] = ()

    @classmethod
    def load(cls, path: Path | str) -> Recording:
        """Read a file of a known kind, or the first one in a folder.

        Raises:
            RecordingError: It is absent, cut short, damaged, or of another kind.
        """
        load = import_module("probe.formats.registry").load
        recording: Recording = load(Path(path))
        return recording

    @property
    def frames(self) -> int:
        """How many there are."""
        return len(self.all)

    @property
    def has_picture(self) -> bool:
        """The frames have lines side by side; else they are single A-lines."""
        return self.all[0].geometry.lines > 1

    @property
    def geometry(self) -> Geometry:
        """Of the first frame."""
        return self.all[0].geometry

    @property
    def sampling(self) -> Sampling:
        """Of the first frame."""
        return self.all[0].sampling

    def dead_lines(self, index: int) -> tuple[int, ...]:
        """Lines of a frame that hold no echo: the recorder, or the probe, lost them."""
        return tuple(np.flatnonzero(self.frame(index).missing).tolist())

    def frame(self, index: int) -> Frame:
        """One frame.

        Raises:
            RecordingError: There is no frame of that index.
        """
        if not 0 <= index < self.frames:
            raise RecordingError(
                f"The recording {self.name} has no frame {index}", f"Choose one from 0 to {self.frames - 1}."
            )
        return self.all[index]


@dataclass(frozen=True, slots=True)
class Scene:
    """What the frames of one recording have in common.

    Args:
        model: Of the probe.
        format: Coding of the samples.
        geometry, sampling: Where and when.
        sound_speed_m_s: What the recorder's millimetres assumed; 0 where it speaks in time only.
        centre_hz: Transmit centre frequency; 0 where nobody wrote it down.
        simulated: No transducer made the samples.
    """

    model: str
    format: SampleFormat
    geometry: Geometry
    sampling: Sampling
    sound_speed_m_s: int
    centre_hz: int
    simulated: bool = False


def frames_of(
    scene: Scene,
    samples: Samples,
    frame_us: Sequence[int] | None = None,
    first_number: int = 0,
    *,
    flat_is_dead: bool = True,
) -> tuple[Frame, ...]:
    """(frames, lines, samples) of one scene as frames; a dead line is masked and zero, nothing is interpolated.

    Args:
        scene: What they have in common.
        samples: The samples, lines left to right.
        frame_us: Time of each frame after the first; left out, it was not recorded.
        first_number: Number of the first frame.
        flat_is_dead: A line of one value was lost; with noise in every line no echo looks like that.
    """
    times = tuple(frame_us) if frame_us is not None else (0,) * len(samples)
    interval = times[-1] // (len(times) - 1) if len(times) > 1 else 0
    settings = Settings(scene.format, scene.geometry.lines, scene.sampling, max(0, interval), 0, scene.centre_hz, 0)
    made = Provenance(scene.model, NOT_RECORDED, NOT_RECORDED, scene.simulated, None, scene.sound_speed_m_s)
    dead = _flat(samples) if flat_is_dead else np.zeros(samples.shape[:2], dtype=np.bool_)
    return tuple(
        _frame(scene, settings, made, (samples[index], dead[index]), first_number + index, times[index])
        for index in range(len(samples))
    )


def _flat(samples: Samples) -> NDArray[np.bool_]:
    """(frames, lines) whether a line holds one value only."""
    return np.asarray(samples.max(axis=2) == samples.min(axis=2), dtype=np.bool_)


def _frame(
    scene: Scene, settings: Settings, made: Provenance, data: tuple[Samples, NDArray[np.bool_]], number: int, at_us: int
) -> Frame:
    part, missing = data
    kept = np.where(missing[:, None], part.dtype.type(0), part) if missing.any() else part
    line_us = np.zeros(len(part), dtype=np.int64)
    for array in (kept, missing, line_us):
        array.flags.writeable = False
    return Frame(
        number=number, format=scene.format, samples=kept, missing=missing, geometry=scene.geometry,
        sampling=scene.sampling, settings=settings, provenance=made, direction=1, device_us=at_us, received_ns=0,
        line_us=line_us,
    )  # fmt: skip


def dead_lines_said(frames: Sequence[Frame]) -> tuple[str, ...]:
    """A remark on dead lines, where there are any: how many a frame has."""
    counts = sorted({int(frame.missing.sum()) for frame in frames})
    if counts in ([], [0]):
        return ()
    least, most = counts[0], counts[-1]
    many = f"{least}" if least == most else f"{least} to {most}"
    return (f"{many} {'line' if most == 1 else 'lines'} of a frame are dead: they are masked.",)


def steady_us(clock: ArrayLike) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Microseconds after the first frame, and the frames before which the file's clock jumped.

    A clock that goes back, or forward by more than ten usual steps and a minute, says nothing of the time between two
    frames: there the usual step is taken.

    Args:
        clock: (frames,) seconds of the recorder's clock.

    Raises:
        ValueError: These are no times.
    """
    read = np.asarray(clock)
    if read.ndim != 1 or read.dtype.kind not in "iuf" or not read.size:
        raise ValueError("no times")
    seconds = read.astype(np.float64)
    if not np.isfinite(seconds).all() or np.abs(seconds).max() > _MOST_SECONDS:
        raise ValueError("times that no recorder writes")
    steps = np.diff(seconds)
    forward = steps[steps > 0]
    usual = float(np.median(forward)) if forward.size else 0.0
    jumped = (steps < 0) | (steps > max(60.0, 10 * usual))
    times = np.concatenate([[0.0], np.cumsum(np.where(jumped, usual, steps))])
    return tuple(np.rint(times * 1e6).astype(np.int64).tolist()), tuple((np.flatnonzero(jumped) + 1).tolist())
