from __future__ import annotations

from dataclasses import asdict, replace

import pytest

from records import model
from records.codes import Coded
from records.errors import Invalid
from records.model import Amendment, BlobRef, ExamRecord, Report
from records.reports.content import Line, ReportContent, digest, report_content
from tests.records.reports.samples import (
    EXAM_ID,
    ISSUED_MS,
    bare_record,
    crowded_record,
    exam_record,
    image,
    measurement,
    practice_record,
)


def content_of(record: ExamRecord, **other: object) -> ReportContent:
    given = {"issued_ms": ISSUED_MS, "timezone_offset_min": 180, "version": "0.1.0", **other}
    return report_content(record, **given)  # type: ignore[arg-type]


def line(content: ReportContent, label: str) -> Line:
    found = [one for section in content.sections for one in section.lines if one.label == label]
    assert len(found) == 1, label
    return found[0]


def kinds(content: ReportContent) -> list[str]:
    return [mark.kind for mark in content.marks]


def test_the_banner_says_whose_sheet_it_is() -> None:
    banner = content_of(exam_record()).banner
    assert banner.name == "Adébáyọ̀, Àṣà Héloïse"
    assert [one.value for one in banner.lines] == ["ANC-0042", "2 Mar 1999, 27 years", "female"]


def test_a_measurement_is_a_figure_with_error_unit_method_and_reference() -> None:
    first, *_, last = content_of(exam_record()).measurements
    assert (first.label, first.fetus, first.code) == ("Biparietal Diameter", "A", "LOINC 11820-8")
    assert (first.value, first.error, first.unit) == ("46.3", "0.5", "mm")
    assert (first.method, first.reference) == ("calipers, outer to inner", "direct reading, no chart")
    assert (first.picture, first.scale) == ("1", "")
    assert (last.label, last.value, last.error) == ("Cervix", "3.1", "")


def test_figures_of_one_moment_stay_in_the_order_in_which_they_were_placed() -> None:
    placed = tuple(measurement(1, id=name, label=name) for name in ("b", "c", "a"))
    content = content_of(exam_record(measurements=(measurement(2, label="later"), *placed)))
    assert [row.label for row in content.measurements] == ["b", "c", "a", "later"]


def test_other_units_keep_their_integers() -> None:
    rate = Coded("LN", "11948-7", "Fetal heart rate")
    odd = Coded("X", "1", "Volume")
    taken = (measurement(1, value=142, error=3, unit="/min", concept=rate), measurement(2, unit="mL", concept=odd))
    rows = content_of(exam_record(measurements=taken)).measurements
    assert [(row.value, row.error, row.unit) for row in rows] == [("142", "3", "/min"), ("46251", "412", "mL")]


def test_what_is_missing_is_said_in_words() -> None:
    content = content_of(exam_record())
    assert line(content, "MI / TI") == Line("MI / TI", "not measured", missing=True)
    assert line(content, "Indication") == Line("Indication", "not recorded", missing=True)
    uncalibrated = content_of(exam_record(images=(image(1, calibrated_on=""),)))
    assert line(uncalibrated, "Calibration").value == "none — distances not validated"
    assert uncalibrated.measurements[0].scale == "scale not validated"


def test_a_sheet_of_nothing_says_so_everywhere() -> None:
    content = content_of(bare_record())
    assert [one.value for one in content.banner.lines] == ["not recorded"] * 3
    assert content.banner.name == "Name not recorded"
    assert line(content, "Pictures").value == "none kept"
    assert line(content, "Findings").value == "none recorded"
    assert line(content, "Pregnancy").value == "none recorded for this exam"
    assert (content.measurements, content.plates, content.operator) == ((), (), "")


def test_partial_output_is_told_apart_from_none() -> None:
    record = exam_record(images=(image(1, mechanical_index="0.7"),))
    assert line(content_of(record), "MI / TI") == Line("MI / TI", "0.7 / not measured", missing=True)
    record = exam_record(images=(image(1, mechanical_index="0.7", thermal_index="0.2"),))
    assert line(content_of(record), "MI / TI") == Line("MI / TI", "0.7 / 0.2")


def test_not_sure_is_an_answer() -> None:
    assert line(content_of(exam_record()), "Placenta covers the cervix").value == "Not sure. Bladder empty; look again."


@pytest.mark.parametrize(
    ("state", "status", "drafted"),
    [
        ("open", "Draft: not signed", True),
        ("read_back", "Draft: read back, not signed", True),
        ("signed", "Signed by Sr. Amélie Okọ́nkwọ, 13 Mar 2026, 14:19 (UTC+03:00)", False),
    ],
)
def test_a_draft_is_marked_and_a_signed_exam_names_who_and_when(state: str, status: str, drafted: bool) -> None:
    record = exam_record(exam=replace(exam_record().exam, state=state))
    content = content_of(record)
    assert (content.status, content.signed) == (status, not drafted)
    assert ("draft" in kinds(content), content.watermark) == (drafted, "DRAFT" if drafted else "")


def test_practice_is_marked_on_every_page_by_exam_or_by_one_picture() -> None:
    whole = content_of(practice_record())
    one_picture = content_of(exam_record(images=(image(1), image(2, simulated=True))))
    for content in (whole, one_picture):
        mark = content.marks[0]
        assert (mark.kind, mark.every_page, content.watermark, content.practice) == ("practice", True, "PRACTICE", True)
    assert not content_of(exam_record()).practice


def test_another_sound_speed_says_what_it_does_to_lengths() -> None:
    water = {mark.kind: mark.text for mark in content_of(practice_record()).marks}
    assert "1480 m/s" in water["sound_speed"]
    assert "4.1 % longer" in water["sound_speed"]  # 1540 / 1480 = 1.0405
    fast = content_of(exam_record(images=(image(1, sound_speed_m_s=1600),)))
    assert "3.8 % shorter" in fast.marks[0].text  # 1540 / 1600 = 0.9625


