"""Shows pictures in the terminal that it runs in: live ones while a label changes, and at last a frozen one with marks.

First argument: how many live pictures before the frozen one; 0 goes on for ever. Every picture is white in its middle.
"""

from __future__ import annotations

import sys
import time

import numpy as np

from clinic.terminal.capabilities import ask
from clinic.terminal.inks import Ink
from clinic.terminal.marks import CaliperMark, Overlay

SHAPE = (240, 320)
MIDDLE = (slice(80, 160), slice(100, 220))
OVERLAY = Overlay(
    (CaliperMark(((60, 40), (250, 200)), "1", 1), CaliperMark(((30.4, 120.6), (90, 121)), "2")),
    (("UNCALIBRATED", Ink.WARNING), ("FROZEN", Ink.FROZEN)),
    Ink.FROZEN,
    (500, 3000),
)


def picture(number: int) -> np.ndarray:
    """Speckle of many greys, white in the middle."""
    grey = np.random.default_rng(number).integers(0, 200, SHAPE).astype(np.uint8)
    grey[MIDDLE] = 255
    return grey


def main() -> None:
    """Ask the terminal, then show."""
    terminal = ask(sys.stdin.fileno(), sys.stdout.fileno(), time.monotonic)
    from textual.widgets import Static

    from clinic.terminal.image_view import Liveness
    from tests.clinic.terminal.stage import StageApp

    pictures, shown, last = [picture(number) for number in range(8)], 0, int(sys.argv[1])

    class Pictures(StageApp):
        def on_mount(self) -> None:
            self.timer = self.set_interval(1 / 60, self.next)
            self.set_interval(0.1, self.view.tick)

        def next(self) -> None:
            nonlocal shown
            shown += 1
            if shown == last:
                self.timer.stop()
                self.view.show(picture(99), Liveness.FROZEN, OVERLAY)
                self.query_one("#foot", Static).update("FROZEN")
                return
            self.view.show(pictures[shown % len(pictures)], Liveness.LIVE)
            if shown % 3 == 0:
                self.query_one("#foot", Static).update(f"LIVE {shown} ")

    Pictures(terminal, time.monotonic_ns).run()


if __name__ == "__main__":
    main()
