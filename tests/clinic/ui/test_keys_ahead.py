"""Keys faster than the imaging thread answers: what is measured and kept is the picture that was asked for."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from imaging.modes import Mode
from tests.clinic.ui.nurse import Nurse, Station


@contextmanager
def slow_imaging(nurse: Nurse) -> Iterator[None]:
    """Meanwhile the imaging thread answers nothing."""
    go_on = threading.Event()
    nurse.app.session.workstation.scanning._scanner._inbox.put(lambda: go_on.wait(60))
    try:
        yield
    finally:
        go_on.set()


def test_a_key_waits_for_the_picture_that_was_asked_for(station: Station) -> None:
    async def journey(nurse: Nurse) -> None:
        await nurse.found_site()
        await nurse.add_patient()
        await nurse.live()
        await nurse.until(lambda: nurse.scan.pane.picture.frame_number > 3)
        await nurse.freeze()
        last = nurse.scan.held
        with slow_imaging(nurse):
            await nurse.press("left", "k")
            assert nurse.scan.held is last
            assert not nurse.scan._keeping.busy
        await nurse.until(lambda: nurse.scan.held.kept)
        kept = nurse.scan.held
        assert kept.index == last.index - 1
        assert kept.kept.image.source.frame_number == kept.picture.frame_number < last.picture.frame_number
        await nurse.until(lambda: not nurse.scan._keeping.busy)
        with slow_imaging(nurse):
            await nurse.press("m", "c")
            assert not nurse.scan.held.calipers
        await nurse.until(lambda: nurse.scan.held.calipers)
        assert nurse.scan.held.picture.mode is Mode.M
        await nurse.press("enter", "delete")
        with slow_imaging(nurse):
            await nurse.press("left", "k", "space")
            assert nurse.scan.held is None
        await nurse.live()
        assert nurse.scan.held is None
        exams = nurse.app.session.workstation.exams
        assert len(exams.record(exams.all()[0].id).images) == 2, "one picture and its loop"

    station.run(journey)
