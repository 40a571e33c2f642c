"""The two applications that display.py compares: the same screen, frames and pace, with our ImageView or the peer's.

Arguments: ours|textual-image, the file of frames, the file for the log, then rate in Hz and seconds of each phase.
A thread offers a frame at that rate into a slot where the newest wins; what the screen cannot take is dropped there.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray
from textual import events
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.widget import Widget
from textual.widgets import Footer, Label

COLUMNS, ROWS = 106, 36
WARM_UP_S = 0.7
BITS, BLOCK = 12, 24
Grey = NDArray[np.uint8]
Phases = list[tuple[float, float]]


class View(Protocol):
    """What shows frames."""

    widget: Widget

    def show(self, grey: Grey) -> None:
        """Show a frame."""

    def reported(self, column: int) -> None:
        """The terminal told where its cursor was."""


class Ours:
    """Sauti's ImageView."""

    def __init__(self) -> None:
        # a script puts its own folder first, where probe.py is a benchmark and not the package
        sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
        from clinic.terminal.capabilities import ask
        from clinic.terminal.image_view import ImageView, Liveness

        self._live = Liveness.LIVE
        self.widget = self._view = ImageView(
            ask(sys.stdin.fileno(), sys.stdout.fileno(), time.monotonic), time.monotonic_ns, id="view"
        )

    def show(self, grey: Grey) -> None:
        self._view.show(grey, self._live)

    def reported(self, column: int) -> None:
        self._view.reported(column)


class Peer:
    """textual-image's SixelImage."""

    def __init__(self) -> None:
        from PIL import Image
        from textual_image.widget import SixelImage  # asks the terminal itself, when it is imported

        self._image = Image.fromarray
        self.widget = self._view = SixelImage(id="view")

    def show(self, grey: Grey) -> None:
        self._view.image = self._image(grey)

    def reported(self, column: int) -> None:
        """It asks for no reports."""


class Bench(App[None]):
    """A picture, a label that changes four times a second, and a footer.

    Args:
        view: Shows the frames.
        frames: (count, rows, columns).
        phases: Rate in Hz and seconds of each.
    """

    CSS = f"#view {{ width: {COLUMNS}; height: {ROWS}; }}"
    BINDINGS: ClassVar[list[BindingType]] = [("q", "quit", "End")]

    def __init__(self, view: View, frames: Grey, phases: Phases) -> None:
        super().__init__()
        self._view = view
        self._frames = frames
        self._plan = [(phases[0][0], WARM_UP_S), *phases]
        self._slot: list[int] = []
        self._labels = 0
        self.shown: list[tuple[int, int]] = []
        self.measured: list[dict[str, float]] = []
        self.pss_mb = 0.0

    def compose(self) -> ComposeResult:
        yield self._view.widget
        yield Label("label")
        yield Footer()

    def on_mount(self) -> None:
        self.set_interval(0.25, self._relabel)
        self._show_frame(0)  # whatever a first picture loads is loaded before the clock runs
        threading.Thread(target=self._offer, daemon=True).start()

    def on_cursor_position(self, event: events.CursorPosition) -> None:
        self._view.reported(event.x + 1)

    def _relabel(self) -> None:
        self._labels += 1
        self.query_one(Label).update(f"label {self._labels}")

    def _offer(self) -> None:
        number = 1
        for rate_hz, seconds in self._plan:
            begun_ns, cpu_s, next_s = time.monotonic_ns(), time.process_time(), time.monotonic()
            while time.monotonic_ns() - begun_ns < seconds * 1e9:
                number = number % ((1 << BITS) - 1) + 1
                self._slot[:] = [number]
                self._in_the_loop(self._take)
                next_s += 1 / rate_hz
                time.sleep(max(0.0, next_s - time.monotonic()))
            used_s = time.process_time() - cpu_s
            self.measured.append({"begun_ns": begun_ns, "ended_ns": time.monotonic_ns(), "cpu_s": used_s})
        self.pss_mb = pss_mb()
        self._in_the_loop(self.exit)

    def _in_the_loop(self, call: Callable[[], object]) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(call)

    def _take(self) -> None:
        if self._slot:
            self._show_frame(self._slot.pop())

    def _show_frame(self, number: int) -> None:
        grey = self._frames[number % len(self._frames)].copy()
        stamp(grey, number)
        self.shown.append((number, time.monotonic_ns()))
        self._view.show(grey)


def stamp(grey: Grey, number: int) -> None:
    """The number as a row of blocks, and below it the same turned round."""
    for bit in range(BITS):
        on = number >> bit & 1
        grey[0:12, BLOCK * bit : BLOCK * (bit + 1)] = 255 * on
        grey[12:24, BLOCK * bit : BLOCK * (bit + 1)] = 255 * (1 - on)


def pss_mb() -> float:
    """Of this process: shared pages count by their share."""
    text = Path("/proc/self/smaps_rollup").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")) / 1024


def main() -> None:
    """Show the frames, write the log, end."""
    who, frames_file, log_file, *numbers = sys.argv[1:]
    phases = [(float(rate), float(seconds)) for rate, seconds in zip(numbers[::2], numbers[1::2], strict=True)]
    app = Bench(Ours() if who == "ours" else Peer(), np.load(frames_file), phases)
    app.run()
    log = {"phases": app.measured[1:], "shown": app.shown, "pss_mb": app.pss_mb}
    Path(log_file).write_text(json.dumps(log), encoding="ascii")


if __name__ == "__main__":
    main()
