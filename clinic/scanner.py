"""T2, the imaging thread: newest Frame in, newest Picture out, and the cine beside it.

    state      event                       next
    LIVE       freeze asked                STOPPING   (the reader has been told to stop transmitting)
    STOPPING   probe stopped, or lost      FETCHING   if the probe can give the frame as RF, else FROZEN
    FETCHING   RF arrived, refused, late   FROZEN
    STOPPING   live asked                  LIVE       (the freeze is taken back)
    FETCHING   live asked                  LIVE       (the freeze is taken back)
    FROZEN     a step through the loop     FROZEN     (another of its frames is shown)
    FROZEN     knobs turned, another mode  FROZEN     (the same frames, imaged anew)
    FROZEN     live asked                  LIVE
    any        next exam                   IDLE       (no frame of one patient stays for the next)
    IDLE       live asked                  LIVE

Birth: ``start``. Death: ``stop``, or an exception, whose reason goes to ``on_death`` and fails a waiting freeze.
A frame that cannot be imaged is counted and skipped; nothing that a probe sends ends this thread.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from queue import Empty, SimpleQueue

from clinic.errors import NoPicture
from clinic.knobs import Knobs
from clinic.looks import BeamPlace, Looks, Shown
from clinic.receipts import Receipt
from imaging.cine import Cine, Loop
from imaging.errors import ImagingError
from imaging.modes import Mode
from imaging.preset import Preset
from imaging.stages.analytic import has_phase
from probe.frame import Frame
from probe.settings import Sampling
from probe.slot import Slot

_FETCH_LIMIT_NS = 5_000_000_000
_POLL_S = 0.02


class ScanState(Enum):
    """Where the imaging thread is; see the table above. Frames are looked at in LIVE and STOPPING only."""

    IDLE = "idle"
    LIVE = "live"
    STOPPING = "stopping"
    FETCHING = "fetching"
    FROZEN = "frozen"


@dataclass(frozen=True, slots=True)
class Frozen:
    """A frozen view.

    Args:
        loop: The cine up to and including the frozen frame, as it came live.
        frame: The sweep that the picture is made of: RF where the probe could give it, else the live frame.
        picture: That sweep, imaged in the mode that was shown.
    """

    loop: Loop
    frame: Frame
    picture: Shown


@dataclass(frozen=True, slots=True)
class Turned:
    """Where the knobs stand now; the frozen view as it looks with them, if one is held."""

    knobs: Knobs
    frozen: Frozen | None


@dataclass(frozen=True, slots=True)
class Looking:
    """How frames are shown now: the mode and its beam; the frozen view shown so, if one is held."""

    mode: Mode
    beam: BeamPlace
    frozen: Frozen | None


class Scanner:
    """Turns frames into pictures and holds the cine.

    Args:
        frames: Where the reader thread puts the newest frame.
        cine: Ring of live frames.
        choose_preset: Names the preset for a frame, so that a probe in a water tank gets water's sound speed.
        fetch: Asks the probe for a frame of its ring as RF; returns False when the probe cannot.
        ask_window: Asks the probe for a window in time, None leaves it to the probe; what it takes shows in its frames.
        show: Told each new live picture and what to mend about it; called in this thread.
        monotonic_ns: Clock for the fetch limit.
        on_death: Told the reason if the thread ends by itself.
        size_px: Width and height of the pictures.
    """

    def __init__(
        self,
        frames: Slot[Frame],
        cine: Cine,
        choose_preset: Callable[[Frame], Preset],
        fetch: Callable[[int], bool],
        ask_window: Callable[[Sampling | None], None],
        show: Callable[[Shown, tuple[str, ...]], None],
        monotonic_ns: Callable[[], int],
        on_death: Callable[[Exception], None],
        size_px: tuple[int, int] = (640, 480),
    ) -> None:
        self._frames = frames
        self._cine = cine
        self._looks = Looks(choose_preset, size_px)
        self._fetch = fetch
        self._ask_window = ask_window
        self._asked_depth_mm = 0
        self._own: tuple[Frame, int] | None = None  # one in the probe's own window, and the speed of sound
        self._show = show
        self._monotonic_ns = monotonic_ns
        self._on_death = on_death
        self._state = ScanState.LIVE
        self._freeze: Receipt[Frozen] | None = None
        self._loop: Loop | None = None
        self._newest: Frame | None = None
        self._frozen: Frozen | None = None
        self._shown: Frozen | None = None
        self._fetch_deadline_ns = 0
        self._inbox: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="imaging", daemon=True)

    @property
    def unusable_frames(self) -> int:
        """Frames that gave no picture."""
        return self._looks.unusable_frames

    @property
    def state(self) -> ScanState:
        return self._state

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def ask_freeze(self) -> Receipt[Frozen]:
        """Freeze once the probe says that it stopped; call after telling the reader to freeze."""
        receipt: Receipt[Frozen] = Receipt()
        self._inbox.put(lambda: self._begin_freeze(receipt))
        return receipt

    def ask_live(self) -> None:
        """Go on live; the frozen loop given out before is not touched."""
        self._inbox.put(self._go_live)

    def ask_step(self, index: int) -> Receipt[Frozen]:
        """Show another frame of the frozen loop; the receipt fails if nothing is frozen.

        Args:
            index: Of the loop, 0 the oldest; one outside it is the nearest inside.
        """
        receipt: Receipt[Frozen] = Receipt()
        self._inbox.put(lambda: self._step_to(index, receipt))
        return receipt

    def ask_turn(self, knobs: Knobs) -> Receipt[Turned]:
        """Turn the knobs; the receipt brings where they stand then, and the frozen view anew.

        It fails where the frames give no picture so, and then nothing has changed.
        """
        receipt: Receipt[Turned] = Receipt()
        self._inbox.put(lambda: self._turn(knobs, receipt))
        return receipt

    def ask_mode(self, mode: Mode) -> Receipt[Looking]:
        """Show frames in another mode, live or frozen; the receipt fails with the reason where they do not give it."""
        receipt: Receipt[Looking] = Receipt()
        self._inbox.put(lambda: self._look(lambda frame: self._looks.choose(mode, frame), receipt))
        return receipt

    def ask_beam(self, by: int) -> Receipt[Looking]:
        """Look along another line in M- and A-mode, so many to the right."""
        receipt: Receipt[Looking] = Receipt()
        self._inbox.put(lambda: self._look(lambda frame: self._looks.move_beam(by, frame), receipt))
        return receipt

    def ask_next_exam(self) -> None:
        """Forget every frame, so that no patient's loop holds another's pictures."""
        self._inbox.put(self._forget)

    def probe_stopped(self) -> None:
        """The probe acknowledged STOP, or is gone."""
        self._inbox.put(self._take_loop)

    def frame_fetched(self, frame: Frame) -> None:
        """The RF asked for has arrived; an answer to an older question is not taken."""
        self._inbox.put(lambda: self._finish_with_rf(frame))

    def fetch_refused(self) -> None:
        """The probe no longer has the frame, or cannot give it."""
        self._inbox.put(self._finish_without_rf)

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                self._step()
        except Exception as error:  # noqa: BLE001  (the thread's policy: a reason is always posted)
            if self._freeze is not None and not self._freeze.done:
                self._freeze.fail(error)
            self._on_death(error)

    def _step(self) -> None:
        frame = self._frames.take(_POLL_S)
        if frame is not None and self._state in (ScanState.LIVE, ScanState.STOPPING):
            self._image_live(frame)
        if self._state is ScanState.LIVE:
            self._follow_depth()
        try:
            while True:
                self._inbox.get_nowait()()
        except Empty:
            pass
        if self._state is ScanState.FETCHING and self._monotonic_ns() > self._fetch_deadline_ns:
            self._finish_without_rf()

    def _image_live(self, frame: Frame) -> None:
        if self._newest is None or frame.provenance != self._newest.provenance:
            self._looks.pause()
        imaged = self._looks.image_live(frame, self._cine.frames)
        if imaged is None:
            return
        if self._newest is None or frame.provenance != self._newest.provenance:  # one loop, one probe
            self._cine.clear()
        self._newest = frame
        self._cine.append(frame)
        if not self._asked_depth_mm:
            self._own = frame, imaged[0].sound_speed_m_s
        self._show(*imaged)

    def _begin_freeze(self, receipt: Receipt[Frozen]) -> None:
        if self._state is not ScanState.LIVE:
            receipt.fail(NoPicture("The picture is already frozen", "Go live first."))
            return
        self._freeze = receipt
        self._state = ScanState.STOPPING

    def _take_loop(self) -> None:
        if self._state is not ScanState.STOPPING or self._freeze is None:
            return
        while (frame := self._frames.take(0)) is not None:
            self._image_live(frame)
        self._loop = self._cine.freeze()
        if not self._loop.frames:
            self._state = ScanState.LIVE
            self._freeze.fail(NoPicture("There is no picture to freeze", "Check that the probe is connected."))
            return
        self._state = ScanState.FETCHING
        self._fetch_deadline_ns = self._monotonic_ns() + _FETCH_LIMIT_NS
        last = self._loop.frames[-1]
        # one beam is made of the sweeps as they came live
        if self._looks.mode_for(last) is not Mode.B or not self._fetch(last.number):
            self._finish_without_rf()

    def _finish_without_rf(self) -> None:
        if self._state is ScanState.FETCHING and self._loop is not None:
            self._finish(self._loop.frames[-1])

    def _finish_with_rf(self, frame: Frame) -> None:
        if self._loop is not None and frame.number == self._loop.frames[-1].number:
            self._finish(frame)

    def _finish(self, frame: Frame) -> None:
        if self._state is not ScanState.FETCHING or self._loop is None or self._freeze is None:
            return
        picture = self._looks.image(frame, self._loop.frames)
        if picture is None:
            frame = self._loop.frames[-1]
            picture = self._looks.image(frame, self._loop.frames)
        self._state = ScanState.FROZEN
        if picture is None:
            self._freeze.fail(NoPicture("The frozen frame cannot be imaged", "Go live and freeze again."))
        else:
            self._frozen = self._shown = Frozen(self._loop, frame, picture)
            self._freeze.keep(self._frozen)

    def _step_to(self, index: int, receipt: Receipt[Frozen]) -> None:
        if self._state is not ScanState.FROZEN or self._frozen is None:
            receipt.fail(NoPicture("There is no frozen loop", "Freeze first."))
            return
        loop = self._frozen.loop
        at = min(max(index, 0), len(loop.frames) - 1)
        if at == len(loop.frames) - 1:
            self._shown = self._frozen
            receipt.keep(self._frozen)
            return
        picture = self._looks.image(loop.frames[at], loop.frames[: at + 1])
        if picture is None:
            receipt.fail(NoPicture("This frame of the loop cannot be imaged", "Step on."))
            return
        self._shown = Frozen(Loop(loop.frames[: at + 1], loop.forgotten), loop.frames[at], picture)
        receipt.keep(self._shown)

    def _turn(self, knobs: Knobs, receipt: Receipt[Turned]) -> None:
        try:
            self._looks.turn(knobs)
        except ImagingError as error:
            receipt.fail(error)
            return
        self._show_anew()
        receipt.keep(Turned(self._looks.knobs, self._shown))

    def _look(self, change: Callable[[Frame], None], receipt: Receipt[Looking]) -> None:
        frame = self._newest if self._shown is None else self._shown.frame
        if self._state in (ScanState.STOPPING, ScanState.FETCHING):
            receipt.fail(NoPicture("The picture is being held", "Press the key again."))
            return
        if frame is None or self._state is ScanState.IDLE:
            receipt.fail(NoPicture("There is no picture yet", "Wait for the probe's next frame."))
            return
        try:
            change(frame)
        except NoPicture as refusal:
            receipt.fail(refusal)
            return
        self._show_anew()
        receipt.keep(Looking(self._looks.mode_for(frame), self._looks.beam_of(frame), self._shown))

    def _show_anew(self) -> None:
        """The frozen view with the knobs and in the mode that are in force now."""
        if self._state is ScanState.FROZEN and self._frozen is not None and self._shown is not None:
            last_is_shown = self._shown is self._frozen
            self._frozen = self._imaged_anew(self._frozen)
            self._shown = self._frozen if last_is_shown else self._imaged_anew(self._shown)

    def _follow_depth(self) -> None:
        """Ask the probe for the depth that is shown; what it sends beyond that is not shown."""
        depth_mm = self._looks.knobs.depth_mm
        if depth_mm == self._asked_depth_mm or (depth_mm and self._own is None):
            return
        self._asked_depth_mm = depth_mm
        if not depth_mm or self._own is None:
            self._ask_window(None)
            return
        own, speed = self._own
        self._ask_window(window_to(depth_mm, own.sampling, speed, phase=has_phase(own.format)))

    def _imaged_anew(self, frozen: Frozen) -> Frozen:
        picture = self._looks.image(frozen.frame, frozen.loop.frames)
        return frozen if picture is None else replace(frozen, picture=picture)

    def _go_live(self) -> None:
        if self._state is ScanState.IDLE:
            self._frames.take(0)  # of before
        if self._freeze is not None and not self._freeze.done:
            self._freeze.fail(NoPicture("The picture went live again", "Freeze again."))
        if self._state is ScanState.FROZEN:
            self._looks.pause()
        self._freeze = self._loop = self._frozen = self._shown = None
        self._state = ScanState.LIVE

    def _forget(self) -> None:
        self._go_live()
        self._cine.clear()
        self._newest = None
        self._looks.forget()
        self._follow_depth()
        self._state = ScanState.IDLE


def window_to(depth_mm: int, own: Sampling, sound_speed_m_s: int, *, phase: bool = False) -> Sampling:
    """A window that ends at a depth, with as many samples as the probe's own: the link carries no more than it did.

    Samples with ``phase``, RF or IQ, never come further apart than in the probe's own window, or their band would fold
    into itself: more depth is more of them then, as far as the probe can.
    """
    start_ns = min(own.first_sample_ns, 2_000_000 * (depth_mm - 1) // sound_speed_m_s)
    span_ns = 2_000_000 * depth_mm // sound_speed_m_s - start_ns
    rate_hz = (own.samples - 1) * 1_000_000_000 // span_ns
    if not phase or rate_hz >= own.rate_hz:
        return Sampling(own.samples, rate_hz, start_ns)
    return Sampling(span_ns * own.rate_hz // 1_000_000_000 + 1, own.rate_hz, start_ns)
