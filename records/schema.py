"""The tables of a store: ``journal``, ``heads`` and ``epochs`` are the truth, the projections follow from them."""

from __future__ import annotations

from records.database import Database, Migrations
from records.errors import Damaged

migrations = Migrations("sauti")

# A change of these tables, or of what records.projections puts into them, is a new number: every store then rebuilds
# itself when its writer opens it.
PROJECTION_VERSION = 3
_ROW: dict[str, type] = {"event": str, "order_key": str, "id": str}
PROJECTIONS: dict[str, dict[str, type]] = {
    "site": {**_ROW, "institution_name": str, "station_name": str, "node": str},
    "operators": {**_ROW, "operators_name": str},
    "patients": {
        **_ROW, "patient_id": str, "family_name": str, "given_name": str, "birth_date": str, "patient_sex": str,
        "superseded": int,
    },
    "supersessions": {**_ROW, "old": str},
    "pregnancies": {**_ROW, "patient": str, "lmp_date": str, "opened_ms": int},
    "fetuses": {**_ROW, "pregnancy": str, "label": str},
    "exams": {
        **_ROW, "study_instance_uid": str, "patient": str, "pregnancy": str, "protocol": str, "operator_id": str,
        "operators_name": str, "started_ms": int, "simulated": int, "state": str, "signed_ms": int,
    },
    "steps": {**_ROW, "type": str, "wall_ms": int},
    "images": {
        **_ROW, "exam": str, "view": str, "kind": str, "acquired_ms": int, "rows": int, "columns": int,
        "pixel_um": int, "origin_x_um": int, "origin_z_um": int, "mirrored": int, "upside_down": int,
        "mode": str, "axes": str, "line": int, "interval_us": int, "missing_lines": int,
        "frames": int, "source": str, "blobs": str,
    },
    "measurements": {
        **_ROW, "exam": str, "image": str, "fetus": str, "label": str, "concept": str, "value": int, "error": int,
        "unit": str, "method": str, "points_mpx": str, "taken_ms": int,
    },
    "findings": {**_ROW, "exam": str, "question": str, "answer": str, "note": str},
    "reports": {**_ROW, "exam": str, "number": int, "issued_ms": int, "document": str},
    "printings": {**_ROW, "report": str, "exam": str, "printer": str, "printed_ms": int},
    "amendments": {**_ROW, "exam": str, "note": str, "operator_id": str, "amended_ms": int},
    "unread": {**_ROW, "type": str, "schema": int},
}  # fmt: skip
_INDEXED: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("site", "operators", "unread"), ()),
    "patients": ("id", "patient_id"), "supersessions": ("id",), "pregnancies": ("id", "patient"),
    "fetuses": ("id", "pregnancy"), "exams": ("id", "state", "patient"), "steps": ("id",),
    **dict.fromkeys(("images", "measurements", "findings", "reports"), ("id", "exam")),
    **dict.fromkeys(("printings", "amendments"), ("exam",)),
}  # fmt: skip
_SQL = {str: "TEXT", int: "INTEGER"}


@migrations()
def m001_journal(db: Database) -> None:
    """Events in the order they came, signed heads, and the epochs of this device with the key that signs for them."""
    db.execute(
        """CREATE TABLE journal (
            place INTEGER PRIMARY KEY, node TEXT NOT NULL, epoch TEXT NOT NULL, seq INTEGER NOT NULL,
            id TEXT NOT NULL UNIQUE, type TEXT NOT NULL, entity TEXT NOT NULL, header BLOB NOT NULL, salt BLOB,
            body BLOB, hash BLOB NOT NULL, UNIQUE (node, epoch, seq))"""
    )
    db.execute("CREATE INDEX journal_entity ON journal (entity)")
    db.execute(
        """CREATE TABLE heads (
            node TEXT NOT NULL, epoch TEXT NOT NULL, seq INTEGER NOT NULL, hash BLOB NOT NULL, signature BLOB NOT NULL,
            PRIMARY KEY (node, epoch, seq)) WITHOUT ROWID"""
    )
    db.execute(
        """CREATE TABLE epochs (
            place INTEGER PRIMARY KEY, node TEXT NOT NULL, epoch TEXT NOT NULL UNIQUE, verify_key BLOB NOT NULL)"""
    )
    db.execute("CREATE TABLE projected (version INTEGER NOT NULL)")


_STEPS = frozenset({m001_journal.__name__})


def migrate(db: Database) -> None:
    """Bring the journal's tables to this version.

    Raises:
        Damaged: A newer Sauti has been here.
    """
    refuse_newer(db)
    migrations.apply(db)


def refuse_newer(db: Database) -> None:
    """Refuse a database that holds tables which this version does not know.

    Raises:
        Damaged: A newer Sauti has been here.
    """
    there = {step.name for step in migrations.applied(db)}
    if not there <= _STEPS or (projected(db) or 0) > PROJECTION_VERSION:
        raise Damaged("These records were written by a newer Sauti", "Install that version again; nothing was changed.")


def refuse_older(db: Database) -> None:
    """Refuse to read tables that this version's writer has not made yet.

    Raises:
        Damaged: Only a writer can bring them up to date.
    """
    if projected(db) != PROJECTION_VERSION:
        raise Damaged(
            "These records wait to be prepared by this version", "Start the workstation once, then try again."
        )


def projected(db: Database) -> int | None:
    """The version of the projections that are there; None in a new database."""
    if not db.table("projected").exists():
        return None
    row = db.execute("SELECT version FROM projected").fetchone()
    return None if row is None else int(row[0])


def create_projections(db: Database) -> None:
    """Drop whatever projections are there and make empty ones."""
    for name, columns in PROJECTIONS.items():
        db.execute(f"DROP TABLE IF EXISTS {name}")
        typed = ", ".join(f"{column} {_SQL[kind]} NOT NULL" for column, kind in columns.items())
        key = "event, old" if name == "supersessions" else "event"
        # The rows lie in the order of their events: new ones at the end, without an index of their own.
        db.execute(f"CREATE TABLE {name} ({typed}, PRIMARY KEY ({key})) WITHOUT ROWID")
        for column in _INDEXED[name]:
            db.table(name).create_index([column])
    db.execute("DELETE FROM projected")
    db.execute("INSERT INTO projected VALUES (?)", [PROJECTION_VERSION])
