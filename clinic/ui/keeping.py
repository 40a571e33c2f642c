"""Keeping what is held: picture, loop, calipers. "Saved" is said from the receipt, and only of what it covers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from clinic.ui.held_picture import HeldPicture
from clinic.ui.screen import StationScreen
from clinic.ui.wording import many
from clinic.workstation.exams import Kept
from probe.capabilities import Capabilities
from records.model import Measurement
from records.reports.formatting import figures


class Keeping:
    """Keeps the held pictures of one exam, one after the other.

    Args:
        screen: Where it is said.
        exam: Its id.
        on_disk: Told of a picture that is on the disk, and how many of its calipers are there now.
        changed: Told that the record of the exam has changed.
    """

    def __init__(
        self,
        screen: StationScreen,
        exam: str,
        on_disk: Callable[[Kept, int], None],
        changed: Callable[[], None],
    ) -> None:
        self._screen = screen
        self._exam = exam
        self._on_disk = on_disk
        self._changed = changed
        self._failed = False
        self._waiting = 0

    @property
    def busy(self) -> bool:
        """Something is on its way to the disk: until it is there, nothing held may change."""
        return self._waiting > 0

    def keep(self, held: HeldPicture, view: str, capabilities: Capabilities) -> None:
        """Keep a picture with its loop; of one that is kept already, the new calipers."""
        if held.kept is not None:
            self._add(held, held.kept)
            return
        self._screen.say("Saving …")
        exams = self._screen.session.workstation.exams
        self._waiting, self._failed = 2, False
        self._screen.station.answer(
            self._screen,
            lambda: exams.keep_image(self._exam, held.frozen, view, capabilities, held.placements()),
            lambda kept: self._kept(kept, len(held.calipers)),
            self._refused,
        )
        self._screen.station.answer(
            self._screen,
            lambda: exams.keep_loop(self._exam, held.frozen, f"{view}, loop", capabilities),
            self._loop_kept,
            self._refused,
        )

    def volume(self, sides: Sequence[Measurement]) -> None:
        """Record the volume of three kept distances."""
        self._screen.say("Saving …")
        self._waiting = 1

        def recorded(measurements: tuple[Measurement, ...]) -> None:
            self._waiting = 0
            [one] = measurements
            self._screen.say(f"Saved: volume {figures(one.value, one.error, one.unit).with_error}.", "saved")
            self._changed()

        exams = self._screen.session.workstation.exams
        self._screen.station.answer(
            self._screen, lambda: exams.measure_volume(self._exam, sides), recorded, self._refused
        )

    def _add(self, held: HeldPicture, kept: Kept) -> None:
        if not held.unsaved:
            self._screen.say("This picture is kept already.", "saved")
            return
        self._screen.say("Saving …")
        exams = self._screen.session.workstation.exams
        self._waiting = 1

        def added(measurements: tuple[Measurement, ...]) -> None:
            self._waiting = 0
            self._screen.say(f"Saved: {many(len(measurements), 'measurement')}.", "saved")
            self._on_disk(kept, len(held.calipers))
            self._changed()

        self._screen.station.answer(self._screen, lambda: exams.measure(kept, held.placements()), added, self._refused)

    def _kept(self, kept: Kept, calipers: int) -> None:
        self._waiting -= 1
        measured = f" with {many(len(kept.measurements), 'measurement')}" if kept.measurements else ""
        self._screen.say(f"Saved: {kept.image.view}{measured}.", "saved")
        self._on_disk(kept, calipers)
        self._changed()

    def _loop_kept(self, kept: Kept) -> None:
        self._waiting -= 1
        if not self._failed:  # else the refusal of the picture must stay to be read
            self._screen.say(f"Saved: picture and loop of {many(kept.image.frames, 'frame')}.", "saved")
        self._changed()

    def _refused(self, error: Exception) -> None:
        self._waiting -= 1
        self._failed = True
        self._screen.refuse(error)
