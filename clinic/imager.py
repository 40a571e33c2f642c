"""Imager: frames to pictures with the knobs that a person turns, and advice about them. Used by T2 alone."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from clinic.knobs import AT_REST, Knobs
from clinic.log import LOG
from imaging.advice import THRESHOLDS, Adviser, given
from imaging.chain import Chain, Status
from imaging.errors import ImagingError
from imaging.picture import Picture
from imaging.preset import Preset
from probe.frame import Frame

# live and RF, each in both directions of the sweep: a calibrated lag puts their lines elsewhere
_MOST_CHAINS = 4


@dataclass(frozen=True, slots=True)
class _Planned:
    """A chain, the frame that it was planned for, and what is thought of its pictures."""

    like: Frame
    chain: Chain
    adviser: Adviser


class Imager:
    """Plans a chain for each kind of frame, keeps the last few, and turns the same knobs on all of them.

    Args:
        choose_preset: Names the preset for a frame, so that a probe in a water tank gets water's sound speed.
        size_px: Width and height of the pictures.
    """

    def __init__(self, choose_preset: Callable[[Frame], Preset], size_px: tuple[int, int]) -> None:
        self._choose_preset = choose_preset
        self._size_px = size_px
        self._planned: deque[_Planned] = deque(maxlen=_MOST_CHAINS)
        self.knobs = AT_REST
        self.unusable_frames = 0

    def image(self, frame: Frame, before: Sequence[Frame] = ()) -> Picture | None:
        """A frozen frame's picture; None, and counted, where it gives none.

        Args:
            frame: What it is of.
            before: The frames of its loop up to it: the preset's persistence mixes those that are like it.
        """
        planned = self._planned_for(frame)
        if planned is None:
            return None
        chain = planned.chain
        like = [other for other in before if other is not frame and chain.fits(other)]
        if chain.run_loop([*like, frame]) is not Status.OK:
            self.unusable_frames += 1
            return None
        return chain.picture()

    def image_live(self, frame: Frame) -> tuple[Picture, tuple[str, ...]] | None:
        """The same, with the sentences of advice that hold for some frames by now."""
        planned = self._planned_for(frame)
        if planned is None:
            return None
        if planned.chain.run(frame) is not Status.OK:
            self.unusable_frames += 1
            return None
        looks = planned.adviser.look(frame)
        for advice in looks:
            if advice.changed:
                LOG.info(
                    "advice %s: %s, %d (limit %d)", "begins" if advice.given else "ends", advice.remark.name.lower(),
                    advice.number, THRESHOLDS[advice.remark],
                )  # fmt: skip
        return planned.chain.picture(), given(looks)

    def turn(self, knobs: Knobs) -> None:
        """Turn the knobs on every picture from now on: new tables, and a new plan only where those do not do.

        Raises:
            ImagingError: Some kind of frame that was seen gives no picture then; everything stays as it was.
        """
        knobs = knobs.within()
        if knobs == self.knobs:
            return
        turned = [self._turned(planned, knobs) for planned in self._planned]
        for planned, (chain, preset) in zip(self._planned, turned, strict=True):
            if chain is planned.chain:
                chain.retune(preset)
                chain.turn(knobs.mirrored, knobs.upside_down)
        self.knobs = knobs
        self._planned = deque(
            (
                planned if chain is planned.chain else _Planned(planned.like, chain, Adviser(chain))
                for planned, (chain, _) in zip(self._planned, turned, strict=True)
            ),
            _MOST_CHAINS,
        )

    def forget(self) -> None:
        """Nothing of one patient's frames is mixed into the next one's; the knobs stand as at the beginning."""
        if self.knobs == AT_REST:
            self.pause()
        else:
            self._planned.clear()
            self.knobs = AT_REST

    def pause(self) -> None:
        """What was seen until now is mixed into no later picture, and no advice follows from it."""
        for planned in self._planned:
            planned.chain.forget()
            planned.adviser.forget()

    def preset_for(self, frame: Frame) -> Preset:
        """The preset of frames like this one, with the knobs as they stand."""
        return self._preset(frame, self.knobs)

    def _turned(self, planned: _Planned, knobs: Knobs) -> tuple[Chain, Preset]:
        """The chain that will show what was planned with other knobs, and its preset: the same one where tables do."""
        preset = self._preset(planned.like, knobs)
        chain = planned.chain
        if knobs.depth_mm == self.knobs.depth_mm and chain.can_become(preset, knobs.mirrored, knobs.upside_down):
            return chain, preset
        return Chain.plan(planned.like, preset, *self._size_px, view=knobs.view), preset

    def _planned_for(self, frame: Frame) -> _Planned | None:
        try:
            return self._fitting(frame)
        except ImagingError:
            self.unusable_frames += 1
            return None

    def _fitting(self, frame: Frame) -> _Planned:
        for planned in self._planned:
            if planned.chain.fits(frame):
                return planned
        preset = self._preset(frame, self.knobs)
        chain = Chain.plan(frame, preset, *self._size_px, view=self.knobs.view)
        planned = _Planned(frame, chain, Adviser(chain))
        # What another probe gave, at the same plug before, must not refuse a knob for this one.
        same = [each for each in self._planned if _probe_of(each.like) == _probe_of(frame)]
        self._planned = deque([*same, planned], _MOST_CHAINS)
        return planned

    def _preset(self, frame: Frame, knobs: Knobs) -> Preset:
        base = Preset.load(knobs.preset) if knobs.preset else self._choose_preset(frame)
        return knobs.tuned(base)


def _probe_of(frame: Frame) -> tuple[str, str]:
    return frame.provenance.model, frame.provenance.serial
