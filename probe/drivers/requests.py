"""Requests of the EOP/1 host: numbered, sent again while unanswered, given up after some tries. Sans-I/O."""

from __future__ import annotations

from dataclasses import dataclass, field

from probe import messages
from probe.wire import Header, Message, MessageType, pack

RESEND_NS = 1_000_000_000
TRIES = 3
SEQ_MODULUS = 1 << 32


@dataclass(slots=True)
class _Request:
    type: MessageType
    payload: bytes
    sent_ns: int
    seqs: list[int] = field(default_factory=list)


class Requests:
    """What was asked and not answered yet; at most one request of each type."""

    def __init__(self) -> None:
        self._next_seq = 0
        self._waiting: dict[MessageType, _Request] = {}

    def send(self, type: MessageType, body: messages.Body, now_ns: int) -> bytes:
        """The bytes of a new request; an older one of the same type is forgotten."""
        request = _Request(type, messages.encode(body), now_ns)
        self._waiting[type] = request
        return self._send(request, now_ns)

    def notify(self, type: MessageType) -> bytes:
        """The bytes of a message that has no answer."""
        return self._pack(type, b"")

    def drop(self, type: MessageType) -> None:
        """Wait no longer for an answer."""
        self._waiting.pop(type, None)

    def waits_for(self, type: MessageType) -> bool:
        return type in self._waiting

    def answered(self, body: messages.Body) -> MessageType | None:
        """The request that a body's ``re`` answers, no longer waited for; None when nothing waits for it.

        Raises:
            NotUnderstood: There is no valid ``re``.
        """
        re = messages.integer(body, "re", 0, SEQ_MODULUS - 1)
        request = next((r for r in self._waiting.values() if re in r.seqs), None)
        if request is None:
            return None
        del self._waiting[request.type]
        return request.type

    def resend(self, now_ns: int) -> bytes:
        """The requests that have waited long enough to be sent again."""
        if not self._waiting:
            return b""
        return b"".join(self._send(r, now_ns) for r in self._overdue(now_ns) if len(r.seqs) < TRIES)

    def give_up(self, now_ns: int) -> list[MessageType]:
        """The requests that got no answer to any try, no longer waited for."""
        if not self._waiting:
            return []
        lost = [r.type for r in self._overdue(now_ns) if len(r.seqs) >= TRIES]
        for asked in lost:
            del self._waiting[asked]
        return lost

    def _overdue(self, now_ns: int) -> list[_Request]:
        return [r for r in self._waiting.values() if now_ns - r.sent_ns >= RESEND_NS]

    def _send(self, request: _Request, now_ns: int) -> bytes:
        request.sent_ns = now_ns
        request.seqs.append(self._next_seq)
        return self._pack(request.type, request.payload)

    def _pack(self, type: MessageType, payload: bytes) -> bytes:
        data = pack(Message(Header(type, seq=self._next_seq), payload))
        self._next_seq = (self._next_seq + 1) % SEQ_MODULUS
        return data


class SequenceCheck:
    """Follows the other side's message numbers: what is lost, and what came before."""

    # a number that fell back by more than this was restarted by the device; by less, the message came twice
    _RESTART = 4096

    def __init__(self) -> None:
        self._expected: int | None = None

    def restart(self, seq: int) -> None:
        """Count from this message on."""
        self._expected = (seq + 1) % SEQ_MODULUS

    def lost_before(self, seq: int) -> int | None:
        """How many messages are missing before this one; None: do not use it, it is old or comes before any CAPS."""
        if self._expected is None:
            return None
        ahead = (seq - self._expected) % SEQ_MODULUS
        if ahead >= SEQ_MODULUS - self._RESTART:
            return None
        self.restart(seq)
        return ahead if ahead < SEQ_MODULUS // 2 else 0
