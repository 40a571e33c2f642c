from __future__ import annotations

import hashlib
import io
import os
import re
import subprocess
import sys
import time
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader
from reportlab.pdfbase.pdfmetrics import stringWidth

from records.bodies import LONGEST_NAME
from records.errors import Invalid, NotFound, RecordsError
from records.model import Amendment, ExamRecord, Finding
from records.reports.content import report_content
from records.reports.pdf import render_pdf
from records.reports.pdf.styles import PAGE_HEIGHT, PAGE_WIDTH, SIDE
from tests.contracts.house import fresh_python
from tests.records.reports.samples import (
    EXAM_ID,
    ISSUED_MS,
    bare_record,
    crowded_record,
    exam_record,
    measurement,
    png,
    practice_record,
    sector_png,
)

ROOT = Path(__file__).resolve().parents[3]


@cache
def sector() -> bytes:
    return sector_png()


def pdf_of(record: ExamRecord, pictures: Mapping[str, bytes] | None = None) -> bytes:
    content = report_content(record, issued_ms=ISSUED_MS, timezone_offset_min=180, version="0.1.0")
    given = {one.id: sector() for one in record.images} if pictures is None else pictures
    return render_pdf(content, given)


def pages_of(document: bytes) -> list[str]:
    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(document)).pages]


@cache
def signed() -> bytes:
    return pdf_of(exam_record())


def test_page_one_holds_the_whole_report_but_its_pictures() -> None:
    first, second = pages_of(signed())
    for words in (
        "Ultrasound report Basic obstetric",
        "Signed by Sr. Amélie Okọ́nkwọ, 13 Mar 2026, 14:19 (UTC+03:00)",
        "Biparietal Diameter, fetus A LOINC 11820-8 46.3 ±0.5 mm calipers, outer to inner direct reading, no chart 1",
        "Cervix SNOMED RT G-D7FE 3.1 not stated mm",
        "Placenta covers the cervix Not sure. Bladder empty; look again.",
        "MI / TI not measured",
        "INVESTIGATIONAL. This is not a cleared medical device.",
        "Signature Date Stamp",
        f"Exam id {EXAM_ID}",
    ):
        assert words in first
    assert "Picture 1 · Head axial" in second
    assert "Picture 2 · Femur" in second


@pytest.mark.parametrize("make", [exam_record, bare_record, practice_record, crowded_record])
def test_every_page_says_whose_it_is_and_where_one_is(make: object) -> None:
    record = make()  # type: ignore[operator]
    pages = pages_of(pdf_of(record))
    for number, page in enumerate(pages, 1):
        assert (record.patient.patient_name or "Name not recorded") in page
        assert (record.patient.patient_id or "not recorded") in page
        assert f"Page {number} of {len(pages)}" in page
        assert "Exam 6F09-C2AE" in page
        assert "Investigational: not a cleared medical device" in page


def test_a_practice_exam_is_marked_on_every_page_and_a_real_one_on_none() -> None:
    for page in pages_of(pdf_of(practice_record())):
        assert "PRACTICE — simulated pictures, not an examination of a patient" in page
        assert "UNCALIBRATED — distances not validated" in page
        assert page.count("PRACTICE") == 2  # the band and the watermark
    assert "PRACTICE" not in " ".join(pages_of(signed()))


def test_a_draft_is_marked_on_every_page() -> None:
    draft = exam_record(exam=replace(exam_record().exam, state="read_back"))
    assert all("DRAFT — not signed" in page for page in pages_of(pdf_of(draft)))


def test_the_watermark_is_drawn_before_the_text_and_light() -> None:
    contents = PdfReader(io.BytesIO(pdf_of(practice_record()))).pages[0].get_contents()
    assert contents is not None
    first_colour, *_ = re.findall(rb"([.\d]+) [.\d]+ [.\d]+ rg", contents.get_data())
    assert float(first_colour) > 0.9


def test_the_same_content_is_the_same_bytes_in_another_process() -> None:
    code = (
        "import hashlib; from tests.records.reports.test_pdf import signed;print(hashlib.sha256(signed()).hexdigest())"
    )
    here = hashlib.sha256(pdf_of(exam_record())).hexdigest()
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "SOURCE_DATE_EPOCH": seed, "TZ": "Asia/Tokyo"}
        environment["PYTHONPATH"] = str(ROOT)
        command = [sys.executable, "-c", code]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)
        assert done.stdout.strip() == here, done.stderr


def test_metadata_names_no_patient() -> None:
    metadata = PdfReader(io.BytesIO(signed())).metadata
    assert metadata is not None
    assert metadata.title == "Ultrasound report 6F09-C2AE"
    assert metadata.creator == "Sauti 0.1.0"
    assert metadata["/CreationDate"] == "D:20260313112405Z"
    words = " ".join(str(value) for value in metadata.values())
    assert not any(private in words for private in ("Ad", "ANC-0042", "1999", "Okọ́nkwọ"))


def test_pixels_arrive_unchanged() -> None:
    page = PdfReader(io.BytesIO(signed())).pages[1]
    images = [item.get_object() for item in page["/Resources"]["/XObject"].values()]  # type: ignore[index]
    shown = [item.get_data() for item in images if item["/Subtype"] == "/Image"]
    at = sector().index(b"IDAT")
    length = int.from_bytes(sector()[at - 4 : at], "big")
    lines = zlib.decompress(sector()[at + 4 : at + 4 + length])
    assert shown == [b"".join(lines[start + 1 : start + 641] for start in range(0, len(lines), 641))]


def test_a_colour_picture_prints_too() -> None:
    colour = png(2, 1, b"\0rgbRGB", 3)
    assert len(pages_of(pdf_of(exam_record(), {"image-1": colour, "image-2": colour}))) == 2


