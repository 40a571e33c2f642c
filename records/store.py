"""The store: one transaction for everything that is recorded. Used by the writer thread alone."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from records import events, hlc, rules
from records.blobs import Blobs
from records.database import DatabaseError, brief_wait, open_writable, refused
from records.errors import Damaged, Invalid
from records.events import Draft
from records.files import make_folder, write_durably
from records.home import StorePaths
from records.ids import Entropy
from records.journal import ChainReport, Event, Journal, Tail
from records.projector import Projector
from records.schema import PROJECTION_VERSION, migrate, projected
from records.vault import Vault

_SMALLEST_BYTES = 512


@dataclass(frozen=True, slots=True)
class Committed:
    """Proof of a commit: these events are on the disk.

    Args:
        event_ids: Of the events in their order; a ``clock.suspected`` comes first where one was added.
        first_seq, last_seq: Their places in the chain.
        at_ms: The wall clock that they carry.
        clock_suspect: The wall clock jumped by more than a day since the commit before: ask the operator for the date.
    """

    event_ids: tuple[str, ...]
    first_seq: int
    last_seq: int
    at_ms: int
    clock_suspect: bool = False


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What a verification proved: each chain, and that the tables are what the journal says."""

    chains: tuple[ChainReport, ...]

    @property
    def events(self) -> int:
        """All events, the erased among them."""
        return sum(chain.events for chain in self.chains)

    @property
    def erased(self) -> int:
        """Events whose body is gone."""
        return sum(chain.erased for chain in self.chains)


