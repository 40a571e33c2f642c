"""uProbe-1 over TCP port 5002: a one-way stream of envelope lines. Its geometry is assumed, and its model says so."""

from __future__ import annotations

import numpy as np

from probe.assembly import SweepPlan
from probe.driver import DriverEvent, LinkCounters
from probe.drivers.listening import Listening, capabilities_of, positions_of, provenance
from probe.lines import LineBlock
from probe.protocols.uprobe1 import CENTRE_HZ, LINES, LOG_RANGE_DB, SAMPLES, SAMPLING, Decoder, Record, geometry
from probe.settings import SampleFormat, Settings

MODEL = "uProbe-1 (geometry assumed)"
FORMAT = SampleFormat.ENVELOPE_U8_LOG


class Uprobe1Driver:
    """uProbe-1 as a ``Driver``. It is identified by its first line; it transmits as long as it is on."""

    name = "uprobe1"

    def __init__(self) -> None:
        self.counters = LinkCounters()
        self._listening = Listening(self.counters)
        self._decoder = Decoder()
        self._geometry = geometry()
        self._positions = positions_of(self._geometry)
        self._held: Record | None = None
        self._current: int | None = None
        self._number = 0
        self._half_seen: int | None = None

    def identify(self, now_ns: int) -> bytes:
        """Nothing to send."""
        self._listening.begin(now_ns)
        return b""

    def configure(self, settings: Settings, now_ns: int) -> bytes:
        """Nothing to send: the probe takes no settings on this port."""
        self._listening.configure()
        return b""

    def start(self, now_ns: int) -> bytes:
        """Show what the probe sends."""
        self._held = self._current = self._half_seen = None
        self._listening.switch(True)
        return b""

    def stop(self, now_ns: int) -> bytes:
        """Show no more of it."""
        self._listening.switch(False)
        return b""

    def fetch(self, frame_number: int, format: SampleFormat, now_ns: int) -> bytes:
        """Refused: the probe keeps no frames."""
        self._listening.refuse_fetch()
        return b""

    def feed(self, data: bytes, now_ns: int) -> list[DriverEvent]:
        """Received bytes in, events out."""
        records = self._decoder.feed(data)
        self._listening.heard(data, bool(records), now_ns)
        if records and self._listening.plan is None:
            self._identified(records[0])
        for record in records:
            self._take(record, now_ns)
        counters, decoder = self.counters, self._decoder
        counters.messages, counters.payload_errors = decoder.records, decoder.errors
        counters.skipped_bytes = decoder.skipped_bytes
        return self._listening.take()

    def flush(self, now_ns: int) -> list[DriverEvent]:
        """The stream has ended, as a recording does: the frame at hand, whole or not."""
        self._listening.flush(now_ns)
        return self._listening.take()

    def tick(self, now_ns: int) -> bytes:
        """Nothing to send; time-outs.

        Raises:
            ProbeTimeout: The probe has stopped sending.
            NotUnderstood: What comes is not its language.
        """
        self._listening.check(now_ns, "a uProbe-1")
        return b""

    def _identified(self, record: Record) -> None:
        said = capabilities_of(self.name, MODEL, record.simulated, (FORMAT, LINES, SAMPLES, CENTRE_HZ))
        settings = Settings(FORMAT, LINES, SAMPLING, 0, 0, CENTRE_HZ, LOG_RANGE_DB)
        plan = SweepPlan(settings, FORMAT, SAMPLING, self._geometry, provenance(said, 0))
        self._listening.identified(said, settings, plan)

    def _take(self, record: Record, now_ns: int) -> None:
        """A record has no check sum: one that begins another frame counts when the next one agrees."""
        if record.frame == self._current:
            self._held = None
            self._place(record, now_ns)
            return
        held, self._held = self._held, record
        if held is None or held.frame != record.frame or record.line <= held.line:
            self.counters.stale_blocks += held is not None
            return
        step = 1 if self._current is None else (record.frame - self._current) % 256
        # a counter that jumps back has begun again: it says nothing of frames that were lost
        self._number += step if step < 128 else 1
        if self._current is None and held.line:
            # a frame that was under way when the picture was opened would be half a picture
            self._half_seen = record.frame
        self._current, self._held = record.frame, None
        self._place(held, now_ns)
        self._place(record, now_ns)

    def _place(self, record: Record, now_ns: int) -> None:
        assembler, plan = self._listening.assembler, self._listening.plan
        if assembler is None or plan is None:
            return
        if record.frame == self._half_seen:
            self.counters.stale_blocks += 1
            return
        self._half_seen = None
        line = record.line
        block = LineBlock(
            self._number, line, LINES, False, FORMAT, SAMPLING.first_sample_ns, self._positions[line : line + 1],
            np.array([now_ns // 1000], dtype=np.int64), record.samples[None],
        )  # fmt: skip
        self._listening.deliver(assembler.add(block, now_ns))
        if line == LINES - 1:
            self._listening.deliver(assembler.end(self._number, (), now_ns))
