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
        self._states: dict[str, str] = {}
        self._patients: set[str] = set()

    def add(self, event: Event) -> None:
        """Add the rows of an event; ``settle`` completes them."""
        self._put(event)
        self._step(event.header)

    def state(self, exam: str) -> str:
        """An exam's state, the events added since the last ``settle`` included; empty if there is no such exam."""
        if exam not in self._states:
            row = self._db.execute("SELECT state FROM exams WHERE id = ?", [exam]).fetchone()
            self._states[exam] = str(row[0]) if row else ""
        return self._states[exam]

    def forget(self, event: Event) -> None:
        """Replace the rows of an event whose body was erased by those that its header gives."""
        for table in PROJECTIONS:
            self._db.execute(f"DELETE FROM {table} WHERE event = ?", [event.header.id])  # noqa: S608  (own names)
        self._put(event)
        if event.header.type == "exam.started":
            self._states[event.header.entity] = ""

    def settle(self) -> None:
        """Fill the cells that depend on several events, for everything that was touched since the last time."""
        for exam in self._exams:
            steps = self._db.execute("SELECT type, wall_ms FROM steps WHERE id = ? ORDER BY order_key", [exam])
            state, signed_ms = states.fold((str(kind), int(wall_ms)) for kind, wall_ms in steps)
            self._db.execute("UPDATE exams SET state = ?, signed_ms = ? WHERE id = ?", [state, signed_ms, exam])
        for patient in self._patients:
            self._db.execute(
                "UPDATE patients SET superseded = event IN (SELECT old FROM supersessions WHERE id = ?) WHERE id = ?",
                [patient, patient],
            )
        self.forsake()

    def forsake(self) -> None:
        """Forget what was touched: the transaction failed, or everything is settled."""
        self._exams.clear()
        self._states.clear()
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

    def _put(self, event: Event) -> None:
        for row in project(event.header, event.body):
            self._insert(row)
        self._touch(event.header)

    def _insert(self, row: Row) -> None:
        self._db.execute(_INSERT[row.table], [row.cells[column] for column in PROJECTIONS[row.table]])

    def _touch(self, header: Header) -> None:
        if header.type in states.STEPS or header.type == "exam.started":
            self._exams.add(header.entity)
        elif header.type.startswith("patient."):
            self._patients.add(header.entity)

    def _step(self, header: Header) -> None:
        before = self._states.pop(header.entity, "")
        if before:
            # What is recorded here is the latest step, so the table alone gives the next state.
            self._states[header.entity] = states.NEXT.get((before, header.type), before)
