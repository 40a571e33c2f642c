"""The scan screen: what is live, what is frozen, and that nothing is lost or mixed up by a key at the wrong moment."""

from __future__ import annotations

import asyncio

from clinic.terminal.image_view import Liveness
from clinic.ui.screens.label import LabelDialog
from clinic.ui.screens.patients import PatientsScreen
from clinic.ui.screens.scan import ScanState
from probe.driver import ButtonPressed, DeviceStatus
from tests.clinic.ui.nurse import Nurse, Station

OTHER = ("ANC-0043", "Baraka", "Neema", "", "", "")


async def scanning(nurse: Nurse) -> None:
    await nurse.found_site()
    await nurse.add_patient()
    await nurse.live()


def test_frozen_stands_still_and_space_goes_live(station: Station) -> None:
    async def journey(nurse: Nurse) -> None:
        await scanning(nurse)
        await nurse.freeze()
        assert nurse.scan.pane.liveness is Liveness.FROZEN
        assert "FROZEN" in str(nurse.scan.pane.query_one("#state").render())
        assert "frame " in str(nurse.scan.pane.query_one("#state").render())
        number = nurse.scan.pane.picture.frame_number
        await asyncio.sleep(0.5)
        assert nurse.scan.pane.picture.frame_number == number
        await nurse.press("space")
        await nurse.live()
        assert nurse.scan.pane.picture.frame_number > number
        assert "practice phantom" in str(nurse.scan.pane.query_one("#state").render()), "no frame of a loop is live"

    station.run(journey, size=(100, 30))


def test_on_a_small_screen_the_caliper_in_hand_is_read_and_how_it_is_moved(station: Station) -> None:
    async def journey(nurse: Nurse) -> None:
        await scanning(nurse)
        await nurse.freeze()
        await nurse.press("c", "enter")
        assert "K keeps it" in nurse.says
        await nurse.press("e")
        assert "then the top" in nurse.says
        readings = nurse.scan.side.query_one("#readings")
        lines = str(readings.render()).splitlines()
        assert lines[0].startswith("2  ")
        assert "Ellipse, moving" in lines[nurse.scan.side.size.height - 1]
        await nurse.press("delete")
        assert str(readings.render()).startswith("1  ")
        await nurse.press("m")
        assert "Keep the caliper" in nurse.says
        await nurse.press("delete", "m")
        await nurse.until(lambda: "M-mode, beam" in str(nurse.scan.side.query_one("#short").render()))

    station.run(journey, size=(60, 20))


def test_freezing_and_going_live_at_once_leaves_a_live_picture(station: Station) -> None:
    """Space twice, faster than the probe answers: the second key must not leave the picture dead."""

    async def journey(nurse: Nurse) -> None:
        await scanning(nurse)
        for _ in range(4):
            await nurse.pilot.press("space", "space")
        await nurse.until(lambda: nurse.scan.held is None or nurse.scan.state is ScanState.FROZEN)
        if nurse.scan.held is not None:
            await nurse.press("space")
        await nurse.live()
        seen = nurse.scan.pane.picture.frame_number
        await nurse.until(lambda: nurse.scan.pane.picture.frame_number > seen)

    station.run(journey)


def test_the_loop_is_stepped_through(station: Station) -> None:
    async def journey(nurse: Nurse) -> None:
        await scanning(nurse)
        await asyncio.sleep(1)
        await nurse.freeze()
        last = nurse.scan.held
        assert last.index == last.frames - 1
        await nurse.press("left")
        await nurse.until(lambda: nurse.scan.held.index == last.frames - 2)
        before = nurse.scan.held
        assert before.picture.frame_number < last.picture.frame_number
        assert [frame.number for frame in before.frozen.loop.frames][-1] == before.picture.frame_number
        assert f"frame {last.frames - 1} of {last.frames}" in str(nurse.scan.pane.query_one("#state").render())
        while nurse.scan.held.index > 0:  # keys that come before the last step was drawn step from the same frame
            await nurse.press("shift+left")
        await nurse.press("left")
        assert nurse.scan.held.index == 0
        while nurse.scan.held.index < last.frames - 1:
            await nurse.press("right")
        assert nurse.scan.held.frozen is last.frozen

    station.run(journey)


def test_a_caliper_that_is_not_kept_is_asked_about(station: Station) -> None:
    async def journey(nurse: Nurse) -> None:
        await scanning(nurse)
        await nurse.freeze()
        await nurse.press("c", "enter", "left")
        assert "Keep the caliper" in nurse.says
        await nurse.press("space")
        assert nurse.scan.held is not None
        assert "not kept" in nurse.says
        await nurse.press("space")
        await nurse.live()
        await nurse.freeze()
        await nurse.press("c", "escape", "escape")
        assert "not kept" in nurse.says
        await nurse.press("delete", "escape")
        await nurse.until(lambda: isinstance(nurse.app.screen, PatientsScreen))

    station.run(journey)


