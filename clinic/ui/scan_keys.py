"""What the keys do on the scan screen, by state: one table, shown at the foot; docs/reference/screens.md has it too.

The foot holds what is used on every picture; ``?`` opens the rest, and their keys work without it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from textual.binding import Binding, BindingType

from clinic.looks import Shown, mode_of
from clinic.measuring import Tool
from clinic.ui.mode_choice import has_beams
from clinic.ui.widgets.keys import Keys
from imaging.modes import Mode


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


_MODES = ("B M A", "Mode")
_BEAM = ("← →", "Beam")
_BEATS = ("1–9", "Beats")
_CALIPERS: Keys = (("C", "Caliper"), ("E", "Ellipse"))
_OF_A_BEAM: dict[Mode, Keys] = {
    Mode.M: (("C", "Size"), ("T", "Time"), ("R", "Rate")),
    Mode.A: (("C", "Caliper"),),
}
# in an order in which two lines of 60 columns hold all of them
KEYS: dict[ScanState, Keys] = {
    ScanState.LIVE: (
        ("Space", "Freeze"), _BEAM, _MODES, ("Enter", "Summary"), ("↑ ↓", "Depth"), ("+ −", "Gain"), ("P", "Preset"),
        ("?", "More"), ("Esc", "Leave"),
    ),
    ScanState.FROZEN: (
        ("Space", "Live"), ("← →", "Step"), _MODES, ("K", "Keep"), ("?", "More"), *_CALIPERS, ("Enter", "Summary"),
        ("Esc", "Leave"),
    ),
    ScanState.CALIPER: (
        ("←↑↓→", "Move"), ("Shift", "×10"), ("Tab", "Next end"), _BEATS, ("N", "Name"), ("Enter", "Done"),
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
    Binding("t", "measure('time')", "Time"),
    Binding("r", "measure('rate')", "Rate"),
    Binding("b", "mode('B')", "B-mode"),
    Binding("m", "mode('M')", "M-mode"),
    Binding("a", "mode('A')", "A-line"),
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
# what there is of a picture in two dimensions only
PLANE_KNOBS = ("mirrored", "upside_down")
_OF_A_PLANE = {"f", "u", "g", "v"}
ARROWS = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}
FAST = 10


def keys_of(state: ScanState, shown: Shown | None, tool: Tool | None = None) -> Keys:
    """The keys at the foot: each mode has its own calipers, and a probe with one beam has no other to choose.

    Args:
        state: Of the screen.
        shown: What is in the pane.
        tool: What is held.
    """
    left_out = {None if has_beams(shown) else _BEAM, None if tool is Tool.RATE else _BEATS}
    keys = [key for key in KEYS[state] if key not in left_out]
    calipers = _OF_A_BEAM.get(mode_of(shown))
    if calipers is None or _CALIPERS[0] not in keys:
        return tuple(keys)
    at = keys.index(_CALIPERS[0])
    return (*keys[:at], *calipers, *keys[at + len(_CALIPERS) :])


def more_of(state: ScanState, shown: Shown | None) -> tuple[More, ...]:
    """The keys behind ``?``: those of a picture in two dimensions only where there is one."""
    return tuple(more for more in MORE[state] if mode_of(shown) is Mode.B or more.key not in _OF_A_PLANE)


def arrow_of(key: str) -> tuple[int, int] | None:
    """How far an arrow key goes, across and down; None if it is no arrow."""
    arrow = ARROWS.get(key.removeprefix("shift+"))
    if arrow is None:
        return None
    step = FAST if key.startswith("shift+") else 1
    return arrow[0] * step, arrow[1] * step
