"""pic0rick with the RP2350 signal processor, protocol ``P0RK``: text commands, then a stream of A-lines.

The board boots disarmed and is armed for as long as a picture is wanted. Everything that goes to its pulser stays
inside ``LIMITS``, and what it says that it has set is checked against them too.
"""

from __future__ import annotations

from collections.abc import Callable

from probe.assembly import Unwrapper
from probe.capabilities import NOT_REPORTED, Capabilities
from probe.driver import (
    Acknowledged,
    Applied,
    DeviceStatus,
    Disarmed,
    DriverEvent,
    FrameReceived,
    Identified,
    LinkCounters,
    Refused,
)
from probe.drivers.alines import MODES, line_frame, provenance
from probe.drivers.dialogue import Command, Dialogue
from probe.drivers.pulses import CENTRES_HZ, Pulse, PulseLimits, pulse_for
from probe.errors import NotUnderstood, ProbeError, ProbeTimeout
from probe.protocols.p0rk import MAX_RATE_HZ, NAMES, RATE_HZ, SAMPLES, Decoder, Flag, Kind, Packet, counts, envelope
from probe.settings import SampleFormat, Sampling, Settings

LIMITS = PulseLimits(on_ns=(40, 500), damp_ns=(40, 20_000))
USUAL_RATE_HZ = 20
SILENCE_NS = 3_000_000_000
STALL_NS = 500_000_000
POLL_NS = 2_000_000_000
KINDS = {
    SampleFormat.ENVELOPE_U16: Kind.ENVELOPE,
    SampleFormat.ENVELOPE_U8_ALAW: Kind.ALAW,
    SampleFormat.RF_I16: Kind.RAW,
}
_SAMPLING = Sampling(SAMPLES, RATE_HZ, 0)
_DISARMED = "ERR DMA"
# purpose of a command -> how its answer begins, and the request that a refusal of it answers
_STOPPED = ("OK stream stopped", "OK stream already")
_PURPOSES: dict[str, tuple[str | tuple[str, ...], str]] = {
    "quiet": (_STOPPED, ""), "hello": ("OK board=", ""), "poll": ("OK board=", ""), "pulse": ("OK pulse=", "SET"),
    "arm": ("OK pulser armed", "START"), "start": ("OK stream started", "START"), "stop": (_STOPPED, "STOP"),
    "disarm": ("OK pulser disarmed", ""),
}  # fmt: skip


