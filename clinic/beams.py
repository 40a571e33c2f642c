"""Beams: frames to M-mode strips and A-lines of one beam. Used by T2 alone.

A strip is a function of the loop's frames and of the preset: it is drawn anew from them when the beam or a knob
changes, so that what is frozen can be made again from what is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from imaging.amode import AMode, AModeChain
from imaging.beam_view import BeamView, a_line_view, strip_view
from imaging.chain import Status
from imaging.errors import ImagingError
from imaging.mmode import MModeChain, shown_mm
from imaging.modes import Mode, is_parked
from imaging.preset import Preset
from probe.frame import Frame

SPAN_MS = 5000
_CURVE_PX = 160


class Beam:
    """One beam in one mode, planned for frames like one.

    Args:
        frame: Gives format, geometry, window and settings.
        preset: How to image.
        mode: ``Mode.M`` or ``Mode.A``.
        line: Which line of the frame.
        size_px: Width and height of the views.
        depth_mm: How deep is shown; 0 is all that the probe gives.

    Raises:
        CannotImage: The frames do not give it.
    """

    def __init__(
        self, frame: Frame, preset: Preset, mode: Mode, line: int, size_px: tuple[int, int], depth_mm: int
    ) -> None:
        self._size_px = width, height = size_px
        self._preset = preset
        self._span_mm = shown_mm(frame, preset, depth_mm)
        self.mode, self.line = mode, line
        self._lines = 1 if is_parked(frame.geometry) else frame.geometry.lines
        self._a = AModeChain(frame, preset, line)
        self._curve_px = max(width // 4, min(_CURVE_PX, width // 2))
        self._m = None
        if mode is Mode.M:
            self._m = MModeChain.plan(frame, preset, line, width - self._curve_px, height, SPAN_MS, depth_mm)

    def draw(self, frames: Iterable[Frame]) -> None:
        """Draw older frames into the strip; those that do not fit leave a gap."""
        if self._m is not None:
            for frame in frames:
                self._m.run(frame)

    def look(self, frame: Frame) -> BeamView | Status:
        """The view with a frame as its newest, or why there is none."""
        status = self._a.run(frame)
        if status is not Status.OK:
            return status
        a_line = self._a.a_line()
        if self._m is None:
            return a_line_view(a_line, self._lines, self._preset, *self._size_px, self._span_mm)
        status = self._m.run(frame)
        return status if status is not Status.OK else self._with_strip(self._m, a_line)

    def _with_strip(self, chain: MModeChain, a_line: AMode) -> BeamView:
        return strip_view(chain.picture(), a_line, self._lines, self._preset, self._curve_px)


class Beams:
    """The beam that is looked at, live or frozen.

    Args:
        preset_for: The preset of a frame, with the knobs as they are turned.
        depth_mm: How deep is shown now; 0 is all.
        size_px: Width and height of the views.
    """

    def __init__(
        self, preset_for: Callable[[Frame], Preset], depth_mm: Callable[[], int], size_px: tuple[int, int]
    ) -> None:
        self._preset_for = preset_for
        self._depth_mm = depth_mm
        self._size_px = size_px
        self._live: Beam | None = None
        self.unusable_frames = 0

    def look_live(self, frame: Frame, before: Sequence[Frame], mode: Mode, line: int) -> BeamView | None:
        """The view with the newest frame; None, and counted, where it gives none."""
        beam = self._live
        if beam is not None and (beam.mode, beam.line) == (mode, line):
            view = beam.look(frame)
            if view is not Status.OTHER_PLAN:
                return self._counted(view)
        self._live = self._drawn(frame, before, mode, line)
        return None if self._live is None else self._counted(self._live.look(frame))

    def look_back(self, frame: Frame, before: Sequence[Frame], mode: Mode, line: int) -> BeamView | None:
        """The view of a frozen loop, up to one of its frames."""
        beam = self._drawn(frame, before, mode, line)
        return None if beam is None else self._counted(beam.look(frame))

    def forget(self) -> None:
        """Draw the next view anew: a knob was turned, or another patient comes."""
        self._live = None

    def _drawn(self, frame: Frame, before: Sequence[Frame], mode: Mode, line: int) -> Beam | None:
        try:
            beam = Beam(frame, self._preset_for(frame), mode, line, self._size_px, self._depth_mm())
        except ImagingError:
            self.unusable_frames += 1
            return None
        beam.draw(recent(frame, before))
        return beam

    def _counted(self, view: BeamView | Status) -> BeamView | None:
        if isinstance(view, Status):
            self.unusable_frames += 1
            return None
        return view


def recent(frame: Frame, before: Sequence[Frame]) -> list[Frame]:
    """The frames of the same probe that a strip up to this one can show, oldest first; it is not among them."""
    found: list[Frame] = []
    newest_us = frame.device_us
    for other in reversed(before):
        if other.number >= frame.number or other.provenance != frame.provenance:
            continue
        if not 0 <= frame.device_us - other.device_us <= 1000 * SPAN_MS or other.device_us > newest_us:
            break
        newest_us = other.device_us
        found.append(other)
    return found[::-1]
