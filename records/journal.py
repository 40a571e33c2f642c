"""The journal: an append-only chain of events in SQLite. It gives events their place and can prove that it holds.

Nothing here commits; the store does, so that an event and its projections are one transaction.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from records import canonical, envelope, hlc, vault
from records.bodies import Body, schema_of
from records.database import Database
from records.envelope import Header
from records.errors import Damaged
from records.events import Draft
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
    wall_ms: int


@dataclass(frozen=True, slots=True)
class ChainReport:
    """What was proven of one (node, epoch): every hash, every body that is still there, every signed head."""

    node: str
    epoch: str
    events: int
    erased: int
    heads: int


_EMPTY = Tail(0, envelope.START, Stamp(0, 0), 0)


class Journal:
    """The chain of this device: its node is the vault's, its epoch the last that was begun here.

    Args:
        db: An open, migrated database.
        vault: Signs heads.
        entropy: Gives random bytes for ids, salts and epochs.

    Raises:
        Damaged: The end of the chain does not match its signed head, or the database belongs to another site.
    """

    def __init__(self, db: Database, vault: Vault, entropy: Entropy) -> None:
        self._db = db
        self._vault = vault
        self._entropy = entropy
        self.node = vault.node
        self.epoch = self._find_epoch() or self.begin_epoch()
        self.tail = self._find_tail()

    def begin_epoch(self) -> str:
        """Begin a new chain: in a new database, and in a restored one, whose other copy may have gone on elsewhere.

        The hybrid clock goes on from the last event of the epoch before.
        """
        self.epoch = self._entropy(16).hex()
        query = "INSERT INTO epochs (node, epoch, verify_key) VALUES (?, ?, ?)"
        self._db.execute(query, [self.node, self.epoch, self._vault.verify_key])
        self.tail = self._find_tail()
        return self.epoch

    def append(self, draft: Draft, actor: str, wall_ms: int) -> Event:
        """Place a draft at the end of the chain, within the caller's transaction; ``sign`` must follow."""
        salt, body = self._entropy(envelope.SALT_BYTES), canonical.encode(draft.body)
        header = Header(
            node=self.node, epoch=self.epoch, seq=self.tail.seq + 1, id=uuid7(wall_ms, self._entropy),
            hlc=hlc.after(self.tail.stamp, wall_ms), wall_ms=wall_ms, actor=actor, type=draft.type,
            entity=draft.entity, supersedes=draft.supersedes, schema=schema_of(draft.type),
            commitment=envelope.commitment(salt, body),
        )  # fmt: skip
        written = header.to_bytes()
        event = Event(header, draft.body, envelope.chain(self.tail.hash, written))
        self._db.execute(
            "INSERT INTO journal (node, epoch, seq, id, type, entity, header, salt, body, hash)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [self.node, self.epoch, header.seq, header.id, header.type, header.entity, written, salt, body, event.hash],
        )
        self.tail = Tail(header.seq, event.hash, header.hlc, wall_ms)
        return event

    def sign(self) -> None:
        """Sign the end of the chain: once for each transaction."""
        signature = self._vault.sign(envelope.head(self.node, self.epoch, self.tail.seq, self.tail.hash))
        self._db.execute(
            "INSERT INTO heads VALUES (?, ?, ?, ?, ?)",
            [self.node, self.epoch, self.tail.seq, self.tail.hash, signature],
        )

    def reload(self) -> None:
        """Take the end of the chain from the database again, after a transaction failed."""
        self.tail = self._find_tail()

    def erase(self, ids: Sequence[str]) -> Iterator[Event]:
        """Remove body and salt of events and hand out what is left of them; their places stay."""
        for event in ids:
            self._db.execute("UPDATE journal SET body = NULL, salt = NULL WHERE id = ?", [event])
            yield from self._events("WHERE id = ?", [event])

    def events(self) -> Iterator[Event]:
        """Every event, in the order in which they came here."""
        return self._events("ORDER BY place", [])

    def verify(self) -> tuple[ChainReport, ...]:
        """Check every hash, every body that is still there, and every signed head of every epoch.

        A body may be missing only where a tombstone says so, and must be missing there.

        Raises:
            Damaged: Something was changed; the sentence names the first event that does not fit.
        """
        epochs = self._db.execute("SELECT node, epoch, verify_key FROM epochs ORDER BY place").fetchall()
        chains = [_Chain(self._db, *row) for row in epochs]
        reports = tuple(chain.verify() for chain in chains)
        for told in set().union(*(chain.erased for chain in chains)) ^ set().union(*(chain.told for chain in chains)):
            raise Damaged(f"Event {told} and its tombstone do not agree", "Keep the disk as it is and call for help.")
        for table, counted in (("journal", "events"), ("heads", "heads")):
            (stored,) = self._db.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608  (own names)
            if stored != sum(getattr(report, counted) for report in reports):
                raise Damaged("The journal holds events of an unknown chain", "Keep the disk as it is; call for help.")
        return reports

    def _events(self, where: str, values: list[str]) -> Iterator[Event]:
        query = f"SELECT header, body, hash FROM journal {where}"  # noqa: S608  (own words)
        for header, body, event_hash in self._db.execute(query, values):
            yield Event(Header.from_bytes(header), None if body is None else canonical.decode(body), event_hash)

    def _find_epoch(self) -> str:
        row = self._db.execute("SELECT node, epoch FROM epochs ORDER BY place DESC LIMIT 1").fetchone()
        if row is None:
            return ""
        if row[0] != self.node:
            raise Damaged("These records belong to another site", "Open them with that site's vault.")
        return str(row[1])

    def _find_tail(self) -> Tail:
        query = "SELECT seq, header, hash FROM journal WHERE node = ? AND epoch = ? ORDER BY seq DESC LIMIT 1"
        row = self._db.execute(query, [self.node, self.epoch]).fetchone()
        if row is None:
            before = self._db.execute("SELECT header FROM journal ORDER BY place DESC LIMIT 1").fetchone()
            last = Header.from_bytes(before[0]) if before else None
            return Tail(0, envelope.START, last.hlc, last.wall_ms) if last else _EMPTY
        seq, written, event_hash = row
        query = "SELECT hash, signature FROM heads WHERE node = ? AND epoch = ? AND seq = ?"
        head = self._db.execute(query, [self.node, self.epoch, seq]).fetchone()
        message = envelope.head(self.node, self.epoch, seq, event_hash)
        if head is None or head[0] != event_hash or not vault.verify(self._vault.verify_key, message, head[1]):
            raise damaged(seq)
        header = Header.from_bytes(written)
        return Tail(seq, event_hash, header.hlc, header.wall_ms)


