"""What the record takes, given what it holds: the named must be there, the new must be new, signed stays signed.

These rules hold for what is recorded here. Events from elsewhere are facts already and are kept as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from records.database import Database
from records.errors import Invalid
from records.events import SYSTEM, Draft
from records.ids import is_uuid
from records.states import NEXT, SIGNED, STEPS

# Event type -> the table that must not hold its id yet.
_NEW = {
    "operator.added": "operators", "patient.registered": "patients", "pregnancy.opened": "pregnancies",
    "fetus.identified": "fetuses", "exam.started": "exams", "image.kept": "images",
    "measurement.taken": "measurements", "finding.recorded": "findings", "report.issued": "reports",
}  # fmt: skip
# Event type -> what must be there: (field of the body, table, column that must fit, field that it must fit).
_NAMED: dict[str, tuple[tuple[str, str, str, str], ...]] = {
    "patient.amended": (("id", "patients", "id", "id"),),
    "pregnancy.opened": (("patient", "patients", "id", "patient"),),
    "fetus.identified": (("pregnancy", "pregnancies", "id", "pregnancy"),),
    "exam.started": (("patient", "patients", "id", "patient"), ("pregnancy", "pregnancies", "patient", "patient")),
    "measurement.taken": (("image", "images", "exam", "exam"), ("fetus", "fetuses", "id", "fetus")),
    "report.printed": (("report", "reports", "exam", "exam"),),
}
_SINGULAR = {
    "operators": "operator", "patients": "patient", "pregnancies": "pregnancy", "fetuses": "fetus", "exams": "exam",
    "images": "image", "measurements": "measurement", "findings": "finding", "reports": "report",
}  # fmt: skip
_KEPT_FOREVER = ("site.created", "body.erased")


def check_actor(actor: str) -> None:
    """Who acts is an operator's id: a header outlives every erasure, so it holds no name.

    Raises:
        Invalid: Neither an id nor ``system``.
    """
    if actor != SYSTEM and not is_uuid(actor):
        raise Invalid("The record wants to know who acts", "Sign in first.")


def check(db: Database, draft: Draft, state_of: Callable[[str], str]) -> None:
    """Check a draft against what was recorded before it.

    Args:
        db: The store's, within the transaction.
        draft: Its body fits its type.
        state_of: An exam's state by its id, empty if there is no such exam.

    Raises:
        Invalid: It names what is not there, repeats what is, or comes out of order.
    """
    _check_new(db, draft)
    for field, table, column, fits in _NAMED.get(draft.type, ()):
        if draft.body[field] != "":
            _check_named(db, table, str(draft.body[field]), column, str(draft.body[fits]))
    if draft.type in STEPS:
        _check_step(state_of(draft.entity), draft)
    special = _SPECIAL.get(draft.type)
    if special is not None:
        special(db, draft)


def _check_new(db: Database, draft: Draft) -> None:
    table = _NEW.get(draft.type)
    name = draft.entity if draft.type == "operator.added" else draft.body.get("id")
    if table is not None and _any(db, f"SELECT 1 FROM {table} WHERE id = ?", [str(name)]):  # noqa: S608  (own names)
        raise Invalid(f"This {_SINGULAR[table]} is in the record already")


def _check_named(db: Database, table: str, id: str, column: str, wanted: str) -> None:
    if not _any(db, f"SELECT 1 FROM {table} WHERE id = ? AND {column} = ?", [id, wanted]):  # noqa: S608  (own names)
        raise Invalid(f"There is no such {_SINGULAR[table]} here", "Record it first; nothing was changed.")


def _check_step(state: str, draft: Draft) -> None:
    if not state:
        raise Invalid("There is no such exam", "Start one first.")
    if (state, draft.type) in NEXT:
        return
    if state == SIGNED:
        raise Invalid("This exam is signed and cannot be changed", "Add an amendment, or start another exam.")
    raise Invalid(f"{draft.type} is out of order", "Read the exam back, then sign it, then issue the report.")


def _site(db: Database, draft: Draft) -> None:
    if _any(db, "SELECT 1 FROM site", []):
        raise Invalid("This site is in the record already")


def _amendment(db: Database, draft: Draft) -> None:
    for event in draft.supersedes:
        if not _any(db, "SELECT 1 FROM journal WHERE id = ? AND entity = ?", [event, draft.entity]):
            raise Invalid("The value to be replaced is not in the record", "Open the patient again, then change it.")


def _fetus(db: Database, draft: Draft) -> None:
    pregnancy, label = str(draft.body["pregnancy"]), str(draft.body["label"])
    if _any(db, "SELECT 1 FROM fetuses WHERE pregnancy = ? AND label = ?", [pregnancy, label]):
        raise Invalid(f"This pregnancy has a fetus {label} already")


def _measurement(db: Database, draft: Draft) -> None:
    exam, fetus = str(draft.body["exam"]), str(draft.body["fetus"])
    query = "SELECT 1 FROM exams JOIN fetuses USING (pregnancy) WHERE exams.id = ? AND fetuses.id = ?"
    if fetus and not _any(db, query, [exam, fetus]):
        raise Invalid("The fetus belongs to another pregnancy than the exam", "Choose the exam's own fetus.")


def _report(db: Database, draft: Draft) -> None:
    number = draft.body["number"]
    if _any(db, "SELECT 1 FROM reports WHERE exam = ? AND number = ?", [draft.entity, str(number)]):
        raise Invalid(f"This exam has a report number {number} already", "Issue it again under the next number.")


def _erasure(db: Database, draft: Draft) -> None:
    events = draft.body["events"]
    for event in events if isinstance(events, list) else ():
        row = db.execute("SELECT type FROM journal WHERE id = ?", [event]).fetchone()
        if row is None or row[0] in _KEPT_FOREVER:
            raise Invalid("There is nothing to erase under that name", "List the events again; nothing was erased.")


def _any(db: Database, query: str, values: Sequence[str]) -> bool:
    return db.execute(f"{query} LIMIT 1", list(values)).fetchone() is not None


_SPECIAL: dict[str, Callable[[Database, Draft], None]] = {
    "site.created": _site,
    "patient.amended": _amendment,
    "fetus.identified": _fetus,
    "measurement.taken": _measurement,
    "report.issued": _report,
    "body.erased": _erasure,
}
