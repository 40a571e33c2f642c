"""What the probe does while it is looked through: lost, back, silent. It is said; nothing transmits by itself."""

from __future__ import annotations

from collections.abc import Callable

from clinic.ui.screen import StationScreen
from clinic.ui.widgets.live_pane import LivePane

_PATIENCE_S = 4


class ProbeWatch:
    """Knows whether the probe is lost or has stopped by itself, and how long no picture came.

    Args:
        screen: Where it is said.
        pane: The pane of the live picture, once there is one.
    """

    def __init__(self, screen: StationScreen, pane: Callable[[], LivePane]) -> None:
        self._screen = screen
        self._pane = pane
        self._waited_s = 0
        self._model = ""
        self.lost = False
        self.stopped = False

    def begin(self, model: str, *, lost: bool) -> None:
        """The screen opens: a probe of this name, none yet where it is empty, or one that was lost before."""
        self.heard_of(model)
        if lost:
            self.went("The probe is not there.")

    def heard_of(self, model: str) -> None:
        """It said who it is."""
        self._model = model
        self.name()

    def name(self) -> None:
        """Say beside the picture which probe it is, or that there is none."""
        self._pane().say("PROBE LOST" if self.lost else self._model or "Looking for the probe …")

    def went(self, why: str) -> None:
        """It is gone."""
        self.lost = True
        self.name()
        self._screen.say(f"{why} The exam and its pictures are kept; plug the probe in again.", "wrong")

    def came_back(self) -> None:
        """It is there again."""
        self.lost = False
        self._screen.say("The probe is back. Press Space to go live.")

    def stopped_itself(self, why: str) -> None:
        """It is there and does not transmit, and nobody froze it."""
        self.stopped = True
        self._screen.say(why, "wrong")

    def asked_live(self) -> None:
        """It was told to go on; what was said of a frozen frame is over."""
        self.stopped = False
        self.name()

    def tick(self, *, waits: bool) -> None:
        """A second went by; say so when no picture comes although nothing is wrong that we know of."""
        self._waited_s = self._waited_s + 1 if waits and not (self.lost or self.stopped) else 0
        if self._waited_s == _PATIENCE_S:
            self._screen.say("No picture comes from the probe. Look at its cable; Space tries again.", "wrong")
