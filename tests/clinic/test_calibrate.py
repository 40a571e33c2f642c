"""``sauti calibrate``: a distorted probe on a terminal is measured, and then its frames are right and say so."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue

import numpy as np
import pytest

from clinic import cli
from clinic.calibrate import Phantom, water_speed_m_s
from clinic.calibrations import newest
from clinic.clock import SystemClock
from clinic.compose import ProbeChoice, open_scanning
from clinic.errors import BadRequest
from clinic.events import Event, PictureReady, ProbeIdentified, ProbeSettled
from probe.emulators.eop1 import Eop1Device
from probe.emulators.pty import serve
from probe.frame import Frame
from probe.geometry import Geometry
from records.home import Home
from tests.probe.distortions import WIRES, Errors, SectorProbe, laid
from tests.probe.lines_distorted import SAMPLING, LinesProbe

ERRORS = Errors(scale=1.03, zero_us=1.0, sector=1.2, lag_deg=1.5)
POSE = (3.0, 2.0, 22.0)


class Distorted:
    """A source for a twin: a sector probe with errors before a target; odd frames are swept backward."""

    model = "sector"
    serial = "S1"
    sound_speed_m_s = 1480
    centre_hz = 3_500_000
    full_scale = 400
    loop = 2

    def __init__(self, plate_mm: float | None = None) -> None:
        probe = SectorProbe(ERRORS)
        self.geometry, self.sampling = probe.geometry, probe.sampling
        self._frames = [self._seen(probe, plate_mm, direction) for direction in (1, -1)]

    @staticmethod
    def _seen(probe: SectorProbe, plate_mm: float | None, direction: int) -> Frame:
        if plate_mm is None:
            return probe.wires(WIRES, POSE, direction=direction)
        return probe.plate(plate_mm, 4.0, direction=direction)

    def rf(self, index: int) -> np.ndarray:
        return self._frames[index].samples

    def dead(self, index: int) -> tuple[int, ...]:
        return ()


@pytest.fixture
def plug() -> Iterator[object]:
    stop = threading.Event()
    threads: list[threading.Thread] = []

    def begin(source: Distorted) -> str:
        heard: SimpleQueue[str] = SimpleQueue()
        device = Eop1Device(source, link_rate_bytes_s=10**7, frame_interval_us=40_000)
        threads.append(threading.Thread(target=serve, args=(device, 10**7, heard.put, stop), daemon=True))
        threads[-1].start()
        return heard.get(timeout=10)

    yield begin
    stop.set()
    for thread in threads:
        thread.join(5)


@pytest.fixture
def phantom(tmp_path: Path) -> Path:
    path = tmp_path / "w9.toml"
    rows = ", ".join(f"[{x}, {z}]" for x, z in WIRES)
    path.write_text(f'name = "W9"\nsound_speed_m_s = 1480\nwires_mm = [{rows}]\n')
    return path


def said(capsys: pytest.CaptureFixture[str]) -> dict[str, dict[str, object]]:
    return {entry["event"]: entry for entry in map(json.loads, capsys.readouterr().out.splitlines())}


def test_a_wire_phantom_calibrates_a_probe(plug, phantom: Path, home: Path, capsys: pytest.CaptureFixture[str]) -> None:  # type: ignore[no-untyped-def]
    address = plug(Distorted())
    words = ["calibrate", "--probe", address, "--wires", str(phantom), "--operator", "Amina", "--frames", "6", "--json"]
    assert cli.run(words) == 0
    events = said(capsys)
    measured = events["measured"]
    assert measured["range_scale_ppm"] == pytest.approx(1.03e6, rel=0.003)
    assert measured["sector_scale_ppm"] == pytest.approx(1.2e6, rel=0.003)
    assert measured["sweep_lag_mdeg"] == pytest.approx(1500, abs=50)
    assert 0 < measured["residual_um"] < 300  # type: ignore[operator]
    record = newest(Home(home).calibrations, "eop1", "sector", "S1")
    assert record is not None
    assert (record.operator, record.target) == ("Amina", "wires: W9")
    assert record.correction.range_scale_ppm == measured["range_scale_ppm"]
    assert events["calibrated"]["expires_on"] == record.expires_on > record.made_on
    _its_pictures_rest_on_it(address, home, record.correction.sector_scale_ppm)


def _its_pictures_rest_on_it(address: str, home: Path, sector_ppm: int) -> None:
    """Live and in both directions, each with a chain of its own that is planned once."""
    heard: SimpleQueue[Event] = SimpleQueue()
    scanning = open_scanning(ProbeChoice(address), SystemClock(), heard.put, Home(home))
    scanning.connect()
    pictures = []
    try:
        while len(pictures) < 4:
            match heard.get(timeout=15):
                case ProbeIdentified(capabilities):
                    assert capabilities.calibration is not None
                case ProbeSettled():
                    scanning.live()
                case PictureReady(picture):
                    pictures.append(picture)
        frozen = scanning.freeze().wait(15)
        chains = len(scanning._scanner._looks._imager._planned)
    finally:
        scanning.close()
    assert all(picture.calibrated for picture in [*pictures, frozen.picture])
    assert chains <= 4
    lines = frozen.loop.frames[-1].geometry.angle_mdeg
    assert lines[-1] - lines[0] == pytest.approx(60_000 * sector_ppm / 1e6, abs=2)


def test_an_expired_one_is_as_none(plug, phantom: Path, home: Path) -> None:  # type: ignore[no-untyped-def]
    address = plug(Distorted())
    words = ["calibrate", "--probe", address, "--wires", str(phantom), "--operator", "A", "--frames", "4"]
    assert cli.run(words) == 0

    class NextYear(SystemClock):
        def wall_ms(self) -> int:
            return super().wall_ms() + 400 * 86_400_000

    heard: SimpleQueue[Event] = SimpleQueue()
    scanning = open_scanning(ProbeChoice(address), NextYear(), heard.put, Home(home))
    scanning.connect()
    try:
        while not isinstance(event := heard.get(timeout=15), ProbeIdentified):
            pass
    finally:
        scanning.close()
    assert event.capabilities.calibration is None


def test_two_plates_calibrate_from_recordings(plug, tmp_path: Path, home: Path, capsys) -> None:  # type: ignore[no-untyped-def]
    words = ["calibrate", "--operator", "Amina", "--frames", "6", "--sound-speed", "1480", "--json"]
    for distance in (60, 110):
        path = tmp_path / f"{distance}.sprobe"
        assert cli.run(["record", "--probe", plug(Distorted(distance)), "-o", str(path), "--seconds", "0.8"]) == 0
        words += ["--from", str(path), "--plate", str(distance)]
    capsys.readouterr()
    assert cli.run(words) == 0
    measured = said(capsys)["measured"]
    assert measured["range_scale_ppm"] == pytest.approx(1.03e6, rel=0.005)
    assert measured["sector_scale_ppm"] == pytest.approx(1.2e6, rel=0.01)
    record = newest(Home(home).calibrations, "eop1", "sector", "S1")
    assert record is not None
    assert record.target == "plate at 60, 110 mm"


def test_the_plate_recording_is_measured_and_not_kept(recordings: Path, home: Path, capsys) -> None:  # type: ignore[no-untyped-def]
    path = recordings / "echopen_labtool" / "plate_plate.txt"
    words = ["calibrate", "--from", str(path), "--plate", "unknown", "--operator", "A", "--sound-speed", "1480"]
    assert cli.run(words) == 1
    out, err = capsys.readouterr()
    assert "Told by the target: sector angle." in out
    assert "angles x 1.00" in out
    assert err.startswith("sauti: Nothing was kept: this target does not tell range scale and time zero.")
    assert not home.exists()


class Seen:
    """A source for a twin: what a probe of any geometry sees."""

    serial, model, sound_speed_m_s, centre_hz, full_scale, loop = "L1", "lines", 1480, 3_500_000, 400, 1
    sampling = SAMPLING

    def __init__(self, frame: Frame) -> None:
        self.geometry, self._samples = frame.geometry, frame.samples

    def rf(self, index: int) -> np.ndarray:
        return self._samples

    def dead(self, index: int) -> tuple[int, ...]:
        return ()


def test_a_linear_probe_is_calibrated_on_the_surface_of_a_phantom(plug, phantom: Path, home: Path, capsys) -> None:  # type: ignore[no-untyped-def]
    told = Geometry.linear(64, 600)
    probe = LinesProbe(told, Geometry.linear(64, 660), scale=1.03, zero_us=1.0)
    address = plug(Seen(probe.wires(laid(WIRES, (0, 0, -4)))))
    words = ["calibrate", "--probe", address, "--wires", str(phantom), "--operator", "A", "--frames", "2", "--json"]
    assert cli.run(words) == 1
    err = capsys.readouterr().err
    assert "Nothing was kept: this target does not tell time zero" in err
    assert not home.exists()
    phantom.write_text(phantom.read_text() + "surface_mm = 4\n")
    assert cli.run(words) == 0
    measured = said(capsys)["measured"]
    assert measured["lateral_scale_ppm"] == pytest.approx(1.1e6, rel=0.005)
    assert measured["range_scale_ppm"] == pytest.approx(1.03e6, rel=0.003)
    assert measured["time_zero_ns"] == pytest.approx(1000, abs=400)
    record = newest(Home(home).calibrations, "eop1", "lines", "L1")
    assert record is not None
    assert record.correction.lateral_scale_ppm == measured["lateral_scale_ppm"]


def test_a_board_of_one_line_is_calibrated_on_two_plates(
    plug, phantom: Path, tmp_path: Path, home: Path, capsys
) -> None:  # type: ignore[no-untyped-def]
    told = Geometry((0,), (0,), (0,))
    probe = LinesProbe(told, told, scale=1.03, zero_us=1.0)
    words = ["calibrate", "--operator", "Amina", "--frames", "4", "--sound-speed", "1480", "--json"]
    recordings = []
    for distance in (30, 100):
        path = tmp_path / f"{distance}.sprobe"
        address = plug(Seen(probe.plate(distance)))
        assert cli.run(["record", "--probe", address, "-o", str(path), "--seconds", "0.6"]) == 0
        words += ["--from", str(path), "--plate", str(distance)]
        recordings.append(str(path))
    capsys.readouterr()
    assert cli.run(words) == 0
    measured = said(capsys)["measured"]
    assert measured["found"] == ["range scale", "time zero"]
    record = newest(Home(home).calibrations, "eop1", "lines", "L1")
    assert record is not None
    assert record.correction.range_scale_ppm == pytest.approx(1.03e6, rel=0.003)
    for goal in (["--wires", str(phantom)], ["--plate", "unknown"]):
        assert cli.run(["calibrate", "--operator", "A", "--from", recordings[0], *goal]) == 1
        assert "This probe has one line: only plates at known distances" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--probe", "x", "--block", "1"], "--block '1' is no distance in mm"),
        (["--probe", "x", "--plate", "60", "--plate", "110"], "A person must move the plate"),
        (["--probe", "x", "--plate", "sixty"], "is no distance in mm"),
        (["--probe", "x", "--plate", "4"], "is no distance in mm"),
        (["--probe", "x", "--plate", "60", "--sound-speed", "nan"], "The sound speed must lie between"),
        (["--probe", "x", "--plate", "60", "--water-temperature", "120"], "temperature must lie between"),
        (["--probe", "x", "--plate", "60", "--frames", "1"], "--frames must lie between"),
        (["--from", "a", "--from", "b", "--plate", "60"], "Give --from once for each --plate or --block"),
        (["--from", "a", "--marker"], "twice for --marker"),
        (["--probe", "x", "--marker"], "A person must move the plate, or touch the probe"),
        (["--probe", "x", "--plate", "60", "--operator", " "], "Say who measures"),
        (["--probe", "x", *["--plate", "60"] * 7], "At most 6 plates"),
        (["--from", "/there/is/none", "--plate", "60"], "There is no recording at"),
        (["--probe", "/dev/there-is-none", "--plate", "60"], "There is no probe at"),
        (["--probe", "x", "--wires", "/there/is/none"], "may not be read"),
    ],
)
def test_a_mistake_keeps_nothing(words: list[str], sentence: str, home: Path, capsys, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert cli.run(["calibrate", "--operator", "A", *words]) == 1
    assert sentence in capsys.readouterr().err
    assert not home.exists()


@pytest.mark.parametrize(
    "text",
    ["", "name = 1", 'name = "x"\nsound_speed_m_s = 1\nwires_mm = [[0, 1]]', "wires_mm = 7", "= 3",
     'name = "x"\nsound_speed_m_s = 1540\nwires_mm = [[0, 1], [0, 2], [0, 3], [0, 4], [0, nan]]',
     'name = "x"\nsound_speed_m_s = 1540\nwires_mm = [[0, 1], [0, 2], [0, 3], [0, 4], [0, 5, 6]]'],
)  # fmt: skip
def test_a_file_that_is_no_phantom_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_text(text)
    with pytest.raises(BadRequest):
        Phantom.read(path)


@pytest.mark.parametrize(("celsius", "speed"), [(0, 1402.4), (10, 1447.3), (20, 1482.3), (30, 1509.1), (37, 1523.6)])
def test_the_speed_of_sound_in_water(celsius: float, speed: float) -> None:
    """Pure water, after Del Grosso and Mader (1972)."""
    assert water_speed_m_s(celsius) == pytest.approx(speed, abs=0.3)


@pytest.mark.parametrize(("end", "code", "sentence"), [("left", 0, "on the left"), ("right", 1, "MIRRORED")])
def test_a_touch_tells_which_side_is_left(end: str, code: int, sentence: str, tmp_path: Path, capsys) -> None:  # type: ignore[no-untyped-def]
    from probe.sprobe.container import SprobeHeader
    from probe.sprobe.export import exported
    from tests.probe.test_marker import touched

    words = ["calibrate", "--marker"]
    for name, where in (("before", ""), ("touched", end)):
        path = tmp_path / f"{name}.sprobe"
        path.write_bytes(exported([touched(where, n) for n in range(3)], SprobeHeader("", "eop1", "", "", 0, "t")))
        words += ["--from", str(path)]
    assert cli.run(words) == code
    assert sentence in capsys.readouterr().out
