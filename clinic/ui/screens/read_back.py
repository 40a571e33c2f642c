"""Read-back: patient and numbers are read once more, in large words, before they are signed."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Center, VerticalScroll
from textual.widgets import Static

from clinic.bookmark import Step
from clinic.ui.screen import StationScreen
from clinic.ui.widgets.keys import Keys
from clinic.ui.wording import many, moment
from records.model import ExamRecord, Measurement
from records.reports.formatting import figures

_READ: Keys = (("Enter", "It is all right"), ("↑ ↓", "Scroll"), ("Esc", "Something is wrong: back"))
_SIGN: Keys = (("S", "Sign"), ("↑ ↓", "Scroll"), ("Esc", "Back, do not sign"))


class ReadBackScreen(StationScreen):
    """First read back, then signed; each is said only after it is on the disk.

    Args:
        record: The exam, open or read back.
        greeting: The first sentence.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "confirm", "It is all right"),
        Binding("s", "sign", "Sign"),
        Binding("escape", "back", "Back"),
    ]

    def __init__(self, record: ExamRecord, greeting: str = "") -> None:
        super().__init__(greeting)
        self._record = record
        self._busy = False

    def body(self) -> ComposeResult:
        """A page of words."""
        with Center(id="centre"), VerticalScroll(classes="column"):
            yield Static("", id="question", classes="title", markup=False)
            yield Static("", id="text", markup=False)

    def on_mount(self) -> None:
        """Say it."""
        record = self._record
        self.show_patient(record.patient, record.pregnancy)
        self.session.remember(record.exam.id, Step.READ_BACK)
        self.query_one("#text", Static).update("\n".join(self._lines()))
        self._show_state()
        self.query_one(VerticalScroll).focus()

    def action_confirm(self) -> None:
        """Patient and numbers are right."""
        if self._record.exam.state == "open" and not self._busy:
            self._busy = True
            self.ask(lambda: self.session.workstation.exams.read_back(self._record.exam.id), self._confirmed)

    def action_sign(self) -> None:
        """From here on the exam can only be amended."""
        if self._record.exam.state != "read_back":
            self.say("Read it first: press Enter when it is all right.", "wrong")
        elif not self._busy:
            self._busy = True
            self.say("Signing …")
            self.ask(lambda: self.session.workstation.exams.sign(self._record.exam.id), self._signed)

    def action_back(self) -> None:
        """To the summary; nothing is signed."""
        self.station.show(Step.SUMMARY, self._record.exam.id)

    def refuse(self, error: Exception) -> None:
        """Say why, and let it be tried again."""
        self._busy = False
        super().refuse(error)

    def _confirmed(self, done: None) -> None:
        self._busy = False
        self._record = self.session.workstation.exams.record(self._record.exam.id)
        self.say("Read back: saved.", "saved")
        self._show_state()

    def _signed(self, done: None) -> None:
        self.station.show(Step.REPORT, self._record.exam.id)

    def _show_state(self) -> None:
        read = self._record.exam.state == "read_back"
        name = self.session.keys.operator.operators_name
        self.query_one("#question", Static).update(
            f"Sign as {name}? Nothing can be changed afterwards, only added."
            if read
            else "Read this aloud. Is it all right?"
        )
        self.keybar.show_keys(_SIGN if read else _READ)

    def _lines(self) -> list[str]:
        record = self._record
        patient = record.patient
        lines = [
            f"Patient        {patient.patient_name}",
            f"Number         {patient.patient_id}",
            f"Born           {patient.birth_date or 'not recorded'}",
        ]
        if record.pregnancy is not None:
            lines.append(f"Last period    {record.pregnancy.lmp_date or 'not known'}")
        stills = sum(image.kind == "still" for image in record.images)
        lines += [
            f"Exam           {record.exam.protocol}, {moment(self.station.clock, record.exam.started_ms)}",
            f"Kept           {many(stills, 'picture')}, {many(len(record.images) - stills, 'loop')}",
            "",
        ]
        lines += [f"{one.label:<28} {_figures(one)}" for one in record.measurements]
        return lines if record.measurements else [*lines, "Nothing was measured."]


def _figures(measurement: Measurement) -> str:
    read = figures(measurement.value, measurement.error, measurement.unit)
    error = f"  ± {read.error} {read.unit}" if read.error else ""
    return f"{read.value:>7} {read.unit:<3}{error}"
