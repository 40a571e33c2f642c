"""A driver for an imaginary probe, Tally: text over a serial line, sixteen lines to a sweep of forty degrees.

    host    device
    ?       tally 1.2 0042
    go      then, for ever: L <sweep> <line> <64 samples, two hexadecimal digits each>
    halt    halted
"""

from __future__ import annotations

import re

import numpy as np

from probe.assembly import Assembler, SweepPlan
from probe.capabilities import Capabilities
from probe.driver import Acknowledged, Applied, DriverEvent, FrameReceived, Identified, LinkCounters, Refused
from probe.errors import NotUnderstood, ProbeTimeout
from probe.frame import Provenance
from probe.geometry import Geometry
from probe.lines import LineBlock
from probe.settings import SampleFormat, Sampling, Settings

LINES, SAMPLES = 16, 64
FORMAT = SampleFormat.ENVELOPE_U8_LINEAR
# 64 samples at 1 MS/s: 49 mm at 1540 m/s
SAMPLING = Sampling(SAMPLES, 1_000_000, 0)
GEOMETRY = Geometry.sector(LINES, 40.0)
SETTINGS = Settings(FORMAT, LINES, SAMPLING, 100_000, 0, 3_500_000, 0)
LONGEST = 200
SILENCE_NS = 3_000_000_000

HELLO = re.compile(rb"tally ([\w.]{1,20}) (\w{1,20})\Z")
LINE = re.compile(rb"L (\d{1,9}) (\d{1,2}) ([0-9a-f]{128})\Z")


class TallyDriver:
    """Sans-I/O: bytes and time in, events and bytes out. It never opens, waits or raises for what a probe sends."""

    name = "tally"

    def __init__(self) -> None:
        self.counters = LinkCounters()
        self._text = bytearray()
        self._events: list[DriverEvent] = []
        self._assembler: Assembler | None = None
        self._plan: SweepPlan | None = None
        self._heard_ns: int | None = None

    # what the host wants: each returns the bytes to write

    def identify(self, now_ns: int) -> bytes:
        self._heard_ns = now_ns
        return b"halt\n?\n"

    def configure(self, settings: Settings, now_ns: int) -> bytes:
        # nothing can be chosen, so what is applied is what the probe always does
        self._events.append(Applied(SETTINGS))
        return b""

    def start(self, now_ns: int) -> bytes:
        if self._plan is not None:
            self._assembler = Assembler(self._plan, self.counters)
            self._events.append(Acknowledged("START"))
        return b"go\n"

    def stop(self, now_ns: int) -> bytes:
        self._assembler = None
        return b"halt\n"

    def fetch(self, frame_number: int, format: SampleFormat, now_ns: int) -> bytes:
        self._events.append(Refused("FETCH", "format", "Tally keeps no frames"))
        return b""

    def tick(self, now_ns: int) -> bytes:
        if self._heard_ns is not None and now_ns - self._heard_ns > SILENCE_NS:
            if self._plan is not None and self._assembler is None:
                self._heard_ns = now_ns
                return b"?\n"
            if self.counters.skipped_bytes and self._plan is None:
                raise NotUnderstood("The device at this address is not a Tally", "Choose the probe's own address.")
            raise ProbeTimeout("No probe answers at this address", "Check that the probe is plugged in.")
        return b""

    # what the probe says

    def feed(self, data: bytes, now_ns: int) -> list[DriverEvent]:
        self.counters.bytes += len(data)
        self._text += data
        *lines, rest = re.split(rb"[\r\n]+", bytes(self._text))
        # bounded: what is longer than any line of the protocol is no line of the protocol
        self._text = bytearray(rest[-LONGEST:])
        self.counters.skipped_bytes += max(0, len(rest) - LONGEST)
        for line in lines:
            self._take(line, now_ns)
        events, self._events = self._events, []
        return events

    def _take(self, text: bytes, now_ns: int) -> None:
        if hello := HELLO.search(text):
            self._heard_ns = now_ns
            if self._plan is None:
                self._identified(hello[1].decode(), hello[2].decode())
        elif text.endswith(b"halted"):
            self._heard_ns = now_ns
            if self._plan is not None:
                self._events.append(Acknowledged("STOP"))
        elif line := LINE.search(text):
            self._heard_ns = now_ns
            self._on_line(int(line[1]), int(line[2]), bytes.fromhex(line[3].decode()), now_ns)
        elif text:
            self.counters.skipped_bytes += len(text)

    def _identified(self, firmware: str, serial: str) -> None:
        self._events.append(
            Identified(
                Capabilities(
                    driver=self.name, model="Tally", serial=serial, firmware=firmware,
                    # a twin must say so: practice frames may never reach a patient's record
                    simulated=firmware.startswith("twin"), modes=("B",), formats=(FORMAT,), fetch_formats=(),
                    ring_frames=0, max_lines=LINES, max_samples=SAMPLES, min_frame_interval_us=100_000,
                    centre_hz=(3_500_000,), gain_db=(0, 0),
                )
            )
        )
        made = Provenance("Tally", serial, firmware, firmware.startswith("twin"), None, 0)
        self._plan = SweepPlan(SETTINGS, FORMAT, SAMPLING, GEOMETRY, made)

    def _on_line(self, sweep: int, line: int, samples: bytes, now_ns: int) -> None:
        self.counters.messages += 1
        if self._assembler is None or line >= LINES:
            return
        angle = GEOMETRY.angle_mdeg[line]
        block = LineBlock(
            number=sweep, first=line, lines_in_frame=LINES, backward=False, format=FORMAT, first_sample_ns=0,
            positions=np.array([[angle, 0, 0]], dtype=np.int32), time_us=np.array([now_ns // 1000]),
            samples=np.frombuffer(samples, dtype=np.uint8)[None],
        )
        # the assembler masks what never came, drops what came twice, and gives a frame out when the next one begins
        frame = self._assembler.add(block, now_ns)
        if frame is not None:
            self._events.append(FrameReceived(frame))
