"""WULPUS, a wearable with eight channels, behind its USB dongle: one packet starts it, and it sends A-lines.

The device says nothing before a configuration, and a configuration makes it transmit. So nobody can ask who is there.
``identify`` sends the packet that stops it, and what the capabilities say is what its published firmware can do; the
model is called unconfirmed. Only ``start`` sends a configuration. See docs/explanation/decisions/0150.

It has no watchdog and answers no packet: that it has stopped is known by its silence, so STOP is acknowledged when it
was silent for longer than its period, and sent again while it is not. What a driver cannot end, it says.
"""

from __future__ import annotations

from enum import Enum

from probe.capabilities import Capabilities
from probe.driver import Acknowledged, Applied, DriverEvent, FrameReceived, Identified, LinkCounters, Refused
from probe.drivers.alines import line_frame, provenance
from probe.drivers.numbering import Numbering
from probe.drivers.wulpus_offer import capabilities, settle
from probe.errors import NotUnderstood, ProbeError, ProbeRefused, ProbeTimeout
from probe.frame import Provenance
from probe.protocols.wulpus import FRAME_BYTES, NUMBER_BITS, Acquisition, Decoder, Idle, counts
from probe.protocols.wulpus_config import ALL_CHANNELS, STOP, MuxPath, WulpusConfig
from probe.settings import SampleFormat, Settings

# lines that the probe keeps while its radio is busy
RING = 35

# an unknown host may have left it at its longest period, two seconds
LONGEST_SILENCE_NS = 2_250_000_000
_TWINS_SILENCE_NS = 300_000_000
_LATE_NS = 250_000_000
_START_NS = 4_000_000_000
_STALL_NS = 500_000_000
_LOST_NS = 3_000_000_000
_TRIES = 3
_STILL_ON = ("The probe goes on transmitting although it was told to stop", "Take it off the skin and switch it off.")
_ABSENT = ("No WULPUS answers through this dongle", "Switch the probe on and hold it near the dongle.")
_GONE = ("The probe has stopped sending", "Check that it is switched on and near the dongle.")
_STRANGER = ("The device at this address is not the dongle of a WULPUS", "Choose the probe's address.")
_TWO = ("A real probe and a simulated one answer at the same address", "Close the simulation, or choose another one.")


class _Phase(Enum):
    QUIETING = "told to stop; silence will show that it has"
    IDLE = "silent"
    STARTING = "configured; its first line will show that it transmits"
    STREAMING = "transmitting"


