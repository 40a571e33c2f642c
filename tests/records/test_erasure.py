"""Erasing: the body is gone everywhere, its place in the chain stays."""

from __future__ import annotations

from dataclasses import replace

import pytest

from records import events
from records.errors import Invalid
from records.queries import Queries
from tests.records.making import Site


def test_the_body_is_gone_and_the_chain_holds(site: Site, queries: Queries) -> None:
    exam = site.signed()
    entries = [entry for entity in (exam.patient, exam.id) for entry in queries.history(entity)]
    site.commit(events.body_erased(exam.patient, tuple(entry.header.id for entry in entries), "asked"))
    report = site.store.verify()
    assert report.erased == len(entries)
    assert queries.patients() == ()
    assert queries.exams() == ()
    assert queries.blob_refs() == ()
    assert all(entry.body is None for entry in queries.history(exam.id))
    rows = site.store._db.execute("SELECT count(*) FROM journal WHERE salt IS NULL AND body IS NULL").fetchone()
    assert rows == (len(entries),)
    site.reopen().verify()


def test_an_exam_of_an_erased_patient_is_not_shown_under_no_name(site: Site, queries: Queries) -> None:
    exam = site.signed()
    [registered] = queries.history(exam.patient)
    site.commit(events.body_erased(exam.patient, (registered.header.id,), "asked"))
    with pytest.raises(LookupError, match="was erased"):
        queries.exam(exam.id)
    assert [entry.state for entry in queries.exams()] == ["signed"]


def test_an_erased_amendment_does_not_bring_the_old_value_back(site: Site, queries: Queries) -> None:
    patient = site.patient()
    [first] = site.commit(events.patient_registered(patient)).event_ids
    [second] = site.commit(events.patient_amended(replace(patient, given_name="Zawadi"), (first,))).event_ids
    site.commit(events.body_erased(patient.id, (second,), "asked"))
    assert queries.patients() == ()


def test_an_erased_step_leaves_the_exam_signed(site: Site, queries: Queries) -> None:
    exam = site.signed()
    steps = [entry.header.id for entry in queries.history(exam.id) if entry.header.type == "exam.signed"]
    site.commit(events.body_erased(exam.id, tuple(steps), "asked"))
    assert queries.exam(exam.id).exam.state == "signed"
    with pytest.raises(Invalid, match="signed"):
        site.commit(events.image_kept(site.image(exam)))


def test_erasing_a_picture_between_reading_back_and_signing(site: Site, queries: Queries) -> None:
    exam = site.started()
    kept = site.commit(events.image_kept(site.image(exam))).event_ids
    erased = events.body_erased(exam.id, kept, "another patient's")
    site.commit(events.exam_read_back(exam.id), erased, events.exam_signed(exam.id))
    assert queries.exam(exam.id).exam.state == "signed"
    assert queries.exam(exam.id).images == ()


def test_an_exam_erased_in_the_same_batch_takes_nothing_more(site: Site, queries: Queries) -> None:
    exam = site.started()
    started = queries.history(exam.id)[0].header.id
    with pytest.raises(Invalid, match="no such exam"):
        site.commit(events.body_erased(exam.id, (started,), "asked"), events.exam_read_back(exam.id))
    assert queries.exams() != ()


def test_the_write_ahead_log_is_emptied(site: Site) -> None:
    exam = site.signed()
    log = site.paths.database.with_name("journal.db-wal")
    assert log.stat().st_size > 0
    [registered] = site.queries().history(exam.patient)
    site.commit(events.body_erased(exam.patient, (registered.header.id,), "asked"))
    assert log.stat().st_size == 0


def test_a_busy_reader_does_not_make_the_commit_fail(site: Site, queries: Queries) -> None:
    exam = site.signed()
    [registered] = queries.history(exam.patient)
    with queries._moment():
        queries.exams()
        site.commit(events.body_erased(exam.patient, (registered.header.id,), "asked"))
    assert site.store.verify().erased == 1
