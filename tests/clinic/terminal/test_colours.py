"""What Textual is told by the environment: 256 colours where the terminal has them, and no size that stands still."""

from __future__ import annotations

from dataclasses import replace

import pytest

from clinic.terminal.capabilities import CELLS_ONLY
from clinic.terminal.colours import announce_colours, follow_the_window

COLOURED = replace(CELLS_ONLY, answers=True, coloured=True)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"TERM": "xterm"}, True),
        ({"TERM": "xterm-256color"}, False),
        ({"TERM": "xterm", "COLORTERM": "truecolor"}, False),
        ({"TERM": "xterm", "NO_COLOR": "1"}, False),
        ({"TERM": "xterm", "TEXTUAL_COLOR_SYSTEM": "standard"}, False),
    ],
)
def test_a_coloured_terminal_is_given_256(said: dict[str, str], told: bool) -> None:
    environment = dict(said)
    announce_colours(COLOURED, environment)
    assert (environment.get("TEXTUAL_COLOR_SYSTEM") == "256") is told


def test_one_that_says_nothing_of_colours_is_left_alone() -> None:
    environment = {"TERM": "linux"}
    announce_colours(CELLS_ONLY, environment)
    assert environment == {"TERM": "linux"}


def test_an_exported_size_is_forgotten() -> None:
    environment = {"LINES": "24", "COLUMNS": "80", "TERM": "xterm"}
    follow_the_window(environment)
    assert environment == {"TERM": "xterm"}