def test_two_pictures_are_small_and_quick() -> None:
    pictures = {"image-1": sector(), "image-2": sector_png(seed=2)}
    started = time.perf_counter()
    document = pdf_of(exam_record(), pictures)
    assert time.perf_counter() - started < 1.0
    assert len(document) - sum(map(len, pictures.values())) < 60_000
    assert len(document) < 300_000


def test_a_crowded_exam_keeps_every_line_and_every_picture() -> None:
    record = crowded_record()
    pages = pages_of(pdf_of(record))
    text = " ".join(pages)
    for number in range(30):
        assert f"Deepest vertical pool of quadrant {number} " in text
    assert [page.count("Picture ") for page in pages[-6:]] == [2] * 6
    assert sum("Stamp" in page for page in pages) == 1


@pytest.mark.parametrize("make", [exam_record, practice_record, crowded_record])
def test_nothing_runs_over_the_edge(make: object) -> None:
    for page in PdfReader(io.BytesIO(pdf_of(make()))).pages:  # type: ignore[operator]
        chunks: list[tuple[str, float, float, float]] = []

        def note(text: str, cm: list[float], tm: list[float], _font: object, size: float, into: list = chunks) -> None:
            if text.strip() and not cm[1]:  # the watermark is turned, and means to be large
                into.append((text.strip(), tm[4] * cm[0] + cm[4], tm[5] * cm[3] + cm[5], size))

        page.extract_text(visitor_text=note)
        assert len(chunks) > 10
        for text, x, y, size in chunks:
            longest = max(stringWidth(part, "SautiText", size) for part in text.splitlines())
            assert x >= SIDE - 1, text
            assert x + longest <= PAGE_WIDTH - SIDE + 12, text  # strong letters are measured as light ones
            assert 20 < y < PAGE_HEIGHT - 30, text


def test_a_long_note_runs_over_pages_and_a_long_word_is_broken() -> None:
    note = Finding("f1", EXAM_ID, "remarks", "yes", "word " * 4000 + "end-of-note")
    notes = (note, Finding("f2", EXAM_ID, "w" * 300, "x" * 500, ""))
    pages = pages_of(pdf_of(exam_record(findings=notes)))
    assert len(pages) > 4
    assert "end-of-note" in " ".join(pages)


@pytest.mark.parametrize(
    "record",
    [
        exam_record(patient=replace(exam_record().patient, family_name="A very long name " * 60)),
        exam_record(measurements=(measurement(1, label="Deepest pool " * 2000),)),
    ],
)
def test_what_fits_on_no_page_is_a_sentence(record: ExamRecord) -> None:
    with pytest.raises(Invalid, match="too long for a page"):
        pdf_of(record)


def test_a_name_beyond_the_fonts_says_so_beside_the_name() -> None:
    record = exam_record(patient=replace(exam_record().patient, family_name="محمد"))
    for page in pages_of(pdf_of(record)):
        assert "[Arabic letters], Àṣà Héloïse" in page
        assert "Exact spelling: see the screen. By hand:" in page
    assert "Exact spelling" not in " ".join(pages_of(signed()))


def test_other_text_beyond_the_fonts_says_so_once() -> None:
    record = exam_record(findings=(Finding("f1", EXAM_ID, "remarks", "", "日本"),))
    first, *_ = pages_of(pdf_of(record))
    assert "[CJK letters]" in first
    assert "The printing font lacks some letters of this report." in first


def test_what_was_added_after_signing_stands_on_the_sheet() -> None:
    added = Amendment(EXAM_ID, "Placenta seen again: low.", "operator-1", ISSUED_MS)
    assert "Added after signing" in pages_of(pdf_of(exam_record(amendments=(added,))))[0]
    assert "Added after signing" not in pages_of(signed())[0]


def test_a_missing_picture_is_a_sentence() -> None:
    with pytest.raises(NotFound, match="Picture 2 of the report is missing"):
        pdf_of(exam_record(), {"image-1": sector()})


def test_a_picture_that_is_none_is_a_sentence() -> None:
    with pytest.raises(Invalid, match="Picture 1 of the report is not a whole PNG picture"):
        pdf_of(exam_record(), {"image-1": b"JFIF", "image-2": sector()})


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=80), st.text(max_size=200))
def test_any_text_makes_a_report_or_a_sentence(name: str, note: str) -> None:
    record = replace(
        bare_record(),
        patient=replace(bare_record().patient, family_name=name),
        findings=(Finding("f1", EXAM_ID, note, note, note),),
    )
    with suppress(RecordsError):
        assert pdf_of(record).startswith(b"%PDF-")


def test_naming_the_renderer_loads_no_reportlab() -> None:
    code = "import sys, records.reports.content, records.reports.pdf; print({'reportlab', 'PIL'} & set(sys.modules))"
    assert fresh_python(code).strip() == "set()"


def test_the_longest_names_fit_in_the_widest_letters() -> None:
    widest = "W" * LONGEST_NAME
    record = exam_record()
    named = replace(
        record,
        facility=replace(record.facility, institution_name=widest, station_name=widest),
        patient=replace(record.patient, patient_id=widest, family_name=widest, given_name=widest),
        exam=replace(record.exam, protocol=widest, operator=replace(record.exam.operator, operators_name=widest)),
        images=tuple(replace(image, view=widest) for image in record.images),
        measurements=tuple(replace(one, label=widest) for one in record.measurements),
    )
    for page in pages_of(pdf_of(named)):
        assert page.replace(" ", "").count("W") >= 4 * LONGEST_NAME, "the head of each page names patient and facility"
