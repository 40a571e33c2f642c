"""Tables are a function of the events: rebuilt, shuffled or grown one by one, with or without bodies, the same."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from records import canonical, events, states
from records.database import Database
from records.envelope import Header
from records.errors import Invalid
from records.events import Draft
from records.hlc import Stamp
from records.journal import Event
from records.model import Printing
from records.projections import order_key, project
from records.projector import Projector
from records.schema import PROJECTIONS, migrate
from tests.records.making import Site

VERBS = (
    "register", "amend", "amend", "start", "keep", "keep", "measure", "find", "read_back", "sign", "sign", "note",
    "issue", "print", "erase", "epoch",
)  # fmt: skip
ACTIONS = st.lists(st.tuples(st.sampled_from(VERBS), st.integers(0, 99)), min_size=5, max_size=40)


class History:
    """Plays actions on a store; what the record refuses is left out."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.queries = site.queries()

    def play(self, verb: str, number: int) -> None:
        draft = getattr(self, f"_{verb}")(number)
        if draft is not None:
            with contextlib.suppress(Invalid):
                self.site.commit(draft)

    def _chosen(self, things: Sequence, number: int):
        return things[number % len(things)] if things else None

    def _register(self, number: int) -> Draft:
        return events.patient_registered(self.site.patient(number))

    def _amend(self, number: int) -> Draft | None:
        patient = self._chosen(self.queries.patients(), number)
        if patient is None:
            return None
        ids = [
            entry.header.id for entry in self.queries.history(patient.id) if entry.header.type.startswith("patient.")
        ]
        named = tuple(name for place, name in enumerate(ids) if number >> place & 1)
        return events.patient_amended(replace(patient, given_name=f"Neema {number}"), named)

    def _start(self, number: int) -> Draft | None:
        patient = self._chosen(self.queries.patients(), number)
        return events.exam_started(self.site.exam(patient)) if patient else None

    def _keep(self, number: int) -> Draft | None:
        exam = self._chosen(self.queries.exams(), number)
        return events.image_kept(self.site.image(exam)) if exam else None

    def _measure(self, number: int) -> Draft | None:
        exam = self._chosen(self.queries.exams(), number)
        image = self._chosen(self.queries.exam(exam.id).images, number) if exam and self._shown(exam.patient) else None
        return events.measurement_taken(self.site.measurement(image)) if image else None

    def _find(self, number: int) -> Draft | None:
        exam = self._chosen(self.queries.exams(), number)
        return events.finding_recorded(self.site.finding(exam)) if exam else None

    def _read_back(self, number: int) -> Draft | None:
        exam = self._chosen(self.queries.exams("open"), number)
        return events.exam_read_back(exam.id) if exam else None

    def _sign(self, number: int) -> Draft | None:
        exam = self._chosen(self.queries.exams("read_back"), number)
        return events.exam_signed(exam.id) if exam else None

    def _note(self, number: int) -> Draft | None:
        exam = self._chosen(self.queries.exams("signed"), number)
        return events.exam_amended(exam.id, "added") if exam else None

    def _issue(self, number: int) -> Draft | None:
        exam = self._chosen(self.queries.exams("signed"), number)
        return events.report_issued(self.site.report(exam, number + 1)) if exam else None

    def _print(self, number: int) -> Draft | None:
        exam = self._chosen(self.queries.exams("signed"), number)
        reports = self.queries.exam(exam.id).reports if exam and self._shown(exam.patient) else ()
        return events.report_printed(Printing(reports[0].id, exam.id, "HP", 1)) if reports else None

    def _erase(self, number: int) -> Draft:
        ids = [row[0] for row in self.site.store._db.execute("SELECT id FROM journal ORDER BY place").fetchall()]
        return events.body_erased(self.site.operator.operator_id, (ids[-1 - number % len(ids)],), "asked")

    def _epoch(self, number: int) -> None:
        if number % 5 == 0:
            self.site.store.begin_epoch()

    def _shown(self, patient: str) -> bool:
        return any(known.id == patient for known in self.queries.patients())


