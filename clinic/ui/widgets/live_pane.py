"""LivePane: the probe's picture and what is true of it: live, not live, frozen. The viewer and the scan screen show it.

state      event                      next
NOT_LIVE   a new picture              LIVE
LIVE       no new one in two periods  NOT_LIVE   (dimmed)
LIVE       freeze                     FROZEN
FROZEN     live                       NOT_LIVE   (until the first new picture)
"""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from clinic.clock import Clock
from clinic.looks import BeamPlace, Shown
from clinic.terminal.capabilities import TerminalCapabilities
from clinic.terminal.image_view import ImageView, Liveness
from clinic.terminal.inks import Ink
from clinic.terminal.marks import CaliperMark, Overlay, ruler_of
from imaging.axes import axes_of
from imaging.overlay import MIRRORED, PRACTICE, UNCALIBRATED, UPSIDE_DOWN, marker_px, notices
from imaging.picture import Picture
from probe.slot import Slot

_CHECK_S = 0.1
_LONGEST_PERIOD_NS = 500_000_000
_NOTICE_INKS = {
    PRACTICE: Ink.PRACTICE,
    UNCALIBRATED: Ink.WARNING,
    MIRRORED: Ink.WARNING,
    UPSIDE_DOWN: Ink.WARNING,
}
_SHORT = {
    PRACTICE: "PRACTICE",
    UNCALIBRATED: "UNCALIBRATED",
    MIRRORED: "L-R FLIPPED",
    UPSIDE_DOWN: "UPSIDE DOWN",
}
_BORDERS = {Liveness.LIVE: Ink.NONE, Liveness.NOT_LIVE: Ink.WARNING, Liveness.FROZEN: Ink.FROZEN}
_STATE_INKS = {Liveness.LIVE: Ink.HELD, Liveness.NOT_LIVE: Ink.WARNING, Liveness.FROZEN: Ink.FROZEN}


class LivePane(Vertical):
    """A state line over a picture; used by the Textual loop alone.

    Args:
        terminal: What the terminal can do.
        clock: The machine's clock.
        on_change: Told when the picture became live or stopped being so.
    """

    DEFAULT_CSS = """
    LivePane { background: rgb(0,0,0); }
    LivePane > #state { height: 1; padding: 0 1; background: #005f00; color: #d7ffd7; text-style: bold; }
    LivePane > #state.not-live { background: #875f00; color: #ffffd7; }
    LivePane > #state.frozen { background: #005f87; color: #d7ffff; }
    LivePane > ImageView { height: 1fr; }
    """

    def __init__(
        self, terminal: TerminalCapabilities, clock: Clock, on_change: Callable[[Liveness], None] | None = None
    ) -> None:
        super().__init__()
        self._clock = clock
        self._on_change = on_change or (lambda liveness: None)
        self._pictures: Slot[tuple[Shown, tuple[str, ...]]] = Slot()
        self._seen_ns = 0
        self._period_ns = _LONGEST_PERIOD_NS
        self._sentence = ""
        self._said = ""
        self._calipers: tuple[CaliperMark, ...] = ()
        self.picture: Shown | None = None
        self.beam: BeamPlace | None = None
        self.advice: tuple[str, ...] = ()
        self.view = ImageView(terminal, clock.monotonic_ns)
        self._state = Static("", id="state", markup=False)

    @property
    def liveness(self) -> Liveness:
        return self.view.liveness

    @property
    def silent_s(self) -> float:
        """Seconds since the last new picture."""
        return (self._clock.monotonic_ns() - self._seen_ns) / 1e9

    def compose(self) -> ComposeResult:
        """The state over the picture."""
        yield self._state
        yield self.view

    def on_mount(self) -> None:
        """Watch for a picture that stands still."""
        self._say()
        self.set_interval(_CHECK_S, self._check)

    def offer(self, picture: Shown, advice: tuple[str, ...] = ()) -> None:
        """A live picture and what to mend, from any thread; the newest wins. ``take`` must follow in the loop."""
        self._pictures.put((picture, advice))

    def take(self) -> None:
        """Show the newest offered picture, unless one is frozen."""
        offered = self._pictures.take()
        if offered is None or self.liveness is Liveness.FROZEN:
            return
        picture, self.advice = offered
        now_ns = self._clock.monotonic_ns()
        if self._seen_ns:
            interval_ns = min(now_ns - self._seen_ns, _LONGEST_PERIOD_NS)
            self._period_ns = int(0.8 * self._period_ns + 0.2 * interval_ns)  # one late picture is no new pace
        self._seen_ns, self.picture = now_ns, picture
        self._show(Liveness.LIVE)

    def freeze(self, picture: Shown) -> None:
        """Hold this picture still."""
        self.picture = picture
        self._show(Liveness.FROZEN)

    def go_live(self) -> None:
        """What is shown is not live until a new picture comes."""
        self._pictures.take()
        self._calipers = ()
        self._show(Liveness.NOT_LIVE)

    def mark(self, calipers: tuple[CaliperMark, ...]) -> None:
        """Draw these calipers over the picture."""
        self._calipers = calipers
        self._show(self.liveness)

    def point_at(self, beam: BeamPlace | None) -> None:
        """Draw this beam over a picture in two dimensions; None draws none."""
        self.beam = beam
        self._show(self.liveness)

    def say(self, sentence: str) -> None:
        """What to tell beside the state, as the probe's name or why it is gone."""
        self._sentence = sentence
        self._say()

    def _check(self) -> None:
        """No new picture for two periods: it is not live, and must not look so."""
        self.view.tick()
        limit_s = 2 * self._period_ns / 1e9 + _CHECK_S
        if self.liveness is Liveness.LIVE and self.silent_s > limit_s:
            self._show(Liveness.NOT_LIVE)

    def _show(self, liveness: Liveness) -> None:
        changed = liveness is not self.liveness
        if self.picture is None:
            self.view.liveness = liveness
        else:
            self.view.show(self.picture.pixels, liveness, overlay_of(self.picture, liveness, self._calipers, self.beam))
        if changed:
            self._on_change(liveness)
        self._say()

    def _say(self) -> None:
        marks = [_SHORT[text] for text in notices(self.picture)] if self.picture is not None else []
        said = " · ".join((self.liveness.value, *reversed(marks), *filter(None, (self._sentence,))))
        if said == self._said:  # each picture comes by here, and an update would lay the whole screen out anew
            return
        self._said = said
        self._state.update(said)
        self._state.set_class(self.liveness is Liveness.NOT_LIVE, "not-live")
        self._state.set_class(self.liveness is Liveness.FROZEN, "frozen")


def overlay_of(
    picture: Shown, liveness: Liveness, calipers: tuple[CaliperMark, ...] = (), beam: BeamPlace | None = None
) -> Overlay:
    """What is drawn over a picture in a state."""
    said = [*notices_of(picture)]
    if liveness is not Liveness.LIVE:
        said.append((liveness.value, _STATE_INKS[liveness]))
    border = _BORDERS[liveness]
    if not isinstance(picture, Picture):
        return Overlay(calipers, tuple(said), border, scales=axes_of(picture))
    ends = None if beam is None else (picture.to_pixel(*beam.from_mm), picture.to_pixel(*beam.to_mm))
    return Overlay(calipers, tuple(said), border, ruler_of(picture), marker_px(picture), beam=ends)


def notices_of(picture: Shown) -> tuple[tuple[str, Ink], ...]:
    """What a picture must say of itself, with its ink."""
    return tuple((text, _NOTICE_INKS[text]) for text in notices(picture))
