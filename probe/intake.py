"""What comes in: whole messages out of bytes, and patience with one that gets no further. Sans-I/O."""

from __future__ import annotations

from collections.abc import Callable

from probe.driver import LinkCounters
from probe.wire import Decoder, Message

# bytes that nothing can come of yet lie unread so long, and no more of them: a turn for each piece costs far more
HOLD_NS = 40_000_000
HOLD_BYTES = 49_152


class Intake:
    """A decoder with a clock.

    Args:
        patience_ns: How long a message that has begun may stand still before it is given up.
        on_skipped: As the decoder's.
        on_damaged: As the decoder's.
    """

    def __init__(
        self,
        patience_ns: int,
        on_skipped: Callable[[bytes], None] | None = None,
        on_damaged: Callable[[Message], None] | None = None,
    ) -> None:
        self._patience_ns = patience_ns
        self._decoder = Decoder(on_skipped, on_damaged)
        self._stalled_at = 0
        self._stalled_since_ns: int | None = None
        self._held: list[bytes] = []
        self._held_bytes = self._wanted = self._due_ns = 0

    def expect(self, count: int, now_ns: int) -> None:
        """Behind the last message, nothing comes that somebody waits for before so many bytes have."""
        self._wanted = count - self._decoder.pending
        self._due_ns = now_ns + HOLD_NS

    @property
    def missing(self) -> int:
        """Of the bytes that were expected, those that have not come."""
        return max(0, self._wanted - self._held_bytes)

    def holds(self, data: bytes, now_ns: int) -> bool:
        """Whether these bytes were laid aside: nothing can come of them yet, and the time to look is not up."""
        together = self._held_bytes + len(data)
        if not data or together >= min(self._wanted, HOLD_BYTES) or now_ns >= self._due_ns:
            return False
        self._held.append(data)
        self._held_bytes = together
        return True

    def feed(self, data: bytes, now_ns: int) -> list[Message]:
        """Whole messages, also out of what was laid aside or given up; call it with no bytes to let time pass."""
        decoder = self._decoder
        if self._held:
            data = b"".join((*self._held, data))
            self._held.clear()
        self._held_bytes = self._wanted = 0
        found = decoder.feed(data)
        done = decoder.bytes - decoder.pending
        if not decoder.pending or done != self._stalled_at or self._stalled_since_ns is None:
            self._stalled_at = done
            self._stalled_since_ns = now_ns if decoder.pending else None
        elif now_ns - self._stalled_since_ns >= self._patience_ns:
            found += decoder.abandon()
        return found

    @property
    def is_foreign(self) -> bool:
        """Bytes have come, and not one message."""
        return bool(self._decoder.bytes) and not self._decoder.messages

    def count(self, counters: LinkCounters, unreadable: int) -> None:
        """Write the totals; ``unreadable`` payloads were whole, and made no sense."""
        decoder = self._decoder
        counters.bytes, counters.messages = decoder.bytes, decoder.messages
        counters.header_errors, counters.skipped_bytes = decoder.header_errors, decoder.skipped_bytes
        counters.payload_errors = decoder.payload_errors + unreadable
