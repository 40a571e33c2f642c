"""The keys that the foot has no room for: chosen from the list, or pressed."""

from __future__ import annotations

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static

from clinic.ui.scan_keys import More
from clinic.ui.widgets.keys import KeyBar

_ARROWS = ("up", "down")


class MoreKeys(ModalScreen[str | None]):
    """Gives the action of the key that was chosen, or None.

    Args:
        keys: What there is.
    """

    BINDINGS: ClassVar[list[BindingType]] = [("escape,question_mark", "leave", "Back")]

    def __init__(self, keys: tuple[More, ...]) -> None:
        super().__init__()
        self._keys = keys

    def compose(self) -> ComposeResult:
        """The list."""
        with Vertical(classes="dialog dense"):
            yield Static("These keys work without this list too", classes="title")
            yield OptionList(*(f" {more.printed:<2} {more.word}" for more in self._keys))
            yield KeyBar((("↑ ↓", "Choose"), ("Enter", "Do it"), ("Esc", "Back")))

    def on_mount(self) -> None:
        """The list has the keys."""
        self.query_one(OptionList).focus()

    def on_key(self, event: events.Key) -> None:
        """One of the keys themselves; the arrows choose from the list."""
        pressed = next((more for more in self._keys if more.key == event.key and event.key not in _ARROWS), None)
        if pressed is not None:
            event.stop()
            self.dismiss(pressed.action)

    def action_leave(self) -> None:
        """Nothing."""
        self.dismiss(None)

    @on(OptionList.OptionSelected)
    def choose(self, event: OptionList.OptionSelected) -> None:
        """One of the list."""
        self.dismiss(self._keys[event.option_index].action)
