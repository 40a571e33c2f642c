"""The echOpen kit's one-way TCP stream: six setting bytes, then lines for ever, swept to and fro, without any marks.

There is no sync word and no CRC. What can be trusted is the law of the line numbers: 1 to N, N to 1, and so on, the
last one of a sweep being the first one of the next. A line is given out only when the two lines behind it obey the
law too; where the law breaks, the decoder looks for a place from which it holds for a dozen lines.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from probe.errors import NotUnderstood
from probe.settings import Sampling

PORT = 7538
CLOCK_MHZ = 125
SOUND_SPEED_M_S = 1480
CENTRE_HZ = 3_500_000
SETTINGS_BYTES = 6
MAX_SAMPLES = 16384
DECIMATIONS = (1, 8, 64)
RUN = 12
LAG = 2
# the kit knows the modes 0 and 1; the twin sets the highest bit, so that no practice film passes for a patient's
SIMULATED = 0x80


@dataclass(frozen=True, slots=True)
class KitSettings:
    """What the kit says when a client connects.

    Args:
        r0_mm, rf_mm: First and last depth, at 1480 m/s.
        decimation: The ADC's 125 MS/s divided by this is the sample rate: 1, 8 or 64.
        lines: Per sweep.
        sector_deg: Angle between the outermost lines.
        envelope: 8-bit envelopes instead of 16-bit RF.
        simulated: A twin speaks.
    """

    r0_mm: int
    rf_mm: int
    decimation: int
    lines: int
    sector_deg: int
    envelope: bool
    simulated: bool = False

    @classmethod
    def parse(cls, data: bytes) -> KitSettings:
        """The settings in six bytes.

        Raises:
            NotUnderstood: No kit would say so.
        """
        r0_mm, rf_mm, decimation, lines, sector_deg, mode = data[:SETTINGS_BYTES]
        possible = r0_mm < rf_mm and decimation in DECIMATIONS and lines >= 2 and 1 <= sector_deg <= 180
        if not possible or mode & ~SIMULATED > 1:
            raise NotUnderstood("The device at this address is not an echOpen kit", "Choose the probe's own address.")
        return cls(r0_mm, rf_mm, decimation, lines, sector_deg, bool(mode & 1), bool(mode & SIMULATED))

    def pack(self) -> bytes:
        """The six bytes."""
        mode = int(self.envelope) | (SIMULATED if self.simulated else 0)
        return bytes((self.r0_mm, self.rf_mm, self.decimation, self.lines, self.sector_deg, mode))

    @property
    def samples(self) -> int:
        """Samples per line, which both ends compute."""
        return min(MAX_SAMPLES, int(2 * (self.rf_mm - self.r0_mm) * CLOCK_MHZ / 1.48 / self.decimation))

    @property
    def line_bytes(self) -> int:
        """A line with its number."""
        return 1 + self.samples if self.envelope else 2 * (1 + self.samples)

    @property
    def sampling(self) -> Sampling:
        """The window in time."""
        rate_hz = CLOCK_MHZ * 1_000_000 // self.decimation
        return Sampling(self.samples, rate_hz, round(2e6 * self.r0_mm / SOUND_SPEED_M_S))


class KitLine(NamedTuple):
    """One line, with its place in the to and fro.

    Args:
        number: 1 to N.
        backward: It belongs to a sweep from N to 1.
        sweep: Counts the sweeps.
        samples: (samples,) int16 RF or uint8 envelope.
    """

    number: int
    backward: bool
    sweep: int
    samples: NDArray[np.int16] | NDArray[np.uint8]


def pack_line(settings: KitSettings, number: int, samples: NDArray[np.integer]) -> bytes:
    """The bytes of one line."""
    if settings.envelope:
        return bytes((number,)) + samples.astype(np.uint8).tobytes()
    return number.to_bytes(2, "little") + samples.astype("<i2").tobytes()


class LineDecoder:
    """Bytes behind the settings, in any chunks, to lines. Never raises, holds at most ``most_pending`` bytes.

    Args:
        settings: What the kit said.
    """

    def __init__(self, settings: KitSettings) -> None:
        self._settings = settings
        self._size = settings.line_bytes
        self._buffer = bytearray()
        self._aligned = True
        self._held: deque[tuple[int, bytes]] = deque()
        self._before: int | None = None
        self._skipped_since = 0
        self._last: KitLine | None = None
        self._sweep = -1
        self.most_pending = (RUN + LAG + 1) * self._size + 65536
        self.lines = 0
        self.breaks = 0
        self.lost_lines = 0
        self.skipped_bytes = 0

    @property
    def pending(self) -> int:
        """Bytes held back."""
        return len(self._buffer) + sum(len(data) for _, data in self._held)

    def feed(self, data: bytes) -> list[KitLine]:
        """Add received bytes; the lines that they complete and confirm."""
        found: list[KitLine] = []
        for start in range(0, len(data), 65536):
            self._buffer += data[start : start + 65536]
            while self._advance(found):
                pass
        return found

    def _advance(self, found: list[KitLine]) -> bool:
        """One line, or one search; False when more bytes are needed."""
        if not self._aligned:
            return self._search()
        if len(self._buffer) < self._size:
            return False
        number = self._number(self._buffer)
        if not self._lawful(number):
            self._break()
            return True
        self._held.append((number, bytes(self._buffer[: self._size])))
        del self._buffer[: self._size]
        if len(self._held) > LAG:
            found.append(self._release())
        return True

    def _number(self, data: bytes | bytearray) -> int:
        return data[0] if self._settings.envelope else data[0] | data[1] << 8

    def _lawful(self, number: int) -> bool:
        """Whether a line may follow those that are held; the law of ``_obeys``, for one line at a time."""
        lines = self._settings.lines
        if not 1 <= number <= lines:
            return False
        chain = [n for n in (self._before, *(n for n, _ in self._held)) if n is not None][-2:]
        if not chain:
            return True
        last = chain[-1]
        step = number - last
        if len(chain) == 2 and (before := last - chain[0]) != 0:
            at_end = last == (lines if before > 0 else 1)
            return step == (0 if at_end else before)
        if len(chain) == 2:
            return step == (1 if last == 1 else -1)
        return abs(step) == 1 or (step == 0 and last in (1, lines))

    def _break(self) -> None:
        """The law is broken: the lines that nothing confirmed are lost, and the search begins behind the first byte."""
        self.breaks += 1
        self.lost_lines += len(self._held)
        self._skip(sum(len(data) for _, data in self._held))
        self._held.clear()
        self._before, self._aligned = None, False
        del self._buffer[:1]
        self._skip(1)

    def _search(self) -> bool:
        """Go to the first place from which the law holds for a dozen lines; False when more bytes are needed."""
        wide = 1 if self._settings.envelope else 2
        places = len(self._buffer) - (RUN - 1) * self._size - wide + 1
        if places < 1:
            return False
        octets = np.frombuffer(bytes(self._buffer), dtype=np.uint8).astype(np.int32)
        numbers = octets if wide == 1 else octets[:-1] | octets[1:] << 8
        runs = np.stack([numbers[k * self._size : k * self._size + places] for k in range(RUN)])
        good = np.flatnonzero(_obeys(runs, self._settings.lines))
        first = int(good[0]) if good.size else places
        del self._buffer[:first]
        self._skip(first)
        self._aligned = bool(good.size)
        return self._aligned

    def _skip(self, count: int) -> None:
        self.skipped_bytes += count
        self._skipped_since += count

    def _release(self) -> KitLine:
        """The oldest line that is held, confirmed by those behind it."""
        (number, data), before = self._held.popleft(), self._before
        step = number - before if before is not None else self._held[0][0] - number
        last_line = self._settings.lines
        begins = step == 0 if before is not None else step != 0 and number in (1, last_line)
        backward = step < 0 if step else (number == last_line) == (before is not None)
        if begins or (before is None and not self._goes_on(number, backward)):
            self._sweep += 1
        line = KitLine(number, backward, self._sweep, self._samples(data))
        self._before, self._last, self._skipped_since = number, line, 0
        self.lines += 1
        return line

    def _samples(self, data: bytes) -> NDArray[np.int16] | NDArray[np.uint8]:
        if self._settings.envelope:
            return np.frombuffer(data, dtype=np.uint8, offset=1)
        return np.frombuffer(data, dtype="<i2", offset=2)

    def _goes_on(self, number: int, backward: bool) -> bool:
        """Behind a break: whether a line can be of the sweep before it, by its place and by the bytes between them."""
        last = self._last
        if last is None or last.backward != backward:
            return False
        ahead = last.number - number if backward else number - last.number
        return ahead > 0 and self._skipped_since < (ahead + 1) * self._size


def _obeys(runs: NDArray[np.integer], lines: int) -> NDArray[np.bool_]:
    """(places,) whether the (k, places) numbers are a piece of 1, 2 ... N, N, N-1 ... 1, 1, 2 ..."""
    ok = ((runs >= 1) & (runs <= lines)).all(axis=0)
    step = np.diff(runs, axis=0)
    ok &= (np.abs(step) <= 1).all(axis=0)
    ok &= ((step != 0) | (runs[:-1] == 1) | (runs[:-1] == lines)).all(axis=0)
    before, after = step[:-1], step[1:]
    turned = ((before == 0) & (after == 0)) | (before * after < 0)
    into = np.where(runs[1:-1] == 1, 1, -1)
    turned |= (before == 0) & (after != into)
    ok &= ~turned.any(axis=0)
    return np.asarray(ok, dtype=np.bool_)
