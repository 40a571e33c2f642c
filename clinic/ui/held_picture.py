"""A frozen picture in the nurse's hand: which frame of the loop, its calipers, and what of it is on the disk.

A value without a screen: every change gives a new one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from clinic.looks import Shown
from clinic.readings import Reading, Span, Tool
from clinic.scanner import Frozen
from clinic.terminal.marks import CaliperMark
from clinic.ui.calipers import Caliper, caliper_marks, first_caliper
from clinic.ui.wording import many
from clinic.workstation.exams import Kept
from imaging.errors import CannotImage


@dataclass(frozen=True, slots=True)
class CaliperReading:
    """A line beside the picture; ``reading`` is None where it cannot be measured, and ``why`` says it."""

    number: int
    label: str
    reading: Reading | None
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
        """The caliper of which an end is held."""
        return self.calipers[-1] if self.calipers and self.calipers[-1].held >= 0 else None

    @property
    def unsaved(self) -> tuple[Caliper, ...]:
        """Calipers that are on the screen only."""
        return self.calipers[self.on_disk :]

    def added(self, label: str, tool: Tool = Tool.DISTANCE) -> HeldPicture:
        """With a new caliper, one end held."""
        return replace(self, calipers=(*self.placed().calipers, first_caliper(self.picture, label, tool)))

    def moved(self, across: int, down: int) -> HeldPicture:
        """The held end moved by pixels."""
        return self._with_last(self.calipers[-1].moved(self.picture, across, down)) if self.active else self

    def other_end(self) -> HeldPicture:
        """The other end held."""
        return self._with_last(self.calipers[-1].other_end()) if self.active else self

    def placed(self) -> HeldPicture:
        """No end held."""
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

    def saved(self, kept: Kept, calipers: int) -> HeldPicture:
        """The image is on the disk, and so are the first so many calipers."""
        return replace(self, on_disk=calipers, kept=kept)

    def spans(self) -> tuple[Span, ...]:
        """What has to be recorded."""
        return tuple(caliper.span() for caliper in self.unsaved)

    def marks(self) -> tuple[CaliperMark, ...]:
        """As they are drawn."""
        return caliper_marks(self.calipers)

    def readings(self) -> tuple[CaliperReading, ...]:
        """As they are listed."""
        return tuple(self._read(number, caliper) for number, caliper in enumerate(self.calipers, start=1))

    def _read(self, number: int, caliper: Caliper) -> CaliperReading:
        label = caliper.label if caliper.beats == 1 else f"{caliper.label}, {many(caliper.beats, 'beat')}"
        reading, why = None, ""
        try:
            reading = caliper.reading(self.picture)
        except CannotImage as refusal:
            why = str(refusal)
        return CaliperReading(number, label, reading, caliper.held >= 0, number <= self.on_disk, why)

    def _with_last(self, caliper: Caliper) -> HeldPicture:
        return replace(self, calipers=(*self.calipers[:-1], caliper))
