"""The driver ``recording``: a recorded probe, whatever it spoke, through the driver that was recorded with it.

The host is answered here: with the recorded capabilities, the recorded settings, the recorded frames. What it asks for
goes no further than play and stop.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace

from probe.capabilities import Capabilities
from probe.driver import (
    Acknowledged,
    Applied,
    DeviceStatus,
    Driver,
    DriverEvent,
    FrameReceived,
    Identified,
    LinkCounters,
    Refused,
)
from probe.drivers import registry
from probe.drivers.following import Following
from probe.drivers.named import named
from probe.drivers.reliving import Reliving
from probe.errors import ProbeError, ProbeTimeout, RecordingError
from probe.settings import SampleFormat, Settings
from probe.sprobe.container import Record, RecordKind, read_header
from probe.sprobe.playing import HELLO, NEXT, PLAY, STOP, RecordStream, Said

NAME = "recording"
SILENCE_NS = 3_000_000_000
STALL_NS = 500_000_000


class RecordingDriver:
    """A played recording as a ``Driver``.

    Args:
        as_recorded: Say of ``simulated`` what the recorded device said. Else it is simulated: no transducer is here
            now, and an exam on a recording must never reach the real records.
        by_custom: Pass over what was noted of the host's calls.
    """

    name = NAME

    def __init__(self, *, as_recorded: bool = False, by_custom: bool = False) -> None:
        self.counters = LinkCounters()
        self._as_recorded, self._by_custom = as_recorded, by_custom
        self._past = LinkCounters()
        self._due: list[DriverEvent] = []
        self._reliving: Reliving | None = None
        self._handlers: dict[int, Callable[[Record], None]] = {
            RecordKind.HEADER: self._on_header,
            Said.PLAYING: lambda record: self._due.append(Acknowledged("START")),
            Said.STOPPED: lambda record: self._due.append(Acknowledged("STOP")),
            Said.AGAIN: lambda record: self._on_round(),
            Said.OVER: lambda record: self._on_round(),
        }
        self._heard_ns = 0
        self._reset()

    def identify(self, now_ns: int) -> bytes:
        """From the beginning."""
        self._heard_ns = now_ns
        self._keep_counters()
        self._reset()
        return HELLO

    def configure(self, settings: Settings, now_ns: int) -> bytes:
        """Whatever is asked, the recorded settings are in force."""
        self._asked = True
        self._answer_settings()
        return b""

    def start(self, now_ns: int) -> bytes:
        """Play from where it stands."""
        self._playing = True
        return PLAY

    def stop(self, now_ns: int) -> bytes:
        """Stand still."""
        self._playing = False
        return STOP

    def fetch(self, frame_number: int, format: SampleFormat, now_ns: int) -> bytes:
        """Refused: what was not recorded is not there."""
        self._due.append(Refused("FETCH", "gone", "A recording has no other form of its frames"))
        return b""

    def feed(self, data: bytes, now_ns: int) -> list[DriverEvent]:
        """Records in, the recorded probe's events out."""
        for record in self._records(data, now_ns):
            self._heard_ns, self._pulled = now_ns, False
            handle = self._handlers.get(record.kind)
            if handle is not None:
                handle(record)
            elif self._reliving is not None and self._failure is None:
                self._relive(self._reliving, record, now_ns)
        self._count()
        due, self._due = self._due, []
        return due

    def tick(self, now_ns: int) -> bytes:
        """Until the recorded probe has said who it is and what it does, the next record.

        Raises:
            RecordingError: It holds no live picture, or is no recording.
            ProbeRefused: There is no driver for it.
            ProbeTimeout: Nothing is played at this address.
        """
        if self._failure is not None:
            raise self._failure
        ready = self._ready
        if not ready and now_ns - self._heard_ns >= SILENCE_NS:
            raise ProbeTimeout("No recording is played at this address", "Choose a recording's file.")
        if ready or self._pulled or self._reliving is None:
            return b""
        self._pulled = True
        return NEXT

    @property
    def _ready(self) -> bool:
        """The recorded probe has said who it is and what it does."""
        return self._capabilities is not None and self._applied is not None

    def _reset(self) -> None:
        self._stream = RecordStream()
        self._stalled_at = self._stalled_ns = 0
        self._due = []
        self._following = Following()
        self._make: Callable[[], Driver] | None = None
        self._reliving = None
        self._capabilities: Capabilities | None = None
        self._applied: Settings | None = None
        self._failure: ProbeError | None = None
        self._asked = self._playing = self._pulled = False

    def _records(self, data: bytes, now_ns: int) -> list[Record]:
        """Whole records; one that has begun and gets no further is given up, as its length may be damage."""
        stream = self._stream
        found = stream.feed(data)
        if not stream.pending or stream.done_bytes != self._stalled_at:
            self._stalled_at, self._stalled_ns = stream.done_bytes, now_ns
        elif now_ns - self._stalled_ns >= STALL_NS:
            found += stream.abandon()
        return found

    def _on_header(self, record: Record) -> None:
        if self._make is not None:
            return
        try:
            header = read_header(record.payload, "that is played")
            name = header.driver
            if name in ("", NAME):
                raise RecordingError("This recording has no driver", "Record the probe with its own driver.")
            registry.make(name)
        except ProbeError as error:
            self._failure = error
            return
        self._make = lambda: named(registry.make(name), header.number)
        self._reliving = Reliving(self._make, by_custom=self._by_custom)

    def _on_round(self) -> None:
        """The recording is at its end; the next round begins as the first did."""
        if self._make is None:
            return
        if not (self._following.next_round() and self._ready):
            if self._by_custom:
                self._failure = RecordingError(
                    "The recording holds no live picture", "Record a probe while it shows a picture."
                )
                return
            self._by_custom = True  # a note may have been damaged: without it, the bytes still speak
        self._keep_counters()
        self._reliving = Reliving(self._make, by_custom=self._by_custom)

    def _relive(self, reliving: Reliving, record: Record, now_ns: int) -> None:
        before = reliving.driver
        for event in reliving.take(record):
            self._pass_on(event, now_ns)
        if before is not None and reliving.driver is not before:
            self._past = _sum(self._past, before.counters)

    def _pass_on(self, event: DriverEvent, now_ns: int) -> None:
        match event:
            case Identified(capabilities) if self._capabilities is None:
                simulated = capabilities.simulated or not self._as_recorded
                self._capabilities = replace(capabilities, simulated=simulated)
                self._due.append(Identified(self._capabilities))
            case Applied(settings):
                self._applied = settings
                self._answer_settings()
            case FrameReceived(frame) if self._ready:
                simulated = frame.provenance.simulated or not self._as_recorded
                self._due.append(FrameReceived(self._following.follow(frame, simulated, now_ns)))
            case DeviceStatus():
                self._due.append(replace(event, armed=self._playing))

    def _answer_settings(self) -> None:
        """Once for each time that the host asks."""
        if self._asked and self._applied is not None:
            self._asked = False
            self._due.append(Applied(self._applied))

    def _count(self) -> None:
        driver = None if self._reliving is None else self._reliving.driver
        total = self._past if driver is None else _sum(self._past, driver.counters)
        for field in fields(LinkCounters):
            setattr(self.counters, field.name, getattr(total, field.name))

    def _keep_counters(self) -> None:
        driver = None if self._reliving is None else self._reliving.driver
        if driver is not None:
            self._past = _sum(self._past, driver.counters)


def _sum(a: LinkCounters, b: LinkCounters) -> LinkCounters:
    return LinkCounters(*(getattr(a, field.name) + getattr(b, field.name) for field in fields(LinkCounters)))
