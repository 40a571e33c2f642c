"""A new patient: number and name, and what else is known. "Not known" is always an answer: leave it empty."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Label, Static

from clinic.errors import BadRequest
from clinic.patient_file import parse_patient
from clinic.ui.screen import station_of
from clinic.ui.widgets.keys import KeyBar
from clinic.ui.widgets.notice import NoticeLine
from clinic.workstation.patients import Registered
from records.model import Patient

_FIELDS = (
    ("patient_id", "Number on the card", ""),
    ("family_name", "Family name", ""),
    ("given_name", "Given name", ""),
    ("birth_date", "Birth date", "2001-05-30, or 2001"),
    ("patient_sex", "Sex: F, M or O", ""),
    ("lmp_date", "Last period (LMP)", "if she is pregnant"),
)
_NAMES = {name: label.partition(":")[0] for name, label, _ in _FIELDS}


class PatientForm(ModalScreen[Patient | None]):
    """Gives the patient once the record has it."""

    BINDINGS: ClassVar[list[BindingType]] = [("escape", "leave", "Back"), ("ctrl+s", "save", "Save")]
    DEFAULT_CSS = """
    PatientForm .dialog { width: 70; }
    PatientForm NoticeLine { margin-top: 1; }
    """

    def compose(self) -> ComposeResult:
        """One line a field."""
        with Vertical(classes="dialog dense"):
            yield Static("New patient", classes="title")
            for name, label, example in _FIELDS:
                with Horizontal(classes="field"):
                    yield Label(label)
                    yield Input(id=name, compact=True, placeholder=example)
            yield NoticeLine()
            yield KeyBar((("Enter", "Next, at the end save"), ("Ctrl+S", "Save"), ("Esc", "Back, nothing is saved")))

    def on_mount(self) -> None:
        """Begin with the number."""
        self.set_focus(self.query_one("#patient_id", Input))

    def action_leave(self) -> None:
        """Nothing was entered."""
        self.dismiss(None)

    @on(Input.Submitted)
    def next_field(self, event: Input.Submitted) -> None:
        """Enter goes on, and from the last line saves."""
        names = [name for name, _, _ in _FIELDS]
        at = names.index(event.input.id or names[0])
        if at + 1 < len(names):
            self.set_focus(self.query_one(f"#{names[at + 1]}", Input))
        else:
            self.action_save()

    def action_save(self) -> None:
        """Check what was typed and record it."""
        notice = self.query_one(NoticeLine)
        try:
            entry = parse_patient(self._content(), _NAMES)
        except BadRequest as error:
            notice.say(str(error), "wrong")
            return
        station = station_of(self)
        session = station.session
        assert session is not None
        notice.say("Saving …")
        station.answer(
            self,
            lambda: session.workstation.patients.register(entry),
            self._saved,
            lambda error: notice.say(str(error), "wrong"),
        )

    def _saved(self, registered: Registered) -> None:
        self.dismiss(registered.patient)

    def _content(self) -> dict[str, object]:
        typed = {name: self.query_one(f"#{name}", Input).value.strip() for name, _, _ in _FIELDS}
        lmp_date = typed.pop("lmp_date")
        content: dict[str, object] = {**typed, "patient_sex": typed["patient_sex"].upper()}
        return {**content, "pregnancy": {"lmp_date": lmp_date}} if lmp_date else content
