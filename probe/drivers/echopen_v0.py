"""echOpen's WiFi probes V0 and V1: commands over TCP, a datagram for each line, lost and out of order as UDP has it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np

from probe.assembly import Assembler, SweepPlan
from probe.capabilities import NOT_REPORTED, Capabilities
from probe.driver import (
    Acknowledged,
    Applied,
    DeviceStatus,
    DriverEvent,
    FrameReceived,
    Identified,
    LinkCounters,
    Refused,
)
from probe.drivers.listening import positions_of, provenance
from probe.errors import NotUnderstood, ProbeTimeout
from probe.lines import LineBlock
from probe.protocols.echopen_v0 import (
    CENTRE_HZ,
    CLOCK_HZ,
    DECIMATION,
    ERRORS,
    LINES,
    SAMPLES,
    WHITE,
    Command,
    Line,
    Reply,
    State,
    WordDecoder,
    pack_words,
    read_line,
    read_reply,
)
from probe.protocols.lounger import geometry
from probe.protocols.two_channels import TCP, Unwrapper
from probe.settings import SampleFormat, Sampling, Settings

MODEL = "echOpen probe V1"
SOUND_SPEED_M_S = 1480
FORMAT = SampleFormat.ENVELOPE_U16
ANSWER_NS = 1_000_000_000
TRIES = 3
POLL_NS = 1_000_000_000
# lines of the next frame that may come before the last ones of this frame
REORDERED = 16
STALE_BEFORE_RESTART = 64
_SCALE = 65535 // WHITE
HEAD = "PROBE_V1__3_5MHZ"


class EchopenV0Driver:
    """The probe as a ``Driver``. Sampling and geometry are the constants of its application for the 3.5 MHz head."""

    name = "echopen-v0"

    def __init__(self) -> None:
        self.counters = LinkCounters()
        self._pieces = Unwrapper()
        self._words = WordDecoder()
        self._due: list[DriverEvent] = []
        self._geometry = geometry(LINES, HEAD)
        self._positions = positions_of(self._geometry)
        self._capabilities: Capabilities | None = None
        self._plan: SweepPlan | None = None
        self._assembler: Assembler | None = None
        self._asked: Command | None = None
        self._sent_ns = self._polled_ns = self._heard_ns = 0
        self._sent = 0
        self._frame: int | None = None
        self._number = 0
        self._got: set[int] = set()
        self._early: list[Line] = []
        self._stale = 0
        self._silent = False
        self._answers: dict[int, Callable[[Reply], None]] = {
            Command.STATUS: self._on_status,
            Command.SCANNING: lambda reply: self._due.append(Acknowledged("START")),
            Command.STOP_SCANNING: lambda reply: self._due.append(Acknowledged("STOP")),
        }

    def identify(self, now_ns: int) -> bytes:
        """STATUS: it names no model, but no other device answers so."""
        self._heard_ns = now_ns
        return self._ask(Command.STATUS, now_ns)

    def configure(self, settings: Settings, now_ns: int) -> bytes:
        """Nothing to send: the probe's settings cannot be changed."""
        if self._capabilities is not None:
            self._apply(SAMPLES)
        return b""

    def start(self, now_ns: int) -> bytes:
        """SCANNING."""
        self._begin()
        return self._ask(Command.SCANNING, now_ns)

    def stop(self, now_ns: int) -> bytes:
        """STOP_SCANNING, at once. The frame at hand is dropped: a frozen picture should be a whole one."""
        self._assembler = None
        return self._ask(Command.STOP_SCANNING, now_ns)

    def fetch(self, frame_number: int, format: SampleFormat, now_ns: int) -> bytes:
        """Refused: the probe keeps no frames."""
        self._due.append(Refused("FETCH", "format", "This probe keeps no frames"))
        return b""

    def feed(self, data: bytes, now_ns: int) -> list[DriverEvent]:
        """Received bytes in, events out."""
        self.counters.bytes += len(data)
        for channel, content in self._pieces.feed(data):
            self._heard_ns = now_ns
            if channel == TCP:
                for words in self._words.feed(content):
                    self._on_words(words)
            elif (line := read_line(content)) is not None:
                self.counters.messages += 1
                self._on_line(line, now_ns)
            else:
                self.counters.payload_errors += 1
        self.counters.skipped_bytes = self._pieces.skipped_bytes + self._words.skipped_bytes
        self._give_up(now_ns)
        due, self._due = self._due, []
        return due

    def tick(self, now_ns: int) -> bytes:
        """A request that is due again, or STATUS once a second.

        Raises:
            ProbeTimeout: The probe is silent.
            NotUnderstood: It speaks something else.
        """
        if self._silent and self._words.skipped_bytes and self._capabilities is None:
            raise NotUnderstood("The device at this address is not an echOpen probe", "Choose the probe's own address.")
        if self._silent:
            raise ProbeTimeout("The probe does not answer", "Check that it is switched on and its network is chosen.")
        if self._asked is not None:
            again = now_ns - self._sent_ns >= ANSWER_NS and self._sent < TRIES
            return self._send(self._asked, now_ns) if again else b""
        if self._capabilities is not None and now_ns - self._polled_ns >= POLL_NS:
            self._polled_ns = now_ns
            return self._ask(Command.STATUS, now_ns)
        return b""

    # requests

    def _ask(self, command: Command, now_ns: int) -> bytes:
        self._asked, self._sent = command, 0
        return self._send(command, now_ns)

    def _send(self, command: Command, now_ns: int) -> bytes:
        self._sent_ns, self._sent = now_ns, self._sent + 1
        return pack_words(command)

    def _give_up(self, now_ns: int) -> None:
        if self._asked is not None and self._sent >= TRIES and now_ns - self._sent_ns >= ANSWER_NS:
            self._silent = True

    def _on_words(self, words: tuple[int, ...]) -> None:
        reply = read_reply(words)
        if reply is None or reply.command not in self._answers:
            return
        if reply.command == self._asked:
            self._asked = None
        elif reply.command != Command.STATUS:
            return
        if reply.error:
            text = ERRORS.get(reply.error, f"error {reply.error}")
            request = {Command.SCANNING: "START", Command.STOP_SCANNING: "STOP"}.get(Command(reply.command), "STATUS")
            self._due.append(Refused(request, str(reply.error), text))
            return
        self._answers[reply.command](reply)

    def _on_status(self, reply: Reply) -> None:
        if len(reply.values) < 4:
            self.counters.payload_errors += 1
            return
        temperature_mc, battery, state, _, *more = reply.values
        if self._capabilities is None:
            simulated = bool(more)
            self._capabilities = Capabilities(
                driver=self.name, model=MODEL, serial=NOT_REPORTED, firmware=NOT_REPORTED, simulated=simulated,
                modes=("B",), formats=(FORMAT,), fetch_formats=(), ring_frames=0, max_lines=LINES, max_samples=SAMPLES,
                min_frame_interval_us=0, centre_hz=(CENTRE_HZ,), gain_db=(0, 0),
            )  # fmt: skip
            self._due.append(Identified(self._capabilities))
        fires = state in (State.START_OF_SCANNING, State.SCANNING, State.TEST_PATTERN)
        sensible = -100_000 <= temperature_mc <= 200_000 and 0 <= battery <= 100
        self._due.append(
            DeviceStatus(fires, 0, battery if sensible else None, temperature_mc // 1000 if sensible else None)
        )

    # lines

    def _apply(self, samples: int) -> None:
        """The settings in force; a line of another length than expected says what they really are."""
        capabilities = self._capabilities
        if capabilities is None:
            return
        sampling = Sampling(samples, round(CLOCK_HZ / DECIMATION), 0)
        settings = Settings(FORMAT, LINES, sampling, 0, 0, CENTRE_HZ, 0)
        made = provenance(capabilities, SOUND_SPEED_M_S)
        self._plan = SweepPlan(settings, FORMAT, sampling, self._geometry, made)
        self._due.append(Applied(settings))
        if self._assembler is not None:
            self._begin()

    def _begin(self) -> None:
        self._assembler = Assembler(self._plan, self.counters) if self._plan is not None else None
        self._frame, self._got, self._early, self._stale = None, set(), [], 0

    def _on_line(self, line: Line, now_ns: int) -> None:
        plan = self._plan
        if self._assembler is None or plan is None or line.line > LINES:
            self.counters.stale_blocks += 1
            return
        if len(line.samples) != plan.sampling.samples:
            if self._frame is not None:
                self.counters.stale_blocks += 1
                return
            self._apply(len(line.samples))
        if self._frame is None:
            self._frame = line.frame
        self._sort(line, now_ns)

    def _sort(self, line: Line, now_ns: int) -> None:
        """A line of this frame, of the next one, or of one that is over."""
        step = (line.frame - (self._frame or 0)) % 256
        if step == 0:
            self._stale = 0
            self._place(line, now_ns)
        elif step < 128:
            self._early.append(line)
            # this frame may still get lines, but not for ever; that one is far ahead counts when two lines say so
            agreed = step > 1 and sum(early.frame == line.frame for early in self._early) > 1
            if len(self._early) > REORDERED or agreed:
                self._go_on(now_ns)
        else:
            self.counters.stale_blocks += 1
            self._stale += 1
            if self._stale >= STALE_BEFORE_RESTART:
                # nothing but "old" lines: the probe has begun to count again
                self._finish(now_ns)
                self._frame, self._stale = line.frame, 0
                self._number += 1

    def _place(self, line: Line, now_ns: int) -> None:
        assembler, plan = self._assembler, self._plan
        if assembler is None or plan is None:
            return
        # the head sweeps from right to left
        place = LINES - line.line
        samples = (np.clip(line.samples, 0, WHITE).astype(np.uint16) * _SCALE)[None]
        block = LineBlock(
            self._number, place, LINES, False, FORMAT, 0, self._positions[place : place + 1],
            np.array([now_ns // 1000], dtype=np.int64), samples,
        )  # fmt: skip
        frame = assembler.add(block, now_ns)
        if frame is not None:
            self._due.append(FrameReceived(frame))
        self._got.add(line.line)
        if len(self._got) == LINES:
            self._finish(now_ns)
            self._next(now_ns)

    def _finish(self, now_ns: int) -> None:
        """Deliver what there is of the frame at hand."""
        frame = self._assembler.finish(now_ns) if self._assembler is not None else None
        if frame is not None:
            self._due.append(FrameReceived(frame))
        self._got = set()

    def _go_on(self, now_ns: int) -> None:
        """The lines of this frame that have not come will not come any more."""
        self._finish(now_ns)
        self._next(now_ns)

    def _next(self, now_ns: int) -> None:
        """To the next frame that has lines, or that will have some."""
        early, self._early = self._early, []
        counts = Counter((line.frame - (self._frame or 0)) % 256 for line in early)
        # a single line with a counter of its own is damage, and would end up in a later frame
        step = min((step for step, lines in counts.items() if step == 1 or lines > 1), default=1)
        self._frame = ((self._frame or 0) + step) % 256
        self._number += step
        for line in early:
            if (line.frame - self._frame) % 256 <= 1:
                self._sort(line, now_ns)
            else:
                self.counters.stale_blocks += 1
