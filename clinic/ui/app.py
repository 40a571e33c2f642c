"""The workstation's application: who is signed in, which screen is on, and the way from threads into the loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ClassVar, TypeVar

from textual import events, on
from textual.app import App
from textual.binding import BindingType
from textual.dom import DOMNode

from clinic.access import Access
from clinic.bookmark import Step
from clinic.clock import Clock
from clinic.errors import OutOfOrder
from clinic.events import Event, PictureReady, ThreadDied
from clinic.leaving import end_in_the_loop
from clinic.log import defect
from clinic.receipts import Receipt
from clinic.session import Session
from clinic.terminal.capabilities import TerminalCapabilities
from clinic.terminal.image_view import ImageView
from clinic.ui.heard import Answered, Heard, NewPicture
from clinic.ui.opening import Opening
from clinic.ui.screen import StationScreen
from clinic.ui.screens.first_start import FirstStartScreen
from clinic.ui.screens.patients import PatientsScreen
from clinic.ui.screens.read_back import ReadBackScreen
from clinic.ui.screens.report import ReportScreen
from clinic.ui.screens.scan import ScanScreen
from clinic.ui.screens.sign_in import SignInScreen
from clinic.ui.screens.stopped import StoppedDialog
from clinic.ui.screens.summary import SummaryScreen
from clinic.ui.station import Refused, Scan
from clinic.ui.theme import CSS, DIM_ROOM
from records.model import ExamRecord

T = TypeVar("T")
_STEPS: dict[Step, Callable[[ExamRecord, str], StationScreen]] = {
    Step.SCAN: ScanScreen,
    Step.SUMMARY: SummaryScreen,
    Step.READ_BACK: ReadBackScreen,
    Step.REPORT: ReportScreen,
}
_FIRST_STEP = {"open": Step.SCAN, "read_back": Step.READ_BACK, "signed": Step.REPORT}
_RESUMED = "Taken up where the work stopped. Everything that was saved is here."


class WorkstationApp(App[None]):
    """One site at one terminal; the ``Station`` of its screens.

    Args:
        opening: How a session is opened, off the loop.
        terminal: What the terminal can do.
        clock: The machine's clock.
    """

    TITLE = "Sauti"
    ENABLE_COMMAND_PALETTE = False
    CSS = CSS
    BINDINGS: ClassVar[list[BindingType]] = [("ctrl+q", "quit", "End")]

    def __init__(self, opening: Opening, terminal: TerminalCapabilities, clock: Clock) -> None:
        super().__init__()
        self.opening = opening
        self.terminal = terminal
        self.clock = clock
        self.session: Session | None = None
        self.scan: Scan | None = None

    @property
    def access(self) -> Access:
        """The ways into this home."""
        return self.opening.access

    def on_mount(self) -> None:
        """First start, or sign in."""
        end_in_the_loop(asyncio.get_running_loop(), self.exit, self._stop_probe)
        self.register_theme(DIM_ROOM)
        self.theme = DIM_ROOM.name
        self.push_screen(self._door())

    def _stop_probe(self) -> None:
        if self.session is not None:
            self.session.workstation.scanning.close()

    def on_unmount(self) -> None:
        """Stop the probe, commit what was posted, let the home go."""
        self._close_session()
        self.opening.close()

    def on_cursor_position(self, event: events.CursorPosition) -> None:
        """The terminal drew a picture: the view on the screen may paint its next one."""
        for view in self.screen.query(ImageView):
            view.reported(event.x + 1)

    # from threads into the loop

    def hear(self, event: Event) -> None:
        """An event of the workstation's threads; from any thread, returns at once."""
        scan = self.scan
        if isinstance(event, PictureReady):
            if scan is not None:
                scan.pane.offer(event.picture, event.advice)
                self.post_message(NewPicture())
            return
        self.post_message(Heard(event))

    def answer(
        self, asker: DOMNode | None, ask: Callable[[], Receipt[T]], done: Callable[[T], None], refused: Refused
    ) -> None:
        """Call a verb and go on in the loop when its receipt is answered.

        Args:
            asker: The screen that asks; once it is gone, nobody is called. None is the application itself.
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

        def back_to_the_loop(answered: Receipt[T]) -> None:
            self.post_message(Answered(asker, lambda: go_on(answered)))

        receipt.then(back_to_the_loop)

    @on(Answered)
    def take_answer(self, message: Answered) -> None:
        """Go on where somebody waits for an answer."""
        if message.asker is None or message.asker.is_attached:
            message.go_on()

    @on(NewPicture)
    def take_picture(self) -> None:
        """Show the newest live picture."""
        if self.scan is not None:
            self.scan.pane.take()
            self.scan.advise()

    @on(Heard)
    def take_event(self, message: Heard) -> None:
        """Tell the scan what the probe does; a dead thread ends the work."""
        if isinstance(message.event, ThreadDied):
            self.push_screen(StoppedDialog(message.event))
        elif self.scan is not None:
            self.scan.heard(message.event)

    def _handle_exception(self, error: Exception) -> None:
        """A defect ends the program: Textual shows the traceback, the log keeps the calls."""
        defect("the screens", error)
        super()._handle_exception(error)

    # through the door

    def enter(self, ask: Callable[[Opening], Receipt[Session]], refused: Refused) -> None:
        """Open a session, and go on where the work stopped or to the patients."""

        def opened(session: Session) -> None:
            self.session = session
            self.answer(None, session.begin, lambda operator: self._began(session), refused)

        self.answer(None, lambda: ask(self.opening), opened, refused)

    def change_probe(self) -> None:
        """Look again which probe there is, and work with it, in its own store."""
        session = self.session
        if session is not None:
            self._close_session()
            self.opening.lock_again()
            self.enter(lambda opening: opening.reopen(session.keys, self.hear), self._back_to_the_door)

    def sign_out(self) -> None:
        """Close the records and ask for a PIN."""
        self._close_session()
        self.opening.lock_again()
        self.switch_screen(self._door())

    def _began(self, session: Session) -> None:
        before = session.where_we_were()
        self.switch_screen(PatientsScreen(session.greeting))
        if before is not None:
            record, step = before
            self.push_screen(_STEPS[step](record, _RESUMED))

    def _back_to_the_door(self, error: Exception) -> None:
        self._close_session()
        self.opening.lock_again()
        self.switch_screen(self._door(str(error)))

    def _door(self, refusal: str = "") -> StationScreen:
        if self.access.is_new():
            return FirstStartScreen()
        return SignInScreen(self.access.operators(), refusal)

    def _close_session(self) -> None:
        session, self.session = self.session, None
        if session is not None:
            session.close()

    # from screen to screen; below each of them lies the list of patients

    def go_on(self, exam: str) -> None:
        """To an exam, at the step where it stands."""
        record = self._record(exam)
        self.push_screen(_STEPS[_FIRST_STEP[record.exam.state]](record, ""))

    def show(self, step: Step, exam: str) -> None:
        """Another step of the exam that is on the screen."""
        self.switch_screen(_STEPS[step](self._record(exam), ""))

    def leave_exam(self) -> None:
        """Back to the patients."""
        if self.session is not None:
            self.session.forget()
        self.pop_screen()

    def _record(self, exam: str) -> ExamRecord:
        if self.session is None:
            raise OutOfOrder("Nobody is signed in", "Sign in first.")
        return self.session.workstation.exams.record(exam)


def _tell(error: Exception, refused: Refused) -> None:
    if not isinstance(getattr(error, "title", None), str):
        raise error
    refused(error)
