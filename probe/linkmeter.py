"""LinkMeter: what a link carries, learnt from the traffic there is anyway; nothing is sent for it.

A link shows its rate only while something waits behind it. That is so during the answer to a FETCH (a frame out of
memory, sent as fast as the link takes it), and over a second in which the device had to drop frames. Everything else
is ignored: a stream with pauses says nothing about the link.
"""

from __future__ import annotations

LEAST_BYTES = 32_768
LEAST_NS = 20_000_000
_WEIGHT = 0.5


class LinkMeter:
    """Sans-I/O: told of bytes and of what the protocol said, with the caller's clock.

    Args:
        known_bytes_s: What was measured before, if anything.
    """

    def __init__(self, known_bytes_s: int | None = None) -> None:
        self.bytes_s = known_bytes_s
        self._bytes = 0
        self._burst: tuple[int, int] | None = None
        self._second: tuple[int, int, int] | None = None

    def received(self, count: int) -> None:
        """Some bytes have come."""
        self._bytes += count

    def burst_begun(self, now_ns: int) -> None:
        """The device begins to send something that it has whole; the bytes until now are not part of it."""
        self._burst = (now_ns, self._bytes)

    def burst_ended(self, now_ns: int) -> bool:
        """It is sent. True when there is a new figure."""
        begun, self._burst = self._burst, None
        return begun is not None and self._measure(now_ns - begun[0], self._bytes - begun[1])

    def reported(self, dropped: int, now_ns: int) -> bool:
        """The device's count of dropped frames, about once a second. True when there is a new figure."""
        before, self._second = self._second, (now_ns, self._bytes, dropped)
        if before is None or dropped <= before[2]:
            return False
        return self._measure(now_ns - before[0], self._bytes - before[1])

    def interrupted(self) -> None:
        """The stream stopped or changed: the next report has nothing to be compared with."""
        self._burst = self._second = None

    def _measure(self, took_ns: int, count: int) -> bool:
        if took_ns < LEAST_NS or count < LEAST_BYTES:
            return False
        rate = count * 1_000_000_000 // took_ns
        self.bytes_s = rate if self.bytes_s is None else round(_WEIGHT * rate + (1 - _WEIGHT) * self.bytes_s)
        return True
