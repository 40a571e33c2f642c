"""The two applications that display.py compares: the same screen, frames and pace, with our ImageView or the peer's.

Arguments: ours|textual-image, the file of frames, the file for the log, then rate in Hz and seconds of each phase.
A thread offers a frame at that rate into a slot where the newest wins; what the screen cannot take is dropped there.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np

COLUMNS, ROWS = 106, 36
WARM_UP_S = 0.7
BITS, BLOCK = 12, 24


def stamp(grey: np.ndarray, number: int) -> None:
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
    frames = np.load(frames_file)
    if who == "ours":
        from clinic.terminal.capabilities import ask

        terminal = ask(sys.stdin.fileno(), sys.stdout.fileno(), time.monotonic)
    else:
        import textual_image.widget  # asks the terminal itself when it is imported, so before the application starts
        from PIL import Image
    from textual import events
    from textual.app import App, ComposeResult
    from textual.widget import Widget
    from textual.widgets import Footer, Label

    def make_view() -> Widget:
        if who == "ours":
            from clinic.terminal.image_view import ImageView

            return ImageView(terminal, time.monotonic_ns)
        return textual_image.widget.SixelImage(Image.fromarray(frames[0]))

    class Bench(App[None]):
        CSS = f"#view {{ width: {COLUMNS}; height: {ROWS}; }}"
        BINDINGS = [("q", "quit", "End")]

        def compose(self) -> ComposeResult:
            self.view: Any = make_view()
            self.view.id = "view"
            yield self.view
            yield Label("label")
            yield Footer()

        def on_mount(self) -> None:
            self.slot: list[int] = []
            self.shown: list[tuple[int, int]] = []
            self.phase_log: list[dict[str, float]] = []
            self.labels = 0
            self.set_interval(0.25, self.relabel)
            threading.Thread(target=self.offer, daemon=True).start()

        def relabel(self) -> None:
            self.labels += 1
            self.query_one(Label).update(f"label {self.labels}")

        def on_cursor_position(self, event: events.CursorPosition) -> None:
            if who == "ours":
                self.view.reported(event.x + 1)

        def offer(self) -> None:
            self._loop_call(lambda: self.show_frame(1))
            number = 1
            for rate, seconds in [(phases[0][0], WARM_UP_S), *phases]:
                begun, cpu = time.monotonic_ns(), time.process_time()
                next_s = time.monotonic()
                while time.monotonic_ns() - begun < seconds * 1e9:
                    number = number % ((1 << BITS) - 1) + 1
                    self.slot[:] = [number]
                    self._loop_call(self.take)
                    next_s += 1 / rate
                    time.sleep(max(0.0, next_s - time.monotonic()))
                ended = time.monotonic_ns()
                self.phase_log.append(
                    {"begun_ns": begun, "ended_ns": ended, "cpu_s": time.process_time() - cpu, "rate_hz": rate}
                )
            self.pss_mb = pss_mb()
            self._loop_call(self.exit)

        def _loop_call(self, call: Any) -> None:
            self._loop.call_soon_threadsafe(call)

        def take(self) -> None:
            if self.slot:
                self.show_frame(self.slot.pop())

        def show_frame(self, number: int) -> None:
            grey = frames[number % len(frames)].copy()
            stamp(grey, number)
            self.shown.append((number, time.monotonic_ns()))
            if who == "ours":
                from clinic.terminal.image_view import Liveness

                self.view.show(grey, Liveness.LIVE)
            else:
                self.view.image = Image.fromarray(grey)

    app = Bench()
    app.run()
    log = {"phases": app.phase_log[1:], "shown": app.shown, "pss_mb": app.pss_mb, "pid": os.getpid()}
    Path(log_file).write_text(json.dumps(log), encoding="ascii")


if __name__ == "__main__":
    main()