def test_keeping_twice_keeps_one_picture_and_adds_the_new_caliper(station: Station) -> None:
    async def journey(nurse: Nurse) -> None:
        await scanning(nurse)
        await nurse.freeze()
        await nurse.press("k")
        await nurse.until(lambda: "loop of" in nurse.says)
        await nurse.press("k")
        assert "kept already" in nurse.says
        await nurse.press("c", "enter", "k")
        session = nurse.app.session
        [exam] = session.workstation.exams.all()
        await nurse.until(lambda: session.workstation.exams.record(exam.id).measurements)
        record = session.workstation.exams.record(exam.id)
        assert [image.kind for image in record.images].count("still") == 1
        [measurement] = record.measurements
        assert record.images[0].id == measurement.image

    station.run(journey)


def test_no_frame_of_one_patient_is_in_the_next_ones_loop(station: Station) -> None:
    async def journey(nurse: Nurse) -> None:
        await scanning(nurse)
        await asyncio.sleep(0.5)
        await nurse.press("escape")
        await nurse.until(lambda: isinstance(nurse.app.screen, PatientsScreen))
        await asyncio.sleep(0.3)
        left_ns = nurse.app.clock.monotonic_ns()
        await nurse.add_patient(*OTHER)
        assert "Baraka, Neema" in nurse.scan.banner.text
        await nurse.live()
        await nurse.freeze()
        assert min(frame.received_ns for frame in nurse.scan.held.frozen.loop.frames) > left_ns

    station.run(journey)


def test_the_probe_rests_while_nobody_looks(station: Station) -> None:
    from probe.reader import ReaderState

    async def journey(nurse: Nurse) -> None:
        await scanning(nurse)
        await nurse.press("escape")
        scanner = nurse.app.session.workstation.scanning
        await nurse.until(lambda: scanner.probe_state is ReaderState.FROZEN)

    station.run(journey)


def test_a_dialog_over_the_picture_and_a_resize_during_live(station: Station) -> None:
    async def journey(nurse: Nurse) -> None:
        await scanning(nurse)
        await nurse.pilot.resize_terminal(60, 20)
        await nurse.live()
        assert nurse.scan.has_class("narrow")
        await nurse.pilot.resize_terminal(160, 50)
        await nurse.live()
        assert nurse.scan.has_class("wide")
        await nurse.freeze()
        await nurse.press("c", "n")
        assert isinstance(nurse.app.screen, LabelDialog)
        below = nurse.app.screen_stack[-2]
        strip = below.pane.view.render_line(below.pane.view.size.height // 2)
        assert any(segment.style and segment.style.bgcolor.triplet.red > 15 for segment in strip), (
            "the picture is there"
        )
        await nurse.press("down", "down", "enter")
        assert nurse.scan.held.calipers[-1].label == "Abdomen, across"

    station.run(journey, size=(100, 30))


def test_gain_is_turned_by_its_keys(station: Station) -> None:
    async def journey(nurse: Nurse) -> None:
        await scanning(nurse)
        await nurse.press("plus", "plus", "plus")
        await nurse.until(lambda: "gain +6 dB" in str(nurse.scan.side.query_one("#made").render()))
        await nurse.freeze()
        await nurse.press("c", "enter")
        ends = nurse.scan.held.calipers[0].handles
        before = nurse.scan.held.picture
        await nurse.press("minus")
        await nurse.until(lambda: nurse.scan.held.picture is not before)
        assert nurse.scan.held.picture.pixels.mean() < before.pixels.mean()
        assert nurse.scan.held.calipers[0].handles == ends
        await nurse.press("k")
        await nurse.until(lambda: "loop of" in nurse.says)
        await nurse.press("plus")
        assert "kept as it is" in nurse.says

    station.run(journey)


def test_only_the_button_for_it_freezes_and_a_low_battery_is_seen(station: Station) -> None:
    async def journey(nurse: Nurse) -> None:
        await scanning(nurse)
        sensors = nurse.scan.side.query_one("#sensors")
        assert not sensors.display  # the practice probe has none
        nurse.scan.heard(DeviceStatus(True, 0, 12, 34))
        assert sensors.display
        assert sensors.has_class("low")
        assert "battery 12 % LOW, 34 °C" in str(sensors.render())
        nurse.scan.heard(ButtonPressed("light"))
        assert nurse.scan.held is None
        nurse.scan.heard(ButtonPressed("freeze"))
        await nurse.until(lambda: nurse.scan.state is ScanState.FROZEN)

    station.run(journey)
