"""The first start: the clinic's name, the first operator, a PIN; then the recovery sentence, to be written down."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Center, Horizontal, VerticalScroll
from textual.widgets import Input, Label, Static

from clinic.access import clean_name
from clinic.passphrase import make_passphrase
from clinic.ui.screen import StationScreen
from clinic.ui.widgets.keys import Keys
from records.pins import check_pin

_FORM_KEYS: Keys = (("Tab", "Next line"), ("Enter", "Go on"), ("Ctrl+Q", "End"))
_SENTENCE_KEYS: Keys = (("Enter", "I have written it down"), ("Esc", "Back"), ("Ctrl+Q", "End"))
_FIELDS = (
    ("institution", "Name of the clinic", False),
    ("operator", "Your name", False),
    ("pin", "Your PIN, 6 digits or more", True),
    ("again", "The PIN once more", True),
)


class FirstStartScreen(StationScreen):
    """Asks what a new site needs, and makes it when everything is written down."""

    KEYS = _FORM_KEYS
    BINDINGS = [("escape", "back", "Back"), ("enter", "confirm", "Confirm")]  # noqa: RUF012  (Textual's own form)
    DEFAULT_CSS = """
    FirstStartScreen #sentence { border: round $primary; padding: 1 2; text-style: bold; color: #ffffd7; }
    FirstStartScreen #sentence { text-align: center; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._passphrase = ""
        self._busy = False

    def body(self) -> ComposeResult:
        """The form, and the sentence that takes its place."""
        with Center(id="centre"):
            with VerticalScroll(classes="column", id="form", can_focus=False):
                yield Static("Welcome to Sauti. This computer has no clinic yet.", classes="title")
                yield Static("What you enter here is asked only once.", classes="soft gap")
                for name, label, secret in _FIELDS:
                    with Horizontal(classes="field"):
                        yield Label(label)
                        yield Input(id=name, password=secret, compact=True)
                yield Static(
                    "Investigational use only: not a cleared medical device, not for diagnosis.", classes="soft"
                )
            with VerticalScroll(classes="column", id="recovery", can_focus=False):
                yield Static("Write these six words on paper.", classes="title")
                yield Static("", id="sentence", classes="gap")
                yield Static(
                    "They open the records if a PIN is forgotten or the computer is changed. Keep the paper away from "
                    "the computer. Nobody can find the words again for you.",
                    classes="gap",
                )

    def on_mount(self) -> None:
        """Begin at the top."""
        self.banner.update("Sauti  ·  first start")
        self.query_one("#recovery").display = False
        self.set_focus(self.query_one("#institution", Input))

    @on(Input.Submitted)
    def next_field(self, event: Input.Submitted) -> None:
        """Enter goes to the next line, and from the last one on."""
        event.stop()
        names = [name for name, _, _ in _FIELDS]
        at = names.index(event.input.id or names[0])
        if at + 1 < len(names):
            self.set_focus(self.query_one(f"#{names[at + 1]}", Input))
        else:
            self._show_sentence()

    def action_confirm(self) -> None:
        """The sentence is on paper: make the site."""
        if not self._passphrase or self._busy:
            return
        self._busy = True
        self.say("Making the records. The first start may take a minute.")
        typed = self._text("institution"), self._text("operator"), self._text("pin"), self._passphrase
        self.station.enter(lambda opening: opening.found(*typed, self.station.hear), self._failed)

    def action_back(self) -> None:
        """To the form again."""
        if self._busy or not self._passphrase:
            return
        self._passphrase = ""
        self._switch(recovering=False)
        self.set_focus(self.query_one("#institution", Input))

    def _show_sentence(self) -> None:
        try:
            clean_name(self._text("operator"))
            check_pin(self._text("pin"))
        except Exception as error:  # noqa: BLE001  (a refusal is said; a defect is raised again)
            self.refuse(error)
            return
        if self._text("pin") != self._text("again"):
            self.say("The two PINs are not the same. Enter the PIN twice.", "wrong")
            return
        self._passphrase = make_passphrase(self.station.opening.entropy)
        self.query_one("#sentence", Static).update(self._passphrase)
        self._switch(recovering=True)
        self.set_focus(None)
        self.say("")

    def _switch(self, *, recovering: bool) -> None:
        self.query_one("#form").display = not recovering
        self.query_one("#recovery").display = recovering
        self.keybar.show_keys(_SENTENCE_KEYS if recovering else _FORM_KEYS)

    def _failed(self, error: Exception) -> None:
        self._busy = False
        self.refuse(error)

    def _text(self, name: str) -> str:
        return self.query_one(f"#{name}", Input).value
