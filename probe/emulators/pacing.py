"""A link's rate, held: bytes may pass as fast as time brings them in. The caller's clock, so tests run in no time."""

from __future__ import annotations

BURST_S = 0.02


class TokenBucket:
    """How many bytes may pass now.

    Args:
        rate_bytes_s: The link's rate.
        now_ns: The clock at the start.
    """

    def __init__(self, rate_bytes_s: int, now_ns: int) -> None:
        self._rate = rate_bytes_s
        self._most = max(64.0, rate_bytes_s * BURST_S)
        self._saved = 0.0
        self._then_ns = now_ns

    def room(self, now_ns: int) -> int:
        """Bytes that may pass now; what is not used is saved for at most 20 ms."""
        earned = max(0, now_ns - self._then_ns) * 1e-9 * self._rate
        self._saved = min(self._most, self._saved + earned)
        self._then_ns = now_ns
        return int(self._saved)

    def spend(self, count: int) -> None:
        """Some bytes have passed."""
        self._saved -= count
