"""T1, the reader thread: the only one that touches a probe. Bytes become frames in a slot; verbs come by a queue.

Its life: born by ``start``, ends by ``stop``. A lost probe, a silent one, a defect in a driver: each is posted as
``StateChanged(LOST, reason)`` and the thread polls for the probe's return, then finds it again, applies the last
settings and waits FROZEN for the operator. Another probe in its place is refused: an exam is of one probe. If even
posting fails, the thread ends and ``failure`` says why.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from enum import Enum
from queue import Empty, SimpleQueue

from probe.capabilities import Capabilities
from probe.driver import (
    Acknowledged,
    Applied,
    DeviceStatus,
    Disarmed,
    Driver,
    DriverEvent,
    Foresees,
    FrameReceived,
    Identified,
    LearnsLink,
    LinkCounters,
    LinkMemory,
    Refused,
)
from probe.errors import LinkLost, LinkUnavailable, ProbeError, ProbeRefused
from probe.frame import Frame
from probe.link import Gathers, Link
from probe.settings import SampleFormat, Settings
from probe.slot import Slot

READ_S = 0.03
POLL_S = 1.0
LOOK_S = 0.05
WATCH_S = 5.0


class ReaderState(Enum):
    """Where the connection stands."""

    CLOSED = "closed"
    OPENING = "opening"
    IDENTIFYING = "identifying"
    READY = "ready"
    STREAMING = "streaming"
    FROZEN = "frozen"
    LOST = "lost"


class _Signal(Enum):
    BEGUN = "begun"
    OPENED = "opened"
    FOUND = "found"
    FOUND_AGAIN = "found again"
    STARTED = "started"
    STOPPED = "stopped"
    LOST = "lost"
    ENDED = "ended"


_S = ReaderState
_TRANSITIONS: dict[tuple[ReaderState, _Signal], ReaderState] = {
    (_S.CLOSED, _Signal.BEGUN): _S.OPENING,
    (_S.OPENING, _Signal.OPENED): _S.IDENTIFYING,
    (_S.LOST, _Signal.OPENED): _S.IDENTIFYING,
    (_S.IDENTIFYING, _Signal.FOUND): _S.READY,
    (_S.IDENTIFYING, _Signal.FOUND_AGAIN): _S.FROZEN,
    (_S.READY, _Signal.STARTED): _S.STREAMING,
    (_S.FROZEN, _Signal.STARTED): _S.STREAMING,
    (_S.STREAMING, _Signal.STOPPED): _S.FROZEN,
    **{(state, _Signal.LOST): _S.LOST for state in _S if state not in (_S.CLOSED, _S.LOST)},
    **{(state, _Signal.ENDED): _S.CLOSED for state in _S if state is not _S.CLOSED},
}


@dataclass(frozen=True, slots=True)
class StateChanged:
    """The connection is in another state now; ``reason`` is set where something went wrong."""

    state: ReaderState
    reason: ProbeError | None = None


ReaderEvent = StateChanged | DriverEvent


@dataclass(frozen=True, slots=True)
class _Command:
    """A verb on its way to the thread; outside its states it is refused, or left alone when ``later`` will do."""

    request: str
    states: tuple[ReaderState, ...]
    write: Callable[[Driver, int], bytes]
    later: bool = False


_UNWATCHED = ("The screen stood still, so the probe was stopped", "Start the picture again.")
_BY_ITSELF = ("The probe has stopped transmitting by itself", "Start the picture again.")
_DISARMED = {
    "temperature": ("The probe is too warm and has stopped transmitting", "Let it cool down, then start again."),
    "battery": ("The probe's battery is empty", "Charge the probe, then start the picture again."),
}
_KNOWN = (_S.READY, _S.STREAMING, _S.FROZEN)


class Reader:
    """Reads one probe for as long as it lives. All methods may be called from any thread; none waits but ``stop``.

    Args:
        open_link: Opens the address, raising ``LinkUnavailable``; called again after every loss.
        make_driver: A new driver for each connection, called when its link is open.
        frames: Where live frames go; a frame that nobody took in time is replaced and counted.
        post: Told of every state change and driver event but live frames, in the reader's thread; must not block.
        clock: Monotonic nanoseconds.
        rates: Where it is kept what links carry; None: each connection finds out anew.
        poll_s: Time before another try with a probe that failed; one that is absent is looked for more often.
        read_s: Longest wait for bytes; also the longest wait of a verb.
        watch_s: How long a screen may be silent while the probe transmits; see ``watched``.
    """

    def __init__(
        self,
        open_link: Callable[[], Link],
        make_driver: Callable[[], Driver],
        frames: Slot[Frame],
        post: Callable[[ReaderEvent], None],
        clock: Callable[[], int] = time.monotonic_ns,
        *,
        rates: LinkMemory | None = None,
        poll_s: float = POLL_S,
        read_s: float = READ_S,
        watch_s: float = WATCH_S,
    ) -> None:
        self._open_link = open_link
        self._make_driver = make_driver
        self._frames = frames
        self._post = post
        self._clock = clock
        self._rates = rates
        self._poll_s = poll_s
        self._read_s = read_s
        self._watch_ns = round(1e9 * watch_s)
        self._commands: SimpleQueue[_Command | None] = SimpleQueue()
        self._stopping = threading.Event()
        self._state = ReaderState.CLOSED
        self._settings = Settings()
        self._was_streaming = False
        self._watched_ns: int | None = None
        self._probe: Capabilities | None = None
        self._driver: Driver | None = None
        self._reason = ""
        self._past = LinkCounters()
        self._present = LinkCounters()
        self._thread = threading.Thread(target=self._run, name="reader", daemon=True)
        self.failure: Exception | None = None

    @property
    def state(self) -> ReaderState:
        """The state last posted."""
        return self._state

    def counters(self) -> LinkCounters:
        """Totals over all connections; ``frames.counts()`` tells what the slot dropped."""
        return _sum(self._past, self._present)

    def start(self) -> None:
        """Begin looking for the probe."""
        self._thread.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        """Stop transmitting, close the link, end the thread."""
        self._stopping.set()
        self._commands.put(None)
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def configure(self, settings: Settings) -> None:
        """Ask for settings, now or when the probe is found; they are asked for again after a loss."""
        self._settings = settings
        states = (_S.IDENTIFYING, *_KNOWN)
        self._commands.put(_Command("SET", states, lambda driver, now: driver.configure(settings, now), later=True))

    def watched(self) -> None:
        """Somebody can see what comes: a screen says so all the time, and once it falls silent the probe is stopped.

        Not every board stops by itself, and PING must not go on for a screen that hangs. Who never says it has none.
        """
        self._watched_ns = self._clock()

    def begin(self) -> None:
        """Start transmitting and streaming."""
        if self._watched_ns is not None:
            self.watched()
        self._commands.put(_Command("START", (_S.READY, _S.FROZEN), lambda driver, now: driver.start(now)))

    def freeze(self) -> None:
        """Stop transmitting."""
        self._commands.put(_Command("STOP", _KNOWN, lambda driver, now: driver.stop(now)))

    def fetch(self, number: int, format: SampleFormat = SampleFormat.RF_I16) -> None:
        """Ask for a past frame in another format; answered by ``FrameFetched`` or ``Refused``."""
        self._commands.put(_Command("FETCH", _KNOWN, lambda driver, now: driver.fetch(number, format, now)))

    # the thread

    def _run(self) -> None:
        try:
            self._signal(_Signal.BEGUN)
            while not self._stopping.is_set():
                self._connection()
            self._signal(_Signal.ENDED)
        except Exception as error:  # noqa: BLE001  (the last resort: whoever owns the reader can still ask)
            self.failure = error
            self._state = ReaderState.CLOSED

    def _connection(self) -> None:
        """One connection, from opening to its loss."""
        reason: ProbeError
        try:
            link = self._open_link()
        except ProbeError as error:
            self._lose(error)
            return
        except Exception as error:  # noqa: BLE001  (a stranger's link may raise anything)
            self._lose(_defect(error))
            return
        try:
            self._serve(link)
            return
        except Exception as error:  # noqa: BLE001  (a defect in a driver must not end the exam)
            reason = error if isinstance(error, ProbeError) else _defect(error)
            if not isinstance(error, LinkLost):
                self._quieten(link)
        finally:
            link.close()
            self._past, self._present = self.counters(), LinkCounters()
        self._lose(reason)

    def _quieten(self, link: Link) -> None:
        """The probe is still there, and not every board stops by itself when its link is closed."""
        if self._driver is not None and self._state in _KNOWN:
            with suppress(Exception):
                link.write(self._driver.stop(self._clock()))

    def _serve(self, link: Link) -> None:
        """Read until the link is lost (raises) or the reader is stopped."""
        driver = self._driver = self._make_driver()
        self._present = driver.counters
        if self._rates is not None and isinstance(driver, LearnsLink):
            driver.learn_link(self._rates, link.name)
        self._signal(_Signal.OPENED)
        link.write(driver.identify(self._clock()))
        gathers = link if isinstance(link, Gathers) else None
        foresees = driver if isinstance(driver, Foresees) else None
        while not self._stopping.is_set():
            data = link.read(self._read_s)
            now = self._clock()
            if events := driver.feed(data, now):
                self._take(events, driver, link)
            self._obey(driver, link)
            if self._nobody_looks(now):
                link.write(driver.stop(now))
                self._signal(_Signal.STOPPED, ProbeRefused(*_UNWATCHED))
            if out := driver.tick(now):
                link.write(out)
            if gathers is not None and foresees is not None:
                gathers.expect(foresees.wanted_bytes)
        if self._state in _KNOWN:  # also where a start is on its way and not yet acknowledged
            link.write(driver.stop(self._clock()))

    def _nobody_looks(self, now_ns: int) -> bool:
        watched_ns = self._watched_ns
        return self._state is _S.STREAMING and watched_ns is not None and now_ns - watched_ns > self._watch_ns

    def _take(self, events: Sequence[DriverEvent], driver: Driver, link: Link) -> None:
        for event in events:
            if isinstance(event, FrameReceived):
                self._frames.put(event.frame, _fold_drops)
                continue
            if isinstance(event, Identified):
                self._recognise(event.capabilities)
            self._post(event)
            if isinstance(event, Identified):
                link.write(driver.configure(self._settings, self._clock()))
            else:
                self._follow(event)

    def _recognise(self, found: Capabilities) -> None:
        """The first probe is the one; any other is refused before anything is asked of it."""
        known = self._probe = self._probe or found
        if (found.model, found.serial, found.simulated) != (known.model, known.serial, known.simulated):
            raise ProbeRefused(
                f"Another probe is plugged in: {found.model}, {found.serial}",
                f"Plug {known.model}, {known.serial}, in again.",
            )

    def _follow(self, event: DriverEvent) -> None:
        """Which state an event leads to."""
        if isinstance(event, Applied):
            self._signal(_Signal.FOUND_AGAIN if self._was_streaming else _Signal.FOUND)
        elif isinstance(event, Acknowledged):
            self._signal(_Signal.STARTED if event.request == "START" else _Signal.STOPPED)
        elif isinstance(event, Disarmed) and self._state is ReaderState.STREAMING:
            self._signal(_Signal.STOPPED, ProbeRefused(*_DISARMED.get(event.reason, _BY_ITSELF)))
        elif isinstance(event, DeviceStatus) and not event.armed and self._state is ReaderState.STREAMING:
            self._signal(_Signal.STOPPED, ProbeRefused(*_BY_ITSELF))
        elif isinstance(event, Refused) and self._state is ReaderState.IDENTIFYING:
            raise ProbeRefused(
                f"The probe does not accept its settings: {event.text}", "Unplug it and plug it in again."
            )

    def _obey(self, driver: Driver | None, link: Link | None) -> None:
        """Serve the verbs that have come."""
        while not self._commands.empty():  # this thread alone takes from it
            command = self._commands.get_nowait()
            if command is not None:
                self._serve_command(command, driver, link)

    def _serve_command(self, command: _Command, driver: Driver | None, link: Link | None) -> None:
        if driver is not None and link is not None and self._state in command.states:
            link.write(command.write(driver, self._clock()))
        elif not command.later:
            text = f"Not possible while the probe is {self._state.value}"
            self._post(Refused(command.request, "not_ready", text))

    def _lose(self, reason: ProbeError) -> None:
        """Tell of the loss and of every new reason once, then wait for the next look."""
        if self._stopping.is_set():
            return
        if self._state is not ReaderState.LOST:
            self._signal(_Signal.LOST, reason)
        elif str(reason) != self._reason:
            self._post(StateChanged(ReaderState.LOST, reason))
        self._reason = str(reason)
        # to see that nothing is there costs nothing; what was there and failed is left alone for a while
        wait_s = min(self._poll_s, LOOK_S) if isinstance(reason, LinkUnavailable) else self._poll_s
        deadline = time.monotonic() + wait_s
        while not self._stopping.is_set() and (left := deadline - time.monotonic()) > 0:
            try:
                command = self._commands.get(timeout=left)
            except Empty:
                return
            if command is not None:
                self._serve_command(command, None, None)

    def _signal(self, signal: _Signal, reason: ProbeError | None = None) -> None:
        """Go where the table says; nowhere when it says nothing."""
        state = _TRANSITIONS.get((self._state, signal))
        if state is None:
            return
        self._was_streaming = self._was_streaming or state is ReaderState.STREAMING
        self._state = state
        self._post(StateChanged(state, reason))


def _defect(error: Exception) -> ProbeError:
    """An error that no one foresaw, as one that a person can be told."""
    reason = LinkLost("The probe's driver has failed", "Sauti tries again. If it stays, unplug the probe.")
    reason.__cause__ = error
    return reason


def _fold_drops(unseen: Frame, newest: Frame) -> Frame:
    """The newest frame, knowing of the one that nobody saw."""
    return replace(newest, dropped_before=newest.dropped_before + unseen.dropped_before + 1)


def _sum(a: LinkCounters, b: LinkCounters) -> LinkCounters:
    return LinkCounters(*(getattr(a, f.name) + getattr(b, f.name) for f in fields(LinkCounters)))
