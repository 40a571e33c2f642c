"""From events to rows: a pure function of (header, body or None), so that every table can be thrown away and rebuilt.

The rows of a store are the union of the rows of its events, so neither order nor repetition of the work matters. Every
row carries the id of its event. An event whose body was erased still gives the rows that its header alone can give: an
exam stays signed, and what was superseded stays superseded.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from records.bodies import BODIES, Body, is_understood
from records.canonical import Value
from records.envelope import Header
from records.hlc import Stamp
from records.states import OPEN, STEPS
from records.upcast import upcast

Cell = str | int


@dataclass(frozen=True, slots=True)
class Row:
    """One row of one table."""

    table: str
    cells: dict[str, Cell]


def project(header: Header, body: Body | None) -> tuple[Row, ...]:
    """The rows of an event. Cells that depend on other events (``state``, ``superseded``) start at their beginning."""
    rows = [_row("supersessions", header, {"old": old}) for old in header.supersedes]
    if header.type in STEPS:
        rows.append(_row("steps", header, {"type": header.type, "wall_ms": header.wall_ms}))
    if body is not None:
        body = upcast(header.type, header.schema, body)
    if body is None:
        unread = header.type not in BODIES
    else:
        unread = not is_understood(header.type, header.schema, header.entity, body)
    if unread:
        rows.append(_row("unread", header, {"type": header.type, "schema": header.schema}))
    elif body is not None and header.type in _ROWS:
        rows.append(_ROWS[header.type](header, body))
    return tuple(rows)


def order_key(stamp: Stamp, node: str) -> str:
    """Text that sorts as hybrid time does, the node deciding between devices."""
    return f"{stamp.ms:016d}.{stamp.counter:016d}.{node}"


def _row(table: str, header: Header, cells: Body) -> Row:
    common: dict[str, Cell] = {"event": header.id, "order_key": order_key(header.hlc, header.node)}
    return Row(table, {**common, "id": header.entity, **{key: _cell(value) for key, value in cells.items()}})


def _cell(value: Value) -> Cell:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, str | int):
        return value
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _plain(table: str) -> Callable[[Header, Body], Row]:
    return lambda header, body: _row(table, header, body)


def _operator(header: Header, body: Body) -> Row:
    return _row("operators", header, {"operators_name": body["operators_name"]})


def _patient(header: Header, body: Body) -> Row:
    return _row("patients", header, {**body, "superseded": 0})


def _exam(header: Header, body: Body) -> Row:
    operator = cast("Body", body["operator"])
    plain = {key: value for key, value in body.items() if key != "operator"}
    return _row("exams", header, {**plain, **operator, "state": OPEN, "signed_ms": 0})


def _amendment(header: Header, body: Body) -> Row:
    return _row("amendments", header, {**body, "operator_id": header.actor, "amended_ms": header.wall_ms})


_ROWS: dict[str, Callable[[Header, Body], Row]] = {
    "site.created": _plain("site"),
    "operator.added": _operator,
    "patient.registered": _patient,
    "patient.amended": _patient,
    "pregnancy.opened": _plain("pregnancies"),
    "fetus.identified": _plain("fetuses"),
    "exam.started": _exam,
    "exam.amended": _amendment,
    "image.kept": _plain("images"),
    "measurement.taken": _plain("measurements"),
    "finding.recorded": _plain("findings"),
    "report.issued": _plain("reports"),
    "report.printed": _plain("printings"),
}
