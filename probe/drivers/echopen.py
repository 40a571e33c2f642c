"""The echOpen kit over TCP port 7538: a one-way stream of lines, swept to and fro."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from probe.assembly import Assembler, SweepPlan
from probe.driver import DriverEvent, LinkCounters
from probe.drivers.listening import Listening, capabilities_of, positions_of, provenance
from probe.errors import NotUnderstood
from probe.geometry import Geometry
from probe.lines import LineBlock
from probe.protocols.echopen import (
    CENTRE_HZ,
    SETTINGS_BYTES,
    SOUND_SPEED_M_S,
    KitLine,
    KitSettings,
    LineDecoder,
)
from probe.settings import SampleFormat, Settings

MODEL = "echOpen kit"


class EchopenDriver:
    """The kit as a ``Driver``. It has no commands: it transmits as long as it is on, whatever the host does."""

    name = "echopen"

    def __init__(self) -> None:
        self.counters = LinkCounters()
        self._listening = Listening(self.counters)
        self._head = b""
        self._decoder: LineDecoder | None = None
        self._settings: KitSettings | None = None
        self._refused: NotUnderstood | None = None
        self._positions: NDArray[np.int32] = np.zeros((0, 3), dtype=np.int32)
        self._dead: list[int] = []
        self._sweep: int | None = None
        self._half_seen: int | None = None

    def identify(self, now_ns: int) -> bytes:
        """Nothing to send: the kit introduces itself to whoever connects."""
        self._listening.begin(now_ns)
        return b""

    def configure(self, settings: Settings, now_ns: int) -> bytes:
        """Nothing to send: the kit's settings are made at the kit."""
        self._listening.configure()
        return b""

    def start(self, now_ns: int) -> bytes:
        """Show what the kit sends."""
        self._sweep, self._half_seen, self._dead = None, None, []
        self._listening.switch(True)
        return b""

    def stop(self, now_ns: int) -> bytes:
        """Show no more of it."""
        self._listening.switch(False)
        return b""

    def fetch(self, frame_number: int, format: SampleFormat, now_ns: int) -> bytes:
        """Refused: the kit keeps no frames."""
        self._listening.refuse_fetch()
        return b""

    def feed(self, data: bytes, now_ns: int) -> list[DriverEvent]:
        """Received bytes in, events out."""
        lines = self._decode(data)
        self._listening.heard(data, bool(lines), now_ns)
        for line in lines:
            self._take(line, now_ns)
        return self._listening.take()

    def tick(self, now_ns: int) -> bytes:
        """Nothing to send; time-outs.

        Raises:
            ProbeTimeout: The kit has stopped sending.
            NotUnderstood: It is no kit, or its stream cannot be followed any more: connecting again begins anew.
        """
        if self._refused is not None:
            raise self._refused
        self._listening.check(now_ns, "an echOpen kit")
        return b""

    def _decode(self, data: bytes) -> list[KitLine]:
        if self._refused is not None:
            return []
        if self._decoder is None:
            self._head += data
            if len(self._head) < SETTINGS_BYTES:
                return []
            try:
                self._identified(KitSettings.parse(self._head))
            except NotUnderstood as error:
                self._refused = error
                return []
            data, self._head = self._head[SETTINGS_BYTES:], b""
        return self._lines(data)

    def _lines(self, data: bytes) -> list[KitLine]:
        decoder, counters = self._decoder, self.counters
        if decoder is None:
            return []
        found = decoder.feed(data)
        counters.messages, counters.header_errors = decoder.lines, decoder.breaks
        counters.lost_blocks, counters.skipped_bytes = decoder.lost_lines, decoder.skipped_bytes
        return found

    def _identified(self, kit: KitSettings) -> None:
        self._settings, self._decoder = kit, LineDecoder(kit)
        format = SampleFormat.ENVELOPE_U8_LINEAR if kit.envelope else SampleFormat.RF_I16  # noqa: A001
        said = capabilities_of(self.name, MODEL, kit.simulated, (format, kit.lines, kit.samples, CENTRE_HZ))
        settings = Settings(format, kit.lines, kit.sampling, 0, 0, CENTRE_HZ, 0)
        geometry = Geometry.sector(kit.lines, kit.sector_deg)
        self._positions = positions_of(geometry)
        plan = SweepPlan(settings, format, kit.sampling, geometry, provenance(said, SOUND_SPEED_M_S))
        self._listening.identified(said, settings, plan)

    def _take(self, line: KitLine, now_ns: int) -> None:
        """A line into its frame. A sweep that was under way when the picture was opened would be half a picture."""
        assembler, plan, kit = self._listening.assembler, self._listening.plan, self._settings
        if assembler is None or plan is None or kit is None:
            return
        first = kit.lines - line.number if line.backward else line.number - 1
        if self._half_seen is None:
            self._half_seen = line.sweep if first else -1
        if line.sweep == self._half_seen:
            self.counters.stale_blocks += 1
            return
        if line.sweep != self._sweep:
            self._end(assembler, now_ns)
            self._sweep = line.sweep
        place = line.number - 1
        block = LineBlock(
            line.sweep, first, kit.lines, line.backward, plan.format, plan.sampling.first_sample_ns,
            self._positions[place : place + 1], np.array([now_ns // 1000], dtype=np.int64), line.samples[None],
        )  # fmt: skip
        self._listening.deliver(assembler.add(block, now_ns))
        if line.samples.min() == line.samples.max():
            self._dead.append(first)
        if first == kit.lines - 1:
            self._end(assembler, now_ns)

    def _end(self, assembler: Assembler, now_ns: int) -> None:
        """The sweep is over: lines of one value hold no echo and are masked."""
        if self._sweep is not None:
            self._listening.deliver(assembler.end(self._sweep, self._dead, now_ns))
        self._sweep, self._dead = None, []
