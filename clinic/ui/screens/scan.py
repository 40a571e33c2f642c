"""The scan: live, freeze, step through the loop, measure, keep. Every key of a state is shown at the foot."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal

from clinic.bookmark import Step
from clinic.events import Event, ProbeChanged, ProbeIdentified, ProbeSettled
from clinic.knobs import AT_REST
from clinic.readings import TOOLS, Tool
from clinic.scanner import Frozen, Looking, Turned
from clinic.terminal.image_view import Liveness
from clinic.ui.held_picture import HeldPicture
from clinic.ui.keeping import Keeping
from clinic.ui.mode_choice import ModeChoice, has_beams, mode_of, way_of
from clinic.ui.scan_keys import KEYS, ScanState, arrow_of, keys_of
from clinic.ui.screen import StationScreen
from clinic.ui.screens.label import LabelDialog
from clinic.ui.widgets.live_pane import LivePane
from clinic.ui.widgets.scan_side import ScanSide
from clinic.workstation.exams import Kept
from imaging.modes import Mode
from probe.driver import ButtonPressed
from probe.reader import ReaderState
from records.model import ExamRecord

_PATIENCE_S = 4
_HICCUP_S = 1.5


class ScanScreen(StationScreen):
    """One exam's pictures.

    Args:
        record: The exam, open.
        greeting: The first sentence.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "freeze_or_live", "Freeze"),
        Binding("enter", "enter", "Summary", priority=True),
        Binding("escape", "leave", "Leave"),
        Binding("c", "caliper('DISTANCE')", "Caliper"),
        Binding("t", "caliper('TIME')", "Time"),
        Binding("r", "caliper('RATE')", "Rate"),
        Binding("k", "keep", "Keep"),
        Binding("n", "name", "Name"),
        Binding("b", "mode('B')", "B-mode"),
        Binding("m", "mode('M')", "M-mode"),
        Binding("a", "mode('A')", "A-line"),
        Binding("plus,equals_sign", "gain(2)", "Brighter"),
        Binding("minus", "gain(-2)", "Darker"),
        Binding("tab", "other_end", "Other end", priority=True),
        Binding("delete,backspace", "remove", "Remove"),
    ]
    DEFAULT_CSS = """
    ScanScreen #scan { height: 1fr; }
    ScanScreen LivePane { width: 1fr; }
    ScanScreen ScanSide { width: 27; }
    ScanScreen.narrow #scan { layout: vertical; }
    ScanScreen.narrow ScanSide { width: 100%; height: 2; layout: horizontal; }
    ScanScreen.narrow ScanSide Static { margin: 0 1 0 0; width: 1fr; }
    ScanScreen.narrow ScanSide #made { display: none; }
    ScanScreen KeyBar { height: 1; }
    ScanScreen.two-lines KeyBar { height: 2; }
    ScanScreen.wide ScanSide { width: 38; }
    """

    def __init__(self, record: ExamRecord, greeting: str = "") -> None:
        super().__init__(greeting)
        self._record = record
        self.held: HeldPicture | None = None
        self._keeping = Keeping(self, record.exam.id, self._on_disk, self._refresh_record)
        self._modes = ModeChoice(self, self._looked)
        self._way = way_of(None)
        self._warned = False
        self._freezing = False
        self._waited_s = 0
        self.knobs = AT_REST
        self._was_lost = False
        self.side = ScanSide()
        self.keybar.show_keys(KEYS[ScanState.LIVE])

    @property
    def _not_held(self) -> str:
        return "The picture is being held …" if self._freezing else "Freeze first: press Space."

    @property
    def state(self) -> ScanState:
        """What the keys do now."""
        if self.held is None:
            return ScanState.LIVE
        return ScanState.CALIPER if self.held.active is not None else ScanState.FROZEN

    @property
    def _tool(self) -> Tool | None:
        return self.held.active.tool if self.held is not None and self.held.active is not None else None

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
        self._probe_says()
        self._live()
        self.set_interval(1.0, self._watch)

    def on_unmount(self) -> None:
        """Nobody looks: stop transmitting, and forget this patient's frames."""
        self.station.scan = None
        session = self.station.session
        if session is not None:
            session.workstation.scanning.next_exam()

    def on_resize(self, event: events.Resize) -> None:
        """Small screens have what is known below the picture, large ones have more room for it."""
        self.set_class(event.size.width < 72, "narrow")
        self.set_class(event.size.width < 96, "two-lines")
        self.set_class(event.size.width >= 120, "wide")

    def heard(self, event: Event) -> None:
        """What the probe does."""
        match event:
            case ProbeIdentified(capabilities):
                self.pane.say(capabilities.model)
            case ProbeSettled() if self.held is None and not self._was_lost:
                self._live()
            case ProbeChanged(ReaderState.LOST, reason):
                self._lost(str(reason) if reason else "The probe is gone.")
            case ProbeChanged(ReaderState.READY | ReaderState.FROZEN, None) if self._was_lost:
                self._was_lost = False
                self.say("The probe is back. Press Space to go live.")
            case ProbeChanged(ReaderState.FROZEN, reason) if reason is not None and self.held is None:
                self.say(str(reason), "wrong")
            case ButtonPressed() if self.is_current:
                self.action_freeze_or_live()

    def advise(self) -> None:
        """What can be mended about the live picture."""
        if self.held is None:
            self.side.show_advice(self.pane.advice)
            if way_of(self.pane.picture) != self._way:
                self._way = way_of(self.pane.picture)
                self._show_made()
                self._show_state()

    def on_key(self, event: events.Key) -> None:
        """Arrows: to another beam, through the loop, or the held end of a caliper."""
        if event.key in "123456789" and self._tool is Tool.RATE and self.held is not None:
            self._change(self.held.counted(int(event.key)))
            event.stop()
        arrow = arrow_of(event.key)
        if arrow is None or self._freezing:
            return
        event.stop()
        across, down = arrow
        if self.held is None:
            if across and has_beams(self.pane.picture):
                self._modes.move_beam(across)
            return
        if self._busy():
            return
        if self.state is ScanState.CALIPER:
            self._change(self.held.moved(across, down))
        elif across:
            self._step(across)

    def action_freeze_or_live(self) -> None:
        """Space: freeze, or live again."""
        if self._busy():
            return
        waits = self.held is None and self.pane.silent_s > _HICCUP_S and not self._was_lost
        if waits or self._freezing:
            self._live()
        elif self.held is None:
            self._freeze()
        elif self.held.unsaved and not self._warned:
            self._warned = True
            self.say("A caliper is not kept. Press K to keep it, or Space again to drop it.", "wrong")
        else:
            self._live()

    def action_gain(self, by_db: int) -> None:
        """Brighter or darker, live or frozen; a picture that is kept stays as it was kept."""
        if self.held is not None and self.held.kept is not None:
            self.say("This picture is kept as it is. Go live to change the gain.")
        elif not self._busy() and not self._freezing:
            self.knobs = replace(self.knobs, gain_db=self.knobs.gain_db + by_db).within()
            self.ask(lambda: self.session.workstation.scanning.turn(self.knobs), self._turned)

    def action_mode(self, name: str) -> None:
        """The picture, its M-mode or its A-line; live, or of the frozen loop."""
        if self.held is not None and self.held.unsaved:
            self.say("Keep the caliper with K, or remove it with Del; then look another way.", "wrong")
        elif not self._busy() and not self._freezing:
            self._modes.show(Mode[name])

    def action_caliper(self, name: str) -> None:
        """A new caliper on the frozen picture, of a kind that can be read on it."""
        tool = Tool[name]
        if self.held is None:
            self.say(self._not_held)
        elif tool not in TOOLS[mode_of(self.held.picture)]:
            self.say(f"{tool.value} is measured in M-mode: press M.")
        elif not self._busy():
            self._change(self.held.added(self.side.next_labels[tool], tool))

    def action_other_end(self) -> None:
        """Move the other end."""
        if self.held is not None and self.held.active is not None:
            self._change(self.held.other_end())

    def action_enter(self) -> None:
        """Done with a caliper; else to the summary."""
        if self.held is not None and self.held.active is not None:
            self._change(self.held.placed())
        elif self._may_go():
            self.station.show(Step.SUMMARY, self._record.exam.id)

    def action_remove(self) -> None:
        """Take the last caliper away that is not on the disk yet."""
        if self.held is not None and not self._busy():
            self._change(self.held.removed())

    def action_name(self) -> None:
        """Say what a caliper measures."""
        if self.held is not None and self.held.unsaved and not self._busy():
            self.app.push_screen(LabelDialog(self.held.calipers[-1].tool), self._named)

    def action_keep(self) -> None:
        """Keep the picture, its loop and its calipers."""
        capabilities = self.session.workstation.scanning.capabilities
        if self.held is None or capabilities is None:
            self.say(self._not_held)
        elif not self._busy():
            self._change(self.held.placed())
            self._keeping.keep(self.held, self.side.next_view, capabilities)

    def action_leave(self) -> None:
        """Back to the patients; the exam stays, unsigned."""
        if self.held is not None and self.held.active is not None:
            self._change(self.held.placed())
        elif self._may_go():
            self.station.leave_exam()

    # what the probe and the verbs answer

    def _probe_says(self) -> None:
        capabilities = self.session.workstation.scanning.capabilities
        self._was_lost = self.session.workstation.scanning.probe_state is ReaderState.LOST
        self.pane.say(capabilities.model if capabilities else "Looking for the probe …")
        if self._was_lost:
            self._lost("The probe is not there.")

    def _lost(self, why: str) -> None:
        self._was_lost = True
        self.pane.say("PROBE LOST")
        self.say(f"{why} The exam and its pictures are kept; plug the probe in again.", "wrong")

    def _watch(self) -> None:
        """Say so when no picture comes although nothing is wrong that we know of."""
        waits = self.held is None and self.pane.liveness is Liveness.NOT_LIVE and not self._was_lost
        self._waited_s = self._waited_s + 1 if waits else 0
        if self._waited_s == _PATIENCE_S:
            self.say("No picture comes from the probe. Look at its cable; Space tries again.", "wrong")

    def _live(self) -> None:
        self.held, self._warned, self._freezing = None, False, False
        self.pane.go_live()
        self.side.show_calipers(())
        self.side.show_advice(())
        self.session.workstation.scanning.live()
        self._show_state()

    def _freeze(self) -> None:
        picture = self.pane.picture
        if picture is None:
            self.say("There is no picture yet. Look at the probe and its cable.", "wrong")
            return
        self._freezing = True
        self.pane.freeze(picture)
        self.say("")
        self.station.answer(self, self.session.workstation.scanning.freeze, self._frozen, self._not_frozen)

    def _not_frozen(self, error: Exception) -> None:
        if self._freezing:
            self._freezing = False
            self.pane.go_live()
            self.refuse(error)

    def _frozen(self, frozen: Frozen) -> None:
        if not self._freezing:
            return
        self._freezing = False
        self._hold(HeldPicture(frozen, len(frozen.loop.frames) - 1, len(frozen.loop.frames)))

    def _step(self, by: int) -> None:
        held = self.held
        if held is None or held.unsaved:
            self.say("Keep the caliper with K, or remove it with Del; then step.", "wrong")
            return
        index = min(max(held.index + by, 0), held.frames - 1)
        self.ask(
            lambda: self.session.workstation.scanning.step_to(index),
            lambda frozen: self._hold(HeldPicture(frozen, index, held.frames)),
        )

    def _turned(self, turned: Turned) -> None:
        self.side.show_gain(turned.knobs.gain_db)
        if self.held is not None and turned.frozen is not None:
            self._hold(replace(self.held, frozen=turned.frozen))

    def _looked(self, looking: Looking) -> None:
        self.pane.point_at(looking.beam if looking.beam.lines > 1 else None)
        if self.held is not None and looking.frozen is not None:
            self._hold(HeldPicture(looking.frozen, self.held.index, self.held.frames))

    def _hold(self, held: HeldPicture) -> None:
        self.held = held
        self.pane.freeze(held.picture)
        self._show_made()
        self._change(held)
        self.pane.say(f"frame {held.index + 1} of {held.frames}")

    def _change(self, held: HeldPicture) -> None:
        self.held = held
        self._warned = False
        self.pane.mark(held.marks())
        self.side.show_calipers(held.readings())
        self._show_state()

    def _named(self, label: str | None) -> None:
        if label and self.held is not None:
            self.side.next_labels[self.held.calipers[-1].tool] = label
            self._change(self.held.renamed(label))

    def _on_disk(self, kept: Kept, calipers: int) -> None:
        if self.held is not None and self.held.frozen is kept.frozen:
            self._change(self.held.saved(kept, calipers))

    def _busy(self) -> bool:
        if self._keeping.busy:
            self.say("Still saving …")
        return self._keeping.busy

    def _refresh_record(self) -> None:
        self._record = self.session.workstation.exams.record(self._record.exam.id)
        self.side.show_record(self._record)

    def _may_go(self) -> bool:
        if self._busy():
            return False
        if self.held is not None and self.held.unsaved and not self._warned:
            self._warned = True
            self.say("A caliper is not kept. Press K to keep it, or the same key again to drop it.", "wrong")
            return False
        return True

    def _became(self, liveness: Liveness) -> None:
        if liveness is Liveness.LIVE and self.pane.picture is not None:
            self._show_made()
            if self.notice.has_class("wrong") and not self._was_lost:
                self.say("")

    def _show_made(self) -> None:
        if self.pane.picture is not None:
            self.side.show_picture(self.pane.picture, self.session.workstation.scanning.capabilities)

    def _show_state(self) -> None:
        self.keybar.show_keys(keys_of(self.state, self.pane.picture, self._tool))
