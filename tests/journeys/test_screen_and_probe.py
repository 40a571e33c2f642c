"""The screens with a real film over a serial line: unplugged and back, damaged bytes, and the same distance."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from clinic.terminal.image_view import Liveness
from probe.reader import ReaderState
from records.home import Home
from tests.clinic.ui.nurse import Nurse, Station
from tests.journeys.process import Clinic, lines

StartTwin = Callable[..., tuple[str, subprocess.Popen[str]]]


@pytest.fixture
def station(tmp_path: Path) -> Station:
    return Station(Home(tmp_path / "home"))


def test_the_probe_is_unplugged_and_comes_back(station: Station, twin: StartTwin) -> None:
    address, process = twin()

    async def journey(nurse: Nurse) -> None:
        await nurse.found_site()
        await nurse.add_patient()
        await nurse.live()
        await nurse.freeze()
        await nurse.press("k")
        await nurse.until(lambda: "loop of" in nurse.says)
        await nurse.press("space")
        await nurse.live()
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        await nurse.until(lambda: nurse.scan.pane.liveness is Liveness.NOT_LIVE)
        await nurse.until(lambda: "are kept" in nurse.says)
        assert "PROBE LOST" in str(nurse.scan.pane.query_one("#state").render())
        await nurse.press("space")
        await nurse.until(lambda: nurse.scan.held is not None)
        assert len(nurse.scan.held.frozen.loop.frames) > 1, "the loop that was seen can still be kept"
        twin()
        await nurse.until(lambda: "back" in nurse.says)
        assert nurse.scan.pane.liveness is Liveness.FROZEN, "nothing transmits before somebody asks for it"
        await nurse.press("space")
        await nurse.live()
        record = nurse.app.session.workstation.exams.all()[0]
        assert record.state == "open"

    station.run(journey, probe=address)


def test_a_probe_that_was_live_comes_back_without_transmitting(station: Station, twin: StartTwin) -> None:
    """Nobody held the picture: still it waits for a key, also behind everything that it says when it is back."""
    address, process = twin()

    async def journey(nurse: Nurse) -> None:
        await nurse.found_site()
        await nurse.add_patient()
        await nurse.live()
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        await nurse.until(lambda: "are kept" in nurse.says)
        twin()
        await nurse.until(lambda: "back" in nurse.says)
        scanning = nurse.app.session.workstation.scanning
        heard = scanning.counters().messages
        await nurse.until(lambda: scanning.counters().messages > heard + 2)  # its status, every second
        assert scanning.probe_state is ReaderState.FROZEN
        assert nurse.scan.pane.liveness is Liveness.NOT_LIVE
        await nurse.press("space")
        await nurse.until(lambda: nurse.scan.pane.liveness is not Liveness.NOT_LIVE)

    station.run(journey, probe=address)


def test_damaged_bytes_do_not_stop_the_picture(station: Station, twin: StartTwin) -> None:
    address, _ = twin("--damage-every", "20011")

    async def journey(nurse: Nurse) -> None:
        await nurse.found_site()
        await nurse.add_patient()
        await nurse.live()
        scanning = nurse.app.session.workstation.scanning
        await nurse.until(lambda: scanning.counters().payload_errors + scanning.counters().header_errors > 0)
        seen = nurse.scan.pane.picture.frame_number
        await nurse.until(lambda: nurse.scan.pane.picture.frame_number > seen)
        await nurse.freeze()

    station.run(journey, probe=address)


def test_the_distance_is_the_one_of_the_exam_without_a_screen(
    station: Station, twin: StartTwin, clinic: Clinic, tmp_path: Path
) -> None:
    """The same ends on the same film: the screen records what the headless exam records."""
    address, _ = twin()
    measured: list[int] = []

    async def journey(nurse: Nurse) -> None:
        await nurse.found_site()
        await nurse.add_patient()
        await nurse.live()
        await nurse.freeze()
        await nurse.press("c", "enter", "k")
        await nurse.until(lambda: "loop of" in nurse.says)
        session = nurse.app.session
        assert session is not None
        record = session.workstation.exams.record(session.workstation.exams.all()[0].id)
        measured.extend(measurement.value for measurement in record.measurements)

    station.run(journey, probe=address)
    headless = Clinic(tmp_path / "headless", tmp_path)
    done = headless.run(*headless.exam_words(address))
    assert done.returncode == 0, done.stderr
    [said] = [line for line in lines(done.stdout) if line["event"] == "measurement_saved"]
    assert measured == [said["value_um"]]
