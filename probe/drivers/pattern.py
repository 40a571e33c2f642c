"""A TESTPATTERN on its way: the link's bit errors, counted against a ramp that both sides know. Sans-I/O."""

from __future__ import annotations

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

    def heard(self, message: Message) -> None:
        """A message, whole or with a payload that does not hold: if it is of the pattern, its wrong bits are counted.

        Not before ``collect``: damage is told while bytes are read, so it overtakes the messages beside it, also the
        device's word that the pattern is coming.
        """
        if message.header.type == MessageType.TESTPATTERN:
            self._waiting.append(message)

    def collect(self, now_ns: int) -> list[LinkTested]:
        """Count what was heard; the result when the last block is among it."""
        if not self._waiting:
            return []
        blocks, self._waiting = self._waiting, []
        last = [self._take(header.frame_id, payload, now_ns) for header, payload in blocks]
        return [self._result(now_ns)] if any(last) else []

    def _take(self, index: int, payload: bytes, now_ns: int) -> bool:
        """Count a block; whether it is the last to come."""
        if not self._blocks or index in self._seen or index >= self._blocks or len(payload) != self._block_bytes:
            return False
        known = np.frombuffer(ramp(index, len(payload)), dtype=np.uint8)
        wrong = np.frombuffer(payload, dtype=np.uint8) ^ known
        errors = int(np.bitwise_count(wrong).sum())
        self._heard_ns = now_ns
        if errors and _longest_run(wrong) >= _SLIPPED_BYTES:
            return False
        self._seen.add(index)
        self._damaged += errors > 0
        self._bit_errors += errors
        return len(self._seen) == self._blocks or index == self._blocks - 1

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
