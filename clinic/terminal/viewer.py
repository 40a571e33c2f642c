"""The live viewer: a probe's picture and nothing recorded. Space freezes and goes live, q ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import events, on
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Footer, Static

from clinic.clock import Clock
from clinic.events import Event, PictureReady, ProbeChanged, ProbeIdentified, ProbeSettled
from clinic.terminal.capabilities import TerminalCapabilities
from clinic.terminal.image_view import ImageView, Liveness
from clinic.workstation.scanning import Scanning
from imaging.overlay import notices
from imaging.picture import Picture
from probe.reader import ReaderState
from probe.slot import Slot

_STALE_CHECK_S = 0.1
_LONGEST_PERIOD_NS = 500_000_000


class Heard(Message):
    """An event of the workstation's threads, on its way into the loop."""

    def __init__(self, event: Event) -> None:
        super().__init__()
        self.event = event


class NewPicture(Message):
    """There is a newer picture in the slot; many of these are as good as one."""

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, NewPicture)


class Viewer(App[None]):
    """Shows one probe.

    Args:
        make_scanning: Builds the probe's verbs around a callback for events.
        terminal: What the terminal can do.
        clock: The machine's clock.
    """

    TITLE = "Sauti viewer"
    ENABLE_COMMAND_PALETTE = False
    CSS = """
    Screen { background: #10161c; }
    #state { height: 1; background: #1c2731; color: #c8d4dc; padding: 0 1; }
    #state.warn { background: #7a4b00; color: #ffe2b0; text-style: bold; }
    #state.frozen { background: #123a5c; color: #bfe1ff; text-style: bold; }
    ImageView { height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "freeze", "Freeze / live"),
        Binding("q", "quit", "End"),
    ]

    def __init__(
        self,
        make_scanning: Callable[[Callable[[Event], None]], Scanning],
        terminal: TerminalCapabilities,
        clock: Clock,
    ) -> None:
        super().__init__()
        self._clock = clock
        self._pictures: Slot[Picture] = Slot()
        self._picture: Picture | None = None
        self._seen_ns = 0
        self._period_ns = _LONGEST_PERIOD_NS
        self._sentence = "Looking for the probe"
        self._view = ImageView(terminal, clock.monotonic_ns)
        self._state = Static("", id="state", markup=False)
        self._scanning = make_scanning(self._hear)

    def compose(self) -> ComposeResult:
        """State on top, picture, keys."""
        yield self._state
        yield self._view
        yield Footer()

    def on_mount(self) -> None:
        """Start the probe's threads and watch for a picture that stands still."""
        self._say()
        self._scanning.connect()
        self.set_interval(_STALE_CHECK_S, self._check_stale)

    def on_unmount(self) -> None:
        """Stop the probe."""
        self._scanning.close()

    def on_cursor_position(self, event: events.CursorPosition) -> None:
        """The terminal drew a picture."""
        self._view.reported(event.x + 1)

    def action_freeze(self) -> None:
        """Freeze, or go live again."""
        if self._view.liveness is Liveness.FROZEN:
            self._scanning.live()
            self._show(Liveness.NOT_LIVE)
        elif self._picture is not None:
            self._scanning.freeze()
            self._show(Liveness.FROZEN)

    @on(NewPicture)
    def take_picture(self) -> None:
        """Show the newest picture of the slot."""
        picture = self._pictures.take()
        if picture is None or self._view.liveness is Liveness.FROZEN:
            return
        now_ns = self._clock.monotonic_ns()
        self._period_ns = min(max(now_ns - self._seen_ns, 1), _LONGEST_PERIOD_NS) if self._seen_ns else self._period_ns
        self._picture, self._seen_ns = picture, now_ns
        self._show(Liveness.LIVE)

    @on(Heard)
    def take_event(self, message: Heard) -> None:
        """Follow what the probe does."""
        match message.event:
            case ProbeIdentified(capabilities):
                self._sentence = capabilities.model
            case ProbeSettled() if self._view.liveness is not Liveness.FROZEN:
                self._scanning.live()
            case ProbeChanged(ReaderState.LOST, reason) if reason is not None:
                self._sentence = str(reason)
            case ProbeChanged(ReaderState.FROZEN, _) if self._view.liveness is Liveness.NOT_LIVE:
                self._scanning.live()
        self._say()

    def _hear(self, event: Event) -> None:
        if isinstance(event, PictureReady):
            self._pictures.put(event.picture)
            self.post_message(NewPicture())
        else:
            self.post_message(Heard(event))

    def _check_stale(self) -> None:
        """No new picture for two periods: it is not live, and must not look so."""
        silent_ns = self._clock.monotonic_ns() - self._seen_ns
        if self._view.liveness is Liveness.LIVE and silent_ns > 2 * self._period_ns + int(_STALE_CHECK_S * 1e9):
            self._show(Liveness.NOT_LIVE)

    def _show(self, liveness: Liveness) -> None:
        if self._picture is not None:
            self._view.show(self._picture.pixels, liveness)
        self._say()

    def _say(self) -> None:
        liveness = self._view.liveness
        marks = notices(self._picture) if self._picture is not None else ()
        self._state.update("  ·  ".join((liveness.value, *marks, self._sentence)))
        self._state.set_class(liveness is Liveness.NOT_LIVE, "warn")
        self._state.set_class(liveness is Liveness.FROZEN, "frozen")
