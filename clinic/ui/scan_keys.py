"""What the keys do on the scan screen, by state: one table, shown at the foot; docs/reference/screens.md has it too."""

from __future__ import annotations

from enum import Enum

from clinic.looks import Shown
from clinic.readings import Tool
from clinic.ui.mode_choice import has_beams, mode_of
from clinic.ui.widgets.keys import Keys
from imaging.modes import Mode


class ScanState(Enum):
    """What the keys do."""

    LIVE = "live"
    FROZEN = "frozen"
    CALIPER = "caliper"


_MODES = ("B M A", "Mode")
_BEAM = ("← →", "Beam")
_CALIPER = ("C", "Caliper")
_CALIPERS: Keys = (("C", "Depth"), ("T", "Time"), ("R", "Rate"))
_BEATS = ("1–9", "Beats")
KEYS: dict[ScanState, Keys] = {
    ScanState.LIVE: (
        ("Space", "Freeze"), _BEAM, _MODES, ("+ −", "Gain"), ("Enter", "Summary"), ("Esc", "Leave the exam"),
    ),
    ScanState.FROZEN: (
        ("Space", "Live"), ("← →", "Step"), _MODES, ("+ −", "Gain"), _CALIPER, ("K", "Keep"),
        ("Enter", "Summary"), ("Esc", "Leave"),
    ),
    ScanState.CALIPER: (
        ("←↑↓→", "Move"), ("Shift", "×10"), ("Tab", "Other"), _BEATS, ("N", "Name"), ("Enter", "Done"),
        ("Del", "Remove"),
    ),
}  # fmt: skip
ARROWS = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}
FAST = 10


def keys_of(state: ScanState, shown: Shown | None, tool: Tool | None = None) -> Keys:
    """The keys of a state over what is shown: each probe, mode and tool has its own.

    Args:
        state: Of the screen.
        shown: What is in the pane.
        tool: Of the caliper that is held.
    """
    keys: list[tuple[str, str]] = []
    for key in KEYS[state]:
        if key is _CALIPER and mode_of(shown) is Mode.M:
            keys += _CALIPERS
        elif not (key is _BEAM and not has_beams(shown)) and not (key is _BEATS and tool is not Tool.RATE):
            keys.append(key)
    return tuple(keys)


def arrow_of(key: str) -> tuple[int, int] | None:
    """How far an arrow key goes, across and down; None if it is no arrow."""
    arrow = ARROWS.get(key.removeprefix("shift+"))
    if arrow is None:
        return None
    step = FAST if key.startswith("shift+") else 1
    return arrow[0] * step, arrow[1] * step
