"""The workstation's application: who is signed in, which screen is on, and the way from threads into the loop."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from textual import events, on
from textual.app import App
from textual.dom import DOMNode
from textual.screen import Screen

from clinic.access import Access
from clinic.bookmark import Step
from clinic.clock import Clock
from clinic.errors import OutOfOrder
from clinic.events import Event, PictureReady, ThreadDied
from clinic.receipts import Receipt
from clinic.session import Session
from clinic.terminal.capabilities import TerminalCapabilities
from clinic.terminal.image_view import ImageView
from clinic.ui.heard import Answered, Heard, NewPicture
from clinic.ui.opening import Opening
from clinic.ui.screens.base import StationScreen
from clinic.ui.screens.first_start import FirstStartScreen
from clinic.ui.screens.patients import PatientsScreen
from clinic.ui.screens.read_back import ReadBackScreen
from clinic.ui.screens.report import ReportScreen
from clinic.ui.screens.scan import ScanScreen
from clinic.ui.screens.sign_in import SignInScreen
from clinic.ui.screens.stopped import StoppedDialog
from clinic.ui.screens.summary import SummaryScreen
from clinic.ui.theme import CSS, DIM_ROOM
from records.model import ExamRecord

T = TypeVar("T")
_STEPS: dict[Step, Callable[[ExamRecord], StationScreen]] = {
    Step.SCAN: ScanScreen,
    Step.SUMMARY: SummaryScreen,
    Step.READ_BACK: ReadBackScreen,
    Step.REPORT: ReportScreen,
}


class WorkstationApp(App[None]):
    """One site at one terminal.

    Args:
        opening: How a session is opened, off the loop.
        terminal: What the terminal can do.
        clock: The machine's clock.
    """

    TITLE = "Sauti"
    ENABLE_COMMAND_PALETTE = False
    CSS = CSS
    BINDINGS = [("ctrl+q", "quit", "End")]  # noqa: RUF012  (Textual's own form)

    def __init__(self, opening: Opening, terminal: TerminalCapabilities, clock: Clock) -> None:
        super().__init__()
        self.opening = opening
        self.terminal = terminal
        self.clock = clock
        self.session: Session | None = None

    @property
    def access(self) -> Access:
        """The ways into this home."""
        return self.opening.access

    def on_mount(self) -> None:
        """First start, or sign in."""
        self.register_theme(DIM_ROOM)
        self.theme = DIM_ROOM.name
        self._show_door()

    def on_unmount(self) -> None:
        """Stop the probe, commit what was posted, let the home go."""
        self._close_session()

    def on_cursor_position(self, event: events.CursorPosition) -> None:
        """The terminal drew a picture: the view on the screen may paint its next one."""
        for view in self.screen.query(ImageView):
            view.reported(event.x + 1)

    # from threads into the loop

    def hear(self, event: Event) -> None:
        """An event of the workstation's threads; from any thread, returns at once."""
        screen = self._scan_screen
        if isinstance(event, PictureReady):
            if screen is not None:
                screen.pane.offer(event.picture)
                self.post_message(NewPicture())
            return
        self.post_message(Heard(event))

    def answer(
        self,
        asker: DOMNode,
        ask: Callable[[], Receipt[T]],
        done: Callable[[T], None],
        refused: Callable[[Exception], None],
    ) -> None:
        """Call a verb and go on in the loop when its receipt is answered; an asker that is gone is not called.

        Args:
            asker: The screen that asks.
            ask: The verb; it may refuse at once.
            done: Called with the receipt's result.
            refused: Called with an error that a person can be told; others are defects and end the program.
        """

        def go_on(receipt: Receipt[T]) -> None:
            try:
                result = receipt.wait(0)
            except Exception as error:  # noqa: BLE001  (told to whoever asked, or raised again)
                _tell(error, refused)
                return
            done(result)

        try:
            receipt = ask()
        except Exception as error:  # noqa: BLE001  (told to whoever asked, or raised again)
            _tell(error, refused)
            return
        receipt.then(lambda answered: self.post_message(Answered(asker, lambda: go_on(answered))))

    @on(Answered)
    def take_answer(self, message: Answered) -> None:
        """Go on where somebody waits for an answer."""
        if message.asker.is_attached:
            message.go_on()

    @on(NewPicture)
    def take_picture(self) -> None:
        """Show the newest live picture."""
        screen = self._scan_screen
        if screen is not None:
            screen.pane.take()

    @on(Heard)
    def take_event(self, message: Heard) -> None:
        """Tell the scan what the probe does; a dead thread ends the work."""
        if isinstance(message.event, ThreadDied):
            self.push_screen(StoppedDialog(message.event))
            return
        screen = self._scan_screen
        if screen is not None:
            screen.heard(message.event)

    # from screen to screen

    def began(self, session: Session) -> None:
        """Somebody signed in: go on where the work stopped, or to the patients."""
        self.session = session
        before = session.where_we_were()
        self.switch_screen(PatientsScreen())
        if before is not None:
            record, step = before
            screen = _STEPS[step](record)
            self.push_screen(screen)
            screen.call_after_refresh(screen.say, "Taken up again where the work stopped; everything saved is here.")

    def sign_out(self) -> None:
        """Close the records and ask for a PIN."""
        self._close_session()
        self.opening.lock_again()
        self._show_door()

    def go_on(self, exam: str) -> None:
        """To an exam, at the step where it stands."""
        record = self._record(exam)
        steps = {"open": Step.SCAN, "read_back": Step.READ_BACK, "signed": Step.REPORT}
        self.push_screen(_STEPS[steps[record.exam.state]](record))

    def show_scan(self, exam: str) -> None:
        """The live picture of an exam."""
        self._change(Step.SCAN, exam)

    def show_summary(self, exam: str) -> None:
        """What an exam holds."""
        self._change(Step.SUMMARY, exam)

    def show_read_back(self, exam: str) -> None:
        """Read back and sign."""
        self._change(Step.READ_BACK, exam)

    def show_report(self, exam: str) -> None:
        """The paper of a signed exam."""
        self._change(Step.REPORT, exam)

    def leave_exam(self) -> None:
        """Back to the patients."""
        if self.session is not None:
            self.session.forget()
        self.pop_screen()

    def change_probe(self, screen: StationScreen) -> None:
        """Look again which probe there is, and work with it, in its own store."""
        session = self.session
        if session is None:
            return
        keys = session.keys
        self._close_session()
        self.opening.lock_again()
        self.opening.reopen(self, keys, lambda error: self._lost_session(error))

    def _lost_session(self, error: Exception) -> None:
        self._show_door()
        screen = self.screen
        if isinstance(screen, StationScreen):
            screen.refuse(error)

    def _change(self, step: Step, exam: str) -> None:
        self.switch_screen(_STEPS[step](self._record(exam)))

    def _record(self, exam: str) -> ExamRecord:
        if self.session is None:
            raise OutOfOrder("Nobody is signed in", "Sign in first.")
        return self.session.workstation.exams.record(exam)

    @property
    def _scan_screen(self) -> ScanScreen | None:
        stack: list[Screen[object]] = self.screen_stack if self._running else []
        return next((screen for screen in reversed(stack) if isinstance(screen, ScanScreen)), None)

    def _show_door(self) -> None:
        door = FirstStartScreen() if self.access.is_new() else SignInScreen(self.access.operators())
        while len(self.screen_stack) > 1:
            self.pop_screen()
        self.push_screen(door)

    def _close_session(self) -> None:
        session, self.session = self.session, None
        if session is not None:
            session.close()


def _tell(error: Exception, refused: Callable[[Exception], None]) -> None:
    if not isinstance(getattr(error, "title", None), str):
        raise error
    refused(error)