def _projected(all_events: Sequence[Event]) -> str:
    db = Database(memory=True)
    migrate(db)
    projector = Projector(db)
    projector.rebuild(())
    for event in all_events:
        projector.add(event)
        projector.settle()
    digest = projector.digest()
    db.close()
    return digest


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ACTIONS, st.randoms(use_true_random=False))
def test_rebuilt_and_shuffled_equal_grown(actions, chance) -> None:
    with tempfile.TemporaryDirectory() as folder:
        site = Site(Path(folder) / "home")
        history = History(site)
        for verb, number in actions:
            history.play(verb, number)
        grown = site.store._projector.digest()
        in_order = list(site.store.journal.events())
        report = site.store.verify()
        assert report.events == len(in_order)
        site.store.rebuild()
        assert site.store._projector.digest() == grown
        shuffled = list(in_order)
        chance.shuffle(shuffled)
        assert _projected(in_order) == _projected(shuffled) == grown
        history.queries.close()
        site.store.close()


def test_projecting_is_pure(site: Site) -> None:
    exam = site.signed()
    for event in site.store.journal.events():
        before = (event.header.to_bytes(), None if event.body is None else canonical.encode(event.body))
        assert project(event.header, event.body) == project(event.header, event.body)
        assert before == (event.header.to_bytes(), None if event.body is None else canonical.encode(event.body))
    assert exam.state == "open"


def test_without_a_body_only_the_header_speaks(site: Site) -> None:
    site.signed()
    tables = {
        event.header.type: {row.table for row in project(event.header, None)} for event in site.store.journal.events()
    }
    assert tables.pop("image.kept") == tables.pop("measurement.taken") == {"steps"}
    assert tables.pop("exam.read_back") == tables.pop("exam.signed") == {"steps"}
    assert set().union(*tables.values()) == set()


def test_every_row_fits_its_table(site: Site) -> None:
    site.signed()
    for event in site.store.journal.events():
        for row in project(event.header, event.body):
            assert row.cells.keys() == PROJECTIONS[row.table].keys()


@given(st.lists(st.tuples(st.integers(0, 2**53 - 1), st.integers(0, 2**53 - 1)), min_size=2, max_size=2))
def test_the_sort_key_sorts_as_the_clock(pair: list[tuple[int, int]]) -> None:
    one, other = (Stamp(*stamp) for stamp in pair)
    assert (order_key(one, "a") < order_key(other, "a")) == (one < other)


@pytest.mark.parametrize(
    ("steps", "state"),
    [
        ([], "open"),
        (["image.kept"], "open"),
        (["exam.read_back"], "read_back"),
        (["exam.read_back", "finding.recorded"], "open"),
        (["exam.read_back", "exam.signed"], "signed"),
        (["exam.signed"], "open"),
        (["exam.read_back", "exam.signed", "image.kept", "exam.read_back"], "signed"),
        (["exam.read_back", "exam.signed", "exam.amended", "report.issued", "report.printed"], "signed"),
    ],
)
def test_states_fold_by_their_table(steps: list[str], state: str) -> None:
    folded = states.fold((kind, place) for place, kind in enumerate(steps, 1))
    assert folded == (state, steps.index("exam.signed") + 1 if state == "signed" else 0)


BODIES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 9) | st.text("ab", max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(("id", "exam", "events")), inner),
    max_leaves=6,
)


@given(
    st.sampled_from(("patient.registered", "exam.started", "image.kept", "exam.signed", "body.erased", "lung.scored")),
    st.integers(0, 3),
    st.dictionaries(st.sampled_from(("id", "exam", "events", "node")), BODIES),
)
def test_no_body_from_elsewhere_crashes_a_projection(kind: str, schema: int, body) -> None:
    header = Header(
        "00" * 16, "11" * 16, 1, "018f22e2-79b0-7cc3-98c4-dc0c0c073990", Stamp(1, 0), 1, "system", kind,
        "018f22e2-79b0-7cc3-98c4-dc0c0c073991", (), schema, "22" * 32,
    )  # fmt: skip
    assert any(row.table == "unread" for row in project(header, body)) or kind in ("exam.signed", "body.erased")