class Store:
    """One open store: journal and projections behind one door.

    Args:
        paths: Where it lies; made if it is new. The caller holds the home's lock.
        vault: An open vault.
        wall_ms: The wall clock.
        entropy: Gives random bytes.

    Raises:
        NotWritable, Damaged: See ``records.database`` and ``records.journal``.
    """

    def __init__(self, paths: StorePaths, vault: Vault, wall_ms: Callable[[], int], entropy: Entropy) -> None:
        make_folder(paths.folder)
        make_folder(paths.blobs)
        self._wall_ms = wall_ms
        self._paths = paths
        self._blobs = Blobs(paths.blobs)
        self._blobs.sweep()
        _refuse_lost(paths)
        self._db = open_writable(paths.database, vault.database_key(paths.name))
        try:
            migrate(self._db)
            with self._db.atomic():
                self.journal = Journal(self._db, vault, entropy)
                self._projector = Projector(self._db)
                if projected(self._db) != PROJECTION_VERSION:
                    self._projector.rebuild(self.journal.events())
            if not paths.begun.exists():
                write_durably(paths.begun, b"")
        except DatabaseError as error:
            self._db.close()
            raise refused(error, paths.database) from error
        except BaseException:
            self._db.close()
            raise

    def commit(self, drafts: Sequence[Draft], actor: str) -> Committed:
        """Record drafts as one transaction, on the disk when this returns.

        Args:
            drafts: In their order; later ones may name what earlier ones bring.
            actor: Id of the operator, or ``system``.

        Raises:
            Invalid: A draft that the record must not take; nothing was recorded.
            NotWritable: The disk refused; nothing was recorded.
        """
        rules.check_actor(actor)
        if not drafts:
            raise Invalid("There is nothing to record")
        for draft in drafts:
            events.check(draft)
            self._check_blobs(draft)
        wall_ms, before = self._wall_ms(), self.journal.tail
        suspect = before.wall_ms > 0 and hlc.is_jump(before.wall_ms, wall_ms)
        if suspect:
            drafts = (events.clock_suspected(drafts[0].entity, wall_ms, before.wall_ms), *drafts)
        placed = self._transact(drafts, actor, wall_ms)
        ids = tuple(event.header.id for event in placed)
        if any(draft.type == "body.erased" for draft in drafts):
            self._flush()
        return Committed(ids, before.seq + 1, self.journal.tail.seq, wall_ms, suspect)

    def rebuild(self) -> None:
        """Throw the projections away and make them again from the journal, as one transaction."""
        try:
            with self._db.atomic():
                self._projector.rebuild(self.journal.events())
        except DatabaseError as error:
            raise refused(error, self._paths.database) from error

    def begin_epoch(self) -> str:
        """Begin a new chain, as must be done after a restore from a backup; the new epoch's id."""
        with self._db.atomic():
            return self.journal.begin_epoch()

    def verify(self) -> VerifyReport:
        """Check the file's pages, every chain, and that the projections equal their rebuilding. It changes nothing.

        Raises:
            Damaged: Something does not hold; the sentence says what.
        """
        try:
            self._check_pages()
            chains = self.journal.verify()
            self._check_projections()
        except DatabaseError as error:
            raise refused(error, self._paths.database) from error
        return VerifyReport(chains)

    def close(self) -> None:
        """Close the database; what was committed is on the disk already."""
        self._db.close()

    def _transact(self, drafts: Sequence[Draft], actor: str, wall_ms: int) -> list[Event]:
        before = self.journal.tail
        try:
            with self._db.atomic():
                placed = [self._record(draft, actor, wall_ms) for draft in drafts]
                self.journal.sign()
                self._projector.settle()
        except DatabaseError as error:
            self._step_back(before)
            raise refused(error, self._paths.database) from error
        except BaseException:
            self._step_back(before)
            raise
        return placed

    def _record(self, draft: Draft, actor: str, wall_ms: int) -> Event:
        rules.check(self._db, draft, self._projector.state)
        event = self.journal.append(draft, actor, wall_ms)
        if draft.type == "body.erased":
            for erased in self.journal.erase([str(event) for event in _listed(draft)]):
                self._projector.forget(erased)
        self._projector.add(event)
        return event

    def _step_back(self, before: Tail) -> None:
        self._projector.forsake()
        try:
            self.journal.reload()
        except (DatabaseError, Damaged):
            # The disk may be gone for now; what was acknowledged last is where the chain goes on.
            self.journal.tail = before

    def _check_blobs(self, draft: Draft) -> None:
        for address in _addresses(draft):
            if not self._blobs.path(address).is_file():
                raise Invalid(f"The stored file {address[:12]} is not on the disk yet", "Keep the picture again.")

    def _flush(self) -> bool:
        """Empty the write-ahead log into the database file; False if a reader or a full disk is in the way.

        Nothing depends on it but what an old log still shows; so no error here may look like a failed commit.
        """
        with contextlib.suppress(DatabaseError), brief_wait(self._db):
            return bool(self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0)
        return False

    def _check_pages(self) -> None:
        sound = self._db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        # The second looks at the file alone, free pages too; until all of the log has arrived there, it sees holes.
        if not sound or (self._flush() and self._db.execute("PRAGMA cipher_integrity_check").fetchall()):
            raise Damaged("The database file was changed", "Keep the disk as it is and call for help.")

    def _check_projections(self) -> None:
        stored = self._projector.digest()
        self._db.execute("BEGIN")
        try:
            self._projector.rebuild(self.journal.events())
            rebuilt = self._projector.digest()
        finally:
            self._db.rollback()
        if stored != rebuilt:
            raise Damaged("The tables differ from the journal", "Run sauti rebuild.")


def _refuse_lost(paths: StorePaths) -> None:
    """SQLite takes a missing or emptied file for a new database; here it is a loss, and evidence."""
    lost = not paths.database.exists() or paths.database.stat().st_size < _SMALLEST_BYTES
    if paths.begun.exists() and lost:
        raise Damaged(f"The database {paths.database} is gone", "Restore it from the backup; do not start anew.")


def _listed(draft: Draft) -> list[object]:
    listed = draft.body["events"]
    return list(listed) if isinstance(listed, list) else []


def _addresses(draft: Draft) -> list[str]:
    refs = draft.body.get("blobs")
    found = list(refs.values()) if isinstance(refs, dict) else [draft.body.get("document")]
    return [str(ref["address"]) for ref in found if isinstance(ref, dict)]
