"""pic0rick's shell for people, driven by a program. One shot and one dump for each A-line.

Two firmwares share it: the stock one, and that of the four-channel board, which can also read in binary.

The shell checks nothing that it is told, so every number that goes to the pulser is made here, inside ``LIMITS``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from probe.capabilities import NOT_REPORTED, Capabilities
from probe.driver import Acknowledged, Applied, DriverEvent, FrameReceived, Identified, LinkCounters, Refused
from probe.drivers.alines import MODES, line_frame, provenance
from probe.drivers.dialogue import Command, Dialogue
from probe.drivers.pulses import CENTRES_HZ, LIMITS, pulse_for
from probe.errors import NotUnderstood, ProbeError, ProbeTimeout
from probe.protocols.pic0rick import (
    ENDED,
    GREETING,
    KEPT,
    RATE_HZ,
    SEARCHED,
    TIME_OUT,
    TWIN_ANSWER,
    UNKNOWN,
    Shell,
    from_pulse,
    read_dump,
)
from probe.settings import SampleFormat, Sampling, Settings

DAC = 250
_POLL_NS = 2_000_000_000
# the firmware waits up to three seconds for its ADC
_SHOT_NS = 5_000_000_000
_READ_NS = 3_000_000_000


@dataclass(frozen=True, slots=True)
class Dialect:
    """What a firmware says in its own way.

    Args:
        name: Of the driver.
        model: Of the board.
        read: Command that gives the last line.
        parse: The counts in its reply, or None.
        kept: Samples of a line from the pulse on.
        least_interval_us: The fastest rate, as a time.
        proof: A command that only this firmware answers as the mark says; empty where the greeting is proof enough.
        mark: What its reply contains.
        route: Command that joins transmitter and receiver to the transducer; empty where they are wired.
    """

    name: str
    model: str
    read: bytes
    parse: Callable[[bytes], NDArray[np.int16] | None]
    kept: int
    least_interval_us: int
    proof: bytes = b""
    mark: bytes = b""
    route: bytes = b""


STOCK = Dialect("pic0rick", "pic0rick (stock firmware)", b"read", read_dump, KEPT, 200_000)


class Pic0rickDriver:
    """A board as a ``Driver``. One object per connection.

    Args:
        dialect: Which firmware.
    """

    def __init__(self, dialect: Dialect = STOCK) -> None:
        self.name = dialect.name
        self._dialect = dialect
        self._sampling = Sampling(dialect.kept, RATE_HZ, 0)
        self._simulated = False
        self.counters = LinkCounters()
        self._shell = Shell()
        self._dialogue = Dialogue()
        self._due: list[DriverEvent] = []
        self._capabilities: Capabilities | None = None
        self._asked = Settings()
        self._applied: Settings | None = None
        self._wanted = self._acknowledged = False
        self._next_ns = self._heard_ns = 0
        self._number = 0
        self._lost = 0
        self._failure: ProbeError | None = None
        self._answers: dict[str, Callable[[bytes, int], None]] = {
            "hello": self._on_hello,
            "proof": self._on_proof,
            "gain": self._on_gain,
            "shot": self._on_shot,
            "read": self._on_read,
            "stop": self._on_stop,
        }

    def identify(self, now_ns: int) -> bytes:
        """An empty line for a prompt, then a command that no board knows."""
        self._heard_ns = now_ns
        self._capabilities, self._wanted = None, False
        self._dialogue.reset()
        self._dialogue.queue(Command(b"", "wake"), Command(GREETING, "hello"))
        return self._dialogue.due(now_ns)

    def configure(self, settings: Settings, now_ns: int) -> bytes:
        """A fixed gain; the pulse is given with each shot."""
        self._asked = settings
        if self._capabilities is None:
            return b""  # nothing is set on a board that nobody knows yet
        if self._dialect.route:
            self._dialogue.queue(Command(self._dialect.route, "route"))
        self._dialogue.queue(Command(b"write dac %d" % DAC, "gain"))
        return self._dialogue.due(now_ns)

    def start(self, now_ns: int) -> bytes:
        """Shoot and read, again and again; acknowledged by the first shot."""
        self._wanted, self._acknowledged, self._next_ns = True, False, now_ns
        self._shoot(now_ns)
        return self._dialogue.due(now_ns)

    def stop(self, now_ns: int) -> bytes:
        """No further shot; acknowledged when the last command has ended."""
        self._wanted = False
        self._dialogue.clear()
        self._dialogue.queue(Command(b"", "stop"))
        return self._dialogue.due(now_ns)

    def fetch(self, frame_number: int, format: SampleFormat, now_ns: int) -> bytes:
        """Refused: the board keeps one line only, which has been read."""
        self._due.append(Refused("FETCH", "format", "This probe keeps no frames"))
        return b""

    def feed(self, data: bytes, now_ns: int) -> list[DriverEvent]:
        """Received bytes in, events out."""
        for reply in self._shell.feed(data):
            self._heard_ns = now_ns
            self._on_reply(reply, now_ns)
        self._give_up(now_ns)
        counters, shell = self.counters, self._shell
        counters.bytes += len(data)
        counters.messages, counters.skipped_bytes = shell.replies, shell.skipped_bytes
        due, self._due = self._due, []
        return due

    def tick(self, now_ns: int) -> bytes:
        """The next command; time-outs.

        Raises:
            ProbeTimeout: The board is silent.
            NotUnderstood: It speaks something else.
        """
        if self._failure is not None:
            raise self._failure
        if self._dialogue.idle and self._capabilities is not None:
            self._shoot(now_ns)
            if not self._wanted and now_ns - self._heard_ns >= _POLL_NS:
                self._dialogue.queue(Command(b"", "poll"))
        return self._dialogue.due(now_ns)

    def _shoot(self, now_ns: int) -> None:
        """Ask for the next line, when it is wanted and its time has come."""
        if not self._wanted or now_ns < self._next_ns or not self._dialogue.idle:
            return
        pulse, _ = pulse_for(self._asked, LIMITS)
        self._next_ns = now_ns + 1000 * self._interval_us()
        text = b"start acq %d %d %d" % (pulse.first_ns, pulse.second_ns, pulse.damp_ns)
        self._dialogue.queue(Command(text, "shot", _SHOT_NS, tries=1))

    def _on_reply(self, reply: bytes, now_ns: int) -> None:
        """The board echoes what it was told, so a reply without it answers something else."""
        asked = self._dialogue.asked
        if asked is None or asked.text not in reply:
            return
        if asked.purpose == "hello" and UNKNOWN + GREETING not in reply:
            return
        self._dialogue.answered()
        if (answer := self._answers.get(asked.purpose)) is not None:
            answer(reply, now_ns)

    def _on_hello(self, reply: bytes, now_ns: int) -> None:
        self._simulated = TWIN_ANSWER in reply
        if self._dialect.proof:
            self._dialogue.queue(Command(self._dialect.proof, "proof"))
        else:
            self._identified()

    def _on_proof(self, reply: bytes, now_ns: int) -> None:
        if self._dialect.mark in reply:
            self._identified()
        else:
            self._failure = self._stranger()

    def _stranger(self) -> NotUnderstood:
        return NotUnderstood(
            f"The device at this address is not a {self._dialect.model}", "Choose the probe's address."
        )

    def _interval_us(self) -> int:
        return max(self._asked.frame_interval_us or 0, self._dialect.least_interval_us)

    def _identified(self) -> None:
        dialect = self._dialect
        self._capabilities = Capabilities(
            driver=self.name, model=dialect.model, serial=NOT_REPORTED, firmware=NOT_REPORTED,
            simulated=self._simulated, modes=MODES, formats=(SampleFormat.RF_I16,), fetch_formats=(), ring_frames=0,
            max_lines=1, max_samples=dialect.kept, min_frame_interval_us=dialect.least_interval_us,
            centre_hz=CENTRES_HZ, gain_db=(0, 0), max_pulse_rate_hz=-(-1_000_000 // dialect.least_interval_us),
        )  # fmt: skip
        self._due.append(Identified(self._capabilities))

    def _on_gain(self, reply: bytes, now_ns: int) -> None:
        _, centre_hz = pulse_for(self._asked, LIMITS)
        self._applied = Settings(SampleFormat.RF_I16, 1, self._sampling, self._interval_us(), 0, centre_hz, 0)
        self._due.append(Applied(self._applied))

    def _on_shot(self, reply: bytes, now_ns: int) -> None:
        if not self._acknowledged and self._wanted:
            self._acknowledged = True
            self._due.append(Acknowledged("START"))
        if TIME_OUT in reply or ENDED not in reply:
            # after a time-out the buffer is partly that of an earlier shot
            self._lost += 1
            self.counters.lost_blocks += 1
        elif self._wanted:
            self._dialogue.queue(Command(self._dialect.read, "read", _READ_NS))

    def _on_read(self, reply: bytes, now_ns: int) -> None:
        adc, applied, capabilities = self._dialect.parse(reply), self._applied, self._capabilities
        if adc is None or len(adc) != self._dialect.kept + SEARCHED or applied is None or capabilities is None:
            self._lost += 1
            self.counters.payload_errors += 1
            return
        counts, seen = from_pulse(adc)
        self.counters.frames += 1
        self.counters.incomplete_frames += not seen
        dropped, self._lost = self._lost, 0
        frame = line_frame(
            self._number + dropped, counts[None], applied, provenance(capabilities), device_us=now_ns // 1000,
            received_ns=now_ns, dropped=dropped,
        )  # fmt: skip
        self._number = frame.number + 1
        self._due.append(FrameReceived(frame))

    def _on_stop(self, reply: bytes, now_ns: int) -> None:
        self._due.append(Acknowledged("STOP"))

    def _give_up(self, now_ns: int) -> None:
        lost = self._dialogue.given_up(now_ns)
        if lost is None:
            return
        if lost.purpose in ("shot", "read"):
            self._lost += 1
            self.counters.lost_blocks += 1
            self._dialogue.queue(Command(b"", "poll"))
        elif lost.purpose in ("gain", "route"):
            self._due.append(Refused("SET", "timeout", "The probe did not answer"))
        elif lost.purpose == "hello" and self._shell.replies:
            self._failure = self._stranger()
        else:
            self._failure = ProbeTimeout("No probe answers at this address", "Check that the probe is plugged in.")
