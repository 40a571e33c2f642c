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
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from probe.emulators.resampling import to_window
from probe.emulators.shots import Shot, no_shots
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
USUAL_GAIN_DB = 13.0
_LOOK_NS = 10_000_000
_SHORTEST_NS = 3_000_000
_TICK_NS = 12.5
_TRANSFER_BYTES = 201
_USB_PACKET_BYTES = 64


class EchoSource(Protocol):
    """What the transducer sees, in ADC counts at the usual gain of 13 dB."""

    def line(self, index: int, window: Sampling, centre_hz: int) -> NDArray[np.float64]:
        """(samples,) in a window after the burst."""


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


class VesselSource:
    """A vessel of about 8 mm whose far wall beats once a second, under a transducer of WULPUS's kind.

    Args:
        seed: Chooses the noise.
        lines_per_s: How often a line is asked for.
    """

    near_mm, far_mm = 16.0, 24.0
    _SWELL_MM = 0.5
    _SOUND_SPEED_M_S = 1540
    _WALL, _TISSUE, _NOISE, _OFFSET = 700.0, 40.0, 4.0, 370.0

    def __init__(self, seed: int = 1, lines_per_s: float = 20.0) -> None:
        self._seed = seed
        self._beat = 2 * np.pi / lines_per_s
        random = np.random.default_rng(seed)
        self._specks_mm = random.uniform(3, 45, 120)
        self._specks = random.standard_normal(120)

    def far_wall_mm(self, index: int) -> float:
        """Where the far wall is when a line is shot."""
        return float(self.far_mm + self._SWELL_MM * np.sin(self._beat * index))

    def line(self, index: int, window: Sampling, centre_hz: int) -> NDArray[np.float64]:
        """The burst's ringing, tissue in front of and behind the vessel, its two walls, noise, the ADC's offset."""
        seconds = window.first_sample_ns * 1e-9 + np.arange(window.samples) / window.rate_hz
        far = self.far_wall_mm(index)
        within = (self._specks_mm > self.near_mm) & (self._specks_mm < far)
        depths = np.concatenate([[self.near_mm, far], self._specks_mm])
        sizes = np.concatenate([[self._WALL, 0.8 * self._WALL], self._TISSUE * np.where(within, 0, self._specks)])
        off = seconds[:, None] - 2e-3 * depths / self._SOUND_SPEED_M_S
        echoes = sizes * np.exp(-((off * centre_hz / 1.2) ** 2)) * np.cos(2 * np.pi * centre_hz * off)
        ringing = 2000 * np.exp(-np.maximum(seconds, 0) / 4e-6) * np.sin(2 * np.pi * centre_hz * seconds)
        noise = np.random.default_rng((self._seed, index)).standard_normal(window.samples) * self._NOISE
        counts: NDArray[np.float64] = echoes.sum(axis=1) + ringing + noise + self._OFFSET
        return counts


class AcquisitionLoop:
    """Recorded lines, over and over, in whichever window is asked for.

    Args:
        lines: Each (samples,) counts.
        sampling: When they were taken.

    Raises:
        ValueError: There are none.
    """

    def __init__(self, lines: list[NDArray[np.int16]], sampling: Sampling) -> None:
        if not lines:
            raise ValueError("a loop needs a line")
        self._lines = lines
        self._sampling = sampling

    def line(self, index: int, window: Sampling, centre_hz: int) -> NDArray[np.float64]:
        """Zero where nothing was recorded; the recorded counts where the window is the recording's."""
        counts = self._lines[index % len(self._lines)]
        own = self._sampling
        same = (own.rate_hz, own.first_sample_ns) == (window.rate_hz, window.first_sample_ns)
        whole = np.zeros(window.samples)
        if same:
            whole[: min(len(counts), window.samples)] = counts[: window.samples]
        else:
            whole[:] = to_window(counts[None], own, window)[0]
        return whole
