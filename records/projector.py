"""Keeps the projections in step with the journal: adds rows, removes those of erased bodies, rebuilds.

Nothing here commits.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from records import states
from records.database import Database
from records.envelope import Header
from records.journal import Event
from records.projections import Row, project
from records.schema import PROJECTIONS, create_projections

_INSERT = {
    table: f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"  # noqa: S608
    for table, columns in PROJECTIONS.items()
}


class Projector:
    """The projections of one database."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._exams: set[str] = set()
        self._patients: set[str] = set()

    def add(self, event: Event) -> None:
        """Add the rows of an event; ``settle`` completes them."""
        for row in project(event.header, event.body):
            self._insert(row)
        self._touch(event.header)

    def forget(self, event: Event) -> None:
        """Replace the rows of an event whose body was erased by those that its header gives."""
        for table in PROJECTIONS:
            self._db.execute(f"DELETE FROM {table} WHERE event = ?", [event.header.id])  # noqa: S608  (own names)
        self.add(event)

    def settle(self) -> None:
        """Fill the cells that depend on several events, for everything that was touched since the last time."""
        for exam in self._exams:
            self._db.execute(
                "UPDATE exams SET state = ?, signed_ms = ? WHERE id = ?", [*state_of(self._db, exam), exam]
            )
        for patient in self._patients:
            self._db.execute(
                "UPDATE patients SET superseded = event IN (SELECT old FROM supersessions WHERE id = ?) WHERE id = ?",
                [patient, patient],
            )
        self.forsake()

    def forsake(self) -> None:
        """Forget what was touched: the transaction failed, or everything is settled."""
        self._exams.clear()
        self._patients.clear()

    def rebuild(self, events: Iterable[Event]) -> None:
        """Throw the projections away and make them again."""
        create_projections(self._db)
        for event in events:
            self.add(event)
        self.settle()

    def digest(self) -> str:
        """Hex SHA-256 of all rows, whatever the order in which they were made."""
        digest = hashlib.sha256()
        for table, columns in PROJECTIONS.items():
            names = ", ".join(columns)
            for row in self._db.execute(f"SELECT {names} FROM {table} ORDER BY {names}"):  # noqa: S608  (own names)
                digest.update(repr((table, *row)).encode())
        return digest.hexdigest()

    def _insert(self, row: Row) -> None:
        self._db.execute(_INSERT[row.table], [row.cells[column] for column in PROJECTIONS[row.table]])

    def _touch(self, header: Header) -> None:
        if header.type in states.STEPS or header.type == "exam.started":
            self._exams.add(header.entity)
        elif header.type.startswith("patient."):
            self._patients.add(header.entity)


def state_of(db: Database, exam: str) -> tuple[str, int]:
    """An exam's state and when it was signed, from its steps."""
    steps = db.execute("SELECT type, wall_ms FROM steps WHERE id = ? ORDER BY order_key", [exam])
    return states.fold((str(kind), int(wall_ms)) for kind, wall_ms in steps)
