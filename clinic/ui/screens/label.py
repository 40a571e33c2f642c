"""What a caliper measures: a short list, or a word of one's own."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static

from clinic.ui.widgets.keys import KeyBar

_LONGEST = 60


class LabelDialog(ModalScreen[str | None]):
    """Gives the label, or None.

    Args:
        labels: To choose from.
    """

    BINDINGS: ClassVar[list[BindingType]] = [("escape", "leave", "Back")]
    DEFAULT_CSS = "LabelDialog Input { height: 1; border: none; background: $panel; margin-top: 1; }"

    def __init__(self, labels: tuple[str, ...]) -> None:
        super().__init__()
        self._labels = labels

    def compose(self) -> ComposeResult:
        """The list, and a field."""
        with Vertical(classes="dialog"):
            yield Static("What is measured?", classes="title")
            yield OptionList(*self._labels)
            yield Input(placeholder="another word: Tab, type, Enter", max_length=_LONGEST, compact=True)
            yield KeyBar((("↑ ↓", "Choose"), ("Enter", "Take it"), ("Tab", "Another word"), ("Esc", "Back")))

    def on_mount(self) -> None:
        """The list first."""
        self.query_one(OptionList).focus()

    def action_leave(self) -> None:
        """No other label."""
        self.dismiss(None)

    @on(OptionList.OptionSelected)
    def choose(self, event: OptionList.OptionSelected) -> None:
        """One of the list."""
        self.dismiss(self._labels[event.option_index])

    @on(Input.Submitted)
    def typed(self, event: Input.Submitted) -> None:
        """A word of one's own."""
        self.dismiss(event.value.strip() or None)
