"""Faults in front of the nurse: no probe, a full disk, an ended thread, an end in the middle of everything."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from clinic.events import ThreadDied
from clinic.ui.screens.patients import PatientsScreen
from clinic.ui.screens.stopped import StoppedDialog
from tests.clinic.ui.nurse import Nurse, Station


def test_a_probe_that_is_not_there_is_said_at_the_door(station: Station) -> None:
    async def journey(nurse: Nurse) -> None:
        await nurse.until(lambda: nurse.app.screen.query("#institution"))
        for line in ("Kituo", "Amina", "739154", "739154"):
            await nurse.type(line)
        await nurse.press("enter")
        await nurse.until(lambda: "no-such-probe" in nurse.says)

    station.run(journey, probe="/dev/no-such-probe")


def test_a_picture_that_cannot_be_kept_is_not_called_saved(station: Station, monkeypatch: pytest.MonkeyPatch) -> None:
    from records.blobs import Blobs
    from records.errors import NotWritable

    async def journey(nurse: Nurse) -> None:
        await nurse.found_site()
        await nurse.add_patient()
        await nurse.live()
        await nurse.freeze()
        await nurse.press("c", "enter")

        def full(*_: object) -> None:
            raise NotWritable("The disk is full", "Make room; nothing was changed.")

        with monkeypatch.context() as broken:
            broken.setattr(Blobs, "put", full)
            await nurse.press("k")
            await nurse.until(lambda: "disk is full" in nurse.says)
        assert not nurse.scan.held.kept
        assert nurse.scan.held.unsaved
        await nurse.press("k")
        await nurse.until(lambda: "loop of" in nurse.says)

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
