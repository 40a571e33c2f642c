"""Where a twin takes its sweeps from: a loop of RF frames in one geometry. A recording, or the phantom."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from probe.errors import RecordingError
from probe.frame import Frame
from probe.geometry import Geometry
from probe.phantom import HEAD, SOUND_SPEED_M_S, Phantom, Scene
from probe.recording import Recording
from probe.settings import SampleFormat, Sampling

KIT_CENTRE_HZ = 3_500_000


class FrameSource(Protocol):
    """A loop of RF frames. Everything is read-only."""

    @property
    def model(self) -> str:
        """Product name that the twin gives itself."""

    @property
    def serial(self) -> str:
        """Serial number that the twin gives itself."""

    @property
    def geometry(self) -> Geometry: ...

    @property
    def sampling(self) -> Sampling: ...

    @property
    def centre_hz(self) -> int: ...

    @property
    def sound_speed_m_s(self) -> int:
        """What the source's own millimetres assume."""

    @property
    def full_scale(self) -> int:
        """The envelope value that an 8-bit code of 255 stands for, in units of the RF, at 0 dB gain."""

    @property
    def loop(self) -> int:
        """How many distinct frames there are."""

    def rf(self, index: int) -> NDArray[np.int16]:
        """(lines, samples) of a frame, 0 <= index < loop."""

    def dead(self, index: int) -> tuple[int, ...]:
        """Lines that the source could not measure, left to right."""


class RecordingSource:
    """The frames of a film of RF, over and over.

    Raises:
        RecordingError: It is no film of RF.
    """

    model = "EOP/1 twin of echOpen lab_tool film"
    serial = "TWIN-FILM-0001"
    # the film uses about +-370 of 8192 counts; a full scale near its peak leaves the log range to the echoes
    full_scale = 400

    def __init__(self, recording: Recording) -> None:
        first = recording.frame(0)
        if not recording.has_picture or any(not _alike(first, frame) for frame in recording.all):
            raise RecordingError(
                f"The recording {recording.name} is no RF film, which a twin of this probe plays", "Choose another one."
            )
        self._recording = recording
        self.geometry = recording.geometry
        self.sampling = recording.sampling
        self.centre_hz = first.settings.centre_hz or KIT_CENTRE_HZ
        self.sound_speed_m_s = first.provenance.sound_speed_m_s
        self.loop = recording.frames

    def rf(self, index: int) -> NDArray[np.int16]:
        samples = self._recording.frame(index).samples
        frame: NDArray[np.int16] = samples.astype(np.int16, copy=False)
        return frame

    def dead(self, index: int) -> tuple[int, ...]:
        return self._recording.dead_lines(index)


def _alike(first: Frame, frame: Frame) -> bool:
    """RF, of the same window and the same lines."""
    same = frame.sampling == first.sampling and frame.geometry == first.geometry
    return frame.format is SampleFormat.RF_I16 and same


class PhantomSource:
    """The practice phantom; frames are made when they are first asked for.

    Args:
        seed: Chooses the speckle and the noise.
        scene: What is in front of the probe.
    """

    model = "EOP/1 practice phantom"
    serial = "TWIN-PHANTOM-0001"
    sound_speed_m_s = SOUND_SPEED_M_S

    def __init__(self, seed: int = 1, scene: Scene = HEAD) -> None:
        self._phantom = Phantom(seed, scene)
        self.geometry = self._phantom.geometry
        self.sampling = self._phantom.sampling
        self.centre_hz = self._phantom.centre_hz
        self.full_scale = self._phantom.full_scale
        self.loop = self._phantom.loop

    def rf(self, index: int) -> NDArray[np.int16]:
        return self._phantom.rf(index)

    def dead(self, index: int) -> tuple[int, ...]:
        return ()
