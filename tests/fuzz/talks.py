"""Drivers under fire: a driver that talks with its twin hears strange bytes, and must find back to a picture.

What the strange bytes may do depends on what they are. Plain garbage, which the driver takes for nothing, may cost at
most the frame at hand: the conversation goes on. Messages that hold may end it, as a device that says so would: then
the operator, or the reader, begins again, on the same driver and at last on a new one.
"""

from __future__ import annotations

import sys
import tracemalloc
from collections.abc import Callable
from functools import cache, cached_property

from probe.driver import Applied, DeviceStatus, Disarmed, Driver, DriverEvent, FrameReceived, Identified
from probe.drivers import registry
from probe.emulators.device import Device
from probe.errors import ProbeError
from probe.frame import Frame
from probe.settings import Settings
from tests.fuzz.target import LONGEST, Broken, Target
from tests.fuzz.twins import factory

STEP_NS = 20_000_000
LIMIT_S = 10.0
ROOM = 1 << 16
CHUNKS = (1, 2, 63, 64, 65, 512, LONGEST, LONGEST)
PAUSES_NS = (0, 5_000_000, 200_000_000, 700_000_000)
REPEATED = 16
# a driver at work holds a frame under construction and its decoder's buffer; both are far below this with tiny twins
HELD_BYTES = 2 << 20
WATCHED_EVERY = 64
_PROTOCOLS = ("probe.protocols", "probe.messages", "probe.wire", "probe.sprobe")


class Talk:
    """A driver and a device in virtual time, driven as the reader does it."""

    def __init__(self, name: str, make_device: Callable[[], Device], now_ns: int = 1_000_000_000) -> None:
        self._name = name
        self.device = make_device()
        self.driver: Driver = registry.make(name)
        self.now_ns = now_ns
        self.live = False
        self.heard, self.written = bytearray(), bytearray()
        self.write(self.driver.identify(self.now_ns))

    def hear(self, data: bytes) -> list[DriverEvent]:
        """Bytes for the driver, now."""
        events = list(self.driver.feed(data, self.now_ns))
        for event in events:
            self._follow(event)
        self.write(self.driver.tick(self.now_ns))
        return events

    def step(self) -> list[DriverEvent]:
        """Let time pass; the device may speak."""
        self.now_ns += STEP_NS
        data = self.device.poll(self.now_ns, ROOM)
        self.heard += data
        return self.hear(data)

    def until(self, wanted: Callable[[DriverEvent], bool], limit_s: float = LIMIT_S) -> DriverEvent | None:
        """The first such event, or None when it does not come in time."""
        for _ in range(round(limit_s * 1e9 / STEP_NS)):
            for event in self.step():
                if wanted(event):
                    return event
        return None

    def connect(self) -> Talk:
        """From nothing to a live picture."""
        self.reach(Identified)
        self.write(self.driver.configure(Settings(), self.now_ns))
        self.reach(Applied)
        self.begin()
        return self

    def reach(self, kind: type) -> None:
        """Until the driver says so."""
        if self.until(lambda event: isinstance(event, kind)) is None:
            raise Broken(f"{self._name}: the twin brought no {kind.__name__}")

    def begin(self) -> None:
        """The operator wants a picture."""
        self.live = True
        self.write(self.driver.start(self.now_ns))

    def again(self) -> None:
        """The reader connects anew."""
        self.device.disconnect(self.now_ns)
        self.driver, self.live = registry.make(self._name), False
        self.write(self.driver.identify(self.now_ns))
        self.connect()

    def _follow(self, event: DriverEvent) -> None:
        """As the reader and its operator: what stopped by itself is started again; who greets is given settings."""
        stopped = isinstance(event, Disarmed) or (isinstance(event, DeviceStatus) and not event.armed)
        if self.live and stopped:
            self.write(self.driver.start(self.now_ns))

    def write(self, data: bytes) -> None:
        if data:
            self.written += data
            self.device.feed(data, self.now_ns)


def key(frame: Frame) -> bytes:
    """What makes two frames the same picture."""
    return bytes(str(frame.samples.shape), "ascii") + frame.samples.tobytes()


@cache
def known_frames(name: str) -> frozenset[bytes]:
    """The whole frames that a twin shows over and over; empty when it never repeats itself."""
    talk, seen = Talk(name, factory(name)).connect(), []
    while len(seen) < 24:
        event = talk.until(lambda event: isinstance(event, FrameReceived))
        if not isinstance(event, FrameReceived):
            raise Broken(f"{name}: the twin's frames have ended")
        if not event.frame.missing.any():
            seen.append(key(event.frame))
    return frozenset(seen) if set(seen[12:]) <= set(seen[:12]) else frozenset()


def whole_frame(known: frozenset[bytes]) -> Callable[[DriverEvent], bool]:
    """Whether an event is a frame without a hole, and one of those that are known where any are."""

    def whole(event: DriverEvent) -> bool:
        if not isinstance(event, FrameReceived) or event.frame.missing.any():
            return False
        return not known or key(event.frame) in known

    return whole


