"""A recorded conversation lived again: the recorded driver hears the recorded bytes at the recorded times.

What the host asked then is asked again at its place. It stands in notes; where there are none, as in a recording of
another program, it is done as every host does it: greet, set nothing, begin. Bytes that were sent without being asked
for came out of ``tick``, so it is called where they stand: requests keep their numbers, and their answers fit.
"""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable, Mapping

from probe import messages
from probe.driver import Applied, Driver, DriverEvent, Identified
from probe.errors import NotUnderstood, ProbeError
from probe.settings import SampleFormat, Settings
from probe.sprobe.container import Record, RecordKind, object_of

# as often as a reader looks when nothing comes; a driver counts its silences by it
LOOK_NS = 30_000_000
MOST_LOOKS = 400
_MOST_EXPECTED = 64
_LATE_NS = (0, 2_000_000, 5_000_000, 10_000_000, 20_000_000, 50_000_000, 200_000_000, 1_000_000_000)


class Reliving:
    """One conversation.

    Args:
        make: A new driver, for each time that the link was opened.
        by_custom: Pass over the notes, as if there were none.
    """

    def __init__(self, make: Callable[[], Driver], *, by_custom: bool = False) -> None:
        self._make = make
        self._by_custom = by_custom
        self._driver: Driver | None = None
        self._expected: deque[bytes] = deque(maxlen=_MOST_EXPECTED)
        self._noted = self._greeted = self._begun = False
        self._now_ns = 0
        self._kinds: dict[int, Callable[[Record], list[DriverEvent]]] = {
            RecordKind.RECEIVED: self._on_received,
            RecordKind.SENT: self._on_sent,
            RecordKind.NOTE: self._on_note,
        }
        self._calls: Mapping[str, Callable[[Driver, messages.Body], bytes]] = {
            "identify": lambda driver, body: driver.identify(self._now_ns),
            "configure": lambda driver, body: driver.configure(messages.read_request(body), self._now_ns),
            "start": lambda driver, body: driver.start(self._now_ns),
            "stop": lambda driver, body: driver.stop(self._now_ns),
            "fetch": lambda driver, body: driver.fetch(
                messages.integer(body, "frame"), SampleFormat(messages.integer(body, "format", 0, 255)), self._now_ns
            ),
        }

    @property
    def driver(self) -> Driver | None:
        """The recorded driver, once the link was opened."""
        return self._driver

    def take(self, record: Record) -> list[DriverEvent]:
        """What the driver says to one record, and to the silence before it."""
        events = self._wait(record.time_ns)
        handle = self._kinds.get(record.kind)
        return events if handle is None else [*events, *handle(record)]

    def _wait(self, until_ns: int) -> list[DriverEvent]:
        """Time passes without a byte."""
        events: list[DriverEvent] = []
        for _ in range(MOST_LOOKS):
            if self._driver is None or self._now_ns + LOOK_NS >= until_ns:
                break
            self._now_ns += LOOK_NS
            events += self._hear(self._driver, b"")
        self._now_ns = max(self._now_ns, until_ns)
        return events

    def _on_received(self, record: Record) -> list[DriverEvent]:
        return self._hear(self._spoken_with(), record.payload)

    def _hear(self, driver: Driver, data: bytes) -> list[DriverEvent]:
        events = list(driver.feed(data, self._now_ns))
        if not self._noted:
            self._follow_custom(driver, events)
        return events

    def _on_sent(self, record: Record) -> list[DriverEvent]:
        driver = self._spoken_with()
        if self._expected and self._expected[0] == record.payload:
            self._expected.popleft()
            return []
        with contextlib.suppress(ProbeError):  # then the link was given up: the recording says so itself
            # the driver counted from its own reading of the clock, a little before or after the one that was recorded
            any(driver.tick(self._now_ns + late_ns) for late_ns in _LATE_NS)
        return []

    def _on_note(self, record: Record) -> list[DriverEvent]:
        body = object_of(record)
        event, text = body.get("event"), body.get("text")
        if event == "opened":
            self._open()
        call = self._calls.get(event) if isinstance(event, str) and not self._by_custom else None
        if call is None or not isinstance(text, str):
            return []
        driver = self._driver or self._open()
        self._noted = self._greeted = True
        with contextlib.suppress(NotUnderstood, ValueError):
            self._expect(call(driver, messages.decode(text.encode()) if text else {}))
        return []

    def _open(self) -> Driver:
        self._driver = self._make()
        self._expected.clear()
        self._greeted = self._begun = False
        return self._driver

    def _spoken_with(self) -> Driver:
        """The driver, which has been asked to identify the device."""
        driver = self._driver or self._open()
        if not self._greeted:
            self._greeted = True
            self._expect(driver.identify(self._now_ns))
        return driver

    def _follow_custom(self, driver: Driver, events: list[DriverEvent]) -> None:
        """Nobody wrote down what the host asked."""
        for event in events:
            if isinstance(event, Identified):
                self._expect(driver.configure(Settings(), self._now_ns))
            elif isinstance(event, Applied) and not self._begun:
                self._begun = True
                self._expect(driver.start(self._now_ns))

    def _expect(self, data: bytes) -> None:
        if data:
            self._expected.append(data)
