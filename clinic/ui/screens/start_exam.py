"""A patient's exams: a new one, about a pregnancy that is known, another one, or none; or the report of an old one.

Charts never join two pregnancies, so each exam says which it is about.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Label, OptionList, Static
from textual.widgets.option_list import Option

from clinic.errors import BadRequest
from clinic.patient_file import parse_patient
from clinic.session import Session
from clinic.ui.screen import station_of
from clinic.ui.widgets.banner import PatientBanner
from clinic.ui.widgets.keys import KeyBar
from clinic.ui.widgets.notice import NoticeLine
from clinic.ui.wording import moment
from clinic.workstation.patients import Registered
from records.model import Patient, Pregnancy

PROTOCOL = "Limited scan"


@dataclass(frozen=True, slots=True)
class _Choice:
    text: str
    pregnancy: Pregnancy | None = None
    another: bool = False
    exam: str = ""


class StartExam(ModalScreen[str | None]):
    """Gives the id of an exam: a new one once it is on the disk, or a signed one.

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
            with Horizontal(classes="field", id="another"):
                yield Label("Her last period (LMP)")
                yield Input(compact=True, placeholder="2026-05-01, or empty")
            yield NoticeLine()
            yield KeyBar((("↑ ↓", "Choose"), ("Enter", "Start"), ("Esc", "Back")))

    def on_mount(self) -> None:
        """The newest pregnancy first."""
        session = station_of(self).session
        assert session is not None
        self.query_one(PatientBanner).show_patient(self._patient, practice=session.simulated)
        self._choices = self._offer(session)
        self.query_one("#another").display = False
        options = self.query_one(OptionList)
        options.add_options([Option(choice.text) for choice in self._choices])
        options.highlighted = 0
        options.focus()

    def action_leave(self) -> None:
        """No exam."""
        self.dismiss(None)

    @on(OptionList.OptionSelected)
    def start(self, event: OptionList.OptionSelected) -> None:
        """Record the beginning, ask for the other pregnancy, or open the report."""
        choice = self._choices[event.option_index]
        session = station_of(self).session
        assert session is not None
        if choice.exam:
            self.dismiss(choice.exam)
        elif choice.another:
            self.query_one("#another").display = True
            self.set_focus(self.query_one(Input))
        elif not self._busy:
            self._begin(session.workstation.patients.known(self._patient, choice.pregnancy))

    @on(Input.Submitted)
    def register(self, event: Input.Submitted) -> None:
        """Another pregnancy of hers: recorded first, then examined."""
        patient, notice = self._patient, self.query_one(NoticeLine)
        known = {
            "patient_id": patient.patient_id, "family_name": patient.family_name, "given_name": patient.given_name,
            "birth_date": patient.birth_date, "patient_sex": patient.patient_sex,
        }  # fmt: skip
        try:
            entry = parse_patient({**known, "pregnancy": {"lmp_date": event.value}}, {"lmp_date": "Her last period"})
        except BadRequest as error:
            notice.say(str(error), "wrong")
            return
        station = station_of(self)
        session = station.session
        assert session is not None
        station.answer(self, lambda: session.workstation.patients.register(entry), self._begin, self._refused)

    def _begin(self, registered: Registered) -> None:
        self._busy = True
        station = station_of(self)
        session = station.session
        assert session is not None
        exams = session.workstation.exams
        station.answer(self, lambda: exams.start(registered, PROTOCOL), self._started, self._refused)

    def _offer(self, session: Session) -> tuple[_Choice, ...]:
        """The newest pregnancy first; past exams last."""
        patient, station = self._patient, station_of(self)
        known = session.workstation.patients.pregnancies(patient.id)
        signed = [exam for exam in session.workstation.exams.all("signed") if exam.patient == patient.id]
        another = () if patient.patient_sex == "M" else (_Choice(f"{PROTOCOL}, another pregnancy", another=True),)
        return (
            *(_Choice(f"{PROTOCOL}, pregnancy {_lmp(pregnancy)}", pregnancy) for pregnancy in known),
            _Choice(f"{PROTOCOL}, not about a pregnancy"),
            *another,
            *(_Choice(f"Report of {moment(station.clock, exam.started_ms)}", exam=exam.id) for exam in signed),
        )

    def _started(self, exam: str) -> None:
        self.dismiss(exam)

    def _refused(self, error: Exception) -> None:
        self._busy = False
        self.query_one(NoticeLine).say(str(error), "wrong")


def _lmp(pregnancy: Pregnancy) -> str:
    return f"with LMP {pregnancy.lmp_date}" if pregnancy.lmp_date else "of unknown LMP"
