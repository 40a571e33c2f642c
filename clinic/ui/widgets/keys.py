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
        self.update(Content("\n").join(Content.assemble(*map(_drawn, line)) for line in lines_of(self.keys, width)))


def lines_of(keys: Keys, width: int) -> list[list[tuple[str, str]]]:
    """As many keys to a line as there is room for, with two columns between them."""
    lines: list[list[tuple[str, str]]] = [[]]
    used = 0
    for key in keys:
        columns = _drawn(key).cell_length
        if lines[-1] and used + columns - 2 > width:
            lines.append([])
            used = 0
        lines[-1].append(key)
        used += columns
    return lines


def _drawn(key: tuple[str, str]) -> Content:
    return Content.assemble((f" {key[0]} ", _CAP), f" {key[1]}  ")
