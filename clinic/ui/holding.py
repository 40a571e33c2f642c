"""Holding a picture still: freeze, step through its loop, change what is placed on it, let it go."""

from __future__ import annotations

from collections.abc import Callable

from clinic.looks import Shown
from clinic.scanner import Frozen
from clinic.ui.awaited import Awaited
from clinic.ui.held_picture import HeldPicture
from clinic.ui.screen import StationScreen
from clinic.ui.widgets.live_pane import LivePane
from clinic.ui.widgets.scan_side import ScanSide
from clinic.workstation.exams import Kept


class Holding:
    """Has the frozen picture in hand, or none while it is live.

    Args:
        screen: Where it is said.
        pane: The pane of the picture, once there is one.
        side: What is known beside it.
        awaited: What was asked and is not answered.
        changed: Told when something else is held, or it in another way.
    """

    def __init__(
        self,
        screen: StationScreen,
        pane: Callable[[], LivePane],
        side: ScanSide,
        awaited: Awaited,
        changed: Callable[[], None],
    ) -> None:
        self._screen = screen
        self._pane = pane
        self._side = side
        self._awaited = awaited
        self._changed = changed
        self._warned = False
        self.held: HeldPicture | None = None
        self.freezing = False

    @property
    def why_nothing(self) -> str:
        """Why nothing can be done with a held picture now, for a person."""
        return "The picture is being held …" if self.freezing else "Freeze first: press Space."

    def freeze(self, picture: Shown | None) -> None:
        """Stand still at once, and hold the picture when the answer with its loop is there."""
        if picture is None:
            self._screen.say("There is no picture yet. Look at the probe and its cable.", "wrong")
            return
        self.freezing = True
        self._pane().freeze(picture)
        self._screen.say("")
        scanning = self._screen.session.workstation.scanning
        self._screen.station.answer(self._screen, scanning.freeze, self._frozen, self._refused)

    def let_go(self) -> None:
        """Nothing is held any more; what is shown is not live before a new picture comes."""
        self.held, self._warned, self.freezing = None, False, False
        self._pane().go_live()
        self._side.show_calipers(())
        self._changed()

    def step(self, by: int) -> None:
        """Another frame of the loop."""
        held = self.held
        if held is None or held.unsaved:
            self._screen.say("Keep the caliper with K, or remove it with Del; then step.", "wrong")
            return
        index = min(max(held.index + by, 0), held.frames - 1)

        def stepped(frozen: Frozen) -> None:
            if self.held is not None:  # else Space came first
                self.hold(HeldPicture(frozen, index, held.frames))

        scanning = self._screen.session.workstation.scanning
        self._awaited.ask(lambda: scanning.step_to(index), stepped, self._screen.refuse)

    def hold(self, held: HeldPicture) -> None:
        """Another picture."""
        self.held = held
        self._pane().freeze(held.picture)
        self.change(held)
        self._pane().say(f"frame {held.index + 1} of {held.frames}")

    def look_anew(self, frozen: Frozen) -> None:
        """The same frame in another mode or along another beam, where nothing is placed yet."""
        if self.held is not None:
            self.hold(HeldPicture(frozen, self.held.index, self.held.frames))

    def change(self, held: HeldPicture) -> None:
        """The same picture with other calipers."""
        self.held = held
        self._warned = False
        self._pane().mark(held.marks())
        self._side.show_calipers(held.readings())
        self._changed()

    def on_disk(self, kept: Kept, calipers: int) -> None:
        """A picture is on the disk, and so many of its calipers."""
        if self.held is not None and self.held.frozen is kept.frozen:
            self.change(self.held.saved(kept, calipers))

    def may_drop(self, again: str) -> bool:
        """Whether what is held may be lost; a caliper that is not kept is asked about once.

        Args:
            again: The key that drops it when it is pressed once more.
        """
        if self.held is None or not self.held.unsaved or self._warned:
            return True
        self._warned = True
        self._screen.say(f"A caliper is not kept. Press K to keep it, or {again} again to drop it.", "wrong")
        return False

    def _frozen(self, frozen: Frozen) -> None:
        if self.freezing:
            self.freezing = False
            frames = len(frozen.loop.frames)
            self.hold(HeldPicture(frozen, frames - 1, frames))

    def _refused(self, error: Exception) -> None:
        if self.freezing:
            self.freezing = False
            self._pane().go_live()
            self._screen.refuse(error)
