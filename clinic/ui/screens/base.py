"""What every screen of the workstation has: the patient's banner, a sentence, the keys, and the way to the verbs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar, cast

from textual.app import ComposeResult
from textual.screen import Screen

from clinic.receipts import Receipt
from clinic.ui.heard import Answered
from clinic.ui.widgets.banner import PatientBanner
from clinic.ui.widgets.keys import KeyBar, Keys
from clinic.ui.widgets.notice import NoticeLine
from records.model import Patient, Pregnancy

if TYPE_CHECKING:
    from clinic.ui.app import WorkstationApp

T = TypeVar("T")


class StationScreen(Screen[None]):
    """A screen of the workstation. Subclasses give their middle by ``body``."""

    KEYS: Keys = ()

    def __init__(self) -> None:
        super().__init__()
        self.banner = PatientBanner()
        self.notice = NoticeLine()
        self.keybar = KeyBar(self.KEYS)

    @property
    def station(self) -> WorkstationApp:
        """The application that this screen belongs to."""
        return cast("WorkstationApp", self.app)

    def compose(self) -> ComposeResult:
        """Banner, body, sentence, keys."""
        yield self.banner
        yield from self.body()
        yield self.keybar
        yield self.notice

    def body(self) -> ComposeResult:
        """What is between the banner and the keys."""
        yield from ()

    def show_patient(self, patient: Patient | None, pregnancy: Pregnancy | None = None) -> None:
        """Say on the banner who it is."""
        session = self.station.session
        practice = session is not None and session.simulated
        self.banner.show_patient(patient, pregnancy, practice=practice)

    def say(self, text: str, kind: str = "") -> None:
        """Say what happened."""
        self.notice.say(text, kind)

    def refuse(self, error: Exception) -> None:
        """Say why something was not done."""
        title = getattr(error, "title", None)
        if not isinstance(title, str):
            raise error
        self.say(str(error), "wrong")

    def follow(self, receipt: Receipt[T], done: Callable[[T], None]) -> None:
        """Go on in the loop once the receipt is kept; say why if it is not."""

        def answered(answer: Receipt[T]) -> None:
            try:
                result = answer.wait(0)
            except Exception as error:  # noqa: BLE001  (it belongs to whoever is in front of the screen)
                self.refuse(error)
                return
            done(result)

        receipt.then(lambda answer: self.app.post_message(Answered(self, lambda: answered(answer))))

    def ask(self, ask: Callable[[], Receipt[T]], done: Callable[[T], None]) -> None:
        """Call a verb, which may refuse at once, and follow its receipt."""
        try:
            receipt = ask()
        except Exception as error:  # noqa: BLE001  (a refusal is said; a defect is raised again)
            self.refuse(error)
            return
        self.follow(receipt, done)
