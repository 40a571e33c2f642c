"""A whole exam by keyboard, from the first start to the report on the screen; and what is then in the record."""

from __future__ import annotations

import pytest

from clinic.ui.screens.patients import PatientsScreen
from clinic.ui.screens.read_back import ReadBackScreen
from clinic.ui.screens.report import ReportScreen
from clinic.ui.screens.scan import ScanScreen
from clinic.ui.screens.start_exam import StartExam
from clinic.ui.screens.summary import SummaryScreen
from clinic.ui.widgets.notice import NoticeLine
from imaging.calipers import distance
from records.home import PRACTICE
from records.model import ExamRecord
from tests.clinic.ui.nurse import Nurse, Station


async def to_the_report(nurse: Nurse) -> ExamRecord:
    """From the live picture to the signed exam; the record as the application reads it."""
    await nurse.live()
    await nurse.freeze()
    await nurse.press("left", "c", "up", "tab", "down", "n")
    await nurse.press("down", "enter")
    await nurse.press("enter")
    await nurse.press("k")
    await nurse.until(lambda: "loop of" in nurse.says)
    await nurse.press("enter")
    await nurse.until(lambda: isinstance(nurse.app.screen, SummaryScreen))
    await nurse.until(lambda: nurse.app.screen.view._grey is not None)
    await nurse.press("enter")
    await nurse.until(lambda: isinstance(nurse.app.screen, ReadBackScreen))
    await nurse.press("enter")
    await nurse.until(lambda: "saved" in nurse.says)
    await nurse.press("s")
    await nurse.until(lambda: isinstance(nurse.app.screen, ReportScreen))
    await nurse.until(lambda: nurse.app.screen._pages)
    session = nurse.app.session
    assert session is not None
    return session.workstation.exams.record(session.workstation.exams.all()[0].id)


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (160, 50)])
def test_from_first_start_to_report(station: Station, size: tuple[int, int]) -> None:
    async def journey(nurse: Nurse) -> None:
        await nurse.found_site()
        await nurse.add_patient()
        assert "Adébáyọ̀, Àṣà" in nurse.scan.banner.text
        record = await to_the_report(nurse)
        assert record.exam.state == "signed"
        assert record.exam.operator.operators_name == "Amina Juma"
        assert record.facility.institution_name == "Kituo cha Afya"
        assert record.patient.patient_id == "ANC-0042"
        assert record.pregnancy is not None
        assert record.pregnancy.lmp_date == "2026-05-01"
        assert sorted(image.kind for image in record.images) == ["loop", "still"]
        [report] = record.reports
        assert (station.home.reports / f"sauti-{record.exam.id}-{report.number}.pdf").read_bytes().startswith(b"%PDF-")
        screen = nurse.app.screen
        assert isinstance(screen, ReportScreen)
        assert "ANC-0042" in screen._pages[0].text
        assert "saved" in nurse.says
        await nurse.press("enter")
        assert isinstance(nurse.app.screen, PatientsScreen)
        assert "Adébáyọ̀" in str(nurse.app.screen.query_one("#list").get_option_at_index(0).prompt)
        await nurse.press("q")

    station.run(journey, size=size)
    assert station.home.store(PRACTICE).database.exists()


def test_the_recorded_distance_is_the_one_on_the_screen(station: Station) -> None:
    async def journey(nurse: Nurse) -> None:
        await nurse.found_site()
        await nurse.add_patient()
        await nurse.live()
        await nurse.freeze()
        await nurse.press("c", "down", "down", "shift+right", "tab", "up", "left")
        held = nurse.scan.held
        assert held is not None
        picture, [caliper] = held.picture, held.calipers
        (ax, ay), (bx, by) = caliper.handles
        middle, quarter = (picture.width_px - 1) / 2, picture.height_px / 4
        assert (bx, by) == (middle + 10, 3 * quarter + 2)
        assert (ax, ay) == (middle - 1, quarter - 1)
        shown = distance(picture, *caliper.handles).mm
        assert f"{shown:.1f} mm" in str(nurse.scan.side.query_one("#readings").render())
        await nurse.press("enter", "k")
        await nurse.until(lambda: "loop of" in nurse.says)
        session = nurse.app.session
        assert session is not None
        record = session.workstation.exams.record(session.workstation.exams.all()[0].id)
        [measurement] = record.measurements
        assert measurement.value == round(shown * 1000)
        still = next(image for image in record.images if image.kind == "still")
        assert measurement.image == still.id
        assert measurement.points_mpx == tuple(round(1000 * part) for part in (ax, ay, bx, by))

    station.run(journey)


def test_every_key_that_is_shown_does_something(station: Station) -> None:
    """A key at the foot that is bound to nothing would be a lie."""
    named = {
        "Space": "space", "Enter": "enter", "Esc": "escape", "Tab": "tab", "Del": "delete", "← →": "left", "↑ ↓": "up",
        "←↑↓→": "left", "+ −": "plus", "Shift": "shift+left", "Ctrl+Q": "ctrl+q", "?": "question_mark",
        "1–9": "1",
    }  # fmt: skip

    def bound(nurse: Nurse) -> None:
        from textual.widgets import OptionList

        screen = nurse.app.screen
        arrows = {"left", "up", "shift+left", "1"}
        known = set(screen.active_bindings) | (arrows if hasattr(screen, "on_key") else set())
        for key in nurse.keys:
            for word in named.get(key, key.lower()).split():
                lists = word in ("up", "enter") and bool(screen.query(OptionList))
                assert word in known or lists or word == "enter", f"{key} on {screen}"

    async def journey(nurse: Nurse) -> None:
        await nurse.until(lambda: nurse.app.screen.query("#institution"))
        bound(nurse)
        await nurse.found_site()
        bound(nurse)
        await nurse.add_patient()
        await nurse.live()
        bound(nurse)
        await nurse.freeze()
        bound(nurse)
        await nurse.press("c")
        bound(nurse)
        await nurse.press("delete", "enter")
        bound(nurse)
        await nurse.press("enter")
        bound(nurse)

    station.run(journey)


def test_an_old_report_is_found_again_and_another_pregnancy_is_another(station: Station) -> None:
    async def journey(nurse: Nurse) -> None:
        await nurse.found_site()
        await nurse.add_patient()
        signed = await to_the_report(nurse)
        await nurse.press("enter", "enter")
        await nurse.until(lambda: isinstance(nurse.app.screen, StartExam))
        await nurse.press("end", "enter")
        await nurse.until(lambda: isinstance(nurse.app.screen, ReportScreen))
        await nurse.until(lambda: nurse.app.screen._pages)
        assert signed.exam.id[-8:].upper()[-4:] in nurse.app.screen._pages[0].text
        await nurse.press("enter", "enter")
        await nurse.until(lambda: isinstance(nurse.app.screen, StartExam))
        await nurse.press("down", "down", "enter")
        await nurse.type("not a date")
        assert "is not a date" in nurse.app.screen.query_one(NoticeLine).text
        await nurse.type("2026-10-01")
        await nurse.until(lambda: isinstance(nurse.app.screen, ScanScreen))
        assert "LMP 2026-10-01" in nurse.scan.banner.text
        patients = nurse.app.session.workstation.patients
        assert len(patients.pregnancies(patients.all()[0].id)) == 2

    station.run(journey)
