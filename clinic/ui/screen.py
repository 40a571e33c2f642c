"""What every screen of the workstation has: the patient's banner, a sentence, the keys, and the way to the verbs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.dom import DOMNode
from textual.screen import Screen

from clinic.receipts import Receipt
from clinic.session import Session
from clinic.ui.station import Station
from clinic.ui.widgets.banner import PatientBanner
from clinic.ui.widgets.keys import KeyBar, Keys
from clinic.ui.widgets.notice import NoticeLine
from records.model import Patient, Pregnancy

T = TypeVar("T")


def station_of(node: DOMNode) -> Station:
    """The application that a screen belongs to."""
    return cast("Station", node.app)


class StationScreen(Screen[None]):
    """A screen of the workstation. Subclasses give their middle by ``body``.

    Args:
        greeting: The first sentence.
    """

    KEYS: Keys = ()

    def __init__(self, greeting: str = "") -> None:
        super().__init__()
        self.banner = PatientBanner()
        self.notice = NoticeLine(greeting)
        self.keybar = KeyBar(self.KEYS)

    @property
    def station(self) -> Station:
        """The application that this screen belongs to."""
        return station_of(self)

    @property
    def session(self) -> Session:
        """The open session; only screens behind the sign-in ask."""
        session = self.station.session
        assert session is not None
        return session

    def compose(self) -> ComposeResult:
        """Banner, body, sentence, keys."""
        yield self.banner
        yield from self.body()
        with Vertical(classes="foot"):
            yield self.notice
            yield self.keybar

    def body(self) -> ComposeResult:
        """What is between the banner and the keys."""
        yield from ()

    def show_patient(self, patient: Patient | None, pregnancy: Pregnancy | None = None) -> None:
        """Say on the banner who it is."""
        operator = "" if patient else self.session.keys.operator.operators_name
        self.banner.show_patient(patient, pregnancy, practice=self.session.simulated, right=operator)

    def say(self, text: str, kind: str = "") -> None:
        """Say what happened."""
        self.notice.say(text, kind)

    def refuse(self, error: Exception) -> None:
        """Say why something was not done."""
        self.say(str(error), "wrong")

    def ask(self, ask: Callable[[], Receipt[T]], done: Callable[[T], None]) -> None:
        """Call a verb, and go on once its receipt is kept; say why if it is not."""
        self.station.answer(self, ask, done, self.refuse)
