"""Modes on the scan screen: B, M and A of a scanning probe by keys, and a board of single lines that never shows B."""

from __future__ import annotations

from imaging.beam_view import BeamView
from imaging.modes import Mode
from imaging.picture import Picture
from tests.clinic.ui.nurse import Nurse, Station

HEART = "practice:heart"


async def scanning(nurse: Nurse) -> None:
    await nurse.found_site()
    await nurse.add_patient()
    await nurse.live()


async def shows(nurse: Nurse, mode: Mode) -> BeamView:
    await nurse.until(lambda: getattr(nurse.scan.pane.picture, "mode", Mode.B) is mode)
    view = nurse.scan.pane.picture
    assert isinstance(view, BeamView)
    return view


def test_the_beam_of_a_picture_is_chosen_and_looked_along(station: Station) -> None:
    async def journey(nurse: Nurse) -> None:
        await scanning(nurse)
        assert isinstance(nurse.scan.pane.picture, Picture)
        assert nurse.scan.pane.beam is None
        assert nurse.keys["B M A"] == "Mode"
        await nurse.press("right")
        await nurse.until(lambda: nurse.scan.pane.beam)
        first = nurse.scan.pane.beam.line
        await nurse.press("shift+left")
        await nurse.until(lambda: nurse.scan.pane.beam.line == first - 10)
        await nurse.press("m")
        view = await shows(nurse, Mode.M)
        assert (view.line, view.lines) == (first - 10, 96)
        await nurse.press("a")
        assert (await shows(nurse, Mode.A)).line == first - 10
        await nurse.press("b")
        await nurse.until(lambda: isinstance(nurse.scan.pane.picture, Picture))

    station.run(journey, probe=HEART)