class P0rkDriver:
    """The board as a ``Driver``. One object per connection."""

    name = "p0rk"

    def __init__(self) -> None:
        self.counters = LinkCounters()
        self._decoder = Decoder()
        self._dialogue = Dialogue()
        self._due: list[DriverEvent] = []
        self._capabilities: Capabilities | None = None
        self._asked = Settings()
        self._applied: Settings | None = None
        self._streaming = False
        self._numbers = Unwrapper(32)
        self._last: int | None = None
        self._heard_ns = self._stalled_ns = 0
        self._failure: ProbeError | None = None
        self._answers: dict[str, Callable[[str, int], None]] = {
            "hello": self._on_hello,
            "poll": self._on_poll,
            "pulse": self._on_pulse,
            "start": self._on_start,
            "stop": self._on_stop,
        }

    def identify(self, now_ns: int) -> bytes:
        """Quiet a stream that an earlier host left running, then ask for the status."""
        self._heard_ns = now_ns
        self._capabilities, self._streaming = None, False
        self._dialogue.reset()
        # an empty line first: what another program typed into the port ends there
        self._dialogue.queue(Command(b"\nstream stop", "quiet"), Command(b"status", "hello"))
        return self._dialogue.due(now_ns)

    def configure(self, settings: Settings, now_ns: int) -> bytes:
        """The pulse of the frequency asked for; format and rate are given with the next start."""
        self._asked = settings
        if self._capabilities is None:
            return b""  # nothing is set on a board that nobody knows yet
        pulse, _ = pulse_for(settings, LIMITS)
        text = f"pulse config {pulse.first_ns} {pulse.damp_ns} {pulse.second_ns} neg-first"
        if self._streaming:
            self._dialogue.queue(Command(b"stream stop", "quiet"))
        self._dialogue.queue(Command(text.encode(), "pulse"))
        if self._streaming:
            self._queue_start(settings)
        return self._dialogue.due(now_ns)

    def start(self, now_ns: int) -> bytes:
        """Arm and stream."""
        self._queue_start(self._asked)
        return self._dialogue.due(now_ns)

    def stop(self, now_ns: int) -> bytes:
        """Stop the stream, which disarms the pulser: at once, whatever else is still unanswered."""
        self._dialogue.reset()
        self._dialogue.queue(Command(b"stream stop", "stop"))
        return self._dialogue.due(now_ns)

    def fetch(self, frame_number: int, format: SampleFormat, now_ns: int) -> bytes:
        """Refused: the board keeps no lines."""
        self._due.append(Refused("FETCH", "format", "This probe keeps no frames"))
        return b""

    def feed(self, data: bytes, now_ns: int) -> list[DriverEvent]:
        """Received bytes in, events out."""
        decoder = self._decoder
        found = decoder.feed(data)
        if data or not decoder.waiting:
            self._stalled_ns = now_ns
        elif now_ns - self._stalled_ns >= STALL_NS:
            found += decoder.abandon()
        for item in found:
            self._heard_ns = now_ns
            if isinstance(item, Packet):
                self._on_packet(item, now_ns)
            else:
                self._on_line(item, now_ns)
        self._give_up(now_ns)
        self._count(len(data))
        due, self._due = self._due, []
        return due

    def tick(self, now_ns: int) -> bytes:
        """The next command, or one that is due again; time-outs.

        Raises:
            ProbeTimeout: The board is silent.
            NotUnderstood: It speaks something else.
        """
        if self._failure is not None:
            raise self._failure
        if self._streaming and now_ns - self._heard_ns >= SILENCE_NS:
            raise ProbeTimeout("The probe has stopped sending", "Check the cable, or unplug it and plug it in again.")
        idle = self._capabilities is not None and not self._streaming and self._dialogue.idle
        if idle and now_ns - self._heard_ns >= POLL_NS:
            self._dialogue.queue(Command(b"status", "poll"))
        return self._dialogue.due(now_ns)

    def _queue_start(self, settings: Settings) -> None:
        _, kind, rate_hz = self._stream(settings)
        start = Command(f"stream start {NAMES[kind]} {rate_hz}".encode(), "start")
        self._dialogue.queue(Command(b"pulser arm", "arm"), start)

    @staticmethod
    def _stream(settings: Settings) -> tuple[SampleFormat, Kind, int]:
        """Format, payload and rate that are the nearest to what is asked for."""
        format = settings.format if settings.format in KINDS else next(iter(KINDS))  # noqa: A001
        kind = KINDS[format]
        wanted = round(1e6 / settings.frame_interval_us) if settings.frame_interval_us else USUAL_RATE_HZ
        return format, kind, min(max(wanted, 1), MAX_RATE_HZ[kind])

    def _count(self, received: int) -> None:
        decoder, counters = self._decoder, self.counters
        counters.bytes += received
        counters.messages = decoder.packets + decoder.lines
        counters.header_errors, counters.payload_errors = decoder.header_errors, decoder.payload_errors
        counters.skipped_bytes = decoder.skipped_bytes

    def _on_line(self, line: str, now_ns: int) -> None:
        if line.startswith(_DISARMED):
            self._streaming = False
            self._due.append(Disarmed("dma"))
            return
        asked = self._dialogue.asked
        if asked is None:
            return
        expected, request = _PURPOSES[asked.purpose]
        if line.startswith(expected):
            self._dialogue.answered()
            if (answer := self._answers.get(asked.purpose)) is not None:
                answer(line, now_ns)
        elif line.startswith("ERR") and asked.purpose != "hello":
            self._on_refusal(request, line)

    def _on_refusal(self, request: str, line: str) -> None:
        """The board said no; a start that failed half-way must not leave it armed."""
        self._dialogue.answered()
        if not request:
            return
        self._dialogue.clear()
        if request == "START":
            self._dialogue.queue(Command(b"pulser disarm", "disarm"))
        _, code, *text = [*line.split(" ", 2), "", ""]
        self._due.append(Refused(request, code, text[0]))

    def _on_hello(self, line: str, now_ns: int) -> None:
        said = _words(line)
        if said.get("board") != "pic0rick":
            self._failure = NotUnderstood("The device at this address is not a pic0rick", "Choose the probe's address.")
            return
        firmware = said.get("firmware", NOT_REPORTED)
        self._capabilities = Capabilities(
            driver=self.name, model=f"pic0rick {said.get('package', '')}".strip(), serial=NOT_REPORTED,
            firmware=firmware, simulated="twin" in firmware, modes=MODES, formats=tuple(KINDS), fetch_formats=(),
            ring_frames=0, max_lines=1, max_samples=SAMPLES,
            min_frame_interval_us=1_000_000 // max(MAX_RATE_HZ.values()), centre_hz=CENTRES_HZ, gain_db=(0, 0),
            max_pulse_rate_hz=max(MAX_RATE_HZ.values()),
        )  # fmt: skip
        self._due.append(Identified(self._capabilities))

    def _on_poll(self, line: str, now_ns: int) -> None:
        said = _words(line)
        drops = said.get("drops", "")
        self._due.append(DeviceStatus(said.get("pulser") == "armed", int(drops) if drops.isdecimal() else 0))

    def _on_pulse(self, line: str, now_ns: int) -> None:
        parts = line.removeprefix("OK pulse=").split("/")
        widths = [int(part) for part in parts[:3] if part.isdecimal() and len(part) < 10]
        if len(widths) != 3 or not LIMITS.allow(Pulse(widths[0], widths[2], widths[1])):
            self._dialogue.clear()
            self._due.append(Refused("SET", "limit", "The probe has set a pulse outside its limits"))
            return
        format, _, rate_hz = self._stream(self._asked)  # noqa: A001
        _, centre_hz = pulse_for(self._asked, LIMITS)
        self._applied = Settings(format, 1, _SAMPLING, 1_000_000 // rate_hz, 0, centre_hz, 0)
        self._due.append(Applied(self._applied))

    def _on_start(self, line: str, now_ns: int) -> None:
        self._streaming, self._last = True, None
        self._due.append(Acknowledged("START"))

    def _on_stop(self, line: str, now_ns: int) -> None:
        self._streaming = False
        self._due.append(Acknowledged("STOP"))

    def _on_packet(self, packet: Packet, now_ns: int) -> None:
        asked = self._dialogue.asked
        if asked is not None and asked.purpose == "start":
            # the board answers nothing while it streams: a line of a stream says that the answer was lost
            self._dialogue.answered()
            self._on_start("", now_ns)
        applied, capabilities = self._applied, self._capabilities
        wanted = KINDS.get(applied.format) if applied is not None and applied.format is not None else None
        if not self._streaming or applied is None or capabilities is None or packet.kind != wanted:
            self.counters.stale_blocks += 1
            return
        number = self._numbers.unwrap(packet.sequence)
        if self._last is not None and number <= self._last:
            self.counters.stale_blocks += 1
            return
        dropped = 0 if self._last is None else number - self._last - 1
        self._last = number
        raw = packet.kind == Kind.RAW
        frame = line_frame(
            number, counts(packet) if raw else envelope(packet), applied,
            provenance(capabilities, simulated=bool(packet.flags & Flag.SELF_TEST)),
            device_us=packet.timestamp_us % (1 << 62), received_ns=now_ns, dropped=dropped,
            format=SampleFormat.RF_I16 if raw else SampleFormat.ENVELOPE_U16,
        )  # fmt: skip
        self.counters.frames += 1
        self.counters.lost_blocks += dropped
        self._due.append(FrameReceived(frame))

    def _give_up(self, now_ns: int) -> None:
        lost = self._dialogue.given_up(now_ns)
        if lost is None:
            return
        request = _PURPOSES[lost.purpose][1]
        if request:
            self._dialogue.clear()
            self._due.append(Refused(request, "timeout", "The probe did not answer"))
        elif lost.purpose == "hello" and self._decoder.skipped_bytes and not self._decoder.lines:
            self._failure = NotUnderstood("The device at this address is not a pic0rick", "Choose the probe's address.")
        elif lost.purpose in ("hello", "poll"):
            self._failure = ProbeTimeout("No probe answers at this address", "Check that the probe is plugged in.")


def _words(line: str) -> dict[str, str]:
    """The ``key=value`` words of an answer, printable and short as the decoder leaves them."""
    return dict(word.split("=", 1) for word in line.split(" ") if "=" in word)
