"""Which mode the scan shows, and along which beam: keys in, questions to the imaging thread, answers on the screen."""

from __future__ import annotations

from collections.abc import Callable

from clinic.looks import Shown
from clinic.receipts import Receipt
from clinic.scanner import Looking
from clinic.ui.awaited import Awaited
from clinic.ui.screen import StationScreen
from imaging.modes import Mode
from imaging.picture import Picture


class ModeChoice:
    """Asks for another mode or beam, one question at a time.

    Args:
        screen: Where it is said.
        awaited: What was asked and is not answered.
        looked: Told how frames are shown now.
    """

    def __init__(self, screen: StationScreen, awaited: Awaited, looked: Callable[[Looking], None]) -> None:
        self._screen = screen
        self._awaited = awaited
        self._looked = looked
        self._waiting = False

    def show(self, mode: Mode) -> None:
        """Show this mode, or say why the probe does not give it."""
        scanning = self._screen.session.workstation.scanning
        self._ask(lambda: scanning.show_mode(mode))

    def move_beam(self, by: int, shown: Shown | None) -> None:
        """Look along another line of what is shown, if there is one."""
        if not has_beams(shown):
            return
        scanning = self._screen.session.workstation.scanning
        self._ask(lambda: scanning.move_beam(by))

    def _ask(self, ask: Callable[[], Receipt[Looking]]) -> None:
        if not self._waiting:  # a key that repeats faster than it is answered would run on after it is let go
            self._waiting = True
            self._awaited.ask(ask, self._answered, self._refused)

    def _answered(self, looking: Looking) -> None:
        self._waiting = False
        self._screen.say("")
        self._looked(looking)

    def _refused(self, error: Exception) -> None:
        self._waiting = False
        self._screen.refuse(error)


def has_beams(shown: Shown | None) -> bool:
    """Whether another beam can be chosen."""
    return shown is not None and (isinstance(shown, Picture) or shown.lines > 1)
