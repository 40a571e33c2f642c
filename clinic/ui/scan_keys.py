"""What the keys do on the scan screen, by state: one table, shown at the foot; docs/reference/screens.md has it too."""

from __future__ import annotations

from enum import Enum

from clinic.looks import Shown
from clinic.ui.mode_choice import has_beams
from clinic.ui.widgets.keys import Keys


class ScanState(Enum):
    """What the keys do."""

    LIVE = "live"
    FROZEN = "frozen"
    CALIPER = "caliper"


_MODES = ("B M A", "Mode")
_BEAM = ("← →", "Beam")
KEYS: dict[ScanState, Keys] = {
    ScanState.LIVE: (
        ("Space", "Freeze"), _BEAM, _MODES, ("+ −", "Gain"), ("Enter", "Summary"), ("Esc", "Leave the exam"),
    ),
    ScanState.FROZEN: (
        ("Space", "Live"), ("← →", "Step"), _MODES, ("+ −", "Gain"), ("C", "Caliper"), ("K", "Keep"),
        ("Enter", "Summary"), ("Esc", "Leave"),
    ),
    ScanState.CALIPER: (
        ("←↑↓→", "Move"), ("Shift", "×10"), ("Tab", "Other"), ("N", "Name"), ("Enter", "Done"),
        ("Del", "Remove"),
    ),
}  # fmt: skip
ARROWS = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}
FAST = 10


def keys_of(state: ScanState, shown: Shown | None) -> Keys:
    """The keys of a state over what is shown: a probe with one beam has no other to choose."""
    return tuple(key for key in KEYS[state] if key is not _BEAM or has_beams(shown))


def arrow_of(key: str) -> tuple[int, int] | None:
    """How far an arrow key goes, across and down; None if it is no arrow."""
    arrow = ARROWS.get(key.removeprefix("shift+"))
    if arrow is None:
        return None
    step = FAST if key.startswith("shift+") else 1
    return arrow[0] * step, arrow[1] * step
