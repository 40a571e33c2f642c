"""Boards whose protocol tells no number: their record is kept under the number of their USB port, or not at all."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue

import numpy as np
import pytest
from numpy.typing import NDArray
from serial.tools import list_ports
from serial.tools.list_ports_common import ListPortInfo

from clinic import cli
from clinic.calibrations import newest
from clinic.clock import SystemClock
from clinic.compose import ProbeChoice, open_scanning
from clinic.events import Event, PictureReady, ProbeIdentified, ProbeSettled
from probe.capabilities import Capabilities
from probe.emulators.alines import RATE_HZ, SAMPLES
from probe.emulators.pic0rick import Pic0rickDevice
from probe.emulators.pty import serve
from records.home import Home

PICO, P0RK = (0x2E8A, 0x000A, "Pico"), (0xCAFE, 0x4011, "pic0rick RP2350 Signal Processor")
SERIAL, MODEL = "E6614C311B8C2A31", "pic0rick (stock firmware)"
SCALE, ZERO_US, WATER_M_S = 1.02, 0.6, 1480.0
DISTANCES_MM = (25.0, 70.0)


class Tank:
    """A plate in water before a 5 MHz transducer, seen with a clock that is wrong: true = SCALE * told + ZERO."""

    distance_mm = DISTANCES_MM[0]

    def line(self, index: int) -> NDArray[np.int16]:
        told_us = np.arange(SAMPLES) / RATE_HZ * 1e6
        ringing = 2000 * np.exp(-told_us / 0.25) * np.sin(2 * np.pi * 5 * told_us + 0.8)
        off = SCALE * told_us + ZERO_US - 2000 * self.distance_mm / WATER_M_S
        echo = 300 * np.exp(-((off / 0.3) ** 2)) * np.cos(2 * np.pi * 5 * off)
        noise = np.random.default_rng((5, index)).standard_normal(SAMPLES)
        return np.clip(np.rint(ringing + echo + noise), -512, 511).astype(np.int16)


class Hand(io.StringIO):
    """The person at the terminal, who holds the plate where it is asked for and presses Enter."""

    def __init__(self, tank: Tank) -> None:
        super().__init__()
        self._tank, self._next = tank, iter(DISTANCES_MM)

    def isatty(self) -> bool:
        return True

    def readline(self, size: int = -1) -> str:
        self._tank.distance_mm = next(self._next)
        return "\n"


class Computer:
    """What the operating system lists, and the board that is plugged in."""

    def __init__(self, address: str, tank: Tank, monkeypatch: pytest.MonkeyPatch) -> None:
        self.address, self._tank, self._patch = address, tank, monkeypatch
        self.listed: list[ListPortInfo] = []
        monkeypatch.setattr(list_ports, "comports", lambda: self.listed)

    def lists(self, *serials: str, ids: tuple[int, int, str] = PICO) -> None:
        """The board first; others of its kind have other names and sockets."""
        self.listed = []
        for index, serial in enumerate(serials):
            info = ListPortInfo(self.address if index == 0 else f"/dev/ttyACM{index}")
            info.vid, info.pid, info.product = ids
            info.serial_number, info.location = serial, f"1-{index}:1.0"
            self.listed.append(info)

    def calibrate(self) -> int:
        self._patch.setattr("sys.stdin", Hand(self._tank))
        plates = [word for distance in DISTANCES_MM for word in ("--plate", str(distance))]
        words = ["--operator", "Amina", "--sound-speed", str(WATER_M_S), "--frames", "2", "--json"]
        return cli.run(["calibrate", "--probe", self.address, "--driver", "pic0rick", *plates, *words])


@pytest.fixture
def computer(monkeypatch: pytest.MonkeyPatch) -> Iterator[Computer]:
    tank, stop, opened = Tank(), threading.Event(), SimpleQueue[str]()
    device = Pic0rickDevice(tank)
    thread = threading.Thread(target=serve, args=(device, 10**7, opened.put, stop), daemon=True)
    thread.start()
    yield Computer(opened.get(timeout=10), tank, monkeypatch)
    stop.set()
    thread.join(10)


def seen(address: str, home: Path) -> tuple[Capabilities, bool, str]:
    """Who the workstation takes the board for, and whether its first line counts as calibrated, and whose it is."""
    heard: SimpleQueue[Event] = SimpleQueue()
    scanning = open_scanning(ProbeChoice(address, driver="pic0rick"), SystemClock(), heard.put, Home(home))
    scanning.connect()
    try:
        while True:
            match heard.get(timeout=20):
                case ProbeIdentified(found):
                    capabilities = found
                case ProbeSettled():
                    scanning.live()
                case PictureReady(picture):
                    return capabilities, picture.calibrated, picture.provenance.serial
    finally:
        scanning.close()


def test_a_pico_is_calibrated_under_its_usb_number(computer: Computer, home: Path, capsys) -> None:  # type: ignore[no-untyped-def]
    computer.lists(SERIAL)
    assert computer.calibrate() == 0
    events = {entry["event"]: entry for entry in map(json.loads, capsys.readouterr().out.splitlines())}
    assert events["calibrated"]["serial"] == f"usb:{SERIAL}"
    record = newest(Home(home).calibrations, "pic0rick", MODEL, f"usb:{SERIAL}")
    assert record is not None
    assert record.correction.range_scale_ppm == pytest.approx(SCALE * 1e6, rel=0.003)
    assert record.correction.time_zero_ns == pytest.approx(1000 * ZERO_US, abs=400)

    capabilities, calibrated, serial = seen(computer.address, home)
    assert (capabilities.calibration is not None, calibrated, serial) == (True, True, f"usb:{SERIAL}")
    computer.lists("E6614C311B770F22")
    capabilities, calibrated, serial = seen(computer.address, home)
    assert (capabilities.calibration, calibrated, serial) == (None, False, "usb:E6614C311B770F22")
    computer.lists()
    assert seen(computer.address, home)[1:] == (False, "not reported")


@pytest.mark.parametrize(
    ("serials", "ids"), [((), PICO), (("P0RK0001",), P0RK), (("",), PICO), ((SERIAL, SERIAL), PICO)]
)
def test_a_board_that_nothing_tells_from_others_is_measured_and_keeps_none(
    computer: Computer, home: Path, capsys, serials: tuple[str, ...], ids: tuple[int, int, str]
) -> None:  # type: ignore[no-untyped-def]
    """A pseudo-terminal, a maker's constant, no number at all, and two boards of one number."""
    computer.lists(*serials, ids=ids)
    assert computer.calibrate() == 1
    out, err = capsys.readouterr()
    assert '"event": "measured"' in out
    assert f"A calibration of {MODEL} cannot be kept: neither the probe nor USB tells a number of its own" in err
    assert not home.exists()
