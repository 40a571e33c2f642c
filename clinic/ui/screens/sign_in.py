"""Sign in: who, and the PIN. The passphrase is the way back for a PIN that is forgotten or closed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Center, Horizontal, Vertical
from textual.widgets import Input, Label, OptionList, Static
from textual.widgets.option_list import Option

from clinic.access import clean_name
from clinic.ui.screen import StationScreen
from clinic.ui.widgets.keys import Keys
from records.model import Operator
from records.pins import check_pin

_PIN_KEYS: Keys = (("↑ ↓", "Who"), ("Enter", "Sign in"), ("F2", "I forgot my PIN"), ("Ctrl+Q", "End"))
_NEW_PIN_KEYS: Keys = (
    ("↑ ↓", "Who"),
    ("Tab", "Next line"),
    ("Enter", "Go on"),
    ("F2", "Sign in with a PIN"),
    ("Ctrl+Q", "End"),
)
_NAME_KEYS: Keys = (("Tab", "Next line"), ("Enter", "Go on"), ("Ctrl+Q", "End"))
_FIELDS = (
    ("passphrase", "The six words", True),
    ("name", "Your name", False),
    ("pin", "PIN", True),
    ("again", "The PIN once more", True),
)


class SignInScreen(StationScreen):
    """Lists who may sign in and asks for the PIN; or for the passphrase and a new PIN.

    Args:
        operators: Who has a PIN here; where nobody has, the passphrase and a name are asked for.
        refusal: Why we are here again.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        ("f2", "other_way", "Passphrase"),
        ("up", "who(-1)", "Up"),
        ("down", "who(1)", "Down"),
    ]
    DEFAULT_CSS = """
    SignInScreen #who { max-height: 8; height: auto; margin-bottom: 1; background: $background; }
    SignInScreen #pin, SignInScreen #again { max-width: 20; }
    """

    def __init__(self, operators: Sequence[Operator], refusal: str = "") -> None:
        super().__init__(refusal)
        self._operators = tuple(operators)
        self._new_pin = not self._operators
        self._busy = False

    def body(self) -> ComposeResult:
        """Names, then what is asked for."""
        with Center(id="centre"), Vertical(classes="column centred"):
            yield Static("Sauti", classes="title")
            yield Static("Who are you?", classes="soft", id="question")
            yield OptionList(*(Option(operator.operators_name) for operator in self._operators), id="who")
            for name, label, secret in _FIELDS:
                with Horizontal(classes="field", id=f"{name}-line"):
                    yield Label(label)
                    yield Input(id=name, password=secret, compact=True)

    def on_mount(self) -> None:
        """The PIN has the focus; the arrow keys choose who."""
        self.banner.update("Sauti  ·  ultrasound workstation  ·  investigational use only")
        who = self.query_one("#who", OptionList)
        who.can_focus = False
        who.display = bool(self._operators)
        if self._operators:
            who.highlighted = 0
        self._show_way()

    def action_who(self, step: int) -> None:
        """Another name."""
        who = self.query_one("#who", OptionList)
        if self._operators:
            who.highlighted = ((who.highlighted or 0) + step) % len(self._operators)

    def action_other_way(self) -> None:
        """Between the PIN, and the passphrase with a new one."""
        if self._operators and not self._busy:
            self._new_pin = not self._new_pin
            self.say("")
            self._show_way()

    @on(Input.Submitted)
    def next_field(self, event: Input.Submitted) -> None:
        """Enter goes to the next line, and from the last one on."""
        event.stop()
        shown = self._shown()
        at = shown.index(event.input.id or shown[0])
        if at + 1 < len(shown):
            self.set_focus(self.query_one(f"#{shown[at + 1]}", Input))
        elif not self._busy:
            self._open()

    def _open(self) -> None:
        typed = {name: self.query_one(f"#{name}", Input).value for name in self._shown()}
        if not all(typed.values()):
            self.say("A line is empty.", "wrong")
            return
        if "again" in typed and typed["pin"] != typed["again"]:
            self.say("The two PINs are not the same. Enter the PIN twice.", "wrong")
            return
        operator, hear = self._who(), self.station.hear
        try:
            check_pin(typed["pin"])
            name = operator.operators_name if operator else clean_name(typed["name"])
        except Exception as error:  # noqa: BLE001  (a refusal is said)
            self.refuse(error)
            return
        self._busy = True
        self.say("Opening the records …")
        if self._new_pin:
            self.station.enter(
                lambda opening: opening.unlock(typed["passphrase"], operator, name, typed["pin"], hear), self._failed
            )
        elif operator is not None:
            self.station.enter(lambda opening: opening.sign_in(operator, typed["pin"], hear), self._failed)

    def _failed(self, error: Exception) -> None:
        self._busy = False
        for field in self.query(Input):
            field.value = ""
        self.set_focus(self.query_one(f"#{self._shown()[0]}", Input))
        self.refuse(error)

    def _who(self) -> Operator | None:
        at = self.query_one("#who", OptionList).highlighted
        return self._operators[at] if self._operators and at is not None else None

    def _shown(self) -> list[str]:
        if not self._new_pin:
            return ["pin"]
        return ["passphrase", "pin", "again"] if self._operators else ["passphrase", "name", "pin", "again"]

    def _show_way(self) -> None:
        shown = self._shown()
        for name, _, _ in _FIELDS:
            self.query_one(f"#{name}-line").display = name in shown
            self.query_one(f"#{name}", Input).value = ""
        self.query_one("#pin-line Label", Label).update("New PIN" if self._new_pin else "PIN")
        keys = _PIN_KEYS if not self._new_pin else _NEW_PIN_KEYS if self._operators else _NAME_KEYS
        self.keybar.show_keys(keys)
        self.set_focus(self.query_one(f"#{shown[0]}", Input))