class _Chain:
    """One (node, epoch) under proof."""

    def __init__(self, db: Database, node: str, epoch: str, verify_key: bytes) -> None:
        self._db = db
        self._node, self._epoch = node, epoch
        self._verify_key = verify_key
        self._last_signed = 0
        self.erased: set[str] = set()
        self.told: set[str] = set()
        query = "SELECT seq, hash, signature FROM heads WHERE node = ? AND epoch = ?"
        self._heads = {seq: (signed, signature) for seq, signed, signature in db.execute(query, [node, epoch])}

    def verify(self) -> ChainReport:
        """Walk the chain from its start; see ``Journal.verify``."""
        if envelope.node_of(self._verify_key) != self._node:
            raise Damaged("The key of these records was exchanged", "Keep the disk as it is and call for help.")
        count, signed, previous = 0, len(self._heads), envelope.START
        query = (
            "SELECT seq, id, type, entity, header, salt, body, hash FROM journal"
            " WHERE node = ? AND epoch = ? ORDER BY seq"
        )
        for row in self._db.execute(query, [self._node, self._epoch]):
            count += 1
            previous = self._link(count, previous, row)
        # What is left belongs to no event; and no event may follow the last signature.
        if self._heads or (count and self._last_signed != count):
            raise damaged(min(self._heads, default=self._last_signed + 1))
        return ChainReport(self._node, self._epoch, count, len(self.erased), signed)

    def _link(self, seq: int, previous: bytes, row: tuple[object, ...]) -> bytes:
        written, salt, body, event_hash = row[4:]
        if not isinstance(written, bytes) or not isinstance(event_hash, bytes):
            raise damaged(seq)
        header = _header(written, seq)
        named = (header.node, header.epoch, header.seq, header.id, header.type, header.entity)
        if named != (self._node, self._epoch, seq, *row[1:4]) or row[0] != seq:
            raise damaged(seq)
        if envelope.chain(previous, written) != event_hash or not _is_whole(header, salt, body):
            raise damaged(seq)
        self._note_erasure(header, body)
        self._check_head(seq, event_hash)
        return event_hash

    def _note_erasure(self, header: Header, body: object) -> None:
        if not isinstance(body, bytes):
            self.erased.add(header.id)
        elif header.type == "body.erased":
            listed = canonical.decode(body).get("events")
            self.told.update(str(event) for event in (listed if isinstance(listed, list) else ()))

    def _check_head(self, seq: int, event_hash: bytes) -> None:
        head = self._heads.pop(seq, None)
        if head is None:
            return
        message = envelope.head(self._node, self._epoch, seq, event_hash)
        if head[0] != event_hash or not vault.verify(self._verify_key, message, head[1]):
            raise damaged(seq)
        self._last_signed = seq


def damaged(seq: int) -> Damaged:
    """The sentence for a journal that was changed."""
    return Damaged(f"The journal does not hold from event {seq} on", "Keep the disk as it is and call for help.")


def _header(written: bytes, seq: int) -> Header:
    try:
        return Header.from_bytes(written)
    except Damaged as error:
        raise damaged(seq) from error


def _is_whole(header: Header, salt: object, body: object) -> bool:
    if salt is None and body is None:
        return True
    if not isinstance(salt, bytes) or not isinstance(body, bytes):
        return False
    return envelope.commitment(salt, body) == header.commitment
