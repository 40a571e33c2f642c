"""The scan: live, freeze, step through the loop, measure, keep. Every key of a state is shown at the foot."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal

from clinic.bookmark import Step
from clinic.events import Event, ProbeChanged, ProbeIdentified
from clinic.looks import mode_of
from clinic.measuring import LABELS, TOOLS, Tool
from clinic.scanner import Looking, Turned
from clinic.terminal.image_view import Liveness
from clinic.ui.awaited import Awaited
from clinic.ui.held_picture import HeldPicture
from clinic.ui.holding import Holding
from clinic.ui.keeping import Keeping
from clinic.ui.mode_choice import ModeChoice
from clinic.ui.probe_watch import ProbeWatch
from clinic.ui.scan_keys import BINDINGS, PLANE_KNOBS, ScanState, arrow_of, keys_of, more_of
from clinic.ui.screen import StationScreen
from clinic.ui.screens.label import LabelDialog
from clinic.ui.screens.more_keys import MoreKeys
from clinic.ui.screens.preset import PresetDialog
from clinic.ui.screens.volume import VolumeDialog
from clinic.ui.turning import MOVING, Turning
from clinic.ui.widgets.live_pane import LivePane
from clinic.ui.widgets.scan_side import ScanSide
from imaging.modes import Mode
from imaging.preset import Preset
from probe.driver import ButtonPressed, DeviceStatus
from probe.reader import ReaderState
from records.model import ExamRecord, Measurement

_HICCUP_S = 1.5
_BEATS = tuple("123456789")
_WHERE = {Tool.TIME: "Press M for M-mode.", Tool.RATE: "Press M for M-mode."}
_HOW = {
    Tool.DISTANCE: "Arrow keys move the green end. Tab: the other end.",
    Tool.ELLIPSE: "Green: one side, Tab; other side, Tab; then the top.",
    Tool.ANGLE: "Green: one end, Tab; other end, Tab; then the corner.",
    Tool.TIME: "Green: the end, Tab; then the beginning.",
    Tool.RATE: "Green: two beats. How many beats between? Press 1–9.",
}


class ScanScreen(StationScreen):
    """One exam's pictures.

    Args:
        record: The exam, open.
        greeting: The first sentence.
    """

    BINDINGS: ClassVar[list[BindingType]] = BINDINGS
    DEFAULT_CSS = """
    ScanScreen #scan { height: 1fr; }
    ScanScreen LivePane { width: 1fr; }
    ScanScreen ScanSide { width: 27; }
    ScanScreen.narrow #scan { layout: vertical; }
    ScanScreen.narrow ScanSide { width: 100%; height: 2; layout: horizontal; }
    ScanScreen.narrow ScanSide Static { margin: 0 1 0 0; width: 1fr; }
    ScanScreen.narrow ScanSide #made { display: none; }
    ScanScreen.narrow ScanSide #short { display: block; }
    ScanScreen.narrow ScanSide.measuring { height: 3; }
    ScanScreen.narrow ScanSide.measuring #short { display: none; }
    ScanScreen KeyBar { height: 1; }
    ScanScreen.two-lines KeyBar { height: 2; }
    ScanScreen.wide ScanSide { width: 38; }
    """

    def __init__(self, record: ExamRecord, greeting: str = "") -> None:
        super().__init__(greeting)
        self._record = record
        self.side = ScanSide()
        self._awaited = Awaited(self)
        self._holding = Holding(self, lambda: self.pane, self.side, self._awaited, self._show_now)
        self._keeping = Keeping(self, record.exam.id, self._holding.on_disk, self._refresh_record)
        self._turning = Turning(self, self._turned, self._choose_preset)
        self._modes = ModeChoice(self, self._awaited, self._looked)
        self._watch = ProbeWatch(self, lambda: self.pane)
        self.keybar.show_keys(keys_of(ScanState.LIVE, None))

    @property
    def held(self) -> HeldPicture | None:
        """The frozen picture; None while it is live."""
        return self._holding.held

    @property
    def state(self) -> ScanState:
        """What the keys do now."""
        if self.held is None:
            return ScanState.LIVE
        return ScanState.CALIPER if self.held.active is not None else ScanState.FROZEN

    @property
    def tool(self) -> Tool | None:
        """What the arrow keys move a place of."""
        return None if self.held is None or self.held.active is None else self.held.active.tool

    def body(self) -> ComposeResult:
        """The picture, and what is known beside it."""
        self.pane = LivePane(self.station.terminal, self.station.clock, self._became)
        with Horizontal(id="scan"):
            yield self.pane
            yield self.side

    def on_mount(self) -> None:
        """Go live, if the probe is ready."""
        self.station.scan = self
        self.show_patient(self._record.patient, self._record.pregnancy)
        self.session.remember(self._record.exam.id, Step.SCAN)
        self.side.show_record(self._record)
        self.session.workstation.scanning.next_exam()
        scanning = self.session.workstation.scanning
        capabilities = scanning.capabilities
        self._watch.begin(capabilities.model if capabilities else "", lost=scanning.probe_state is ReaderState.LOST)
        self._live()
        self.set_interval(1.0, self._tick)

    def on_unmount(self) -> None:
        """Nobody looks: stop transmitting, and forget this patient's frames."""
        self.station.scan = None
        session = self.station.session
        if session is not None:
            session.workstation.scanning.next_exam()

    def on_resize(self, event: events.Resize) -> None:
        """Small screens have what is known below the picture, large ones have more room for it."""
        self.set_class(event.size.width < 72, "narrow")
        self.set_class(event.size.width < 120, "two-lines")
        self.set_class(event.size.width >= 120, "wide")

    def heard(self, event: Event) -> None:
        """What the probe does."""
        match event:
            case ProbeIdentified(capabilities):
                self._watch.heard_of(capabilities.model)
            case ProbeChanged(ReaderState.LOST, reason):
                self._watch.went(str(reason) if reason else "The probe is gone.")
            case ProbeChanged(ReaderState.READY | ReaderState.FROZEN, None) if self._watch.lost:
                self._watch.came_back()
            case ProbeChanged(ReaderState.FROZEN, reason) if reason is not None and self.held is None:
                self._watch.stopped_itself(str(reason))
            case ButtonPressed("freeze") if self.is_current:
                self.action_freeze_or_live()
            case DeviceStatus() as status:
                self.side.show_status(status)

    def advise(self) -> None:
        """What can be mended about the live picture, and how it is made."""
        if self.held is None:
            self.side.show_advice(self.pane.advice)
            self._show_now()

    def on_key(self, event: events.Key) -> None:
        """Arrows: the depth, the beam, through the loop, or the held place of a caliper; figures count its beats."""
        if self.tool is Tool.RATE and event.key in _BEATS and self.held is not None:
            self._holding.change(self.held.counted(int(event.key)))
        arrow = arrow_of(event.key)
        if arrow is None:
            return
        event.stop()
        across, down = arrow
        if self._busy():
            return
        if self.state is ScanState.CALIPER and self.held is not None:
            self._holding.change(self.held.moved(across, down))
        elif down:
            self.action_turn("depth", down)
        elif self.held is not None:
            self._holding.step(across)
        elif not self._holding.freezing:
            self._modes.move_beam(across, self.pane.picture)

    def action_freeze_or_live(self) -> None:
        """Space: freeze, or live again."""
        if self._busy():
            return
        waits = self.held is None and self.pane.silent_s > _HICCUP_S and not self._watch.lost
        if waits or self._holding.freezing or self._watch.stopped:
            self._live()
        elif self.held is None:
            self._holding.freeze(self.pane.picture)
        elif self._holding.may_drop("Space"):
            self._live()

    def action_turn(self, knob: str, by: int) -> None:
        """Turn a knob, live or frozen; calipers stay at their places in the body."""
        why_not = "" if self.held is None else self.held.why_not_turned(moves=knob in MOVING)
        if knob in PLANE_KNOBS and mode_of(self.pane.picture) is not Mode.B:
            why_not = "One beam is not turned round. Press B for the picture."
        if why_not:
            self.say(why_not, "wrong")
        elif self.pane.picture is not None and not self._busy() and not self._holding.freezing:
            self._turning.turn(knob, by, self.pane.picture)

    async def action_more(self) -> None:
        """The keys that the foot has no room for."""
        if keys := more_of(self.state, self.pane.picture):
            self.app.push_screen(MoreKeys(keys), self._do)

    def action_measure(self, tool: str) -> None:
        """A new caliper of a kind that this mode has, on the frozen picture."""
        chosen = Tool(tool)
        if self.held is None:
            self.say(self._holding.why_nothing)
        elif chosen not in TOOLS[mode_of(self.held.picture)]:
            self.say(f"No {chosen.value} can be measured here. " + _WHERE.get(chosen, "Press B for the picture."))
        elif not self._awaited.before(lambda: self.action_measure(tool)) and not self._busy():
            self._holding.change(self.held.added(self.side.next_labels.get(chosen, LABELS[chosen][0]), chosen))
            self.say(_HOW[chosen])

    def action_mode(self, name: str) -> None:
        """The picture, its M-mode or its A-line; live, or of the frozen loop."""
        if self.held is not None and self.held.unsaved:
            self.say("Keep the caliper with K, or remove it with Del; then look another way.", "wrong")
        elif not self._busy() and not self._holding.freezing:
            self._modes.show(Mode[name])

    def action_volume(self) -> None:
        """The volume of three distances that are kept."""
        if not self._busy():
            self.app.push_screen(VolumeDialog(self._record), self._volume_chosen)

    def action_other_end(self) -> None:
        """Move the next place."""
        if self.held is not None and self.held.active is not None:
            self._holding.change(self.held.other_end())

    def action_enter(self) -> None:
        """Done with a caliper; else to the summary."""
        if self.held is not None and self.held.active is not None:
            self._place()
        elif self._may_go():
            self.station.show(Step.SUMMARY, self._record.exam.id)

    def action_remove(self) -> None:
        """Take the last caliper away that is not on the disk yet."""
        if self.held is not None and not self._busy():
            self._holding.change(self.held.removed())
            self.say("")

    def action_name(self) -> None:
        """Say what a caliper measures."""
        if self.held is not None and self.held.unsaved and not self._busy():
            self.app.push_screen(LabelDialog(LABELS[self.held.calipers[-1].tool]), self._named)

    def action_keep(self) -> None:
        """Keep the picture, its loop and its calipers."""
        capabilities = self.session.workstation.scanning.capabilities
        if self.held is None or capabilities is None:
            self.say(self._holding.why_nothing)
        elif not self._awaited.before(self.action_keep) and not self._busy():
            self._holding.change(self.held.placed())
            self._keeping.keep(self.held, self.side.next_view, capabilities)

    def action_leave(self) -> None:
        """Back to the patients; the exam stays, unsigned."""
        if self.held is not None and self.held.active is not None:
            self._place()
        elif self._may_go():
            self.station.leave_exam()

    # what the probe and the verbs answer

    def _tick(self) -> None:
        self.session.workstation.scanning.watched()
        self._watch.tick(waits=self.held is None and self.pane.liveness is Liveness.NOT_LIVE)

    def _live(self) -> None:
        self._awaited.forget()
        self._watch.asked_live()
        self._holding.let_go()
        self.side.show_advice(())
        self.session.workstation.scanning.live()

    def _turned(self, turned: Turned) -> None:
        self.side.show_knobs(turned.knobs)
        held = self.held
        # A key to keep may have come first: what is kept, or on its way there, stays as it was.
        if held is not None and held.kept is None and turned.frozen is not None and not self._keeping.busy:
            self._holding.hold(held.imaged_anew(turned.frozen))

    def _looked(self, looking: Looking) -> None:
        self.pane.point_at(looking.beam if looking.beam.lines > 1 else None)
        if looking.frozen is not None:
            self._holding.look_anew(looking.frozen)

    def _choose_preset(self, presets: tuple[Preset, ...], current: str) -> None:
        self.app.push_screen(PresetDialog(presets, current), self._turning.chosen)

    async def _do(self, action: str | None) -> None:
        if action is not None:
            await self.run_action(action)

    def _place(self) -> None:
        if self.held is not None:
            self._holding.change(self.held.placed())
            self.say("K keeps it.")

    def _volume_chosen(self, chosen: tuple[Measurement, ...] | None) -> None:
        if chosen is not None:
            self._keeping.volume(chosen)

    def _named(self, label: str | None) -> None:
        if label and self.held is not None:
            self.side.next_labels[self.held.calipers[-1].tool] = label
            self._holding.change(self.held.renamed(label))

    def _busy(self) -> bool:
        if self._keeping.busy:
            self.say("Still saving …")
        return self._keeping.busy

    def _refresh_record(self) -> None:
        self._record = self.session.workstation.exams.record(self._record.exam.id)
        self.side.show_record(self._record)

    def _may_go(self) -> bool:
        return not self._busy() and self._holding.may_drop("the same key")

    def _became(self, liveness: Liveness) -> None:
        if liveness is Liveness.LIVE and self.pane.picture is not None:
            self._show_now()
            # a last picture may come behind the sentence that says why there are no more
            if self.notice.has_class("wrong") and not (self._watch.lost or self._watch.stopped):
                self.say("")

    def _show_now(self) -> None:
        """How the picture is made, and what the keys do with it."""
        if self.pane.picture is not None:
            self.side.show_picture(self.pane.picture, self.session.workstation.scanning.capabilities)
        keys = keys_of(self.state, self.pane.picture, self.tool)
        if keys != self.keybar.keys:  # each live picture comes by here
            self.keybar.show_keys(keys)
