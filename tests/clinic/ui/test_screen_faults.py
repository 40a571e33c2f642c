"""Faults in front of the nurse: no probe, a full disk, an ended thread, an end in the middle of everything."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import pytest

from clinic.events import ThreadDied
from clinic.ui.screens.patients import PatientsScreen
from clinic.ui.screens.stopped import StoppedDialog
from probe.reader import WATCH_S, ReaderState
from records.home import PRACTICE
from tests.clinic.ui.nurse import Nurse, Station


def test_a_probe_that_is_not_there_is_said_at_the_door(station: Station) -> None:
    async def journey(nurse: Nurse) -> None:
        await nurse.until(lambda: nurse.app.screen.query("#institution"))
        for line in ("Kituo", "Amina", "739154", "739154"):
            await nurse.type(line)
        await nurse.press("enter")
        await nurse.until(lambda: "no-such-probe" in nurse.says)

    station.run(journey, probe="/dev/no-such-probe")


def test_a_picture_that_cannot_be_kept_is_not_called_saved(station: Station) -> None:
    """The folder of the pictures is really gone while she keeps one; once it is back, the same key keeps it."""
    blobs = station.home.store(PRACTICE).blobs

    async def journey(nurse: Nurse) -> None:
        await nurse.found_site()
        await nurse.add_patient()
        await nurse.live()
        await nurse.freeze()
        await nurse.press("c", "enter")
        away = blobs.rename(blobs.with_name("away"))
        blobs.write_bytes(b"a file where the folder was")
        await nurse.press("k")
        await nurse.until(lambda: nurse.scan.notice.has_class("wrong"))
        await nurse.until(lambda: not nurse.scan._keeping.busy)
        assert "A file stands where a folder is needed" in nurse.says
        assert not nurse.scan.held.kept
        assert nurse.scan.held.unsaved
        session = nurse.app.session
        [exam] = session.workstation.exams.all()
        assert not session.workstation.exams.record(exam.id).images
        blobs.unlink()
        away.rename(blobs)
        await nurse.press("k")
        await nurse.until(lambda: "loop of" in nurse.says)
        record = session.workstation.exams.record(exam.id)
        assert sorted(image.kind for image in record.images) == ["loop", "still"]
        assert len(record.measurements) == 1

    station.run(journey)


def test_a_thread_that_ended_ends_the_work_and_says_what_is_safe(station: Station) -> None:
    async def journey(nurse: Nurse) -> None:
        await nurse.found_site()
        nurse.app.hear(ThreadDied("writer", RuntimeError("a defect")))
        await nurse.until(lambda: isinstance(nurse.app.screen, StoppedDialog))
        await asyncio.sleep(0)
        text = " ".join(str(part.render()) for part in nurse.app.screen.query("Static"))
        assert "Nothing more can be saved" in text
        assert "a defect" in text
        await nurse.press("enter")

    station.run(journey)


def test_work_goes_on_at_the_step_where_it_stopped(station: Station) -> None:
    """Ended in the middle, at each step of an exam: the next start opens that step."""
    reached: list[str] = []

    async def begin(nurse: Nurse) -> None:
        await nurse.found_site()
        await nurse.add_patient()
        await nurse.live()
        await nurse.freeze()
        await nurse.press("k")
        await nurse.until(lambda: "loop of" in nurse.says)
        await asyncio.sleep(0.2)

    def again(*keys: str) -> Callable[[Nurse], object]:
        async def journey(nurse: Nurse) -> None:
            await nurse.sign_in()
            await nurse.until(lambda: hasattr(nurse.app.screen, "_record"))
            assert "Taken up" in nurse.says or type(nurse.app.screen).__name__ in ("ReportScreen", "ScanScreen")
            reached.append(type(nurse.app.screen).__name__)
            await nurse.pilot.pause(0.3)
            await nurse.press(*keys)
            await nurse.pilot.pause(0.8)

        return journey

    station.run(begin)
    station.run(again("enter"))
    station.run(again("enter"))
    station.run(again("enter"))
    station.run(again("s"))
    station.run(again("enter"))
    assert reached == ["ScanScreen", "SummaryScreen", "ReadBackScreen", "ReadBackScreen", "ReportScreen"]

    async def over(nurse: Nurse) -> None:
        await nurse.sign_in()
        await nurse.until(lambda: isinstance(nurse.app.screen, PatientsScreen))

    station.run(over)


@pytest.mark.soak  # it waits out the five seconds that a screen may stand still
def test_a_screen_that_hangs_stops_the_probe(station: Station) -> None:
    async def journey(nurse: Nurse) -> None:
        await nurse.found_site()
        await nurse.add_patient()
        await nurse.live()
        scanning = nurse.app.session.workstation.scanning
        await asyncio.sleep(WATCH_S + 1)
        assert scanning.probe_state is ReaderState.STREAMING  # a screen that moves keeps it live
        time.sleep(WATCH_S + 1)  # the loop itself hangs
        assert scanning.probe_state is ReaderState.FROZEN
        await nurse.until(lambda: "stood still" in nurse.says)
        await nurse.press("space")
        await nurse.live()

    station.run(journey)
