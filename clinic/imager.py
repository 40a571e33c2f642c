"""Imager: frames to pictures with the knobs that a person turns, and advice about them. Used by T2 alone."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace

from imaging.advice import Adviser, given
from imaging.chain import Chain, Status
from imaging.errors import ImagingError
from imaging.picture import Picture
from imaging.preset import Preset
from probe.frame import Frame

# live and RF, each in both directions of the sweep: a calibrated lag puts their lines elsewhere
_MOST_CHAINS = 4
GAIN_LIMIT_DB = 30


class Imager:
    """Plans a chain for each kind of frame, keeps the last few, and turns the same knobs on all of them.

    Args:
        choose_preset: Names the preset for a frame, so that a probe in a water tank gets water's sound speed.
        size_px: Width and height of the pictures.
    """

    def __init__(self, choose_preset: Callable[[Frame], Preset], size_px: tuple[int, int]) -> None:
        self._choose_preset = choose_preset
        self._size_px = size_px
        self._chains: deque[tuple[Chain, Preset]] = deque()
        self._advisers: dict[int, Adviser] = {}
        self.gain_db = 0
        self.unusable_frames = 0

    def image(self, frame: Frame, before: Sequence[Frame] = ()) -> Picture | None:
        """A frozen frame's picture; None, and counted, where it gives none.

        Args:
            frame: What it is of.
            before: The frames of its loop up to it: the preset's persistence mixes those that are like it.
        """
        chain = self._chain_of(frame)
        if chain is None:
            return None
        like = [other for other in before if other is not frame and chain.fits(other)]
        if chain.run_loop([*like, frame]) is not Status.OK:
            self.unusable_frames += 1
            return None
        return chain.picture()

    def image_live(self, frame: Frame) -> tuple[Picture, tuple[str, ...]] | None:
        """The same, with the sentences of advice that hold for some frames by now."""
        chain = self._chain_of(frame)
        if chain is None:
            return None
        if chain.run(frame) is not Status.OK:
            self.unusable_frames += 1
            return None
        return chain.picture(), given(self._advisers[id(chain)].look(frame))

    def turn_gain(self, gain_db: int) -> int:
        """Brighten or darken every picture from now on, on top of the preset; the gain that is in force then."""
        self.gain_db = min(max(gain_db, -GAIN_LIMIT_DB), GAIN_LIMIT_DB)
        for chain, preset in self._chains:
            chain.retune(self._tuned(preset))
        return self.gain_db

    def forget(self) -> None:
        """Nothing of one patient's frames is mixed into the next one's; the gain is the preset's again."""
        for chain, _ in self._chains:
            chain.forget()
            self._advisers[id(chain)].forget()
        self.turn_gain(0)

    def preset_for(self, frame: Frame) -> Preset:
        """The preset of frames like this one, with the knobs as they are turned."""
        return self._tuned(self._choose_preset(frame))

    def _chain_of(self, frame: Frame) -> Chain | None:
        try:
            return self._fitting(frame)
        except ImagingError:
            self.unusable_frames += 1
            return None

    def _fitting(self, frame: Frame) -> Chain:
        for chain, _ in self._chains:
            if chain.fits(frame):
                return chain
        preset = self._choose_preset(frame)
        chain = Chain.plan(frame, self._tuned(preset), *self._size_px)
        if len(self._chains) == _MOST_CHAINS:
            oldest, _ = self._chains.popleft()
            del self._advisers[id(oldest)]
        self._chains.append((chain, preset))
        self._advisers[id(chain)] = Adviser(chain)
        return chain

    def _tuned(self, preset: Preset) -> Preset:
        return replace(preset, gain_db=min(max(preset.gain_db + self.gain_db, -60), 60))
