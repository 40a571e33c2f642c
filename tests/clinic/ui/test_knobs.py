"""The knobs by their keys, on the smallest screen: never silent, and at rest for the next patient."""

from __future__ import annotations

from clinic.events import Event, ProbeSettled
from clinic.knobs import AT_REST
from clinic.ui.screens.more_keys import MoreKeys
from clinic.ui.screens.patients import PatientsScreen
from clinic.ui.screens.preset import PresetDialog
from tests.clinic.ui.nurse import Nurse, Station

OTHER = ("ANC-0043", "Baraka", "Neema", "", "", "")


def state(nurse: Nurse) -> str:
    return str(nurse.scan.pane.query_one("#state").render())


def short(nurse: Nurse) -> str:
    return str(nurse.scan.side.query_one("#short").render())


def test_every_knob_by_its_key(station: Station) -> None:
    async def journey(nurse: Nurse) -> None:
        await nurse.found_site()
        await nurse.add_patient()
        await nurse.live()
        await nurse.press("f")
        await nurse.until(lambda: "L-R FLIPPED" in state(nurse))
        assert nurse.scan.pane.picture.mirrored
        await nurse.press("question_mark")
        assert isinstance(nurse.app.screen, MoreKeys)
        await nurse.press("u")
        await nurse.until(lambda: "UPSIDE DOWN" in state(nurse))
        await nurse.press("question_mark", "enter")  # the first of the list: fewer shades
        await nurse.until(lambda: "range 55 dB" in short(nurse))
        settled: list[float] = []
        heard = nurse.scan.heard

        def listen(event: Event) -> None:
            if isinstance(event, ProbeSettled):
                settled.append(event.settings.sampling.range_mm(event.settings.sampling.samples - 1, 1540))
            heard(event)

        nurse.scan.heard = listen
        await nurse.press("up", "up")
        await nurse.until(lambda: "120 mm" in short(nurse))
        await nurse.until(lambda: settled and abs(settled[-1] - 120) < 1)  # the probe itself looks no deeper now
        await nurse.press("p")
        assert isinstance(nurse.app.screen, PresetDialog)
        assert "each frame by itself" in str(nurse.app.screen.query_one("#changes").render())
        await nurse.press("home", "enter")
        await nurse.until(lambda: nurse.scan.pane.picture.preset_name == "abdomen")
        assert "Abdomen: 180 mm deep" in nurse.says
        await nurse.until(lambda: "(180 asked)" in short(nurse))
        await nurse.press("down")
        assert "There is no more" in nurse.says
        await nurse.freeze()
        await nurse.press("c", "enter")
        value = nurse.scan.held.readings()[0].quantities[0].value
        handles = nurse.scan.held.calipers[0].handles
        await nurse.press("u")
        await nurse.until(lambda: not nurse.scan.held.picture.upside_down)
        assert nurse.scan.held.calipers[0].handles != handles
        assert nurse.scan.held.readings()[0].quantities[0].value == value
        await nurse.press("up")
        assert "Keep the caliper" in nurse.says
        await nurse.press("delete")
        await nurse.pilot.press("u", "k", "plus", "f")  # faster than the answers: what is kept is what is shown
        await nurse.until(lambda: "loop of" in nurse.says or nurse.scan.held.kept is not None)
        await nurse.until(lambda: not nurse.scan._keeping.busy)
        held, workstation = nurse.scan.held, nurse.app.session.workstation
        still = workstation.exams.record(workstation.exams.all()[0].id).images[0]
        assert held.kept.image == still
        assert held.kept.frozen is held.frozen
        assert (still.mirrored, still.upside_down) == (held.picture.mirrored, held.picture.upside_down)
        await nurse.press("escape")
        await nurse.until(lambda: isinstance(nurse.app.screen, PatientsScreen))
        await nurse.add_patient(*OTHER)
        await nurse.live()
        picture = nurse.scan.pane.picture
        assert (picture.mirrored, picture.preset_name, picture.dynamic_range_db) == (False, "obstetric", 60)
        assert nurse.app.session.workstation.scanning._scanner._looks._imager.knobs == AT_REST

    station.run(journey, size=(60, 20))
