"""Sign in: who, and the PIN. The passphrase is the way back for a PIN that is forgotten or closed."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Center, Horizontal, Vertical
from textual.widgets import Input, Label, OptionList, Static
from textual.widgets.option_list import Option

from clinic.ui.screens.base import StationScreen
from clinic.ui.widgets.keys import Keys
from records.model import Operator

_KEYS: Keys = (("↑ ↓", "Who"), ("Enter", "Sign in"), ("F2", "Passphrase"), ("Ctrl+Q", "End"))
_PASSPHRASE_KEYS: Keys = (("↑ ↓", "Who"), ("Enter", "Sign in"), ("F2", "PIN"), ("Ctrl+Q", "End"))


class SignInScreen(StationScreen):
    """Lists who may sign in and asks for the PIN.

    Args:
        operators: Who has a PIN here.
    """

    KEYS = _KEYS
    BINDINGS = [  # noqa: RUF012  (Textual's own form)
        ("f2", "other_way", "Passphrase"),
        ("up", "who(-1)", "Up"),
        ("down", "who(1)", "Down"),
    ]
    DEFAULT_CSS = """
    SignInScreen #who { max-height: 8; height: auto; margin-bottom: 1; }
    SignInScreen .field > Label { width: 16; }
    """

    def __init__(self, operators: Sequence[Operator]) -> None:
        super().__init__()
        self._operators = tuple(operators)
        self._by_passphrase = not self._operators
        self._busy = False

    def body(self) -> ComposeResult:
        """Names, then the PIN."""
        with Center(id="centre"), Vertical(classes="column centred"):
            yield Static("Sauti", classes="title")
            yield Static("Who are you?", classes="soft")
            yield OptionList(*(Option(operator.operators_name) for operator in self._operators), id="who")
            with Horizontal(classes="field"):
                yield Label("PIN", id="label")
                yield Input(id="secret", password=True, compact=True)
            yield Static("", id="probe", classes="soft")

    def on_mount(self) -> None:
        """The PIN has the focus; the arrow keys choose who."""
        self.banner.update("Sauti  ·  ultrasound workstation  ·  investigational use only")
        who = self.query_one("#who", OptionList)
        who.can_focus = False
        if self._operators:
            who.highlighted = 0
        self._show_way()
        self.query_one("#secret", Input).focus()

    def say_probe(self, sentence: str) -> None:
        """Which probe will be used."""
        self.query_one("#probe", Static).update(sentence)

    def action_who(self, step: int) -> None:
        """Another name."""
        who = self.query_one("#who", OptionList)
        if self._operators:
            who.highlighted = ((who.highlighted or 0) + step) % len(self._operators)

    def action_other_way(self) -> None:
        """Between PIN and passphrase."""
        if self._operators:
            self._by_passphrase = not self._by_passphrase
            self._show_way()

    @on(Input.Submitted, "#secret")
    def try_it(self, event: Input.Submitted) -> None:
        """Open the site with what was typed."""
        if self._busy or not event.value:
            return
        self._busy = True
        self.say("Opening the records …")
        at = self.query_one("#who", OptionList).highlighted
        operator = self._operators[at] if self._operators and at is not None else None
        secret, event.input.value = event.value, ""
        if self._by_passphrase:
            self.station.unlock_with_passphrase(operator, secret, self._failed)
        elif operator is not None:
            self.station.sign_in(operator, secret, self._failed)

    def _failed(self, error: Exception) -> None:
        self._busy = False
        self.refuse(error)

    def _show_way(self) -> None:
        self.query_one("#label", Label).update("Passphrase" if self._by_passphrase else "PIN")
        self.query_one("#secret", Input).value = ""
        self.keybar.show_keys(_PASSPHRASE_KEYS if self._by_passphrase else _KEYS)