def test_stills_are_plates_in_the_order_taken_and_loops_are_counted() -> None:
    images = (image(3), image(1), image(2, kind="loop"))
    content = content_of(exam_record(images=images))
    assert [(plate.number, plate.image) for plate in content.plates] == [(1, "image-1"), (2, "image-3")]
    assert line(content, "Pictures").value == "2 printed; 1 loop kept, not printed"
    assert [row.picture for row in content.measurements] == ["1", "1", "not printed", "1"]


def test_a_caption_holds_what_a_later_reader_needs() -> None:
    caption = {one.label: one.value for one in content_of(exam_record()).plates[0].lines}
    assert caption == {
        "Taken": "13 Mar 2026, 14:05",
        "Depth shown": "160 mm",
        "Width shown": "213 mm",
        "Pixel": "0.333 mm",
        "Preset": "Obstetric",
        "Sound speed": "1540 m/s",
        "Probe": "pic0rick, no. 0042",
        "MI / TI": "not measured",
        "Calibration": "9 Jan 2026",
        "Frame": "60",
    }


def test_a_picture_that_begins_elsewhere_or_lacks_lines_says_so() -> None:
    odd = replace(image(1), origin_z_um=4_000, missing_lines=1)
    caption = {one.label: one.value for one in content_of(exam_record(images=(odd,))).plates[0].lines}
    assert (caption["Depth shown"], caption["Frame"]) == ("4 to 164 mm", "60, 1 line missing")


def test_what_was_added_after_signing_is_printed() -> None:
    added = Amendment(EXAM_ID, "Placenta seen again: low.", "019ce6f4-7a10-7cc2-9a53-4b1d6f09aaaa", ISSUED_MS)
    content = content_of(exam_record(amendments=(added,)))
    assert content.status.endswith("; added to since")
    *_, section = content.sections
    (only,) = section.lines
    assert only.label == "13 Mar 2026, 14:24 (UTC+03:00)"
    assert only.value == "Placenta seen again: low. (operator 6F09-AAAA)"


def test_different_instruments_are_all_named() -> None:
    record = exam_record(images=(image(1), image(2, probe_model="wulpus", calibrated_on="")))
    content = content_of(record)
    assert line(content, "Probe").value == "pic0rick, no. 0042; wulpus, no. 0042"
    assert line(content, "Calibration") == Line("Calibration", "9 Jan 2026; none — distances not validated", True)


def test_a_later_report_amends_the_earlier_one_and_can_be_made_again() -> None:
    blob = BlobRef("0" * 64, "0" * 64, "application/pdf", 1)
    first = Report("report-1", "exam", 1, ISSUED_MS, blob)
    again, later = (content_of(exam_record(reports=(first,)), issued_ms=ISSUED_MS + ms) for ms in (0, 60_000))
    assert again == content_of(exam_record())
    assert "It amends report 1, issued 13 Mar 2026, 14:24" in later.marks[-1].text
    assert Line("Report", "2") in later.identifiers


def test_a_caption_says_how_a_picture_is_turned_and_set() -> None:
    record = exam_record()
    [image, *others] = record.images
    source = replace(image.source, gain_db="-6", dynamic_range_db="55")
    last_um = image.origin_z_um + image.pixel_um * (image.rows - 1)
    turned = replace(image, mirrored=True, upside_down=True, origin_z_um=last_um, source=source)
    plain, said = (
        {one.label: one.value for one in content_of(replace(record, images=(each, *others))).plates[0].lines}
        for each in (image, turned)
    )
    assert said["Orientation"] == "left and right exchanged, upside down"
    assert said["Set to"] == "gain -6 dB, dynamic range 55 dB"
    assert said["Depth shown"] == plain["Depth shown"]
    assert not plain.keys() & {"Orientation", "Set to"}


def test_the_digest_covers_every_word_and_every_picture() -> None:
    content = content_of(exam_record())
    assert content.digest == digest(content)
    assert content.digest == "93e9169d66ea8ef05b5e1923c0b1d5bd64e2b81e81824f3671fc08dfd2276442"  # a vector: it stays
    moved = content_of(exam_record(images=(image(1), replace(image(2, view="femur"), blobs={}))))
    assert moved.digest != content.digest
    assert content_of(exam_record(), version="0.1.1").digest != content.digest


def test_it_holds_words_only() -> None:
    def leaves(value: object) -> list[object]:
        if isinstance(value, dict | tuple):
            return [leaf for item in (value.values() if isinstance(value, dict) else value) for leaf in leaves(item)]
        return [value]

    assert {type(leaf) for leaf in leaves(asdict(content_of(crowded_record())))} == {str, int, bool}


def test_text_of_any_form_gets_into_the_digest() -> None:
    patient = replace(exam_record().patient, given_name="A\u0300s\u0323a\u0300\n\x07")
    assert content_of(exam_record(patient=patient)).banner.name == "Adébáyọ̀, Àṣà"


def test_an_unknown_fetus_is_not_hidden() -> None:
    content = content_of(exam_record(measurements=(measurement(1, fetus="fetus-9"),)))
    assert content.measurements[0].fetus == "?"


def test_a_length_below_zero_makes_no_report() -> None:
    with pytest.raises(Invalid, match="below zero"):
        content_of(exam_record(measurements=(measurement(1, value=-1),)))


def test_there_is_no_place_for_fetal_sex() -> None:
    assert {"sex", "gender"}.isdisjoint(model.Fetus.__slots__)
    words = str(asdict(replace(content_of(exam_record()), banner=content_of(bare_record()).banner))).lower()
    assert "male" not in words
    assert "gender" not in words
