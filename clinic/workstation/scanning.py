"""Verbs of the scan: connect a probe, go live, freeze, step through the frozen loop.

Between the reader thread (T1) and the imaging thread (T2) this module only passes events on; it owns neither's state.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from clinic.errors import OutOfOrder
from clinic.events import Post, ProbeChanged, ProbeIdentified, ProbeSettled
from clinic.knobs import Knobs
from clinic.receipts import Receipt
from clinic.scanner import Frozen, Looking, Scanner, Turned
from imaging.modes import Mode
from probe.capabilities import Capabilities
from probe.driver import (
    Acknowledged,
    Applied,
    ButtonPressed,
    DeviceStatus,
    FrameFetched,
    Identified,
    LinkCounters,
    Refused,
)
from probe.errors import ProbeError
from probe.reader import Reader, ReaderEvent, ReaderState, StateChanged
from probe.settings import Sampling, Settings

MakeReader = Callable[[Callable[[ReaderEvent], None]], Reader]
MakeScanner = Callable[[Callable[[int], bool], Callable[[Sampling | None], None]], Scanner]

# There is nobody to tell, and nothing that could transmit.
_UNREACHABLE = (ReaderState.CLOSED, ReaderState.OPENING, ReaderState.LOST)


class Scanning:
    """One probe, one picture.

    Args:
        make_reader: Builds the reader thread around a callback for its events.
        make_scanner: Builds the imaging thread around two questions: "fetch this frame as RF", "look in this window".
        post: Told what happens, from any thread.
    """

    def __init__(self, make_reader: MakeReader, make_scanner: MakeScanner, post: Post) -> None:
        self._post = post
        self._capabilities: Capabilities | None = None
        self._wanted = self._connected_with = Settings()
        self._goes_live = False
        self._reader = make_reader(self._on_reader_event)
        self._scanner = make_scanner(self._fetch_rf, self._ask_window)

    @property
    def capabilities(self) -> Capabilities | None:
        """What the probe said of itself; None until one was identified."""
        return self._capabilities

    @property
    def probe_state(self) -> ReaderState:
        return self._reader.state

    def counters(self) -> LinkCounters:
        """What the link counted so far: bytes, frames, damaged and lost blocks."""
        return self._reader.counters()

    def connect(self, settings: Settings | None = None) -> None:
        """Start reading the probe; ``ProbeIdentified`` and ``ProbeSettled`` follow as events.

        Args:
            settings: What to ask of it; left out, the probe chooses what fits its link.
        """
        self._wanted = self._connected_with = settings or Settings()
        self._reader.configure(self._wanted)
        self._scanner.start()
        self._reader.start()

    def live(self) -> None:
        """Let the probe transmit and show its frames; one that is still being asked who it is, as soon as it is ready.

        A loss ends that: who wants a probe live that has come back says so again, then.
        """
        self._scanner.ask_live()
        self._goes_live = self._reader.state is not ReaderState.LOST
        self._reader.begin()

    def watched(self) -> None:
        """The screen is alive; one that said so, and then does not for five seconds, stops the probe."""
        self._reader.watched()

    def freeze(self) -> Receipt[Frozen]:
        """Stop transmitting and hold the cine; the receipt brings the frozen view.

        Raises:
            OutOfOrder: The probe has never been live.
        """
        if self._capabilities is None:
            raise OutOfOrder("There is no probe to freeze", "Connect one and go live first.")
        self._goes_live = False
        receipt = self._scanner.ask_freeze()
        if self._reader.state in _UNREACHABLE:
            self._scanner.probe_stopped()
        else:  # not only while streaming: the consent to transmit may be on its way
            self._reader.freeze()
        return receipt

    def step_to(self, index: int) -> Receipt[Frozen]:
        """Another frame of the frozen loop, 0 the oldest; the receipt brings it as if it had been frozen."""
        return self._scanner.ask_step(index)

    def turn(self, knobs: Knobs) -> Receipt[Turned]:
        """Turn the knobs, live or frozen; the receipt brings where they stand then."""
        return self._scanner.ask_turn(knobs)

    def show_mode(self, mode: Mode) -> Receipt[Looking]:
        """B, M or A, live or frozen; the receipt fails with a sentence where the probe's data does not give it."""
        return self._scanner.ask_mode(mode)

    def move_beam(self, by: int) -> Receipt[Looking]:
        """Another beam for M- and A-mode, so many lines to the right."""
        return self._scanner.ask_beam(by)

    def next_exam(self) -> None:
        """Stop transmitting and forget every frame, before another patient or none is in front of the screen."""
        self._goes_live = False
        if self._reader.state not in _UNREACHABLE:
            self._reader.freeze()
        self._scanner.ask_next_exam()

    def close(self) -> None:
        """Stop both threads; the probe is told to stop transmitting first."""
        self._reader.stop()
        self._scanner.stop()

    def _fetch_rf(self, frame_number: int) -> bool:
        capabilities = self._capabilities
        if capabilities is None or self._reader.state is ReaderState.LOST:
            return False
        finest = capabilities.finest_fetch
        if finest is None:
            return False
        self._reader.fetch(frame_number, finest)
        return True

    def _ask_window(self, sampling: Sampling | None) -> None:
        own = self._connected_with.sampling
        self._wanted = replace(self._connected_with, sampling=own if sampling is None else sampling)
        self._reader.configure(self._wanted)

    def _on_reader_event(self, event: ReaderEvent) -> None:
        match event:
            case Identified(capabilities):
                self._capabilities = capabilities
                self._post(ProbeIdentified(capabilities))
            case StateChanged(state, reason):
                self._follow(state, reason)
                self._post(ProbeChanged(state, reason))
            case Applied(settings):
                self._post(ProbeSettled(settings))
            case DeviceStatus() | ButtonPressed():
                self._post(event)
            case _:
                self._pass_to_scanner(event)

    def _follow(self, state: ReaderState, reason: ProbeError | None) -> None:
        """A wish to go live holds until the probe is live, is lost, or has stopped by itself."""
        if state is ReaderState.LOST:
            self._scanner.probe_stopped()
        if state in (ReaderState.LOST, ReaderState.STREAMING) or reason is not None:
            self._goes_live = False
        elif state in (ReaderState.READY, ReaderState.FROZEN) and self._goes_live:
            self._reader.begin()

    def _pass_to_scanner(self, event: ReaderEvent) -> None:
        match event:
            case Acknowledged("STOP") | Refused("STOP"):
                self._scanner.probe_stopped()
            case FrameFetched(frame):
                self._scanner.frame_fetched(frame)
            case Refused("FETCH"):
                self._scanner.fetch_refused()
