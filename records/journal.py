"""The journal: an append-only chain of events in SQLite. It gives events their place and can prove that it holds.

Nothing here commits; the store does, so that an event and its projections are one transaction.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import sqlite_utils

from records import canonical, envelope, hlc, vault
from records.envelope import Header
from records.errors import Damaged
from records.events import SCHEMA, Body, Draft
from records.hlc import Stamp
from records.ids import Entropy, uuid7
from records.vault import Vault


@dataclass(frozen=True, slots=True)
class Event:
    """An event in its place; ``body`` is None after it was erased."""

    header: Header
    body: Body | None
    hash: bytes


@dataclass(frozen=True, slots=True)
class Tail:
    """The end of the chain."""

    seq: int
    hash: bytes
    stamp: Stamp


class Journal:
    """The chain of one (node, epoch).

    Args:
        db: An open, migrated database.
        vault: Signs heads; its node is the journal's.
        entropy: Gives random bytes for ids, salts and the epoch.

    Raises:
        Damaged: The end of the chain does not match its signed head, or the database belongs to another site.
    """

    def __init__(self, db: sqlite_utils.Database, vault: Vault, entropy: Entropy) -> None:
        self._db = db
        self._vault = vault
        self._entropy = entropy
        self.node = vault.node
        self.epoch = self._find_epoch()
        self.tail = self._find_tail()

    def append(self, drafts: Sequence[Draft], actor: str, wall_ms: int) -> tuple[Event, ...]:
        """Place drafts at the end of the chain and sign the new head, within the caller's transaction."""
        events: list[Event] = []
        tail = self.tail
        for draft in drafts:
            event, salt, body = self._place(draft, actor, wall_ms, tail)
            self._insert(event, salt, body)
            tail = Tail(event.header.seq, event.hash, event.header.hlc)
            events.append(event)
        signature = self._vault.sign(envelope.head(self.node, self.epoch, tail.seq, tail.hash))
        self._db.table("heads").insert(
            {"node": self.node, "epoch": self.epoch, "seq": tail.seq, "hash": tail.hash, "signature": signature}
        )
        self.tail = tail
        return tuple(events)

    def rewind(self, tail: Tail) -> None:
        """Forget events that were appended in a transaction which then failed."""
        self.tail = tail

    def erase(self, ids: Sequence[str]) -> None:
        """Remove body and salt of events; their places stay."""
        for event in ids:
            self._db.execute("UPDATE journal SET body = NULL, salt = NULL WHERE id = ?", [event])

    def events(self) -> Iterator[Event]:
        """Every event of every node, in chain order."""
        query = "SELECT header, body, hash FROM journal ORDER BY node, epoch, seq"
        for header, body, event_hash in self._db.execute(query):
            yield Event(Header.from_bytes(header), None if body is None else canonical.decode(body), event_hash)

    def verify(self) -> int:
        """Check every hash, every body that is still there, and every signed head; the number of events.

        Raises:
            Damaged: Something was changed; the sentence names the first event that does not fit.
        """
        previous, count = envelope.START, 0
        heads = {seq: (event_hash, signature) for seq, event_hash, signature in self._heads()}
        query = "SELECT seq, header, salt, body, hash FROM journal WHERE node = ? AND epoch = ? ORDER BY seq"
        for seq, header, salt, body, event_hash in self._db.execute(query, [self.node, self.epoch]):
            count += 1
            parsed = Header.from_bytes(header)
            whole = body is None or envelope.commitment(salt or b"", body) == parsed.commitment
            if seq != count or parsed.seq != seq or envelope.chain(previous, header) != event_hash or not whole:
                raise _damaged(seq)
            if seq in heads:
                self._check_head(seq, event_hash, *heads.pop(seq))
            previous = event_hash
        if heads or count != self.tail.seq:
            raise _damaged(min(heads, default=count + 1))
        return count

    def _place(self, draft: Draft, actor: str, wall_ms: int, tail: Tail) -> tuple[Event, bytes, bytes]:
        salt, body = self._entropy(envelope.SALT_BYTES), canonical.encode(draft.body)
        header = Header(
            node=self.node, epoch=self.epoch, seq=tail.seq + 1, id=uuid7(wall_ms, self._entropy),
            hlc=hlc.after(tail.stamp, wall_ms), wall_ms=wall_ms, actor=actor, type=draft.type, entity=draft.entity,
            supersedes=draft.supersedes, schema=SCHEMA, commitment=envelope.commitment(salt, body),
        )  # fmt: skip
        return Event(header, draft.body, envelope.chain(tail.hash, header.to_bytes())), salt, body

    def _insert(self, event: Event, salt: bytes, body: bytes) -> None:
        header = event.header
        self._db.table("journal").insert(
            {
                "node": header.node, "epoch": header.epoch, "seq": header.seq, "id": header.id, "type": header.type,
                "entity": header.entity, "header": header.to_bytes(), "salt": salt, "body": body, "hash": event.hash,
            }
        )  # fmt: skip

    def _find_epoch(self) -> str:
        row = self._db.execute("SELECT node, epoch FROM here").fetchone()
        if row is None:
            epoch = self._entropy(16).hex()
            self._db.table("here").insert({"node": self.node, "epoch": epoch, "verify_key": self._vault.verify_key})
            return epoch
        if row[0] != self.node:
            raise Damaged("These records belong to another site", "Open them with that site's vault.")
        return str(row[1])

    def _find_tail(self) -> Tail:
        query = "SELECT seq, header, hash FROM journal WHERE node = ? AND epoch = ? ORDER BY seq DESC LIMIT 1"
        row = self._db.execute(query, [self.node, self.epoch]).fetchone()
        if row is None:
            return Tail(0, envelope.START, Stamp(0, 0))
        seq, header, event_hash = row
        head = next((entry[1:] for entry in self._heads() if entry[0] == seq), None)
        if head is None:
            raise _damaged(seq)
        self._check_head(seq, event_hash, *head)
        return Tail(seq, event_hash, Header.from_bytes(header).hlc)

    def _heads(self) -> list[tuple[int, bytes, bytes]]:
        query = "SELECT seq, hash, signature FROM heads WHERE node = ? AND epoch = ? ORDER BY seq DESC"
        return [(seq, bytes(h), bytes(s)) for seq, h, s in self._db.execute(query, [self.node, self.epoch])]

    def _check_head(self, seq: int, event_hash: bytes, signed_hash: bytes, signature: bytes) -> None:
        message = envelope.head(self.node, self.epoch, seq, event_hash)
        if signed_hash != event_hash or not vault.verify(self._vault.verify_key, message, signature):
            raise _damaged(seq)


def _damaged(seq: int) -> Damaged:
    return Damaged(f"The journal does not hold from event {seq} on", "Keep the disk as it is and call for help.")
