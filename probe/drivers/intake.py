"""What comes in: whole messages out of bytes, and patience with one that gets no further. Sans-I/O."""

from __future__ import annotations

from collections.abc import Callable

from probe.driver import LinkCounters
from probe.wire import Decoder, Message

STALL_NS = 2_000_000_000


class Intake:
    """A decoder with a clock.

    Args:
        on_damaged: Given a message whose header holds and whose payload does not.
    """

    def __init__(self, on_damaged: Callable[[Message], None]) -> None:
        self._decoder = Decoder(on_damaged=on_damaged)
        self._stalled_at = 0
        self._stalled_since_ns: int | None = None

    def feed(self, data: bytes, now_ns: int) -> list[Message]:
        """Whole messages; a message that has begun and gets no further for long is abandoned."""
        decoder = self._decoder
        found = decoder.feed(data)
        done = decoder.bytes - decoder.pending
        if not decoder.pending or done != self._stalled_at or self._stalled_since_ns is None:
            self._stalled_at = done
            self._stalled_since_ns = now_ns if decoder.pending else None
        elif now_ns - self._stalled_since_ns >= STALL_NS:
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
