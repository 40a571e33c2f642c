"""The device's side of EOP/1, sans-I/O: a twin that behaves as a board would, down to the byte.

It boots disarmed, streams only after START with consent, disarms after 2 s without PING, keeps the RF of its last
sweeps for FETCH, never fires again to answer one, and drops whole frames when the link is behind.
docs/reference/eop1.md is the protocol.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from probe import messages
from probe.capabilities import Capabilities
from probe.emulators.live import (
    GAIN_DB,
    MIN_INTERVAL_US,
    LivePlan,
    fetch_formats,
    full_plan,
    live_formats,
    negotiate,
)
from probe.emulators.outbox import MOST_WAITING, Outbox
from probe.emulators.sensors import Sensors
from probe.emulators.source import FrameSource
from probe.emulators.sweeps import Sweep, SweepEncoder
from probe.errors import NotUnderstood
from probe.intake import Intake
from probe.pattern import MOST_BLOCKS, ramp
from probe.settings import SampleFormat, Settings
from probe.wire import MAX_PAYLOAD, SESSION_SHIFT, VERSION, Flag, Header, Message, MessageType

FIRMWARE = "twin-1"
LINK_RATE_BYTES_S = 800_000
FRAME_INTERVAL_US = 100_000
RING_FRAMES = 32
WATCHDOG_NS = 2_000_000_000
STATUS_NS = 1_000_000_000
STALL_NS = 500_000_000
MOST_LIVE_WAITING = 2
MOST_REQUEST_BYTES = 1024
MOST_PATTERN_BYTES = 8 << 20
BUTTONS = ("freeze",)
TEXT_LINES = (b"?\n", b"?\r")

Answer = messages.Body


class _Refusal(Exception):
    """A request that the device turns down: (code for programs, text for people). Never leaves this module."""


class Eop1Device:
    """An EOP/1 device that sees the frames of a source, over and over.

    Args:
        source: What the transducer would have seen.
        link_rate_bytes_s: What the device believes its link carries; live frames are made to fit 80 % of it.
        frame_interval_us: Time between frames when the host does not ask for one.
        alternating: Every other sweep goes backwards, as with an oscillating head.
        first_frame: Where the frame counter starts.
    """

    def __init__(
        self,
        source: FrameSource,
        *,
        link_rate_bytes_s: int = LINK_RATE_BYTES_S,
        frame_interval_us: int = FRAME_INTERVAL_US,
        alternating: bool = True,
        first_frame: int = 0,
    ) -> None:
        self._source = source
        self._link_rate = self._budget = link_rate_bytes_s
        self._interval_us = frame_interval_us
        self._alternating = alternating
        self._encoder = SweepEncoder(source)
        self._outbox = Outbox()
        self._ring: deque[Sweep] = deque(maxlen=RING_FRAMES)
        self._answers: dict[int, Callable[[Header, messages.Body, int], Answer | None]] = {
            MessageType.HELLO: self._on_hello,
            MessageType.SET: self._on_set,
            MessageType.START: self._on_start,
            MessageType.STOP: self._on_stop,
            MessageType.FETCH: self._on_fetch,
            MessageType.PING: self._on_ping,
            MessageType.TESTPATTERN: self._on_test_pattern,
        }
        self.sensors = Sensors()
        self._next_number = first_frame
        self._session = self._dropped = 0
        self._now_ns = self._pinged_ns = self._fire_ns = self._status_ns = 0
        self._armed = self._streaming = self._greeted = False
        self._plan: LivePlan | None = None
        self._text = b""
        self._intake = Intake(STALL_NS, on_skipped=self._on_text)

    @property
    def capabilities(self) -> Capabilities:
        """What CAPS says."""
        source = self._source
        return Capabilities(
            driver="eop1", model=source.model, serial=source.serial, firmware=FIRMWARE, simulated=True, modes=("B",),
            formats=live_formats(source), fetch_formats=fetch_formats(source), ring_frames=RING_FRAMES,
            max_lines=source.geometry.lines, max_samples=source.sampling.samples,
            min_frame_interval_us=MIN_INTERVAL_US, centre_hz=(source.centre_hz,), gain_db=GAIN_DB, buttons=BUTTONS,
            link_bytes_s=self._link_rate,
        )  # fmt: skip

    @property
    def armed(self) -> bool:
        """The transmitter may fire."""
        return self._armed

    def disconnect(self, now_ns: int) -> None:
        """The host's end closed: stop, disarm, forget what was to be sent. The ring stays."""
        self._disarm()
        self._outbox.clear()
        self._greeted = False
        self._plan = None
        self._text = b""
        self._intake = Intake(STALL_NS, on_skipped=self._on_text)

    def feed(self, data: bytes, now_ns: int) -> None:
        """Bytes from the host; damage is skipped, an unreadable request is answered with a refusal."""
        self._now_ns = now_ns
        self._watch(now_ns)
        self._obey(self._intake.feed(data, now_ns))

    def press(self, name: str = BUTTONS[0]) -> None:
        """Somebody presses a button on the probe."""
        if self._greeted:
            self._send(MessageType.EVENT, {"event": "button", "name": name})

    def poll(self, now_ns: int, room: int = 1 << 20) -> bytes:
        """Let time pass; at most ``room`` bytes for the host."""
        self._watch(now_ns)
        self._obey(self._intake.feed(b"", now_ns))
        self._fire(now_ns)
        if self._greeted and now_ns - self._status_ns >= STATUS_NS:
            self._send_status(now_ns)
        return self._outbox.take(room)

    # requests

    def _obey(self, requests: list[Message]) -> None:
        for header, payload in requests:
            answer = self._answers.get(header.type)
            if answer is not None and len(payload) <= MOST_REQUEST_BYTES:
                self._serve(header, payload, answer)

    def _serve(
        self, header: Header, payload: bytes, answer: Callable[[Header, messages.Body, int], Answer | None]
    ) -> None:
        name = MessageType(header.type).name
        try:
            if header.type != MessageType.HELLO and not self._greeted:
                raise _Refusal("hello", "HELLO comes first")
            extra = answer(header, messages.decode(payload), self._now_ns)
        except _Refusal as refusal:
            code, text = refusal.args
            self._acknowledge(header, name, {"ok": False, "code": code, "text": text})
        except NotUnderstood as error:
            self._acknowledge(header, name, {"ok": False, "code": "bad", "text": error.title})
        else:
            if extra is not None:
                self._acknowledge(header, name, {"ok": True, **extra})

    def _on_hello(self, header: Header, body: messages.Body, now_ns: int) -> None:
        if VERSION not in messages.integers(body, "versions", 0, 255):
            raise _Refusal("version", "This device speaks version 1 only")
        rate = messages.optional(body, "max_bytes_s", messages.integer)
        self._budget = min(self._link_rate, rate) if rate else self._link_rate
        self._disarm()
        self._outbox.restart()
        self._plan, self._greeted, self._status_ns, self._dropped = None, True, now_ns, 0
        caps = messages.capabilities_body(self.capabilities, self._source.sound_speed_m_s)
        caps |= {"re": header.seq, "version": VERSION, "name": "EOP/1 twin"}
        self._send(MessageType.CAPS, caps)

    def _on_set(self, header: Header, body: messages.Body, now_ns: int) -> None:
        asked = messages.read_request(body)
        rate = messages.optional(body, "max_bytes_s", messages.integer)
        if rate:
            self._budget = min(self._link_rate, rate)
        self._plan = negotiate(self._source, asked, self._budget, self._interval_us)
        self._session = (self._session + 1) % 256
        self._dropped += self._outbox.drop_live()
        self._outbox.drop_fetched()
        self._fire_ns = now_ns
        ignored = sorted(set(body) - messages.SET_KEYS)[:16]
        applied = self._described(self._plan.settings) | {"re": header.seq, "ignored": [key[:40] for key in ignored]}
        self._send(MessageType.APPLIED, applied)

    def _on_start(self, header: Header, body: messages.Body, now_ns: int) -> Answer:
        if body.get("armed") is not True:
            raise _Refusal("not_armed", "START needs the consent to arm the transmitter")
        if self._plan is None:
            raise _Refusal("no_settings", "SET comes before START")
        if (reason := self.sensors.unfit) is not None:
            raise _Refusal(reason, "The device must not transmit now")
        if not self._streaming:
            self._armed = self._streaming = True
            self._fire_ns = now_ns
        self._pinged_ns = now_ns
        return {}

    def _on_stop(self, header: Header, body: messages.Body, now_ns: int) -> Answer:
        self._disarm()
        self._dropped += self._outbox.drop_live()
        return {}

    def _on_ping(self, header: Header, body: messages.Body, now_ns: int) -> None:
        self._pinged_ns = now_ns

    def _on_fetch(self, header: Header, body: messages.Body, now_ns: int) -> None:
        frame_id = messages.integer(body, "frame", 0, 2**32 - 1)
        code = messages.integer(body, "format", 0, 255)
        if code not in fetch_formats(self._source):
            raise _Refusal("format", "This device cannot fetch that format")
        sweep = next((s for s in self._ring if s.number % 2**32 == frame_id), None)
        if sweep is None or self._plan is None:
            raise _Refusal("gone", "The frame is no longer in the device")
        self._outbox.drop_fetched()
        plan = full_plan(self._source, sweep.plan.settings, SampleFormat(code))
        self._acknowledge(header, "FETCH", {"ok": True, "frame": frame_id, **self._described(plan.settings)})
        flags = self._flags() | Flag.FETCHED
        for message in self._encoder.messages(sweep, plan, flags, self._session, self._dropped):
            self._outbox.push(message, frame=sweep.number, fetched=True)

    def _on_test_pattern(self, header: Header, body: messages.Body, now_ns: int) -> Answer | None:
        blocks = messages.integer(body, "blocks", 1, MOST_BLOCKS)
        block_bytes = messages.integer(body, "bytes", 1, MAX_PAYLOAD)
        if self._streaming:
            raise _Refusal("busy", "STOP comes before TESTPATTERN")
        blocks = min(blocks, MOST_WAITING // 2, max(1, MOST_PATTERN_BYTES // block_bytes))
        told = {"ok": True, "blocks": blocks, "bytes": block_bytes, "pattern": "ramp"}
        self._acknowledge(header, "TESTPATTERN", told)
        flags = int(self._flags()) | self._session << SESSION_SHIFT
        for index in range(blocks):
            block = Header(MessageType.TESTPATTERN, flags=flags, frame_id=index)
            self._outbox.push(Message(block, ramp(index, block_bytes)))
        return None

    # time

    def _watch(self, now_ns: int) -> None:
        """Before anything else: a PING that comes too late must not bring back a consent that is over."""
        reason = "watchdog" if now_ns - self._pinged_ns >= WATCHDOG_NS else self.sensors.unfit
        if self._armed and reason is not None:
            self._disarm()
            self._dropped += self._outbox.drop_live()
            self._send(MessageType.EVENT, {"event": "disarmed", "name": reason})
            self._send_status(now_ns)

    def _fire(self, now_ns: int) -> None:
        """Take the sweep that is due; those that were due before it and never asked for are dropped."""
        plan = self._plan
        if not self._streaming or plan is None or now_ns < self._fire_ns:
            return
        interval_ns = 1000 * (plan.settings.frame_interval_us or self._interval_us)
        late = (now_ns - self._fire_ns) // interval_ns
        due_ns = self._fire_ns + late * interval_ns
        self._fire_ns = due_ns + interval_ns
        self._dropped += late
        number = self._next_number + late
        self._next_number = number + 1
        backward = self._alternating and number % 2 == 1
        sweep = Sweep(number, number % self._source.loop, backward, due_ns // 1000, plan)
        self._ring.append(sweep)
        if self._outbox.live_waiting() >= MOST_LIVE_WAITING:
            self._dropped += 1
            return
        for message in self._encoder.messages(sweep, plan, self._flags(), self._session, self._dropped):
            self._outbox.push(message, frame=number)

    def _disarm(self) -> None:
        self._armed = self._streaming = False

    # sending

    def _flags(self) -> Flag:
        return Flag.SIMULATED | (Flag.ARMED if self._armed else Flag(0))

    def _described(self, settings: Settings) -> messages.Body:
        return messages.settings_body(settings) | {"geometry": messages.geometry_body(self._source.geometry)}

    def _acknowledge(self, header: Header, name: str, body: messages.Body) -> None:
        self._send(MessageType.ACK, {"re": header.seq, "request": name} | body)

    def _send_status(self, now_ns: int) -> None:
        self._status_ns = now_ns
        state = "streaming" if self._streaming else "idle"
        body: messages.Body = {"armed": self._armed, "dropped": self._dropped, "state": state}
        measured = {"battery_percent": self.sensors.battery_percent, "temperature_c": self.sensors.temperature_c}
        self._send(MessageType.STATUS, body | {key: value for key, value in measured.items() if value is not None})

    def _send(self, type: MessageType, body: messages.Body) -> None:
        flags = int(self._flags()) | self._session << SESSION_SHIFT
        self._outbox.push(Message(Header(type, flags=flags), messages.encode(body)))

    def _on_text(self, skipped: bytes) -> None:
        """Answer a person at a terminal; never in the middle of a stream."""
        self._text = (self._text + skipped)[-64:]
        if any(line in self._text for line in TEXT_LINES):
            self._text = b""
            if not self._streaming:
                source = self._source
                self._outbox.push(f"EOP/1 {source.model} {FIRMWARE} {source.serial}\r\n".encode("ascii", "replace"))
