"""The host's side of EOP/1: requests to bytes, bytes to events. Sans-I/O; docs/reference/eop1.md is the protocol."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from probe import messages
from probe.assembly import Assembler, SweepPlan, Unwrapper
from probe.capabilities import Capabilities
from probe.driver import (
    Acknowledged,
    Applied,
    ButtonPressed,
    DeviceStatus,
    Disarmed,
    DriverEvent,
    FrameFetched,
    FrameReceived,
    Identified,
    LinkCounters,
    LinkMemory,
    Refused,
)
from probe.drivers.fetching import Fetching, Progress
from probe.drivers.grouping import Grouping
from probe.drivers.learning import Learning
from probe.drivers.pattern import PatternTest
from probe.drivers.requests import Requests, SequenceCheck
from probe.drivers.settling import Settling
from probe.errors import NotUnderstood, ProbeRefused, ProbeTimeout
from probe.frame import Provenance
from probe.intake import Intake
from probe.lines import check_lines
from probe.settings import SampleFormat, Settings
from probe.wire import HEADER_SIZE, VERSION, Flag, Header, Message, MessageType

PING_NS = 500_000_000
SILENCE_NS = 3_000_000_000
STALL_NS = 2_000_000_000

_ANSWERS = frozenset({MessageType.CAPS, MessageType.APPLIED, MessageType.ACK})
# plain numbers: an enumeration's own operators cost more than the rest of a block's header
_FETCHED = int(Flag.FETCHED)
_CAPS, _ACK, _LINES, _PATTERN = (
    int(t) for t in (MessageType.CAPS, MessageType.ACK, MessageType.LINES, MessageType.TESTPATTERN)
)


class Eop1Driver:
    """EOP/1 as a ``Driver``. One object per connection.

    Args:
        max_bytes_s: What the link is known to carry, told to the device in HELLO; None: the device's own figure.
    """

    name = "eop1"

    def __init__(self, max_bytes_s: int | None = None) -> None:
        self.counters = LinkCounters()
        self._link = Learning(max_bytes_s)
        self._pattern = PatternTest()
        self._intake = Intake(STALL_NS, on_damaged=self._pattern.heard)
        self._handlers: dict[int, Callable[[Header, messages.Body, int], Sequence[DriverEvent]]] = {
            MessageType.CAPS: self._on_caps,
            MessageType.APPLIED: self._on_applied,
            MessageType.ACK: self._on_ack,
            MessageType.STATUS: self._on_status,
            MessageType.EVENT: self._on_event,
            MessageType.FRAME_END: self._on_frame_end,
        }
        self._acknowledged: dict[str, Callable[[messages.Body, int], None]] = {
            "FETCH": self._on_fetch_coming,
            "TESTPATTERN": self._on_pattern_coming,
        }
        self._requests = Requests()
        self._sequence = SequenceCheck()
        self._fetching = Fetching()
        self._settling = Settling()
        self._grouping = Grouping()
        self._held: Settings | None = None
        self._due = b""
        self._frame_numbers = Unwrapper(32)
        self._capabilities: Capabilities | None = None
        self._sound_speed_m_s = 0
        self._session = -1
        self._assembler: Assembler | None = None
        self._streaming = False
        self._pinged_ns = 0
        self._heard_ns: int | None = None
        self._unreadable = 0
        self._complaint = ""
        self._rest_bytes = 0

    def identify(self, now_ns: int) -> bytes:
        """HELLO."""
        body: messages.Body = {"versions": [VERSION], "formats": [int(code) for code in SampleFormat]}
        if self._link.told_bytes_s is not None:
            body["max_bytes_s"] = self._link.told_bytes_s
        self._heard_ns = now_ns
        self._capabilities = None
        self._complaint = ""
        return self._requests.send(MessageType.HELLO, body, now_ns)

    def learn_link(self, memory: LinkMemory, port: str) -> None:
        """Use and keep what this probe's link at this port was found to carry."""
        self._link.attach(memory, port)

    def configure(self, settings: Settings, now_ns: int) -> bytes:
        """SET, within the probe's limits; held until these are known."""
        if self._capabilities is None:
            self._held = settings
            return b""
        return self._set(self._settling.begin(settings, self._capabilities), now_ns)

    def start(self, now_ns: int) -> bytes:
        """START, with the consent to arm the transmitter."""
        self._requests.drop(MessageType.STOP)
        return self._requests.send(MessageType.START, {"armed": True}, now_ns)

    def stop(self, now_ns: int) -> bytes:
        """STOP."""
        self._requests.drop(MessageType.START)
        return self._requests.send(MessageType.STOP, {}, now_ns)

    def fetch(self, frame_number: int, format: SampleFormat, now_ns: int) -> bytes:
        """FETCH; a second one replaces the first."""
        return self._requests.send(MessageType.FETCH, self._fetching.begin(frame_number, format), now_ns)

    def test_link(self, blocks: int, block_bytes: int, now_ns: int) -> bytes:
        """TESTPATTERN: ask for blocks of known bytes, answered by ``LinkTested``; only while nothing streams."""
        self._pattern.cancel()
        return self._requests.send(MessageType.TESTPATTERN, {"blocks": blocks, "bytes": block_bytes}, now_ns)

    def feed(self, data: bytes, now_ns: int) -> list[DriverEvent]:
        """Received bytes in, events out; with no bytes, the time-outs that are due."""
        events: list[DriverEvent] = []
        self._link.received(len(data))
        if self._intake.holds(data, now_ns):
            return events
        for message in self._intake.feed(data, now_ns):
            try:
                events.extend(self._handle(message, now_ns))
            except NotUnderstood as error:
                self._unreadable += 1
                if message.header.type in _ANSWERS:
                    self._complaint = error.title
        events.extend(self._pattern.collect(now_ns))
        self._intake.count(self.counters, self._unreadable)
        events.extend(self._give_up(now_ns))
        self._intake.expect(self._rest_bytes, now_ns)
        return events

    @property
    def wanted_bytes(self) -> int:
        """So many more bytes and the frame at hand is whole; 0 when there is none at hand."""
        return self._intake.missing

    def tick(self, now_ns: int) -> bytes:
        """Requests that are due again, and PING.

        Raises:
            ProbeTimeout: The device has been silent for too long.
            NotUnderstood: It speaks, but not EOP/1.
        """
        self._check_silence(now_ns)
        out, self._due = self._due + self._requests.resend(now_ns), b""
        if self._fetching.progress is Progress.AGAIN:
            out += self._requests.send(MessageType.FETCH, self._fetching.ask(), now_ns)
        if self._streaming and now_ns - self._pinged_ns >= PING_NS:
            self._pinged_ns = now_ns
            out += self._requests.notify(MessageType.PING)
        return out

    def _give_up(self, now_ns: int) -> list[DriverEvent]:
        lost = [asked for asked in self._requests.give_up(now_ns) if asked != MessageType.HELLO]
        if self._fetching.dried_up(now_ns):
            lost.append(MessageType.FETCH)
        if MessageType.FETCH in lost:
            self._fetching.cancel()
        if (tested := self._pattern.dried_up(now_ns)) is not None:
            return [tested]
        if not lost:
            return []
        text = f"Its answer does not hold: {self._complaint}" if self._complaint else "The probe did not answer"
        self._complaint = ""
        return [Refused(asked.name, "timeout", text) for asked in lost]

    def _check_silence(self, now_ns: int) -> None:
        if self._capabilities is None and self._complaint:
            raise NotUnderstood(f"The probe speaks EOP/1 wrongly: {self._complaint}", "Tell its maker.")
        if self._heard_ns is None or now_ns - self._heard_ns < SILENCE_NS:
            return
        if self._capabilities is not None:
            raise ProbeTimeout("The probe has stopped answering", "Check the cable, or unplug it and plug it in again.")
        if self._intake.is_foreign:
            raise NotUnderstood("The device at this address is not an EOP/1 probe", "Choose the probe's own address.")
        raise ProbeTimeout("No probe answers at this address", "Check that the probe is plugged in and switched on.")

    def _handle(self, message: Message, now_ns: int) -> Sequence[DriverEvent]:
        header = message.header
        if self._capabilities is None and header.type == _ACK:
            return self._on_greeting_refused(messages.decode(message.payload))
        if header.type != _CAPS:
            lost = self._sequence.lost_before(header.seq)
            if lost is None:
                self.counters.stale_blocks += 1
                return ()
            self.counters.lost_blocks += lost
        self._heard_ns = now_ns
        if header.type == _LINES:
            return self._on_lines(message, now_ns)
        if header.type == _PATTERN:
            self._pattern.heard(message)
            return ()
        handler = self._handlers.get(header.type)
        return handler(header, messages.decode(message.payload), now_ns) if handler else ()

    def _on_caps(self, header: Header, body: messages.Body, now_ns: int) -> list[DriverEvent]:
        capabilities = messages.read_capabilities(body, self.name)
        sound_speed = messages.integer(body, "sound_speed_m_s", 0, 10_000)
        asked = self._requests.answered(body) is not None
        if self._capabilities is None and not asked:
            return []
        self._sequence.restart(header.seq)
        if not asked:
            return []
        self._capabilities, self._sound_speed_m_s = capabilities, sound_speed
        self._fetching.cancel()
        self._pattern.cancel()
        self._grouping.clear()
        self._rest_bytes = 0
        self._assembler, self._streaming, self._session = None, False, -1
        self._link.met(capabilities)
        if self._held is not None:
            held, self._held = self._held, None
            self._due += self.configure(held, now_ns)
        return [Identified(capabilities)]

    def _on_greeting_refused(self, body: messages.Body) -> list[DriverEvent]:
        """The device cannot speak with this host; there is no CAPS to begin a sequence with."""
        if messages.text(body, "request") != "HELLO" or self._requests.answered(body) is None:
            return []
        return [Refused("HELLO", messages.text(body, "code"), messages.text(body, "text"))]

    def _on_applied(self, header: Header, body: messages.Body, now_ns: int) -> list[DriverEvent]:
        plan = self._plan(body)
        self._requests.answered(body)
        events = self._flush(now_ns)
        self._assembler, self._session = None, -1
        self._link.interrupted()
        try:
            again = self._settling.follow(plan.settings, self._known(), self._link.budget_bytes_s)
        except ProbeRefused as refusal:
            self._due += self.stop(now_ns)
            return [*events, Refused("SET", "limits", refusal.title)]
        if again is not None:
            self._due += self._set(again, now_ns)
            return events
        self._session = header.session
        self._assembler = Assembler(plan, self.counters)
        return [*events, Applied(plan.settings)]

    def _set(self, settings: Settings, now_ns: int) -> bytes:
        body, rate = messages.settings_body(settings), self._link.measured_bytes_s
        if rate is not None:
            body["max_bytes_s"] = rate
        return self._requests.send(MessageType.SET, body, now_ns)

    def _known(self) -> Capabilities:
        if self._capabilities is None:
            raise NotUnderstood("Settings came before capabilities")
        return self._capabilities

    def _plan(self, body: messages.Body) -> SweepPlan:
        caps, settings = self._known(), messages.read_applied(body)
        if settings.format is None or settings.sampling is None or settings.lines is None:
            raise NotUnderstood("The probe does not say all of its settings")
        provenance = Provenance(
            caps.model, caps.serial, caps.firmware, caps.simulated, caps.calibration, self._sound_speed_m_s
        )
        geometry = messages.read_geometry(body, settings.lines)
        return SweepPlan(settings, settings.format, settings.sampling, geometry, provenance)

    def _on_ack(self, header: Header, body: messages.Body, now_ns: int) -> list[DriverEvent]:
        name, ok = messages.text(body, "request"), messages.flag(body, "ok")
        refused = None if ok else Refused(name, messages.text(body, "code"), messages.text(body, "text"))
        if ok and name in self._acknowledged:
            self._acknowledged[name](body, now_ns)
            return []
        if self._requests.answered(body) is None:
            return []
        if refused is not None:
            return self._on_refusal(refused)
        self._streaming, self._pinged_ns = name == "START", now_ns
        self._link.interrupted()
        # the device answers STOP behind the last frame, so what is left is all that will ever come of it
        events = [] if self._streaming else self._flush(now_ns)
        return [*events, Acknowledged(name)]

    def _on_fetch_coming(self, body: messages.Body, now_ns: int) -> None:
        plan = self._plan(body)
        if self._requests.answered(body) is not None:
            self._fetching.accept(plan, now_ns)
            self._link.burst_begun(now_ns)

    def _on_pattern_coming(self, body: messages.Body, now_ns: int) -> None:
        if self._requests.answered(body) is not None:
            self._pattern.accept(body, now_ns)

    def _on_refusal(self, refused: Refused) -> list[DriverEvent]:
        if refused.request == "FETCH":
            self._fetching.cancel()
        return [refused]

    def _flush(self, now_ns: int) -> list[DriverEvent]:
        self._grouping.flush(now_ns)
        self._rest_bytes = 0
        frame = self._assembler.finish(now_ns) if self._assembler else None
        return [] if frame is None else [FrameReceived(frame)]

    def _on_lines(self, message: Message, now_ns: int) -> list[DriverEvent]:
        header, payload = message
        check_lines(header, payload)
        assembler, number = self._target(header, now_ns)
        if assembler is None:
            self.counters.stale_blocks += 1
            return []
        lines_left = header.lines_in_frame - header.line - header.lines_in_block
        self._rest_bytes = max(0, lines_left) * len(payload) // header.lines_in_block + HEADER_SIZE
        frame = self._grouping.add(message, assembler, number, now_ns)
        return [] if frame is None else [FrameReceived(frame)]

    def _on_frame_end(self, header: Header, body: messages.Body, now_ns: int) -> list[DriverEvent]:
        self._rest_bytes = 0
        dead = messages.integers(body, "dead", 0, messages.MAX_LINES)
        assembler, number = self._target(header, now_ns)
        if assembler is None:
            return []
        self._grouping.flush(now_ns)
        frame = assembler.end(number, dead, now_ns)
        if not header.flags & _FETCHED:
            return [] if frame is None else [FrameReceived(frame)]
        self._link.burst_ended(now_ns)
        whole = self._fetching.ended(frame, len(set(dead)))
        return [] if whole is None else [FrameFetched(whole)]

    def _target(self, header: Header, now_ns: int) -> tuple[Assembler | None, int]:
        """Which assembler a message belongs to and its full frame number; None when it is of another session."""
        if header.session != self._session:
            return None, 0
        if header.flags & _FETCHED:
            return self._fetching.target(header.frame_id, now_ns)
        return self._assembler, self._frame_numbers.unwrap(header.frame_id)

    def _on_status(self, header: Header, body: messages.Body, now_ns: int) -> list[DriverEvent]:
        status = DeviceStatus(
            armed=messages.flag(body, "armed"),
            dropped_frames=messages.integer(body, "dropped"),
            battery_percent=messages.optional(body, "battery_percent", messages.integer),
            temperature_c=messages.optional(body, "temperature_c", lambda b, k: messages.integer(b, k, -100, 200)),
        )
        self._link.reported(status, self._streaming, now_ns)
        return [status]

    def _on_event(self, header: Header, body: messages.Body, now_ns: int) -> list[DriverEvent]:
        event, name = messages.text(body, "event"), messages.optional(body, "name", messages.text)
        if event == "button":
            return [ButtonPressed(name or "")]
        if event != "disarmed":
            return []
        self._streaming = False
        return [Disarmed(name or "")]
