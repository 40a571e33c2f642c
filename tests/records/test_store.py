"""What the store takes and refuses, and that a refusal changes nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from records import events
from records.database import DatabaseError, open_writable
from records.errors import Damaged, Invalid
from records.events import Draft
from records.hlc import DAY_MS
from records.model import Printing
from records.queries import Queries
from records.vault import Vault
from tests.records.making import NAMES, Entropy, Site


def _size(site: Site) -> int:
    return site.store.verify().events


def test_a_commit_says_what_is_on_the_disk(site: Site, queries: Queries) -> None:
    patient = site.patient()
    committed = site.commit(events.patient_registered(patient), events.exam_started(site.exam(patient)))
    assert (committed.first_seq, committed.last_seq, committed.clock_suspect) == (3, 4, False)
    assert committed.at_ms == site.clock.ms
    [entry] = queries.history(patient.id)
    assert entry.header.id == committed.event_ids[0]
    assert entry.header.actor == site.operator.operator_id
    assert len(set(committed.event_ids)) == 2


def test_it_is_all_there_after_reopening(site: Site) -> None:
    exam = site.signed()
    before = site.queries().exam(exam.id)
    tail = site.store.journal.tail
    store = site.reopen()
    assert store.journal.tail == tail
    assert site.queries().exam(exam.id) == before
    assert store.verify().events == tail.seq


def test_the_database_writes_safely(site: Site) -> None:
    pragmas = ("journal_mode", "synchronous", "secure_delete", "foreign_keys")
    found = [site.store._db.execute(f"PRAGMA {name}").fetchone()[0] for name in pragmas]
    assert found == ["wal", 2, 1, 1]
    assert (site.paths.database.stat().st_mode & 0o777, site.paths.folder.stat().st_mode & 0o777) == (0o600, 0o700)


@pytest.mark.parametrize("number", range(len(NAMES)))
def test_names_of_every_script(site: Site, queries: Queries, number: int) -> None:
    patient = site.patient(number)
    site.commit(events.patient_registered(patient))
    known = queries.patient_numbered(patient.patient_id)
    assert known == patient
    assert (known.family_name, known.given_name) == NAMES[number]


def test_text_in_another_normal_form_is_the_same_name(site: Site, queries: Queries) -> None:
    typed = site.patient(family_name="Ade\u0301ba\u0301yo\u0323\u0300")
    site.commit(events.patient_registered(typed))
    assert queries.patient(typed.id).patient.family_name == "Adébáyọ̀"


class TestRefusals:
    """Each is Invalid, and the journal is as long as before."""

    @pytest.fixture(autouse=True)
    def nothing_changed(self, site: Site):
        self.exam = site.signed()
        self.open = site.started(1)
        self.size, tail = _size(site), site.store.journal.tail
        yield
        assert _size(site) == self.size
        assert site.store.journal.tail == tail
        site.commit(events.patient_registered(site.patient(2)))
        assert _size(site) == self.size + 1

    def test_nothing(self, site: Site) -> None:
        with pytest.raises(Invalid, match="nothing to record"):
            site.commit()

    def test_a_picture_for_a_signed_exam(self, site: Site) -> None:
        with pytest.raises(Invalid, match="signed and cannot be changed"):
            site.commit(events.image_kept(site.image(self.exam)))

    def test_a_finding_for_a_signed_exam(self, site: Site) -> None:
        with pytest.raises(Invalid, match="signed and cannot be changed"):
            site.commit(events.finding_recorded(site.finding(self.exam)))

    def test_signing_twice(self, site: Site) -> None:
        with pytest.raises(Invalid, match="signed"):
            site.commit(events.exam_signed(self.exam.id))

    def test_signing_what_was_not_read_back(self, site: Site) -> None:
        with pytest.raises(Invalid, match="out of order"):
            site.commit(events.exam_signed(self.open.id))

    def test_signing_what_has_changed_since_it_was_read_back(self, site: Site) -> None:
        change = events.image_kept(site.image(self.open))
        with pytest.raises(Invalid, match="out of order"):
            site.commit(events.exam_read_back(self.open.id), change, events.exam_signed(self.open.id))

    def test_a_report_of_an_open_exam(self, site: Site) -> None:
        with pytest.raises(Invalid, match="out of order"):
            site.commit(events.report_issued(site.report(self.open)))

    def test_amending_an_open_exam(self, site: Site) -> None:
        with pytest.raises(Invalid, match="out of order"):
            site.commit(events.exam_amended(self.open.id, "typing error"))

    def test_an_exam_that_was_never_started(self, site: Site) -> None:
        with pytest.raises(Invalid, match="no such exam"):
            site.commit(events.exam_read_back(site.new()))

    def test_the_whole_batch_goes_with_its_last_draft(self, site: Site) -> None:
        patient = site.patient(3)
        with pytest.raises(Invalid):
            site.commit(events.patient_registered(patient), events.exam_signed(self.open.id))

    def test_a_patient_twice(self, site: Site) -> None:
        patient = site.patient(3)
        with pytest.raises(Invalid, match="patient is in the record already"):
            site.commit(events.patient_registered(patient), events.patient_registered(patient))

    def test_an_exam_of_nobody(self, site: Site) -> None:
        with pytest.raises(Invalid, match="no such patient"):
            site.commit(events.exam_started(site.exam(site.patient(3))))

    def test_an_exam_in_another_patient_s_pregnancy(self, site: Site) -> None:
        one, other = site.patient(3), site.patient(4)
        pregnancy = site.pregnancy(one)
        drafts = [*map(events.patient_registered, (one, other)), events.pregnancy_opened(pregnancy)]
        with pytest.raises(Invalid, match="no such pregnancy"):
            site.commit(*drafts, events.exam_started(site.exam(other, pregnancy)))

    def test_a_measurement_on_another_exam_s_image(self, site: Site) -> None:
        image = site.image(self.exam)
        with pytest.raises(Invalid, match="no such image"):
            site.commit(events.measurement_taken(site.measurement(replace(image, exam=self.open.id))))

    def test_a_measurement_of_another_pregnancy_s_fetus(self, site: Site) -> None:
        patient, image = site.patient(3), site.image(self.open)
        pregnancy = site.pregnancy(patient)
        fetus = site.fetus(pregnancy)
        drafts = [
            events.patient_registered(patient),
            events.pregnancy_opened(pregnancy),
            events.fetus_identified(fetus),
        ]
        measured = events.measurement_taken(site.measurement(image, fetus.id))
        with pytest.raises(Invalid, match="another pregnancy"):
            site.commit(*drafts, events.image_kept(image), measured)

    def test_two_fetuses_of_one_letter(self, site: Site) -> None:
        patient = site.patient(3)
        pregnancy = site.pregnancy(patient)
        twins = [events.fetus_identified(site.fetus(pregnancy)) for _ in range(2)]
        with pytest.raises(Invalid, match="fetus A already"):
            site.commit(events.patient_registered(patient), events.pregnancy_opened(pregnancy), *twins)

    def test_a_picture_whose_file_is_not_there(self, site: Site) -> None:
        image = site.image(self.open)
        site.blobs.path(image.blobs["display"].address).unlink()
        with pytest.raises(Invalid, match="not on the disk yet"):
            site.commit(events.image_kept(image))

    def test_replacing_a_measurement(self, site: Site) -> None:
        image = site.image(self.open)
        kept, taken = events.image_kept(image), events.measurement_taken(site.measurement(image))
        with pytest.raises(Invalid, match="only ever added"):
            site.commit(kept, replace(taken, supersedes=(site.new(),)))

    def test_replacing_a_value_that_is_not_there(self, site: Site) -> None:
        patient = site.queries().patients()[0]
        with pytest.raises(Invalid, match="not in the record"):
            site.commit(events.patient_amended(patient, (site.new(),)))

    def test_a_second_site(self, site: Site) -> None:
        facility = site.queries().facility()
        assert facility is not None
        with pytest.raises(Invalid, match="site is in the record"):
            site.commit(events.site_created(facility, site.new()))

    @pytest.mark.parametrize("actor", ["", "Wanjikũ", "SYSTEM"])
    def test_an_actor_by_name(self, site: Site, actor: str) -> None:
        with pytest.raises(Invalid, match="who acts"):
            site.store.commit([events.patient_registered(site.patient(3))], actor)

    def test_an_unknown_type(self, site: Site) -> None:
        with pytest.raises(Invalid, match=r"no event soul\.weighed"):
            site.commit(Draft("soul.weighed", site.new(), {}))

    def test_erasing_what_is_not_there(self, site: Site) -> None:
        with pytest.raises(Invalid, match="nothing to erase"):
            site.commit(events.body_erased(self.exam.patient, (site.new(),), "asked"))

    def test_erasing_the_site(self, site: Site) -> None:
        first = site.store._db.execute("SELECT id, entity FROM journal ORDER BY place LIMIT 1").fetchone()
        with pytest.raises(Invalid, match="nothing to erase"):
            site.commit(events.body_erased(first[1], (first[0],), "asked"))


def test_what_a_signed_exam_still_takes(site: Site, queries: Queries) -> None:
    exam = site.signed()
    report = site.report(exam)
    site.commit(events.report_issued(report))
    with pytest.raises(Invalid, match="number 1 already"):
        site.commit(events.report_issued(site.report(exam, 1)))
    site.commit(events.report_printed(Printing(report.id, exam.id, "HP", site.clock.ms)))
    site.commit(events.exam_amended(exam.id, "the other side"))
    site.commit(events.report_issued(site.report(exam, 2)))
    record = queries.exam(exam.id)
    assert record.exam.state == "signed"
    assert [entry.number for entry in record.reports] == [1, 2]
    assert [entry.printer for entry in record.printings] == ["HP"]
    assert [(entry.note, entry.operator_id) for entry in record.amendments] == [
        ("the other side", site.operator.operator_id)
    ]


def test_two_values_made_apart_are_both_kept(site: Site, queries: Queries) -> None:
    patient = site.patient()
    [first] = site.commit(events.patient_registered(patient)).event_ids
    ours, theirs = replace(patient, birth_date="1999-03-02"), replace(patient, birth_date="1998")
    site.commit(events.patient_amended(ours, (first,)))
    site.commit(events.patient_amended(theirs, (first,)))
    values = queries.patient(patient.id)
    assert (values.patient, values.conflicting) == (theirs, (ours,))
    assert queries.patients() == (theirs,)
    site.commit(events.patient_amended(ours, values.heads))
    assert queries.patient(patient.id) == replace(
        values, patient=ours, conflicting=(), heads=queries.patient(patient.id).heads
    )
    assert len(queries.patient(patient.id).heads) == 1


class TestErasure:
    def test_the_body_is_gone_and_the_chain_holds(self, site: Site, queries: Queries) -> None:
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

    def test_an_exam_of_an_erased_patient_is_not_shown_under_no_name(self, site: Site, queries: Queries) -> None:
        exam = site.signed()
        [registered] = queries.history(exam.patient)
        site.commit(events.body_erased(exam.patient, (registered.header.id,), "asked"))
        with pytest.raises(LookupError, match="was erased"):
            queries.exam(exam.id)
        assert [entry.state for entry in queries.exams()] == ["signed"]

    def test_an_erased_amendment_does_not_bring_the_old_value_back(self, site: Site, queries: Queries) -> None:
        patient = site.patient()
        [first] = site.commit(events.patient_registered(patient)).event_ids
        [second] = site.commit(events.patient_amended(replace(patient, given_name="Zawadi"), (first,))).event_ids
        site.commit(events.body_erased(patient.id, (second,), "asked"))
        assert queries.patients() == ()

    def test_an_erased_step_leaves_the_exam_signed(self, site: Site, queries: Queries) -> None:
        exam = site.signed()
        steps = [entry.header.id for entry in queries.history(exam.id) if entry.header.type == "exam.signed"]
        site.commit(events.body_erased(exam.id, tuple(steps), "asked"))
        assert queries.exam(exam.id).exam.state == "signed"
        with pytest.raises(Invalid, match="signed"):
            site.commit(events.image_kept(site.image(exam)))

    def test_erasing_a_picture_between_reading_back_and_signing(self, site: Site, queries: Queries) -> None:
        exam = site.started()
        kept = site.commit(events.image_kept(site.image(exam))).event_ids
        erased = events.body_erased(exam.id, kept, "another patient's")
        site.commit(events.exam_read_back(exam.id), erased, events.exam_signed(exam.id))
        assert queries.exam(exam.id).exam.state == "signed"
        assert queries.exam(exam.id).images == ()

    def test_an_exam_erased_in_the_same_batch_takes_nothing_more(self, site: Site, queries: Queries) -> None:
        exam = site.started()
        started = queries.history(exam.id)[0].header.id
        with pytest.raises(Invalid, match="no such exam"):
            site.commit(events.body_erased(exam.id, (started,), "asked"), events.exam_read_back(exam.id))
        assert queries.exams() != ()

    def test_the_write_ahead_log_is_emptied(self, site: Site) -> None:
        exam = site.signed()
        log = site.paths.database.with_name("journal.db-wal")
        assert log.stat().st_size > 0
        [registered] = site.queries().history(exam.patient)
        site.commit(events.body_erased(exam.patient, (registered.header.id,), "asked"))
        assert log.stat().st_size == 0

    def test_a_busy_reader_does_not_make_the_commit_fail(self, site: Site, queries: Queries) -> None:
        exam = site.signed()
        [registered] = queries.history(exam.patient)
        with queries._moment():
            queries.exams()
            site.commit(events.body_erased(exam.patient, (registered.header.id,), "asked"))
        assert site.store.verify().erased == 1


class TestClock:
    @pytest.mark.parametrize("days", [-3000, -2, 2, 27_000])
    def test_a_jump_is_said_once(self, site: Site, queries: Queries, days: int) -> None:
        before = site.clock.ms
        site.clock.ms += days * DAY_MS
        patient = site.patient()
        committed = site.commit(events.patient_registered(patient))
        assert committed.clock_suspect
        [suspicion, _] = queries.history(patient.id)
        assert suspicion.header.type == "clock.suspected"
        assert suspicion.body == {"wall_ms": site.clock.ms, "last_ms": before}
        assert not site.commit(events.patient_registered(site.patient(1))).clock_suspect
        site.store.verify()

    def test_order_survives_a_clock_that_went_back(self, site: Site, queries: Queries) -> None:
        exam = site.started()
        first = site.image(exam)
        site.commit(events.image_kept(first))
        site.clock.ms -= 5 * DAY_MS
        second = site.image(exam)
        site.commit(events.image_kept(second))
        assert queries.exam(exam.id).images == (first, second)
        stamps = [entry.header.hlc for entry in queries.history(exam.id)]
        assert stamps == sorted(set(stamps))
        assert queries.history(exam.id)[-1].header.wall_ms == site.clock.ms

    def test_a_day_off_is_no_jump(self, site: Site) -> None:
        site.clock.ms += DAY_MS - 10
        assert not site.commit(events.patient_registered(site.patient())).clock_suspect


class TestEpochs:
    def test_every_database_has_its_own(self, site: Site, tmp_path: Path) -> None:
        other = Site(tmp_path / "other", seed=2)
        assert other.store.journal.epoch != site.store.journal.epoch
        other.store.close()

    def test_a_restored_store_begins_a_new_one_and_all_verify(self, site: Site, queries: Queries) -> None:
        exam = site.signed()
        old, stamp = site.store.journal.epoch, site.store.journal.tail.stamp
        new = site.store.begin_epoch()
        assert new != old
        committed = site.commit(events.report_issued(site.report(exam)))
        assert committed.first_seq == 1
        assert queries.history(exam.id)[-1].header.hlc > stamp
        report = site.store.verify()
        assert [chain.epoch for chain in report.chains] == [old, new]
        assert [chain.events for chain in report.chains][1] == 1
        assert site.reopen().journal.epoch == new
        site.store.rebuild()
        assert len(queries.exam(exam.id).reports) == 1

    def test_another_site_s_vault_does_not_open_it(self, site: Site) -> None:
        stranger = Vault(Entropy(9)(32))
        with pytest.raises(Damaged, match="cannot be opened"):
            Queries(site.paths, stranger)


class TestSchema:
    def test_a_newer_journal_is_refused_by_both_sides(self, site: Site) -> None:
        site.store._db.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('sauti', 'm999_later', '')"
        )
        for opening in (site.reopen, site.queries):
            with pytest.raises(Damaged, match="newer Sauti"):
                opening()

    def test_newer_projections_are_refused_by_both_sides(self, site: Site) -> None:
        site.store._db.execute("UPDATE projected SET version = 999")
        for opening in (site.reopen, site.queries):
            with pytest.raises(Damaged, match="newer Sauti"):
                opening()

    def test_older_projections_are_rebuilt_by_the_writer(self, site: Site) -> None:
        exam = site.signed()
        site.store._db.execute("UPDATE projected SET version = 0")
        site.store._db.execute("DROP TABLE images")
        with pytest.raises(Damaged, match="Start the workstation once"):
            site.queries()
        site.reopen()
        assert len(site.queries().exam(exam.id).images) == 1
        site.store.verify()


def test_an_event_of_a_newer_sauti_is_kept_and_shown(site: Site) -> None:
    exam = site.signed()
    later = [
        Draft("lung.scored", exam.id, {"exam": exam.id, "zones": [1, 2, 3]}),
        Draft("patient.registered", site.new(), {"id": "another form"}),
        Draft("exam.signed", exam.id, {"exam": exam.id, "with": "a pen"}),
    ]
    with site.store._db.atomic():
        for draft in later:
            site.store._projector.add(site.store.journal.append(draft, "system", site.clock()))
        site.store.journal.sign()
        site.store._projector.settle()
    queries = site.queries()
    assert [entry.body for entry in queries.not_understood()] == [draft.body for draft in later]
    assert queries.exam(exam.id).exam.state == "signed"
    assert len(queries.patients()) == 1
    site.store.verify()
    site.store.rebuild()
    assert len(site.reopen().journal.epoch) == 32


def test_a_reader_sees_one_moment(site: Site, queries: Queries) -> None:
    exam = site.started()
    with queries._moment():
        before = queries.exam(exam.id)
        site.commit(events.image_kept(site.image(exam)))
        assert queries.exam(exam.id) == before
    assert len(queries.exam(exam.id).images) == 1


def test_a_reader_cannot_write(site: Site, queries: Queries) -> None:
    with pytest.raises(DatabaseError):
        queries._db.execute("DELETE FROM journal")


def test_a_second_connection_cannot_fork_the_chain(site: Site) -> None:
    """The lock keeps a second writer out; should one slip past it, the key (node, epoch, seq) still refuses."""
    other = site.open()
    site.commit(events.patient_registered(site.patient(1)))
    with pytest.raises(Damaged):
        other.commit([events.patient_registered(site.patient(2))], "system")
    other.commit([events.patient_registered(site.patient(2))], "system")
    other.close()
    assert site.reopen().verify().events == 4


def test_nothing_is_left_open_after_a_refused_opening(site: Site) -> None:
    site.store.close()
    open_writable(site.paths.database, site.vault.database_key("clinic")).execute("DELETE FROM heads")
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(3):
        with pytest.raises(Damaged):
            site.open()
    assert len(list(Path("/proc/self/fd").iterdir())) <= before
