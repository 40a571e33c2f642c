"""The read side gives back the values that were recorded, in an order that can be relied on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from records import events
from records.errors import NotFound
from records.model import Facility, Operator
from records.queries import Queries
from tests.records.making import NAMES, Site


def test_site_and_operators(site: Site, queries: Queries) -> None:
    assert queries.facility() == Facility("Kituo cha Afya cha Ngong'", "PC 1", site.vault.node)
    other = Operator(site.new(), "Abebe")
    site.commit(events.operator_added(other))
    assert queries.operators() == (other, site.operator)


def test_patients_by_name(site: Site, queries: Queries) -> None:
    patients = [site.patient(number) for number in range(len(NAMES))]
    site.commit(*map(events.patient_registered, patients))
    assert queries.patients() == tuple(sorted(patients, key=lambda patient: patient.patient_name.casefold()))
    assert queries.patient_numbered("ANC-0003") == patients[3]
    assert queries.patient_numbered("ANC-9999") is None
    with pytest.raises(NotFound, match="no such patient"):
        queries.patient(site.new())


def test_two_pregnancies_stay_two(site: Site, queries: Queries) -> None:
    patient = site.patient()
    first, second = site.pregnancy(patient), replace(site.pregnancy(patient), lmp_date="", opened_ms=site.clock.ms + 9)
    twins = [site.fetus(second, letter) for letter in "AB"]
    exam = site.exam(patient, second)
    site.commit(events.patient_registered(patient), *map(events.pregnancy_opened, (first, second)))
    site.commit(*map(events.fetus_identified, reversed(twins)), events.exam_started(exam))
    assert queries.pregnancies(patient.id) == (second, first)
    assert queries.fetuses(second.id) == tuple(twins)
    assert queries.fetuses(first.id) == ()
    record = queries.exam(exam.id)
    assert (record.pregnancy, record.fetuses, record.patient) == (second, tuple(twins), patient)


def test_a_whole_exam_comes_back_as_it_was_given(site: Site, queries: Queries) -> None:
    patient = site.patient(1)
    pregnancy = site.pregnancy(patient)
    fetus = site.fetus(pregnancy)
    exam = site.exam(patient, pregnancy)
    image, loop = site.image(exam), replace(site.image(exam), kind="loop", frames=40)
    measurement, finding = site.measurement(image, fetus.id), site.finding(exam, "hajui\nna hofu")
    site.commit(
        events.patient_registered(patient), events.pregnancy_opened(pregnancy), events.fetus_identified(fetus),
        events.exam_started(exam), events.image_kept(image), events.image_kept(loop),
        events.measurement_taken(measurement), events.finding_recorded(finding),
    )  # fmt: skip
    record = queries.exam(exam.id)
    assert (record.images, record.measurements, record.findings) == ((image, loop), (measurement,), (finding,))
    assert record.exam == exam
    assert record.exam.study_instance_uid.startswith("2.25.")
    site.commit(events.exam_read_back(exam.id))
    at_ms = site.commit(events.exam_signed(exam.id)).at_ms
    assert queries.exam(exam.id).exam == replace(exam, state="signed", signed_ms=at_ms)
    report = site.report(exam)
    site.commit(events.report_issued(report))
    assert queries.exam(exam.id).reports == (report,)
    named = [image.blobs["display"], loop.blobs["display"], report.document]
    assert [ref for _, ref in queries.blob_refs()] == named
    assert [what.split()[0] for what, _ in queries.blob_refs()] == ["image", "image", "report"]


def test_exams_newest_first_and_by_state(site: Site, queries: Queries) -> None:
    signed, started = site.signed(), site.started(1)
    assert [exam.id for exam in queries.exams()] == [started.id, signed.id]
    assert [exam.id for exam in queries.exams("signed")] == [signed.id]
    assert [exam.id for exam in queries.exams("open")] == [started.id]
    assert queries.exams("read_back") == ()
    with pytest.raises(NotFound, match="no such exam"):
        queries.exam(site.new())


def test_history_says_who_and_when(site: Site, queries: Queries) -> None:
    exam = site.signed()
    entries = queries.history(exam.id)
    assert [entry.header.type for entry in entries] == [
        "exam.started", "image.kept", "measurement.taken", "exam.read_back", "exam.signed",
    ]  # fmt: skip
    assert {entry.header.actor for entry in entries} == {site.operator.operator_id}
    assert queries.not_understood() == ()
