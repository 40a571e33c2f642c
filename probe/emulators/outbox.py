"""What a device still has to send: messages in order, numbered when they go out, frames dropped only whole."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from probe.wire import Message, pack

MOST_WAITING = 4096
_SEQ = 1 << 32


@dataclass(frozen=True, slots=True)
class _Entry:
    content: Message | bytes
    frame: int | None
    fetched: bool


class Outbox:
    """A queue of messages. A message gets its number when its first byte leaves, so dropping leaves no gap."""

    def __init__(self) -> None:
        self._entries: deque[_Entry] = deque()
        self._leaving = b""
        self._leaving_frame: int | None = None
        self._seq = 0

    def push(self, content: Message | bytes, frame: int | None = None, fetched: bool = False) -> None:
        """Queue a message, or plain bytes for the text line.

        Args:
            content: What to send.
            frame: The frame that it is part of, if any.
            fetched: The frame is an answer to FETCH.
        """
        if len(self._entries) < MOST_WAITING:
            self._entries.append(_Entry(content, frame, fetched))

    def take(self, room: int) -> bytes:
        """The next bytes, at most ``room``."""
        parts: list[bytes] = []
        while room > 0 and (self._leaving or self._entries):
            if not self._leaving:
                self._begin(self._entries.popleft())
            part, self._leaving = self._leaving[:room], self._leaving[room:]
            room -= len(part)
            parts.append(part)
        return b"".join(parts)

    def live_waiting(self) -> int:
        """Live frames that have not been sent to their end."""
        return len({e.frame for e in self._entries if e.frame is not None and not e.fetched})

    def drop_live(self) -> int:
        """Forget the live frames that have not begun to leave; how many they were."""
        begun = self._leaving_frame
        dropped = {e.frame for e in self._entries if e.frame is not None and not e.fetched and e.frame != begun}
        self._entries = deque(e for e in self._entries if e.fetched or e.frame is None or e.frame == begun)
        return len(dropped)

    def drop_fetched(self) -> None:
        """Forget the answer to a FETCH, also one that has begun to leave."""
        self._entries = deque(e for e in self._entries if not e.fetched)

    def restart(self) -> None:
        """Forget everything but the rest of the message that is leaving, and number from 0 again."""
        self._entries.clear()
        self._leaving_frame = None
        self._seq = 0

    def clear(self) -> None:
        """The other end is gone: forget everything."""
        self.restart()
        self._leaving = b""

    def _begin(self, entry: _Entry) -> None:
        if not entry.fetched and entry.frame is not None:
            self._leaving_frame = entry.frame
        if isinstance(entry.content, bytes):
            self._leaving = entry.content
            return
        header, payload = entry.content
        self._leaving = pack(Message(header._replace(seq=self._seq), payload))
        self._seq = (self._seq + 1) % _SEQ