class WulpusDriver:
    """The device as a ``Driver``. One object per connection.

    Args:
        path: Its channels. One path only: lines of several, side by side, would look like a picture and be none.
    """

    name = "wulpus"

    def __init__(self, path: MuxPath = ALL_CHANNELS) -> None:
        self.counters = LinkCounters()
        self._decoder = Decoder()
        self._due: list[DriverEvent] = []
        self._out = b""
        self._failure: ProbeError | None = None
        self._capabilities: Capabilities | None = None
        self._simulated = False
        self._usual = WulpusConfig(paths=(path,))
        self._config = self._usual
        self._applied: Settings | None = None
        self._phase = _Phase.QUIETING
        self._wanted = self._owes_stop = self._owes_start = False
        self._told_ns = self._heard_ns = self._stalled_ns = 0
        self._patience_ns = LONGEST_SILENCE_NS
        self._tries = 0
        self._numbering = Numbering(NUMBER_BITS, RING)
        self._began_us: int | None = None
        self._number = -1

    def identify(self, now_ns: int) -> bytes:
        """Stop whatever an earlier host left running; silence for longer than the longest period answers."""
        self._capabilities, self._simulated, self._heard_ns = None, False, now_ns
        self._wanted = self._owes_stop = self._owes_start = False
        return self._quieten(now_ns, LONGEST_SILENCE_NS)

    def configure(self, settings: Settings, now_ns: int) -> bytes:
        """Reckon what the device will be told; a device that transmits is stopped first, and then started again."""
        if self._capabilities is None:
            return b""  # nothing is set on a device that nobody knows yet
        patience_ns = self._period_ns() + _LATE_NS
        self._config, self._applied = settle(settings, self._usual)
        self._due.append(Applied(self._applied))
        running = self._phase in (_Phase.STARTING, _Phase.STREAMING)
        return self._quieten(now_ns, patience_ns) if running else b""

    def start(self, now_ns: int) -> bytes:
        """Configure it, which makes it transmit; acknowledged by its first line."""
        if self._applied is None:
            return b""
        if self._phase is _Phase.STREAMING:
            self._due.append(Acknowledged("START"))
            return b""
        self._wanted = self._owes_start = True
        return self._begin(now_ns) if self._phase is _Phase.IDLE else b""

    def stop(self, now_ns: int) -> bytes:
        """Stop it; acknowledged when it is silent. One more transmission may come: it looks only behind each."""
        self._wanted = self._owes_start = False
        self._owes_stop = self._capabilities is not None
        waited_ns = self._patience_ns if self._phase is _Phase.QUIETING else 0
        return self._quieten(now_ns, max(waited_ns, self._period_ns() + _LATE_NS))

    def fetch(self, frame_number: int, format: SampleFormat, now_ns: int) -> bytes:
        """Refused: the device keeps no lines."""
        self._due.append(Refused("FETCH", "format", "This probe keeps no frames"))
        return b""

    def feed(self, data: bytes, now_ns: int) -> list[DriverEvent]:
        """Received bytes in, events out."""
        decoder = self._decoder
        found = decoder.feed(data)
        if data or not decoder.waiting:
            self._stalled_ns = now_ns
        elif now_ns - self._stalled_ns >= _STALL_NS:
            found += decoder.abandon()
        for item in found:
            if isinstance(item, Idle):
                self._on_idle(item)
            else:
                self._on_line(item, now_ns)
        self._advance(now_ns)
        counters = self.counters
        counters.bytes += len(data)
        counters.messages, counters.payload_errors = decoder.lines, decoder.errors
        counters.skipped_bytes = decoder.skipped_bytes
        due, self._due = self._due, []
        return due

    def tick(self, now_ns: int) -> bytes:
        """What time has made due; before a failure is raised, the device is told to stop.

        Raises:
            ProbeTimeout: No probe answers a start, or it has fallen silent.
            ProbeRefused: It cannot be stopped, or another one answers.
            NotUnderstood: Something else is at the other end.
        """
        out, self._out = self._out, b""
        if not out and self._failure is not None:
            raise self._failure
        return out

    def _period_ns(self) -> int:
        return 1000 * self._config.period_us

    def _quieten(self, now_ns: int, patience_ns: int) -> bytes:
        self._phase, self._told_ns, self._tries, self._patience_ns = _Phase.QUIETING, now_ns, 1, patience_ns
        return STOP

    def _begin(self, now_ns: int) -> bytes:
        self._phase, self._told_ns, self._tries = _Phase.STARTING, now_ns, 1
        self._numbering, self._began_us = Numbering(NUMBER_BITS, RING), None
        return self._config.packet()

    def _fail(self, error: ProbeError) -> None:
        """Whatever is wrong, the device must not go on transmitting for nobody."""
        self._failure = self._failure or error
        self._out = STOP
        self._phase, self._wanted = _Phase.QUIETING, False

    def _advance(self, now_ns: int) -> None:
        """What time alone brings about."""
        if self._failure is not None:
            return
        told_ns = now_ns - self._told_ns
        if self._phase is _Phase.QUIETING:
            if now_ns - max(self._heard_ns, self._told_ns) >= self._patience_ns:
                self._on_silence(now_ns)
            elif self._heard_ns - self._told_ns >= self._patience_ns:
                self._again(STOP, now_ns, ProbeRefused(*_STILL_ON))
        elif self._phase is _Phase.STARTING and told_ns >= _START_NS + self._period_ns():
            self._again(self._config.packet(), now_ns, ProbeTimeout(*_ABSENT))
        elif self._phase is _Phase.STREAMING and now_ns - self._heard_ns >= _LOST_NS + 2 * self._period_ns():
            self._fail(ProbeTimeout(*_GONE))

    def _again(self, packet: bytes, now_ns: int, given_up: ProbeError) -> None:
        if self._tries >= _TRIES:
            self._fail(given_up)
        else:
            self._out, self._told_ns, self._tries = packet, now_ns, self._tries + 1

    def _on_silence(self, now_ns: int) -> None:
        self._phase = _Phase.IDLE
        if self._capabilities is None:
            self._identified()
        if self._owes_stop:
            self._owes_stop = False
            self._due.append(Acknowledged("STOP"))
        if self._wanted:
            self._out = self._begin(now_ns)

    def _identified(self) -> None:
        # the rest of a line that an earlier host did not take may come first
        if not self._decoder.lines and self._decoder.skipped_bytes > FRAME_BYTES:
            self._fail(NotUnderstood(*_STRANGER))
            return
        self._capabilities = capabilities(self.name, self._simulated)
        self._due.append(Identified(self._capabilities))

    def _on_idle(self, idle: Idle) -> None:
        """Only a twin says this after each stop, and it says that it is one."""
        if self._capabilities is None:
            self._simulated = idle.simulated
            if idle.simulated:
                self._patience_ns = _TWINS_SILENCE_NS
        elif idle.simulated != self._capabilities.simulated:
            self._fail(ProbeRefused(*_TWO))

    def _on_line(self, line: Acquisition, now_ns: int) -> None:
        due, self._heard_ns = (now_ns - self._heard_ns) // self._period_ns(), now_ns
        met, applied = self._capabilities, self._applied
        if met is not None and line.simulated != met.simulated:
            self._fail(ProbeRefused(*_TWO))
        if self._phase is _Phase.STARTING:
            self._phase = _Phase.STREAMING
        elif self._phase is _Phase.IDLE:
            # it was out of reach when an earlier host told it to stop
            self._out = self._quieten(now_ns, LONGEST_SILENCE_NS)
        if self._phase is not _Phase.STREAMING or met is None or applied is None or line.path:
            self.counters.stale_blocks += 1
            return
        if self._owes_start:
            self._owes_start = False
            self._due.append(Acknowledged("START"))
        step = self._numbering.step(line.number, due)
        if step is None:
            self.counters.header_errors += 1
        else:
            self._deliver(line, step, applied, provenance(met), now_ns)

    def _deliver(self, line: Acquisition, step: int, applied: Settings, made: Provenance, now_ns: int) -> None:
        interval_us, self._number = self._config.interval_us, self._number + step
        if self._began_us is None:
            self._began_us = now_ns // 1000 - self._number * interval_us
        frame = line_frame(
            self._number, counts(line.samples, self._config)[None], applied, made,
            device_us=self._began_us + self._number * interval_us, received_ns=now_ns, dropped=step - 1,
        )  # fmt: skip
        self.counters.frames += 1
        self.counters.lost_blocks += step - 1
        self._due.append(FrameReceived(frame))
