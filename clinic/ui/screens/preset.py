"""What is looked for: the presets that make sense for the probe, and what each of them changes."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static

from clinic.presets import changes
from clinic.ui.widgets.keys import KeyBar
from imaging.preset import Preset


class PresetDialog(ModalScreen[str | None]):
    """Gives the name of a preset, or None.

    Args:
        presets: To choose from.
        current: Name of the one in use.
    """

    BINDINGS: ClassVar[list[BindingType]] = [("escape", "leave", "Back")]

    def __init__(self, presets: tuple[Preset, ...], current: str) -> None:
        super().__init__()
        self._presets = presets
        self._current = current

    def compose(self) -> ComposeResult:
        """The list, and what the highlighted one changes."""
        with Vertical(classes="dialog dense"):
            yield Static("What is looked for?", classes="title")
            yield OptionList(*(self._line(preset) for preset in self._presets))
            yield Static("", id="changes", markup=False)
            yield KeyBar((("↑ ↓", "Choose"), ("Enter", "Take it"), ("Esc", "Back")))

    def on_mount(self) -> None:
        """Begin at the one in use."""
        options = self.query_one(OptionList)
        names = [preset.name for preset in self._presets]
        options.highlighted = names.index(self._current) if self._current in names else 0
        options.focus()

    def action_leave(self) -> None:
        """It stays as it is."""
        self.dismiss(None)

    @on(OptionList.OptionHighlighted)
    def explain(self, event: OptionList.OptionHighlighted) -> None:
        """What it sets."""
        self.query_one("#changes", Static).update(f"Sets: {changes(self._presets[event.option_index])}.")

    @on(OptionList.OptionSelected)
    def choose(self, event: OptionList.OptionSelected) -> None:
        """This one."""
        self.dismiss(self._presets[event.option_index].name)

    def _line(self, preset: Preset) -> str:
        return f"{preset.title}  (in use)" if preset.name == self._current else preset.title
