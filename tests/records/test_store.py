"""What the store takes and refuses, and that a refusal changes nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from records import events
from records.bodies import Body
from records.database import DatabaseError, open_writable
from records.errors import Damaged, Invalid
from records.events import Draft
from records.hlc import DAY_MS
from records.model import Image, Printing
from records.queries import Queries
from records.vault import Vault
from tests.records.making import NAMES, SOURCE, Entropy, Site


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


def test_a_disk_that_is_gone_for_a_moment(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commit fails, even the end of the chain cannot be read; then the disk is back and the chain goes on."""
    tail = site.store.journal.tail

    def gone() -> None:
        raise DatabaseError("disk I/O error")

    with monkeypatch.context() as broken:
        broken.setattr(site.store.journal, "sign", gone)
        broken.setattr(site.store.journal, "reload", gone)
        with pytest.raises(Damaged, match="disk I/O error"):
            site.commit(events.patient_registered(site.patient()))
    assert site.store.journal.tail == tail
    site.commit(events.patient_registered(site.patient()))
    assert site.store.verify().events == tail.seq + 1


class TestOlderForms:
    """Events as Sauti 0.1 wrote them: schema 1, before a picture could be turned round."""

    def old_body(self, image: Image) -> Body:
        body = dict(events.image_kept(image).body)
        source = dict(cast("Body", body.pop("source")))
        del body["mirrored"], body["upside_down"], source["gain_db"], source["dynamic_range_db"]
        del body["mode"], body["axes"], body["line"], body["interval_us"]
        return {**body, "source": source}

    def write_old(self, site: Site, monkeypatch: pytest.MonkeyPatch, image: Image) -> bytes:
        monkeypatch.setattr("records.journal.schema_of", lambda kind: 1)
        with site.store._db.atomic():
            draft = Draft("image.kept", image.exam, self.old_body(image))
            event = site.store.journal.append(draft, site.operator.operator_id, site.clock())
            site.store._projector.add(event)
            site.store.journal.sign()
            site.store._projector.settle()
        monkeypatch.undo()
        return event.hash

    def test_an_old_picture_is_read_as_not_turned_and_keeps_its_bytes(
        self, site: Site, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        exam = site.started()
        image = site.image(exam)
        written = self.write_old(site, monkeypatch, image)
        plain = replace(image, source=replace(image.source, gain_db="", dynamic_range_db=""))
        queries = site.queries()
        assert queries.exam(exam.id).images == (plain,)
        assert queries.not_understood() == ()
        before = site.store._projector.digest()
        site.store.rebuild()
        assert site.store._projector.digest() == before
        assert site.queries().exam(exam.id).images == (plain,)
        assert [event.hash for event in site.store.journal.events() if event.header.type == "image.kept"] == [written]
        site.store.verify()

    def test_old_and_new_stand_beside_each_other(self, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
        exam = site.started()
        self.write_old(site, monkeypatch, site.image(exam))
        turned = replace(
            site.image(exam), mirrored=True, upside_down=True,
            source=replace(SOURCE, gain_db="-6", dynamic_range_db="55"),
        )  # fmt: skip
        site.commit(events.image_kept(turned))
        old, new = site.queries().exam(exam.id).images
        assert (old.mirrored, old.upside_down, old.source.gain_db) == (False, False, "")
        assert new == turned

    @pytest.mark.parametrize("schema", [0, 4])
    def test_other_forms_are_not_understood(self, site: Site, monkeypatch: pytest.MonkeyPatch, schema: int) -> None:
        exam = site.started()
        monkeypatch.setattr("records.journal.schema_of", lambda kind: schema)
        with site.store._db.atomic():
            draft = Draft("image.kept", exam.id, self.old_body(site.image(exam)))
            site.store._projector.add(site.store.journal.append(draft, "system", site.clock()))
            site.store.journal.sign()
        assert [entry.body for entry in site.queries().not_understood()] == [draft.body]
