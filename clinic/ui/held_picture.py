"""A frozen picture in the nurse's hand: which frame of the loop, its calipers, and what of it is on the disk.

A value without a screen: every change gives a new one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from clinic.looks import Shown
from clinic.measuring import Placement, Quantity, Tool
from clinic.scanner import Frozen
from clinic.terminal.marks import CaliperMark
from clinic.ui.calipers import Caliper, first_caliper
from clinic.ui.wording import many
from clinic.workstation.exams import Kept


@dataclass(frozen=True, slots=True)
class CaliperReading:
    """Lines beside the picture; ``quantities`` is empty where the places make no figure, and ``why`` says why not."""

    number: int
    label: str
    quantities: tuple[Quantity, ...]
    active: bool
    saved: bool
    why: str = ""


@dataclass(frozen=True, slots=True)
class HeldPicture:
    """A frozen frame and what was measured on it.

    Args:
        frozen: The view.
        index: Of the frame in the loop, 0 the oldest.
        frames: Of the whole loop.
        calipers: In the order in which they were placed; the first ``on_disk`` of them are recorded.
        on_disk: How many calipers are recorded.
        kept: The image, once it is on the disk.
    """

    frozen: Frozen
    index: int
    frames: int
    calipers: tuple[Caliper, ...] = ()
    on_disk: int = 0
    kept: Kept | None = None

    @property
    def picture(self) -> Shown:
        return self.frozen.picture

    @property
    def active(self) -> Caliper | None:
        """The caliper of which a place is held."""
        return self.calipers[-1] if self.calipers and self.calipers[-1].held >= 0 else None

    @property
    def unsaved(self) -> tuple[Caliper, ...]:
        """Calipers that are on the screen only."""
        return self.calipers[self.on_disk :]

    def added(self, label: str, tool: Tool = Tool.DISTANCE) -> HeldPicture:
        """With a new caliper, one place held."""
        return replace(self, calipers=(*self.placed().calipers, first_caliper(self.picture, label, tool)))

    def moved(self, across: int, down: int) -> HeldPicture:
        """The held place moved by pixels."""
        return self._with_last(self.calipers[-1].moved(self.picture, across, down)) if self.active else self

    def other_end(self) -> HeldPicture:
        """The next place held."""
        return self._with_last(self.calipers[-1].other_end()) if self.active else self

    def placed(self) -> HeldPicture:
        """No place held."""
        return self._with_last(self.calipers[-1].placed()) if self.active else self

    def removed(self) -> HeldPicture:
        """Without the last caliper that is not on the disk."""
        return replace(self, calipers=self.calipers[:-1]) if self.unsaved else self

    def renamed(self, label: str) -> HeldPicture:
        """The last caliper measures something else."""
        return self._with_last(replace(self.calipers[-1], label=label)) if self.unsaved else self

    def counted(self, beats: int) -> HeldPicture:
        """So many beats lie between the ends of the held caliper."""
        return self._with_last(replace(self.calipers[-1], beats=beats)) if self.active else self

    def why_not_turned(self, *, moves: bool) -> str:
        """Why no knob may be turned now, for a person; empty if one may.

        Args:
            moves: The knob shows other places of the body, so that a caliper might not be on the picture any more.
        """
        if self.kept is not None:
            return "This picture is kept as it is. Go live to change how it looks."
        if moves and self.unsaved:
            return "Keep the caliper with K, or remove it with Del; then change what is shown."
        return ""

    def imaged_anew(self, frozen: Frozen) -> HeldPicture:
        """The same frame with other knobs: the calipers stay at their places in the body."""
        turned = tuple(caliper.turned(self.picture, frozen.picture) for caliper in self.calipers)
        return replace(self, frozen=frozen, calipers=turned)

    def saved(self, kept: Kept, calipers: int) -> HeldPicture:
        """The image is on the disk, and so are the first so many calipers."""
        return replace(self, on_disk=calipers, kept=kept)

    def placements(self) -> tuple[Placement, ...]:
        """What has to be recorded."""
        return tuple(caliper.placement for caliper in self.unsaved)

    def marks(self) -> tuple[CaliperMark, ...]:
        """As they are drawn."""
        return tuple(caliper.mark(self.picture, number) for number, caliper in enumerate(self.calipers, start=1))

    def readings(self) -> tuple[CaliperReading, ...]:
        """As they are listed."""
        return tuple(self._read(number, caliper) for number, caliper in enumerate(self.calipers, start=1))

    def _read(self, number: int, caliper: Caliper) -> CaliperReading:
        label = f"{caliper.label}, {many(caliper.beats, 'beat')}" if caliper.tool is Tool.RATE else caliper.label
        found = caliper.reading(self.picture)
        why = "" if found else caliper.why_not(self.picture)
        return CaliperReading(number, label, found, caliper.held >= 0, number <= self.on_disk, why)

    def _with_last(self, caliper: Caliper) -> HeldPicture:
        return replace(self, calipers=(*self.calipers[:-1], caliper))
