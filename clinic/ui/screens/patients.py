"""Patients: what is not finished first, then everybody; pick one or add one."""

from __future__ import annotations

from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Label, OptionList
from textual.widgets.option_list import Option

from clinic.ui.screen import StationScreen
from clinic.ui.screens.patient_form import PatientForm
from clinic.ui.screens.start_exam import StartExam
from clinic.ui.wording import moment
from records.model import Exam, Patient

_MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class _Row:
    """A line of the list: an unfinished exam, or a patient."""

    text: str
    patient: Patient
    exam: Exam | None = None


class PatientsScreen(StationScreen):
    """The list from which every exam begins."""

    KEYS = (
        ("↑ ↓", "Choose"), ("Enter", "Open"), ("N", "New"), ("F", "Find"), ("P", "Probe"), ("L", "Lock"),
        ("Q", "End"),
    )  # fmt: skip
    BINDINGS = [  # noqa: RUF012  (Textual's own form)
        ("n", "add", "New patient"),
        ("f", "find", "Find"),
        ("p", "probe", "Probe"),
        ("l", "sign_out", "Sign out"),
        ("q", "app.quit", "End"),
        ("escape", "clear", "All"),
    ]
    DEFAULT_CSS = """
    PatientsScreen #find { height: 1; margin: 1 1 0 1; display: none; }
    PatientsScreen #find.shown { display: block; }
    PatientsScreen #find Input { height: 1; border: none; background: $panel; }
    PatientsScreen #list { margin: 1 1 0 1; height: 1fr; background: $background; }
    PatientsScreen #empty { margin: 1 3; color: $foreground 80%; }
    """

    def __init__(self, greeting: str = "") -> None:
        super().__init__(greeting)
        self._rows: tuple[_Row, ...] = ()

    def body(self) -> ComposeResult:
        """A field to find by, and the list."""
        with Vertical():
            with Horizontal(id="find"):
                yield Label("Find: ")
                yield Input(compact=True, placeholder="name or number")
            yield Label("Nobody is here yet. Press N for the first patient.", id="empty")
            yield OptionList(id="list")

    def on_screen_resume(self) -> None:
        """Coming back: the list may have changed."""
        self.show_patient(None)
        self._fill()
        self.set_focus(self.query_one("#list"))

    def action_add(self) -> None:
        """Enter a new patient."""
        self.app.push_screen(PatientForm(), self._added)

    def action_find(self) -> None:
        """Type a part of a name or number."""
        self.query_one("#find").add_class("shown")
        self.query_one("#find Input", Input).focus()

    def action_clear(self) -> None:
        """Show everybody."""
        self.query_one("#find Input", Input).value = ""
        self.query_one("#find").remove_class("shown")
        self.query_one("#list").focus()

    def action_probe(self) -> None:
        """Look for a plugged-in probe, or go to the practice probe."""
        self.say("Looking for a probe …")
        self.station.change_probe()

    def action_sign_out(self) -> None:
        """Lock the records."""
        self.station.sign_out()

    @on(Input.Changed)
    def search(self) -> None:
        """Narrow the list while typing."""
        self._fill()

    @on(Input.Submitted)
    def to_the_list(self) -> None:
        """From the field to the list."""
        self.query_one("#list").focus()

    @on(OptionList.OptionSelected, "#list")
    def open(self, event: OptionList.OptionSelected) -> None:
        """Go on with an exam, or begin one."""
        row = self._rows[event.option_index]
        if row.exam is not None:
            self.station.go_on(row.exam.id)
        else:
            self._start(row.patient)

    def _added(self, patient: Patient | None) -> None:
        if patient is not None:
            self._start(patient)

    def _start(self, patient: Patient) -> None:
        self.app.push_screen(StartExam(patient), lambda exam: self.station.go_on(exam) if exam else None)

    def _unfinished(self, exam: Exam, patient: Patient) -> _Row:
        begun = moment(self.station.clock, exam.started_ms)
        return _Row(f"NOT SIGNED   {_who(patient)}   {exam.protocol}, {begun}", patient, exam)

    def _fill(self) -> None:
        session = self.station.session
        if session is None:
            return
        wanted = self.query_one("#find Input", Input).value.casefold().split()
        patients = {patient.id: patient for patient in session.workstation.patients.all()}
        unfinished = session.workstation.exams.unfinished()
        rows = [self._unfinished(exam, patients[exam.patient]) for exam in unfinished if exam.patient in patients]
        rows += [_Row(_who(patient), patient) for patient in patients.values()]
        found = [row for row in rows if all(word in row.text.casefold() for word in wanted)]
        self._rows = tuple(found[:_MOST_SHOWN])
        shown = self.query_one("#list", OptionList)
        shown.clear_options()
        shown.add_options([Option(row.text) for row in self._rows])
        if self._rows:
            shown.highlighted = 0
        self.query_one("#empty").display = not rows
        shown.display = bool(rows)
        if len(found) > _MOST_SHOWN:
            self.say(f"{len(found)} found, the first {_MOST_SHOWN} are listed. Press F and type more of the name.")


def _who(patient: Patient) -> str:
    born = f"   born {patient.birth_date}" if patient.birth_date else ""
    return f"{patient.patient_name}   {patient.patient_id}{born}"
