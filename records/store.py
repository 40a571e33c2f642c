"""The store: what may be recorded, and one transaction for it. Used by the writer thread alone.

exam state   event            next
open         exam.read_back   read_back
read_back    exam.read_back   read_back
read_back    exam.signed      signed
open, read_back   image.kept, measurement.taken, finding.recorded   open  (what was read back has changed)
signed       exam.amended, report.issued                            signed
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from records import events, hlc
from records.database import DatabaseError, OperationalError, open_writable
from records.errors import Damaged, Invalid, NotWritable
from records.events import Draft
from records.files import make_folder
from records.home import StorePaths
from records.ids import Entropy
from records.journal import Event, Journal
from records.projections import Change, Put, project
from records.schema import PROJECTIONS, migrate
from records.vault import Vault

_OPEN, _READ_BACK, _SIGNED = "open", "read_back", "signed"
_ALLOWED: dict[tuple[str, str], str] = {
    (_OPEN, "exam.read_back"): _READ_BACK,
    (_READ_BACK, "exam.read_back"): _READ_BACK,
    (_READ_BACK, "exam.signed"): _SIGNED,
    (_SIGNED, "exam.amended"): _SIGNED,
    (_SIGNED, "report.issued"): _SIGNED,
    **{
        (state, kept): _OPEN
        for state in (_OPEN, _READ_BACK)
        for kept in ("image.kept", "measurement.taken", "finding.recorded")
    },
}
_OF_EXAMS = frozenset(kind for _, kind in _ALLOWED)


@dataclass(frozen=True, slots=True)
class Committed:
    """Proof of a commit: these events are on the disk."""

    event_ids: tuple[str, ...]
    first_seq: int
    last_seq: int
    at_ms: int


class Store:
    """One open store: journal and projections behind one door.

    Args:
        paths: Where it lies; made if it is new.
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
        self._db = open_writable(paths.database, vault.database_key(paths.name))
        try:
            migrate(self._db)
            with self._db.atomic():
                self.journal = Journal(self._db, vault, entropy)
        except BaseException:
            self._db.close()
            raise

    def commit(self, drafts: Sequence[Draft], actor: str) -> Committed:
        """Record drafts as one transaction, on the disk when this returns.

        Raises:
            Invalid: A draft that the record must not take; nothing was recorded.
            NotWritable: The disk refused; nothing was recorded.
        """
        for draft in drafts:
            events.check(draft)
        if not drafts:
            raise Invalid("There is nothing to record")
        wall_ms, before = self._wall_ms(), self.journal.tail
        if before.seq and hlc.is_suspect(before.stamp, wall_ms):
            suspicion = {"wall_ms": wall_ms, "last_ms": before.stamp.ms}
            drafts = (Draft("clock.suspected", drafts[0].entity, dict(suspicion)), *drafts)
        try:
            with self._db.atomic():
                self._check_order(drafts)
                placed = self.journal.append(drafts, actor, wall_ms)
                self._apply(placed)
        except DatabaseError as error:
            self.journal.rewind(before)
            raise _refused(error) from error
        except BaseException:
            self.journal.rewind(before)
            raise
        ids = tuple(event.header.id for event in placed)
        return Committed(ids, before.seq + 1, self.journal.tail.seq, wall_ms)

    def rebuild(self) -> None:
        """Throw the projections away and make them again from the journal, as one transaction."""
        with self._db.atomic():
            for name in PROJECTIONS:
                self._db.execute(f"DELETE FROM {name}")  # noqa: S608  (names of our own)
            for event in self.journal.events():
                self._project(event)

    def verify(self) -> int:
        """Check the whole journal; the number of its events.

        Raises:
            Damaged: It does not hold.
        """
        return self.journal.verify()

    def close(self) -> None:
        """Close the database; what was committed is on the disk already."""
        self._db.close()

    def _apply(self, placed: Sequence[Event]) -> None:
        for event in placed:
            if event.header.type == "body.erased" and event.body is not None:
                self._erase([str(item) for item in event.body["events"]])  # type: ignore[union-attr]
            self._project(event)

    def _erase(self, ids: Sequence[str]) -> None:
        self.journal.erase(ids)
        for name in PROJECTIONS:
            for event in ids:
                self._db.execute(f"DELETE FROM {name} WHERE event = ?", [event])  # noqa: S608  (names of our own)

    def _project(self, event: Event) -> None:
        for step in project(event.header, event.body):
            match step:
                case Put(table, row):
                    self._db.table(table).insert(row)
                case Change(table, column, value, cells):
                    cells_sql = ", ".join(f"{cell} = ?" for cell in cells)
                    self._db.execute(
                        f"UPDATE {table} SET {cells_sql} WHERE {column} = ?",  # noqa: S608  (names of our own)
                        [*cells.values(), value],
                    )

    def _check_order(self, drafts: Sequence[Draft]) -> None:
        states: dict[str, str] = {}
        for draft in drafts:
            if draft.type == "exam.started":
                states[draft.entity] = _OPEN
            elif draft.type in _OF_EXAMS:
                states[draft.entity] = _next_state(states.get(draft.entity) or self._state(draft.entity), draft)

    def _state(self, exam: str) -> str:
        row = self._db.execute("SELECT state FROM exams WHERE id = ?", [exam]).fetchone()
        if row is None:
            raise Invalid("There is no such exam", "Start one first.")
        return str(row[0])


def _next_state(state: str, draft: Draft) -> str:
    if (state, draft.type) not in _ALLOWED:
        if state == _SIGNED:
            raise Invalid("This exam is signed and cannot be changed", "Add an amendment, or start another exam.")
        raise Invalid(f"{draft.type} is out of order", "Read the exam back, then sign it, then issue the report.")
    return _ALLOWED[state, draft.type]


def _refused(error: Exception) -> NotWritable | Damaged:
    if isinstance(error, OperationalError) and ("full" in str(error) or "disk I/O" in str(error)):
        return NotWritable("The disk is full or failing", "Free some space, then try again; nothing saved is lost.")
    if isinstance(error, OperationalError):
        return NotWritable(f"The records cannot be written ({error})", "Look at the disk, then try again.")
    return Damaged(f"The database refuses the record ({error})", "Run sauti verify.")
