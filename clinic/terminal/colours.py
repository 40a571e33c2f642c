"""What Textual is told by the environment, which it looks at when it is first imported: colours, and the window's size.

A plain ``xterm`` in TERM counts as eight colours there, although every terminal that says in its attributes that it has
colours takes 256 today; with eight, a dim screen turns into a garish one. So this is called before that import.
"""

from __future__ import annotations

from collections.abc import MutableMapping

from clinic.terminal.capabilities import TerminalCapabilities

_ASKED = "TEXTUAL_COLOR_SYSTEM"


def follow_the_window(environment: MutableMapping[str, str]) -> None:
    """Forget a size that a shell has exported: with LINES or COLUMNS set, Textual takes no notice of a resize."""
    for name in ("LINES", "COLUMNS"):
        environment.pop(name, None)


def announce_colours(terminal: TerminalCapabilities, environment: MutableMapping[str, str]) -> None:
    """Tell Textual of 256 colours where the terminal has them and nothing else says so.

    Args:
        terminal: What it answered.
        environment: Of this process; one variable of Textual's may be added.
    """
    said = "COLORTERM" in environment or "256" in environment.get("TERM", "") or _ASKED in environment
    if terminal.coloured and not said and "NO_COLOR" not in environment:
        environment[_ASKED] = "256"
