"""A TESTPATTERN on its way: the link's bit errors, counted against a ramp that both sides know. Sans-I/O."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from probe import messages
from probe.driver import LinkTested
from probe.pattern import MOST_BLOCKS, ramp
from probe.wire import Message, MessageType

DRY_NS = 1_500_000_000
# so many wrong bytes in a row were not damaged but shifted: bytes before them are missing
_SLIPPED_BYTES = 16
# bytes that come within one or two reads say nothing of the link's rate
_LEAST_NS = 50_000_000


class PatternTest:
    """At most one test at a time."""

    def __init__(self) -> None:
        self._blocks = self._block_bytes = 0
        self._seen: set[int] = set()
        self._damaged = self._bit_errors = 0
        self._begun_ns = self._heard_ns = 0
        self._waiting: list[Message] = []

    def accept(self, body: messages.Body, now_ns: int) -> None:
        """The device said what it will send.

        Raises:
            NotUnderstood: It did not.
        """
        blocks = messages.integer(body, "blocks", 1, MOST_BLOCKS)
        self._block_bytes = messages.integer(body, "bytes", 1, 65536)
        self._blocks, self._seen = blocks, set()
        self._damaged = self._bit_errors = 0
        self._begun_ns = self._heard_ns = now_ns

    def cancel(self) -> None:
        """Expect no more."""
        self._blocks = 0
        self._waiting.clear()

    def damaged(self, message: Message) -> None:
        """A message whose payload does not hold: if it is of the pattern, its wrong bits can be counted."""
        if self._blocks and message.header.type == MessageType.TESTPATTERN:
            self._waiting.append(message)

    def collect(self, whole: Sequence[Message], now_ns: int) -> list[LinkTested]:
        """Blocks that came, and the damaged ones before them; the result when the last is among them."""
        if not self._waiting and not whole:
            return []
        blocks, self._waiting = [*self._waiting, *whole], []
        results = [self._take(header.frame_id, payload, now_ns) for header, payload in blocks]
        return [result for result in results if result is not None]

    def _take(self, index: int, payload: bytes, now_ns: int) -> LinkTested | None:
        if not self._blocks or index in self._seen or index >= self._blocks or len(payload) != self._block_bytes:
            return None
        known = np.frombuffer(ramp(index, len(payload)), dtype=np.uint8)
        wrong = np.frombuffer(payload, dtype=np.uint8) ^ known
        errors = int(np.bitwise_count(wrong).sum())
        self._heard_ns = now_ns
        if errors and _longest_run(wrong) >= _SLIPPED_BYTES:
            return None
        self._seen.add(index)
        self._damaged += errors > 0
        self._bit_errors += errors
        return self._result(now_ns) if len(self._seen) == self._blocks or index == self._blocks - 1 else None

    def dried_up(self, now_ns: int) -> LinkTested | None:
        """The result when nothing has come for long: the last blocks are lost."""
        return self._result(self._heard_ns) if self._blocks and now_ns - self._heard_ns >= DRY_NS else None

    def _result(self, end_ns: int) -> LinkTested:
        carried = len(self._seen) * self._block_bytes
        took_ns = end_ns - self._begun_ns
        tested = LinkTested(
            blocks=self._blocks,
            lost=self._blocks - len(self._seen),
            damaged=self._damaged,
            bits=8 * carried,
            bit_errors=self._bit_errors,
            bytes_s=carried * 1_000_000_000 // took_ns if took_ns >= _LEAST_NS else None,
        )
        self.cancel()
        return tested


def _longest_run(wrong: NDArray[np.uint8]) -> int:
    """Most neighbouring bytes that are not zero."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], wrong != 0, [0]))))
    return int((edges[1::2] - edges[::2]).max(initial=0))
