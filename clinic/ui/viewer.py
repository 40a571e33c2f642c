"""The live viewer: a probe's picture, its M-mode and its A-line, and nothing recorded."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ClassVar

from textual import events, on
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Footer

from clinic.clock import Clock
from clinic.errors import NoPicture
from clinic.events import Event, PictureReady, ProbeChanged, ProbeIdentified
from clinic.leaving import end_in_the_loop
from clinic.receipts import Receipt
from clinic.scanner import Looking
from clinic.terminal.capabilities import TerminalCapabilities
from clinic.terminal.image_view import Liveness
from clinic.ui.heard import Heard, NewPicture
from clinic.ui.widgets.live_pane import LivePane
from clinic.workstation.scanning import Scanning
from imaging.beam_view import BeamView
from imaging.modes import Mode
from probe.reader import ReaderState

_IDLE = (ReaderState.READY, ReaderState.FROZEN)


class Looked(Message):
    """The imaging thread has answered what was asked of it."""

    def __init__(self, receipt: Receipt[Looking]) -> None:
        super().__init__()
        self.receipt = receipt


class Viewer(App[None]):
    """Shows one probe.

    Args:
        make_scanning: Builds the probe's verbs around a callback for events.
        terminal: What the terminal can do.
        clock: The machine's clock.
    """

    TITLE = "Sauti viewer"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "freeze", "Freeze / live"),
        Binding("b", "mode('B')", "Mode", key_display="b m a"),
        Binding("m", "mode('M')", "Mode", show=False),
        Binding("a", "mode('A')", "Mode", show=False),
        Binding("left", "beam(-1)", "Beam", key_display="← →"),
        Binding("right", "beam(1)", "Beam", show=False),
        Binding("q", "quit", "End"),
    ]

    def __init__(
        self,
        make_scanning: Callable[[Callable[[Event], None]], Scanning],
        terminal: TerminalCapabilities,
        clock: Clock,
    ) -> None:
        super().__init__()
        self._pane = LivePane(terminal, clock)
        self._model = ""
        self._scanning = make_scanning(self._hear)

    def compose(self) -> ComposeResult:
        """The picture with its state, and the keys."""
        yield self._pane
        yield Footer()

    def on_mount(self) -> None:
        """Start the probe's threads."""
        end_in_the_loop(asyncio.get_running_loop(), self.exit, self._scanning.close)
        self._pane.say("Looking for the probe")
        self._scanning.connect()
        self._scanning.live()
        self._scanning.watched()
        self.set_interval(1.0, self._scanning.watched)

    def on_unmount(self) -> None:
        """Stop the probe."""
        self._scanning.close()

    def on_cursor_position(self, event: events.CursorPosition) -> None:
        """The terminal drew a picture."""
        self._pane.view.reported(event.x + 1)

    def action_freeze(self) -> None:
        """Freeze, or go live again; a probe that has come back or stopped by itself goes live by this key only."""
        if self._pane.liveness is Liveness.FROZEN or self._scanning.probe_state in _IDLE:
            self._scanning.live()
            self._pane.go_live()
            self._pane.say(self._model)
        elif self._pane.picture is not None:
            self._scanning.freeze()
            self._pane.freeze(self._pane.picture)

    def action_mode(self, name: str) -> None:
        """Show the probe's frames another way, live or frozen."""
        self._ask(lambda: self._scanning.show_mode(Mode[name]))

    def action_beam(self, by: int) -> None:
        """Look along another beam."""
        self._ask(lambda: self._scanning.move_beam(by))

    def _ask(self, verb: Callable[[], Receipt[Looking]]) -> None:
        def answered(receipt: Receipt[Looking]) -> None:
            self.post_message(Looked(receipt))

        verb().then(answered)

    @on(Looked)
    def take_look(self, message: Looked) -> None:
        """Show it, or say why not."""
        try:
            looking = message.receipt.wait(0)
        except NoPicture as refusal:
            self._pane.say(str(refusal))
            return
        self._pane.say(self._model)
        self._pane.point_at(looking.beam if looking.beam.lines > 1 else None)
        if looking.frozen is not None and self._pane.liveness is Liveness.FROZEN:
            self._pane.freeze(looking.frozen.picture)

    @on(NewPicture)
    def take_picture(self) -> None:
        """Show the newest picture; of one beam say how deep it is, where letters on it could not be read."""
        self._pane.take()
        if isinstance(view := self._pane.picture, BeamView) and self._pane.liveness is Liveness.LIVE:
            self._pane.say(f"{self._model} · {view.mode.value}, {view.depth_mm:.0f} mm deep")

    @on(Heard)
    def take_event(self, message: Heard) -> None:
        """Follow what the probe does."""
        match message.event:
            case ProbeIdentified(capabilities):
                self._model = capabilities.model
                self._pane.say(self._model)
            case ProbeChanged(ReaderState.LOST, reason) if reason is not None:
                self._pane.say(str(reason))
            case ProbeChanged(ReaderState.FROZEN, reason) if self._pane.liveness is not Liveness.FROZEN:
                self._pane.say(f"{reason or f'{self._model} is back.'} Space: live")

    def _hear(self, event: Event) -> None:
        if isinstance(event, PictureReady):
            self._pane.offer(event.picture)
            self.post_message(NewPicture())
        else:
            self.post_message(Heard(event))