class DriverUnderFire:
    """The promise of one driver."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._runs = 0

    def __call__(self, data: bytes) -> None:
        self._runs += 1
        plan, strange = (data[0], data[1:]) if data else (0, b"")
        make = factory(self.name)
        talk = Talk(self.name, make)
        state = plan >> 3 & 3
        if state == 1:
            talk.reach(Identified)
        elif state > 1:
            talk.connect()
            talk.step()
        pause_ns, chunk = PAUSES_NS[plan >> 5 & 3], CHUNKS[plan & 7]
        stream = strange * (REPEATED if plan >> 7 and chunk > 60 else 1)
        watched = self._runs % WATCHED_EVERY == 0
        if watched:
            tracemalloc.start()
        try:
            garbage, lost = self._fire(talk, stream, chunk, pause_ns)
            if watched and (held := tracemalloc.get_traced_memory()[0]) > HELD_BYTES + len(stream):
                raise Broken(f"{self.name} holds {held} bytes")
        finally:
            tracemalloc.stop()
        self._recover(talk, state, garbage, lost)

    def _fire(self, talk: Talk, stream: bytes, chunk: int, pause_ns: int) -> tuple[bool, bool]:
        """Whether the driver took all for nothing, and whether it gave the link up."""
        before, silent = talk.driver.counters.messages, True
        for at in range(0, len(stream), chunk):
            talk.now_ns += pause_ns if at % (64 * chunk) == 0 else 0
            try:
                silent &= not talk.hear(stream[at : at + chunk])
            except ProbeError:
                return False, True
        return silent and talk.driver.counters.messages == before, False

    def _recover(self, talk: Talk, state: int, garbage: bool, lost: bool) -> None:
        live = state > 1
        # what held was no garbage: the device was believed, and the operator begins again
        ways = (self._shows, self._begins_again) if live else (self._greets,)
        for way in () if lost else ways:
            try:
                if way(talk):
                    return
            except ProbeError:
                break
            if live and garbage:
                raise Broken(f"{self.name}: no frame came behind garbage")
        talk.again()
        if not self._shows(talk):
            raise Broken(f"{self.name}: no frame came, even after connecting anew")

    def _begins_again(self, talk: Talk) -> bool:
        talk.write(talk.driver.stop(talk.now_ns))
        talk.begin()
        return self._shows(talk)

    def _greets(self, talk: Talk) -> bool:
        """From wherever it is to a picture; False where only connecting anew helps."""
        talk.write(talk.driver.identify(talk.now_ns))
        if talk.until(lambda event: isinstance(event, Identified), 3.0) is None:
            return False
        talk.write(talk.driver.configure(Settings(), talk.now_ns))
        if talk.until(lambda event: isinstance(event, Applied), 3.0) is None:
            return False
        talk.begin()
        return self._shows(talk)

    def _shows(self, talk: Talk) -> bool:
        return talk.until(whole_frame(known_frames(self.name))) is not None


def seeds(name: str) -> list[bytes]:
    """Pieces of what the twin says, behind plans of each state and chunk."""
    talk = Talk(name, factory(name)).connect()
    talk.until(lambda event: isinstance(event, FrameReceived))
    talk.driver.stop(talk.now_ns)
    stream = bytes(talk.heard)
    pieces = [stream[at : at + LONGEST - 1] for at in range(0, min(len(stream), 16 * LONGEST), LONGEST - 1)]
    plans = [chunk | state << 3 | pause << 5 for chunk, state, pause in ((7, 0, 1), (5, 1, 0), (4, 2, 1), (6, 3, 2))]
    short = [stream[at : at + 400] for at in range(0, min(len(stream), 4000), 400)]
    return [bytes((plans[index % 4],)) + piece for index, piece in enumerate([*pieces, *short])]


def alone(name: str) -> Callable[[bytes], None]:
    """The promise of a driver that has no twin: it takes anything, and gives up in its own words only."""

    def run(data: bytes) -> None:
        driver, now_ns = registry.make(name), 1_000_000_000
        driver.identify(now_ns)
        chunk = CHUNKS[data[0] & 7] if data else 1
        for at in range(1, len(data), chunk):
            now_ns += STEP_NS
            for event in driver.feed(data[at : at + chunk], now_ns):
                if isinstance(event, Identified):
                    driver.configure(Settings(), now_ns)
                elif isinstance(event, Applied):
                    driver.start(now_ns)
            try:
                driver.tick(now_ns)
            except ProbeError:
                return

    return run


def target(name: str) -> Target:
    """A driver as a target; what it needs is made when it is first run."""
    return Target(
        f"driver:{name}", _Driver(name), lambda: seeds(name) if _has_twin(name) else [], lambda: modules_of(name)
    )


class _Driver:
    def __init__(self, name: str) -> None:
        self._name = name

    @cached_property
    def _run(self) -> Callable[[bytes], None]:
        return DriverUnderFire(self._name) if _has_twin(self._name) else alone(self._name)

    def __call__(self, data: bytes) -> None:
        self._run(data)


def _has_twin(name: str) -> bool:
    try:
        factory(name)
    except ProbeError:
        return False
    return True


def modules_of(name: str) -> tuple[str, ...]:
    """The driver's own module and those of the protocol that it imports: where its words stand."""
    driver = type(registry.make(name)).__module__
    values = vars(sys.modules[driver]).values()
    used = {str(getattr(value, "__module__", None) or getattr(value, "__name__", "")) for value in values}
    return tuple(sorted({driver, *(each for each in used if each.startswith(_PROTOCOLS))}))
