"""From events to rows: pure functions of (header, body), so that every table can be thrown away and rebuilt.

A row carries the id of its event. An event whose body was erased gives no row; erasing it later removes the row, which
is the same thing.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from records.canonical import Value
from records.envelope import Header
from records.events import Body

Cell = str | int


@dataclass(frozen=True, slots=True)
class Put:
    """Add a row."""

    table: str
    row: dict[str, Cell]


@dataclass(frozen=True, slots=True)
class Change:
    """Set cells of the rows of a table whose ``column`` has a value."""

    table: str
    column: str
    value: str
    cells: dict[str, Cell]


Step = Put | Change


def project(header: Header, body: Body | None) -> tuple[Step, ...]:
    """What an event does to the tables. Order and state follow from the header alone, so they outlive the body."""
    row = _ROWS.get(header.type)
    added = () if body is None or row is None else (row(header, body),)
    return (*_replaced(header), *added, *_moved(header))


def _replaced(header: Header) -> tuple[Step, ...]:
    return tuple(Change("patients", "event", event, {"superseded": 1}) for event in header.supersedes)


def _moved(header: Header) -> tuple[Step, ...]:
    state = _STATES.get(header.type)
    if state is None:
        return ()
    signed: dict[str, Cell] = {"signed_ms": header.wall_ms} if state == "signed" else {}
    return (Change("exams", "id", header.entity, {"state": state, **signed}),)


def _row(table: str, header: Header, body: Body, **more: Cell) -> Put:
    cells = {key: _cell(value) for key, value in body.items()}
    return Put(table, {"id": header.entity, **cells, **more, "event": header.id})


def _cell(value: Value) -> Cell:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, str | int):
        return value
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _plain(table: str) -> Callable[[Header, Body], Put]:
    return lambda header, body: _row(table, header, body)


def _operator(header: Header, body: Body) -> Put:
    return _row("operators", header, {"operators_name": body["operators_name"]})


def _patient(header: Header, body: Body) -> Put:
    order = f"{header.hlc.ms:015d}.{header.hlc.counter:08d}.{header.node}"
    return _row("patients", header, body, order_key=order, superseded=0)


def _exam(header: Header, body: Body) -> Put:
    operator = cast("dict[str, str]", body["operator"])
    plain = {key: value for key, value in body.items() if key != "operator"}
    return _row("exams", header, plain, state="open", signed_ms=0, **operator)


_ROWS: dict[str, Callable[[Header, Body], Put]] = {
    "site.created": _plain("site"),
    "operator.added": _operator,
    "patient.registered": _patient,
    "patient.amended": _patient,
    "pregnancy.opened": _plain("pregnancies"),
    "fetus.identified": _plain("fetuses"),
    "exam.started": _exam,
    "image.kept": _plain("images"),
    "measurement.taken": _plain("measurements"),
    "finding.recorded": _plain("findings"),
    "report.issued": _plain("reports"),
}
_STATES = {
    "image.kept": "open",
    "measurement.taken": "open",
    "finding.recorded": "open",
    "exam.read_back": "read_back",
    "exam.signed": "signed",
}
