"""KeyBar: every key that does something now, with its word. It wraps, so that none is hidden on a small screen."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

Keys = tuple[tuple[str, str], ...]


class KeyBar(Static):
    """One or two lines of keys at the foot of a screen."""

    DEFAULT_CSS = """
    KeyBar { height: auto; max-height: 3; background: $panel; color: $foreground; padding: 0 1; }
    """

    def __init__(self, keys: Keys = ()) -> None:
        super().__init__(markup=False)
        self.keys: Keys = ()
        self.show_keys(keys)

    def show_keys(self, keys: Keys) -> None:
        """Show these: (key as printed on the keyboard, what it does now)."""
        self.keys = keys
        parts: list[tuple[str, str] | str] = []
        for key, word in keys:
            # no-break spaces keep a key and its word on one line
            parts += [(f"\N{NO-BREAK SPACE}{key}\N{NO-BREAK SPACE}", "bold #14100a on #c9963f")]
            parts += [f"\N{NO-BREAK SPACE}{word.replace(' ', chr(0xA0))}", "  "]
        self.update(Content.assemble(*parts))
