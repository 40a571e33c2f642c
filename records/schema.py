"""The tables of a store: ``journal`` and ``heads`` are the truth, the projections can be rebuilt from them."""

from __future__ import annotations

import sqlite_utils
from sqlite_utils.migrations import Migrations

from records.errors import Damaged

migrations = Migrations("sauti")

PROJECTIONS = (
    "site", "operators", "patients", "pregnancies", "fetuses", "exams", "images", "measurements", "findings", "reports",
)  # fmt: skip


@migrations()
def m001_journal(db: sqlite_utils.Database) -> None:
    """Events, signed heads, and this database's own place among them."""
    db.execute(
        """CREATE TABLE journal (
            node TEXT NOT NULL, epoch TEXT NOT NULL, seq INTEGER NOT NULL, id TEXT NOT NULL UNIQUE, type TEXT NOT NULL,
            entity TEXT NOT NULL, header BLOB NOT NULL, salt BLOB, body BLOB, hash BLOB NOT NULL,
            PRIMARY KEY (node, epoch, seq)) WITHOUT ROWID"""
    )
    db.execute(
        """CREATE TABLE heads (
            node TEXT NOT NULL, epoch TEXT NOT NULL, seq INTEGER NOT NULL, hash BLOB NOT NULL, signature BLOB NOT NULL,
            PRIMARY KEY (node, epoch, seq)) WITHOUT ROWID"""
    )
    db.execute("CREATE TABLE here (node TEXT NOT NULL, epoch TEXT NOT NULL, verify_key BLOB NOT NULL)")


@migrations()
def m002_projections(db: sqlite_utils.Database) -> None:
    """What screens and reports query. ``event`` names the event that a row comes from."""
    text = {"event": str, "id": str}
    tables: dict[str, dict[str, type]] = {
        "site": {"institution_name": str, "station_name": str, "node": str},
        "operators": {"operators_name": str},
        "patients": {
            "patient_id": str, "family_name": str, "given_name": str, "birth_date": str, "patient_sex": str,
            "order_key": str, "superseded": int,
        },
        "pregnancies": {"patient": str, "lmp_date": str, "opened_ms": int},
        "fetuses": {"pregnancy": str, "label": str},
        "exams": {
            "study_instance_uid": str, "patient": str, "pregnancy": str, "protocol": str, "operator_id": str,
            "operators_name": str, "started_ms": int, "simulated": int, "state": str, "signed_ms": int,
        },
        "images": {
            "exam": str, "view": str, "kind": str, "acquired_ms": int, "rows": int, "columns": int, "pixel_um": int,
            "origin_x_um": int, "origin_z_um": int, "missing_lines": int, "frames": int, "source": str, "blobs": str,
        },
        "measurements": {
            "exam": str, "image": str, "fetus": str, "label": str, "concept": str, "value": int, "error": int,
            "unit": str, "method": str, "points_mpx": str, "taken_ms": int,
        },
        "findings": {"exam": str, "question": str, "answer": str, "note": str},
        "reports": {"exam": str, "number": int, "issued_ms": int, "document": str},
    }  # fmt: skip
    for name in PROJECTIONS:
        db.table(name).create({**text, **tables[name]}, pk="event")
    db.table("patients").create_index(["patient_id"])
    for name in ("images", "measurements", "findings", "reports"):
        db.table(name).create_index(["exam"])


_STEPS = frozenset({m001_journal.__name__, m002_projections.__name__})


def migrate(db: sqlite_utils.Database) -> None:
    """Bring a database to this version's tables.

    Raises:
        Damaged: A newer Sauti has been here.
    """
    refuse_newer(db)
    migrations.apply(db)


def refuse_newer(db: sqlite_utils.Database) -> None:
    """Refuse a database that holds tables which this version does not know.

    Raises:
        Damaged: A newer Sauti has been here.
    """
    there = {step.name for step in migrations.applied(db)}
    if not there <= _STEPS:
        raise Damaged("These records were written by a newer Sauti", "Install that version again; nothing was changed.")
