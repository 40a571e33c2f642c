"""Credits: no picture is written before the terminal has said that it drew the one before.

Without this a slow terminal lags by seconds, since whatever is written waits in line. Each picture ends with a cursor
report whose column is its tag; the answer gives the credit back. A report that never comes is a time-out.

    state    event                 next
    IDLE     picture written       WAITING   (one credit, tag k)
    WAITING  report with tag k     IDLE
    WAITING  report, other tag     WAITING   (late answer to a picture that timed out)
    WAITING  0.5 s pass            IDLE      (quality goes down a step)

A terminal that went deaf, three time-outs in a row without a word, still gets pictures, one every 0.15 s: whoever
writes must then see by other means that they are taken (``Output.free``). Any report, even a late one, ends that.
"""

from __future__ import annotations

TIMEOUT_NS = 500_000_000
DEAF_PERIOD_NS = 150_000_000
_DEAF_AFTER = 3
_TAGS = range(2, 34)
_SHARE_OF_PERIOD = 0.7
_BETTER_AFTER = 60


class Pacer:
    """One credit, and the quality that the terminal keeps up with.

    Args:
        ladder: Qualities, best first.
        period_ns: Time between pictures that is aimed at.
    """

    def __init__(self, ladder: tuple[int, ...], period_ns: int) -> None:
        self._ladder = ladder
        self._period_ns = period_ns
        self._step = min(1, len(ladder) - 1)
        self._tag = 0
        self._sent_ns: int | None = None
        self._mean_ns = 0.0
        self._good = 0
        self._lost = 0
        self.timeouts = 0

    @property
    def quality(self) -> int:
        """The entry of the ladder to use now."""
        return self._ladder[self._step]

    @property
    def latency_ms(self) -> float:
        """Mean time from writing a picture to the terminal's report."""
        return self._mean_ns / 1e6

    def may_write(self, now_ns: int) -> bool:
        """Whether there is a credit; a report that is overdue counts as lost."""
        if self._sent_ns is None:
            return True
        if now_ns - self._sent_ns < (DEAF_PERIOD_NS if self._lost >= _DEAF_AFTER else TIMEOUT_NS):
            return False
        self.timeouts += 1
        self._lost += 1
        self._sent_ns = None
        self._worse()
        return True

    def written(self, now_ns: int) -> int:
        """Take the credit; the tag (a column) to ask the report for."""
        self._tag = _TAGS[(self._tag - _TAGS.start + 1) % len(_TAGS)] if self._tag else _TAGS.start
        self._sent_ns = now_ns
        return self._tag

    def reported(self, tag: int, now_ns: int) -> bool:
        """A cursor report came; True if it gives the credit back."""
        if tag in _TAGS:
            self._lost = 0
        if self._sent_ns is None or tag != self._tag:
            return False
        took = now_ns - self._sent_ns
        self._sent_ns = None
        self._mean_ns = took if not self._mean_ns else 0.8 * self._mean_ns + 0.2 * took
        self._judge()
        return True

    def _judge(self) -> None:
        limit = _SHARE_OF_PERIOD * self._period_ns
        if self._mean_ns > limit:
            self._worse()
            return
        self._good = self._good + 1 if self._mean_ns < limit / 2 else 0
        if self._good >= _BETTER_AFTER and self._step > 0:
            self._step -= 1
            self._good = 0

    def _worse(self) -> None:
        self._step = min(self._step + 1, len(self._ladder) - 1)
        self._mean_ns = 0.0
        self._good = 0
