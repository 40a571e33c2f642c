"""What the exam is about: a pregnancy that is known, a new one, or none. Charts never join two pregnancies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from clinic.ui.screens.base import station_of
from clinic.ui.widgets.banner import PatientBanner
from clinic.ui.widgets.keys import KeyBar
from clinic.ui.widgets.notice import NoticeLine
from records.model import Patient, Pregnancy

PROTOCOL = "Limited scan"


@dataclass(frozen=True, slots=True)
class _Choice:
    text: str
    pregnancy: Pregnancy | None


class StartExam(ModalScreen[str | None]):
    """Gives the id of the exam once it is on the disk.

    Args:
        patient: Who is examined.
    """

    BINDINGS: ClassVar[list[BindingType]] = [("escape", "leave", "Back")]

    def __init__(self, patient: Patient) -> None:
        super().__init__()
        self._patient = patient
        self._choices: tuple[_Choice, ...] = ()
        self._busy = False

    def compose(self) -> ComposeResult:
        """Who, and what for."""
        yield PatientBanner()
        with Vertical(classes="dialog"):
            yield Static("Start an exam", classes="title")
            yield OptionList()
            yield NoticeLine()
            yield KeyBar((("↑ ↓", "Choose"), ("Enter", "Start"), ("Esc", "Back")))

    def on_mount(self) -> None:
        """The newest pregnancy first."""
        session = station_of(self).session
        assert session is not None
        self.query_one(PatientBanner).show_patient(self._patient, practice=session.simulated)
        known = session.workstation.patients.pregnancies(self._patient.id)
        self._choices = (
            *(_Choice(f"{PROTOCOL}, pregnancy {_lmp(pregnancy)}", pregnancy) for pregnancy in known),
            _Choice(f"{PROTOCOL}, not about a pregnancy", None),
        )
        options = self.query_one(OptionList)
        options.add_options([Option(choice.text) for choice in self._choices])
        options.highlighted = 0
        options.focus()

    def action_leave(self) -> None:
        """No exam."""
        self.dismiss(None)

    @on(OptionList.OptionSelected)
    def start(self, event: OptionList.OptionSelected) -> None:
        """Record the beginning."""
        if self._busy:
            return
        self._busy = True
        station = station_of(self)
        session = station.session
        assert session is not None
        choice = self._choices[event.option_index]
        registered = session.workstation.patients.known(self._patient, choice.pregnancy)
        station.answer(
            self, lambda: session.workstation.exams.start(registered, PROTOCOL), self._started, self._refused
        )

    def _started(self, exam: str) -> None:
        self.dismiss(exam)

    def _refused(self, error: Exception) -> None:
        self._busy = False
        self.query_one(NoticeLine).say(str(error), "wrong")


def _lmp(pregnancy: Pregnancy) -> str:
    return f"with LMP {pregnancy.lmp_date}" if pregnancy.lmp_date else "of unknown LMP"
