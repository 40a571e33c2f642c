"""An application with an ImageView and a foot, in Textual's test driver, on a terminal that the test plays."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import numpy as np
import pytest
from textual import events
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.screen import ModalScreen
from textual.widgets import Static

from clinic.terminal.capabilities import TerminalCapabilities
from clinic.terminal.image_view import ImageView
from tests.clinic.terminal.simulated_terminal import SimulatedTerminal

MS = 1_000_000
CELL_PX = (8, 16)
SIXEL = TerminalCapabilities(True, True, True, CELL_PX, True)
CELLS = SIXEL.in_cells()
DEAF = TerminalCapabilities(False, False, False, CELL_PX, True)
SIZE = (60, 20)
both = pytest.mark.parametrize("terminal", [SIXEL, CELLS], ids=["sixel", "cells"])
POINTER_SHAPE = "\x1b]22;"  # what Textual itself writes in a test
_REPORT = re.compile(r"\x1b\[1;(\d+)H\x1b\[6n")


@dataclass
class Clock:
    """It goes by hand."""

    now_ns: int = 0

    def __call__(self) -> int:
        return self.now_ns


class Dialog(ModalScreen[None]):
    """Something that lies over the picture."""

    def compose(self) -> ComposeResult:
        yield Static("dialog", id="dialog")


class StageApp(App[None]):
    """A picture over a foot of one row.

    Args:
        terminal: What it can do.
        now: The clock of the view's pacing, in nanoseconds.
    """

    CSS = "ImageView { height: 1fr; } #foot { height: 1; }"

    def __init__(self, terminal: TerminalCapabilities, now: Callable[[], int]) -> None:
        super().__init__()
        self.view = ImageView(terminal, now)

    def compose(self) -> ComposeResult:
        yield self.view
        yield Static("foot", id="foot")

    def on_cursor_position(self, event: events.CursorPosition) -> None:
        self.view.reported(event.x + 1)


@dataclass
class Stage:
    """The running application and what it wrote.

    Args:
        app: The application.
        pilot: Its pilot.
        clock: Of the view's pacing.
        written: Every piece that it wrote, in order.
    """

    app: StageApp
    pilot: Pilot[None]
    clock: Clock
    written: list[str] = field(default_factory=list)

    @property
    def view(self) -> ImageView:
        return self.app.view

    @property
    def tags(self) -> list[int]:
        """The tag of every picture written."""
        return [int(match[1]) for text in self.written for match in _REPORT.finditer(text)]

    def answer(self, tag: int) -> None:
        """The terminal reports: the cursor was in this column."""
        self.app.post_message(events.CursorPosition(tag - 1, 0))

    def terminal(self) -> SimulatedTerminal:
        """A terminal of this size that obeyed everything that was written."""
        simulated = SimulatedTerminal(*self.app.size, CELL_PX)
        for text in self.written:
            simulated.feed(text)
        return simulated

    async def settle(self) -> None:
        """Wait until nothing is left to do."""
        for _ in range(3):
            await self.pilot.pause()


def on_stage(terminal: TerminalCapabilities, size: tuple[int, int], play: Callable[[Stage], Awaitable[None]]) -> None:
    """Run a play; its clock stands still unless it is moved."""

    async def run() -> None:
        clock = Clock()
        app = StageApp(terminal, clock)
        async with app.run_test(size=size, notifications=True) as pilot:
            stage = Stage(app, pilot, clock)
            app._driver.write = lambda text: None if text.startswith(POINTER_SHAPE) else stage.written.append(text)
            await play(stage)

    asyncio.run(run())


def picture(seed: int = 1) -> np.ndarray:
    """(120, 160) grey tiles."""
    return np.kron(np.random.default_rng(seed).integers(0, 256, (15, 20)), np.ones((8, 8))).astype(np.uint8)


def sixel_of(text: str) -> str:
    """The sixel in what was written."""
    return text[text.index("\x1bP") : text.index("\x1b\\") + 2]


def body_of(text: str) -> str:
    """What was written without its tag: equal bodies are equal pictures."""
    return re.sub(r"\x1b\[1;\d+H\x1b\[6n.*", "", text)
