"""Station: what a screen may ask of the application. The application implements it; screens know nothing more."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeVar

from textual.dom import DOMNode

from clinic.bookmark import Step
from clinic.clock import Clock
from clinic.events import Event
from clinic.receipts import Receipt
from clinic.session import Session
from clinic.terminal.capabilities import TerminalCapabilities
from clinic.ui.opening import Opening

if TYPE_CHECKING:
    from clinic.ui.widgets.live_pane import LivePane

T = TypeVar("T")
Refused = Callable[[Exception], None]


class Scan(Protocol):
    """The screen that shows the live picture, as the application knows it."""

    pane: LivePane

    def heard(self, event: Event) -> None:
        """Something happened to the probe."""

    def advise(self) -> None:
        """A live picture was shown: say what can be mended about it."""


class Station(Protocol):
    """The application behind the screens."""

    terminal: TerminalCapabilities
    clock: Clock
    opening: Opening
    session: Session | None
    scan: Scan | None

    def hear(self, event: Event) -> None:
        """An event of the workstation's threads; from any thread."""

    def answer(
        self, asker: DOMNode | None, ask: Callable[[], Receipt[T]], done: Callable[[T], None], refused: Refused
    ) -> None:
        """Call a verb and go on in the loop when its receipt is answered."""

    def enter(self, ask: Callable[[Opening], Receipt[Session]], refused: Refused) -> None:
        """Open a session, and go on where the work stopped or to the patients."""

    def change_probe(self) -> None:
        """Look again which probe there is."""

    def sign_out(self) -> None:
        """Close the records and ask for a PIN."""

    def go_on(self, exam: str) -> None:
        """To an exam, at the step where it stands."""

    def show(self, step: Step, exam: str) -> None:
        """Another step of the exam that is on the screen."""

    def leave_exam(self) -> None:
        """Back to the patients."""
