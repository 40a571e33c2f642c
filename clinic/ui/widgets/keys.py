"""KeyBar: every key that does something now, with its word. It wraps between keys, so that none is hidden or torn."""

from __future__ import annotations

from textual import events
from textual.content import Content
from textual.widgets import Static

Keys = tuple[tuple[str, str], ...]
_CAP = "bold #080808 on #d7af5f"


class KeyBar(Static):
    """The keys at the foot of a screen or a dialog."""

    DEFAULT_CSS = """
    KeyBar { height: auto; max-height: 3; background: $panel; color: $foreground; padding: 0 1; }
    """

    def __init__(self, keys: Keys = ()) -> None:
        super().__init__(markup=False)
        self.keys: Keys = keys

    def show_keys(self, keys: Keys) -> None:
        """Show these: (key as printed on the keyboard, what it does now)."""
        self.keys = keys
        self._lay_out(self.content_size.width)

    def on_resize(self, event: events.Resize) -> None:
        """As many to a line as there is room."""
        self._lay_out(self.content_size.width)

    def _lay_out(self, width: int) -> None:
        lines: list[list[Content]] = [[]]
        used = 0
        for key, word in self.keys:
            chunk = Content.assemble((f" {key} ", _CAP), f" {word}  ")
            if lines[-1] and used + chunk.cell_length - 2 > width:
                lines.append([])
                used = 0
            lines[-1].append(chunk)
            used += chunk.cell_length
        self.update(Content("\n").join(Content.assemble(*line) for line in lines))
