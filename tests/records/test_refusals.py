"""What the store refuses, and that a refusal changes nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from records import events
from records.errors import Invalid
from records.events import Draft
from records.model import ImageAxis
from tests.records.making import Site


def _size(site: Site) -> int:
    return site.store.verify().events


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

    def test_a_name_that_fits_no_page(self, site: Site) -> None:
        patient = replace(site.patient(2), family_name="W" * 65)
        with pytest.raises(Invalid, match="family_name"):
            site.commit(events.patient_registered(patient))

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


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", "x"), ("family_name", ""), ("family_name", "  "), ("family_name", None), ("given_name", "a\x00b"),
        ("given_name", "x" * 10_001), ("patient_sex", "f"), ("patient_sex", None), ("birth_date", "31.12.1999"),
        ("birth_date", "1999-02-30"), ("birth_date", "1999-13"), ("birth_date", "0000"), ("birth_date", 1999),
        ("birth_date", "1999-1"), ("birth_date", "1999-01-01T00:00"), ("fetal_sex", "F"),
    ],
)  # fmt: skip
def test_a_patient_s_body_is_checked(site: Site, field: str, value: str) -> None:
    draft = events.patient_registered(site.patient())
    with pytest.raises(Invalid, match=field):
        site.commit(replace(draft, body={**draft.body, field: value}))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("rows", 0), ("rows", True), ("pixel_um", -1), ("kind", "film"), ("blobs", {}), ("blobs", []),
        ("acquired_ms", 1.5), ("blobs", {"Display": None}), ("blobs", {"display": {"address": "00"}}), ("source", {}),
        ("source", None), ("exam", "018f22e2-79b0-7cc3-98c4-dc0c0c073990"),
    ],
    ids=repr,
)  # fmt: skip
def test_an_image_s_body_is_checked(site: Site, field: str, value: object) -> None:
    draft = events.image_kept(site.image(site.started()))
    with pytest.raises(Invalid, match=field):
        site.commit(replace(draft, body={**draft.body, field: value}))


AXES = [{"unit": "us", "first": 0, "step": 10}, {"unit": "um", "first": 0, "step": 200}]
CURVE = [{"unit": "um", "first": 0, "step": 90}, {"unit": "mdB", "first": 0, "step": -126}]


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"mode": "M"}, "pixel_um, axes"), ({"mode": "M", "axes": AXES}, "pixel_um"), ({"axes": AXES}, "axes"),
        ({"mode": "M", "pixel_um": 0}, "axes"), ({"mode": "A", "pixel_um": 0, "axes": AXES}, "axes"),
        ({"mode": "M", "pixel_um": 0, "axes": AXES[::-1]}, "axes"), ({"pixel_um": 0}, "pixel_um"),
        ({"mode": "M", "pixel_um": 0, "axes": AXES[:1]}, "axes"), ({"mode": "C"}, "mode"),
        ({"mode": "M", "pixel_um": 0, "axes": [AXES[0], {**AXES[1], "step": 0}]}, "axes"),
        ({"mode": "M", "pixel_um": 0, "axes": [AXES[0], {**AXES[1], "unit": "mm"}]}, "axes"),
    ],
    ids=repr,
)  # fmt: skip
def test_a_picture_of_one_beam_never_has_a_square_pixel(site: Site, changes: dict[str, object], wrong: str) -> None:
    draft = events.image_kept(site.image(site.started()))
    with pytest.raises(Invalid, match=f"image.kept: {wrong} is"):
        site.commit(replace(draft, body={**draft.body, **changes}))


@pytest.mark.parametrize(("mode", "axes"), [("M", AXES), ("A", CURVE)])
def test_a_picture_of_one_beam_comes_back_with_its_axes(site: Site, mode: str, axes: list[dict[str, object]]) -> None:
    exam = site.started()
    image = replace(
        site.image(exam), mode=mode, pixel_um=0, origin_x_um=0, axes=tuple(ImageAxis(**axis) for axis in axes), line=12,
        interval_us=100_000,
    )  # fmt: skip
    site.commit(events.image_kept(image))
    assert site.queries().exam(exam.id).images == (image,)


@pytest.mark.parametrize("index", ["1,5", "1e3", "high", "01", "-"])
def test_an_index_is_a_decimal_text(site: Site, index: str) -> None:
    image = site.image(site.started())
    with pytest.raises(Invalid, match="source"):
        site.commit(events.image_kept(replace(image, source=replace(image.source, thermal_index=index))))


def test_an_entity_is_a_uuid(site: Site) -> None:
    with pytest.raises(Invalid, match="entity"):
        site.commit(Draft("clock.suspected", "somewhere", {"wall_ms": 1, "last_ms": 2}))


def test_a_missing_field_is_named(site: Site) -> None:
    draft = events.patient_registered(site.patient())
    with pytest.raises(Invalid, match="given_name"):
        site.commit(replace(draft, body={key: value for key, value in draft.body.items() if key != "given_name"}))
