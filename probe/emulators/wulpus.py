"""WULPUS and its dongle, byte for byte: packets of 68 bytes in, lines without check sum out, and no answer to anything.

What the firmware does, and the twin does too:

- The dongle counts packets by their 68 bytes. What already lies behind one overwrites its beginning.
- The probe's radio keeps the last packet and gives it again with each acquisition. The probe looks at the first byte:
  a restart ends its acquisitions behind the next one, a configuration counts only while it waits.
- It checks nothing but the first byte and that there are at most 16 paths. It has no watchdog: without a host it goes
  on. An acquisition that the dongle cannot pass on is lost; its number tells.
- While it waits, zeros pass in the place of a line. The dongle lets the first through; the twin lets one through after
  each packet that is no configuration, and marks it and every line as simulated.
"""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from probe.emulators.shots import Shot, no_shots
from probe.emulators.vessel import USUAL_GAIN_DB, EchoSource, VesselSource
from probe.protocols.wulpus import KEPT, NUMBER_BITS, START, Acquisition, pack, pack_idle
from probe.protocols.wulpus_config import (
    CRYSTAL_HZ,
    FIRST_GAIN_REGISTER,
    GAINS_DB,
    PACKET_BYTES,
    RATES_HZ,
    RESTART,
    SAMPLES,
    Registers,
    half_ticks,
)
from probe.settings import Sampling

FULL_SCALE = 2047
_LOOK_NS = 10_000_000
_SHORTEST_NS = 3_000_000
_TICK_NS = 12.5
_TRANSFER_BYTES = 201
_USB_PACKET_BYTES = 64


class WulpusDevice:
    """A probe within reach of its dongle.

    Args:
        source: What the transducer sees.
        lose_every: Every so many acquisitions one is lost on the radio; 0 never.
    """

    def __init__(self, source: EchoSource | None = None, *, lose_every: int = 0) -> None:
        self._source = source or VesselSource()
        self._lose_every = lose_every
        self._typed = bytearray()
        self._held = bytes(PACKET_BYTES)
        self._look_ns: int | None = None
        self._registers: Registers | None = None
        self._due_ns = 0
        self._number = self._index = 0
        self._leaving: deque[bytes] = deque()
        self._begun = False
        self._waiting = b""
        self.shots = no_shots()

    @property
    def running(self) -> bool:
        """It makes acquisitions."""
        return self._registers is not None

    def feed(self, data: bytes, now_ns: int) -> None:
        """What the host sends; the dongle passes on whole packets."""
        self._pass(now_ns)
        self._typed += data
        while len(self._typed) >= PACKET_BYTES:
            packet = bytes(self._typed[:PACKET_BYTES])
            del self._typed[:PACKET_BYTES]
            behind = bytes(self._typed[: _USB_PACKET_BYTES - PACKET_BYTES % _USB_PACKET_BYTES])
            self._held = behind + packet[len(behind) :]
            self._waiting = b""
            self._look_ns = now_ns + _LOOK_NS

    def poll(self, now_ns: int, room: int = 1 << 20) -> bytes:
        """Let time pass; at most ``room`` bytes for the host."""
        self._pass(now_ns)
        parts: list[bytes] = []
        while room > 0:
            if not self._leaving:
                if not self._waiting:
                    break
                self._load()
            transfer = self._leaving.popleft()
            part, rest = transfer[:room], transfer[room:]
            if rest:
                self._leaving.appendleft(rest)
            self._begun = bool(rest)
            room -= len(part)
            parts.append(part)
        return b"".join(parts)

    def disconnect(self, now_ns: int) -> None:
        """The host closed its end: the transfer under way is gone, the next host gets those behind it. It goes on."""
        self._typed.clear()
        if self._begun:
            self._leaving.popleft()
            self._begun = False

    def _load(self) -> None:
        line, self._waiting = self._waiting, b""
        head = len(START) + 1
        self._leaving.append(line[:head])
        self._leaving.extend(line[at : at + _TRANSFER_BYTES] for at in range(head, len(line), _TRANSFER_BYTES))

    def _pass(self, now_ns: int) -> None:
        if self._registers is None and self._look_ns is not None and now_ns >= self._look_ns:
            self._take_packet(self._look_ns)
        while self._registers is not None and now_ns >= self._due_ns:
            self._acquire(self._registers, now_ns)

    def _take_packet(self, at_ns: int) -> None:
        """The probe, waiting, looks at the packet that its radio holds."""
        self._look_ns = None
        self._registers = Registers.unpack(self._held)
        if self._registers is None:
            self._waiting = pack_idle(simulated=True)
        else:
            self._number, self._index, self._due_ns = 0, 0, at_ns

    def _acquire(self, registers: Registers, now_ns: int) -> None:
        period_ns = max(registers.period * 1_000_000_000 // CRYSTAL_HZ, _SHORTEST_NS)
        stopped = self._held[0] == RESTART
        # nobody asked for so long: those between were shot and lost
        late = 0 if stopped else (now_ns - self._due_ns) // period_ns
        self._number += late
        self._index += late
        self._due_ns += late * period_ns
        self._transmit(registers)
        paths = max(1, len(registers.paths))
        line = Acquisition(self._index % paths, self._number % (1 << NUMBER_BITS), True, self._sample(registers))
        self._number, self._index, self._due_ns = self._number + 1, self._index + 1, self._due_ns + period_ns
        if not self._lose_every or self._number % self._lose_every:
            self._waiting = pack(line)
        if stopped:
            self._registers, self._look_ns = None, self._due_ns - period_ns + _LOOK_NS

    def _excites(self, registers: Registers) -> bool:
        joined = any(word for word, _ in registers.paths)
        return joined and bool(registers.pulses) and half_ticks(registers.pulse_hz) != (0, 0)

    def _transmit(self, registers: Registers) -> None:
        if self._excites(registers):
            high, low = (round(_TICK_NS * ticks) for ticks in half_ticks(registers.pulse_hz))
            self.shots.append(Shot(self._due_ns, high, low, 0, registers.pulses))

    def _sample(self, registers: Registers) -> NDArray[np.int16]:
        rate_hz = RATES_HZ[min(registers.oversampling, len(RATES_HZ) - 1)]
        window = Sampling(SAMPLES, rate_hz, 200 * (registers.sampling - registers.burst))
        counts = np.zeros(SAMPLES)
        if self._excites(registers):
            gain_db = GAINS_DB[min(max(registers.gain - FIRST_GAIN_REGISTER, 0), len(GAINS_DB) - 1)]
            echoes = self._source.line(self._number, window, registers.pulse_hz)
            counts = echoes * 10 ** ((gain_db - USUAL_GAIN_DB) / 20)
        # the firmware writes its six bytes over the end, one too late: five of this line
        whole = np.clip(np.rint(counts), -FULL_SCALE - 1, FULL_SCALE).astype("<i2")
        whole[KEPT:] = 0, 0, 0
        return whole
