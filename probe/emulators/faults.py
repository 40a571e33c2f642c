"""Damage on demand: faults at chosen bytes of a stream, around any Link or Device. Deterministic; for tests and doctor.

Offsets count the bytes of the undamaged stream from device to host, from 0.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np

from probe.emulators.device import Device
from probe.errors import LinkLost
from probe.link import Link

_REMEMBERED = 4096


class FaultKind(Enum):
    """What happens at an offset, to ``count`` bytes."""

    FLIP = "one bit of each byte is inverted"
    DROP = "the bytes never arrive"
    DUPLICATE = "the bytes before the offset come again"
    GARBAGE = "as many foreign bytes come in between"
    STALL = "nothing comes for count milliseconds, then all of it"
    TRUNCATE = "nothing comes any more, the link stays open"
    UNPLUG = "the link ends"


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault.

    Args:
        kind: What happens.
        at: Before which byte of the stream.
        count: To how many bytes, or for how many milliseconds.
    """

    kind: FaultKind
    at: int
    count: int = 1


def scatter(seed: int, number: int, stream_bytes: int, kinds: Sequence[FaultKind]) -> tuple[Fault, ...]:
    """Some faults of 1 to 64 bytes at random places of a stream; the same for the same seed."""
    random = np.random.default_rng(seed)
    return tuple(
        Fault(kinds[int(random.integers(len(kinds)))], int(random.integers(stream_bytes)), int(random.integers(1, 65)))
        for _ in range(number)
    )


class Injector:
    """A stream with its faults.

    Args:
        faults: In any order.
        seed: Of the foreign bytes.
    """

    def __init__(self, faults: Iterable[Fault], seed: int = 0) -> None:
        self._faults = deque(sorted(_single_bytes(faults), key=lambda fault: fault.at))
        self._random = np.random.default_rng(seed)
        self._held = bytearray()
        self._offset = 0
        self._passed = b""
        self._stalled_until_ns = 0
        self._dumb = self._unplugged = False
        self._now_ns = 0
        self._actions: dict[FaultKind, Callable[[int], bytes]] = {
            FaultKind.FLIP: self._flip,
            FaultKind.DROP: self._drop,
            FaultKind.DUPLICATE: lambda count: self._passed[-count:],
            FaultKind.GARBAGE: lambda count: self._random.bytes(count),
            FaultKind.STALL: self._stall,
            FaultKind.TRUNCATE: self._truncate,
            FaultKind.UNPLUG: self._unplug,
        }

    def pass_on(self, data: bytes, now_ns: int) -> bytes:
        """Bytes in, what is left of them out.

        Raises:
            LinkLost: The link was unplugged, and what came before that was passed on by an earlier call.
        """
        if self._unplugged:
            raise LinkLost("The probe was disconnected", "Check the cable.")
        self._held += data
        self._now_ns = now_ns
        out = bytearray()
        while self._held and not self._unplugged and now_ns >= self._stalled_until_ns:
            out += self._step()
        if self._unplugged and not out:
            raise LinkLost("The probe was disconnected", "Check the cable.")
        return bytes(out)

    def _step(self) -> bytes:
        """Up to the next fault, or the fault itself."""
        if self._dumb:
            self._consume(len(self._held))
            return b""
        if self._faults and self._faults[0].at <= self._offset:
            fault = self._faults.popleft()
            return self._actions[fault.kind](fault.count)
        whole = len(self._held)
        part = self._consume(min(whole, self._faults[0].at - self._offset) if self._faults else whole)
        self._passed = (self._passed + part)[-_REMEMBERED:]
        return part

    def _consume(self, count: int) -> bytes:
        part = bytes(self._held[:count])
        del self._held[:count]
        self._offset += len(part)
        return part

    def _flip(self, count: int) -> bytes:
        return bytes(byte ^ 1 << self._offset % 8 for byte in self._consume(count))

    def _drop(self, count: int) -> bytes:
        self._consume(count)
        return b""

    def _stall(self, milliseconds: int) -> bytes:
        self._stalled_until_ns = self._now_ns + milliseconds * 1_000_000
        return b""

    def _truncate(self, count: int) -> bytes:
        self._dumb = True
        return b""

    def _unplug(self, count: int) -> bytes:
        self._unplugged = True
        return b""


class FaultyDevice:
    """A device whose bytes to the host suffer; for a pseudo-terminal or a memory link."""

    def __init__(self, device: Device, faults: Iterable[Fault], seed: int = 0) -> None:
        self._device = device
        self._injector = Injector(faults, seed)

    def feed(self, data: bytes, now_ns: int) -> None:
        self._device.feed(data, now_ns)

    def poll(self, now_ns: int, room: int) -> bytes:
        """What the device sends, damaged.

        Raises:
            LinkLost: It was unplugged.
        """
        return self._injector.pass_on(self._device.poll(now_ns, room), now_ns)

    def disconnect(self, now_ns: int) -> None:
        self._device.disconnect(now_ns)


class FaultyLink:
    """A link whose bytes suffer in both directions, and come in chunks of a chosen size.

    Args:
        link: The real one.
        clock: Monotonic nanoseconds, for stalls.
        received: Faults of the bytes from the device.
        sent: Faults of the bytes to the device.
        chunk: Most bytes that one read returns; None leaves them as they come.
    """

    def __init__(
        self,
        link: Link,
        clock: Callable[[], int],
        received: Iterable[Fault] = (),
        sent: Iterable[Fault] = (),
        chunk: int | None = None,
    ) -> None:
        self._link = link
        self._clock = clock
        self._received = Injector(received)
        self._sent = Injector(sent, seed=1)
        self._chunk = chunk
        self._left = b""

    @property
    def name(self) -> str:
        """The name of the link inside."""
        return self._link.name

    def read(self, timeout_s: float) -> bytes:
        """As ``Link.read``, damaged.

        Raises:
            LinkLost: As the link inside, or by a fault.
        """
        if not self._left:
            self._left = self._received.pass_on(self._link.read(timeout_s), self._clock())
        count = len(self._left) if self._chunk is None else self._chunk
        part, self._left = self._left[:count], self._left[count:]
        return part

    def write(self, data: bytes) -> None:
        """As ``Link.write``, damaged.

        Raises:
            LinkLost: As the link inside, or by a fault.
        """
        self._link.write(self._sent.pass_on(data, self._clock()))

    def close(self) -> None:
        self._link.close()


def _single_bytes(faults: Iterable[Fault]) -> Iterable[Fault]:
    """Faults that eat bytes, one byte each: so they never have to wait for bytes to eat."""
    for fault in faults:
        if fault.kind in (FaultKind.FLIP, FaultKind.DROP):
            yield from (Fault(fault.kind, fault.at + i) for i in range(fault.count))
        else:
            yield fault
