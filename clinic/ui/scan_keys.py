"""What the keys do on the scan screen, by state: one table, shown at the foot; docs/reference/screens.md has it too.

The foot holds what is used on every picture; ``?`` opens the rest, and their keys work without it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from textual.binding import Binding, BindingType

from clinic.ui.widgets.keys import Keys


class ScanState(Enum):
    """What the keys do."""

    LIVE = "live"
    FROZEN = "frozen"
    CALIPER = "caliper"


@dataclass(frozen=True, slots=True)
class More:
    """A key behind ``?``: as printed on the keyboard, as Textual names it, what it does, and the action."""

    printed: str
    key: str
    word: str
    action: str


KEYS: dict[ScanState, Keys] = {
    ScanState.LIVE: (
        ("Space", "Freeze"), ("↑ ↓", "Depth"), ("+ −", "Gain"), ("P", "Preset"), ("?", "More"), ("Enter", "Summary"),
        ("Esc", "Leave the exam"),
    ),
    ScanState.FROZEN: (
        ("Space", "Live"), ("← →", "Step"), ("C", "Caliper"), ("E", "Ellipse"), ("K", "Keep"), ("?", "More"),
        ("Enter", "Summary"), ("Esc", "Leave"),
    ),
    ScanState.CALIPER: (
        ("←↑↓→", "Move"), ("Shift", "×10"), ("Tab", "Other"), ("N", "Name"), ("Enter", "Done"),
        ("Del", "Remove"), ("?", "More"),
    ),
}  # fmt: skip
_LIGHT = (
    More("<", "less_than_sign", "Fewer shades: harder contrast", "turn('contrast', -5)"),
    More(">", "greater_than_sign", "More shades: softer contrast", "turn('contrast', 5)"),
    More("F", "f", "Exchange left and right", "turn('mirrored', 0)"),
    More("U", "u", "Turn upside down", "turn('upside_down', 0)"),
)
_GAIN = (
    More("+", "plus", "Brighter", "turn('gain', 2)"),
    More("−", "minus", "Darker", "turn('gain', -2)"),
)
MORE: dict[ScanState, tuple[More, ...]] = {
    ScanState.LIVE: _LIGHT,
    ScanState.FROZEN: (
        More("G", "g", "Measure an angle", "measure('angle')"),
        More("V", "v", "Volume from three kept distances", "volume"),
        *_GAIN,
        More("↑", "up", "Less depth", "turn('depth', -1)"),
        More("↓", "down", "More depth", "turn('depth', 1)"),
        More("P", "p", "Preset: what is looked for", "turn('preset', 0)"),
        *_LIGHT,
    ),
    ScanState.CALIPER: (*_GAIN, *_LIGHT),
}
BINDINGS: list[BindingType] = [
    Binding("space", "freeze_or_live", "Freeze"),
    Binding("enter", "enter", "Summary", priority=True),
    Binding("escape", "leave", "Leave"),
    Binding("c", "measure('distance')", "Caliper"),
    Binding("e", "measure('ellipse')", "Ellipse"),
    Binding("g", "measure('angle')", "Angle"),
    Binding("v", "volume", "Volume"),
    Binding("p", "turn('preset', 0)", "Preset"),
    Binding("f", "turn('mirrored', 0)", "Left and right"),
    Binding("u", "turn('upside_down', 0)", "Upside down"),
    Binding("question_mark", "more", "More"),
    Binding("less_than_sign,comma", "turn('contrast', -5)", "Fewer shades"),
    Binding("greater_than_sign,full_stop", "turn('contrast', 5)", "More shades"),
    Binding("k", "keep", "Keep"),
    Binding("n", "name", "Name"),
    Binding("plus,equals_sign", "turn('gain', 2)", "Brighter"),
    Binding("minus", "turn('gain', -2)", "Darker"),
    Binding("tab", "other_end", "Other end", priority=True),
    Binding("delete,backspace", "remove", "Remove"),
]
ARROWS = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}
FAST = 10


def arrow_of(key: str) -> tuple[int, int] | None:
    """How far an arrow key goes, across and down; None if it is no arrow."""
    arrow = ARROWS.get(key.removeprefix("shift+"))
    if arrow is None:
        return None
    step = FAST if key.startswith("shift+") else 1
    return arrow[0] * step, arrow[1] * step
