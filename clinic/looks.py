"""Looks: which mode is shown, of which beam, and the frames imaged so. All that T2 knows of imaging.

The mode that was asked for is shown where the data gives it; where it does not, as on a board that sends single lines,
M-mode is shown instead of B-mode, and the reason is there for whoever asks.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from clinic.beams import Beams
from clinic.errors import NoPicture
from clinic.imager import Imager
from clinic.knobs import Knobs
from imaging.beam_view import BeamView
from imaging.modes import Mode, Offer, is_parked, offers
from imaging.picture import Picture
from imaging.preset import Preset
from probe.frame import Frame

Shown = Picture | BeamView
SHOWN = (Mode.B, Mode.M, Mode.A)
"""Modes that a screen can show, the one that is shown where nothing was asked for first."""

PointMm = tuple[float, float]


@dataclass(frozen=True, slots=True)
class BeamPlace:
    """The beam of M- and A-mode.

    Args:
        line: Which line of the frame, from the left.
        lines: How many there are; 1 where the probe has one beam only.
        from_mm, to_mm: x and z of its first and its last sample.
    """

    line: int
    lines: int
    from_mm: PointMm
    to_mm: PointMm


class Looks:
    """Images frames in the mode that is in force.

    Args:
        choose_preset: Names the preset for a frame, so that a probe in a water tank gets water's sound speed.
        size_px: Width and height of what is shown.
    """

    def __init__(self, choose_preset: Callable[[Frame], Preset], size_px: tuple[int, int]) -> None:
        self._imager = Imager(choose_preset, size_px)
        self._beams = Beams(self._imager.preset_for, lambda: self.knobs.depth_mm, size_px)
        self._asked = Mode.B
        self._line: int | None = None
        self._known: Frame | None = None
        self._given: tuple[Mode, ...] = ()

    @property
    def unusable_frames(self) -> int:
        """Frames that gave nothing to show."""
        return self._imager.unusable_frames + self._beams.unusable_frames

    @property
    def knobs(self) -> Knobs:
        """Where they stand."""
        return self._imager.knobs

    def mode_for(self, frame: Frame) -> Mode:
        """The mode in which a frame is shown."""
        known = self._known
        if known is None or known.geometry is not frame.geometry or known.format is not frame.format:
            self._known = frame  # what a geometry gives is looked at once, not with each frame
            self._given = tuple(offer.mode for offer in _offers(frame) if offer.available)
        return self._asked if self._asked in self._given else Mode.M

    def beam_of(self, frame: Frame) -> BeamPlace:
        """The beam that is looked at, on frames like this one."""
        geometry, line = frame.geometry, self._line_of(frame)
        speed = self._imager.preset_for(frame).sound_speed_m_s
        x, z = geometry.origin_x_um[line] / 1000, geometry.origin_z_um[line] / 1000
        angle = math.radians(geometry.angle_mdeg[line] / 1000)
        ends = [frame.sampling.range_mm(sample, speed) for sample in (0, frame.sampling.samples - 1)]
        first, last = ((x + mm * math.sin(angle), z + mm * math.cos(angle)) for mm in ends)
        return BeamPlace(line, _beams(frame), first, last)

    def image_live(self, frame: Frame, before: Sequence[Frame]) -> tuple[Shown, tuple[str, ...]] | None:
        """What a live frame shows, and what can be mended about it; None, and counted, where it shows nothing."""
        mode = self.mode_for(frame)
        if mode is Mode.B:
            return self._imager.image_live(frame)
        view = self._beams.look_live(frame, before, mode, self._line_of(frame))
        return None if view is None else (view, ())

    def image(self, frame: Frame, before: Sequence[Frame] = ()) -> Shown | None:
        """What a frozen frame shows, after those of its loop."""
        mode = self.mode_for(frame)
        if mode is Mode.B:
            return self._imager.image(frame, before)
        # a strip is made of many sweeps as they came live: among them the last one as RF would be of another kind
        live = mode is Mode.M and before and before[-1].number == frame.number
        return self._beams.look_back(before[-1] if live else frame, before, mode, self._line_of(frame))

    def choose(self, mode: Mode, frame: Frame) -> None:
        """Show frames like this one in a mode from now on.

        Raises:
            NoPicture: They do not give it.
        """
        [offer] = [offer for offer in _offers(frame) if offer.mode is mode]
        if not offer.available:
            raise NoPicture(f"There is no {mode.value} of this probe", offer.reason)
        self._asked = mode

    def move_beam(self, by: int, frame: Frame) -> None:
        """Look along another line of frames like this one, so many to the right.

        Raises:
            NoPicture: The probe has one beam only.
        """
        if _beams(frame) == 1:
            raise NoPicture("This probe has one beam", "Move the probe itself.")
        self._line = min(max(self._line_of(frame) + by, 0), frame.geometry.lines - 1)

    def turn(self, knobs: Knobs) -> None:
        """Turn the knobs from now on.

        Raises:
            ImagingError: Some kind of frame that was seen gives no picture then; everything stays as it was.
        """
        self._imager.turn(knobs)
        self._beams.forget()

    def pause(self) -> None:
        """The next frame follows none: another probe is at the same plug, or the picture goes live again."""
        self._imager.pause()
        self._beams.forget()

    def forget(self) -> None:
        """For the next patient: the picture in two dimensions where there is one, and nothing of before in it."""
        self._imager.forget()
        self._beams.forget()
        self._asked, self._line = Mode.B, None

    def _line_of(self, frame: Frame) -> int:
        lines = frame.geometry.lines
        return lines // 2 if self._line is None else min(self._line, lines - 1)


def mode_of(shown: Shown | None) -> Mode:
    """The mode of what is shown; B before there is anything."""
    return shown.mode if isinstance(shown, BeamView) else Mode.B


def _beams(frame: Frame) -> int:
    return 1 if is_parked(frame.geometry) else frame.geometry.lines


def _offers(frame: Frame) -> tuple[Offer, ...]:
    return offers(frame.format, frame.geometry)
