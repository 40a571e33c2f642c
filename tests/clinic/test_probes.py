"""``sauti probes``: a row for each port, a sentence for each that cannot be used."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from clinic import cli
from clinic.commands import probes
from probe.discovery import find
from probe.holders import Holder
from probe.links.ports import SerialPort

EOP1 = SerialPort("/dev/ttyACM0", 0x1209, 0x0001, "ECHO0001", "EOP/1 sector probe", "Open", "1-1:1.0")
WULPUS = SerialPort("/dev/ttyACM1", 0x1915, 0x521A, "F00D", "", "", "1-2:1.0")
FTDI = SerialPort("/dev/ttyUSB0", 0x0403, 0x6001, "A50285BI", "FT232R USB UART", "FTDI", "1-4")


@pytest.fixture
def plugged(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def plug(*ports: SerialPort, allowed: bool = True, held: dict[str, Holder] | None = None) -> None:
        monkeypatch.setattr(
            probes, "find", lambda: find(lambda: ports, may_use=lambda a: allowed, held_by=lambda a: held or {})
        )

    return plug


def test_each_port_is_a_row(plugged: Callable[..., None], capsys: pytest.CaptureFixture[str]) -> None:
    plugged(FTDI, EOP1)
    assert cli.run(["probes"]) == 0
    first, second, why, last = capsys.readouterr().out.splitlines()
    assert first.split()[:6] == ["/dev/ttyACM0", "1209:0001", "ECHO0001", "eop1", "sure", "usable"]
    assert second.split()[:3] == ["/dev/ttyUSB0", "0403:6001", "A50285BI"]
    assert second.endswith("FTDI FT232R USB UART")
    assert "is not a probe that Sauti knows" in why
    assert last == "1 of 2 serial ports may be given to --probe."


def test_for_a_program_each_port_is_an_object(plugged: Callable[..., None], capsys: pytest.CaptureFixture[str]) -> None:
    plugged(EOP1, WULPUS, held={"/dev/ttyACM0": Holder(7, "minicom")})
    assert cli.run(["probes", "--json"]) == 0
    wulpus, eop1, listed = map(json.loads, capsys.readouterr().out.splitlines())
    assert (eop1["state"], eop1["holder"]) == ("busy", "minicom (process 7)")
    assert (eop1["usb_id"], eop1["serial"], eop1["driver"], eop1["confidence"]) == (
        "1209:0001",
        "ECHO0001",
        "eop1",
        "sure",
    )
    assert wulpus["driver"] == "wulpus"
    assert wulpus["driver_present"] is (wulpus["advice"] == "")
    assert listed == {"event": "listed", "ports": 2, "usable": int(wulpus["driver_present"])}


def test_a_driver_that_is_not_there_is_said(plugged: Callable[..., None], capsys, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(probes.registry, "names", lambda: ("eop1",))
    plugged(WULPUS)
    assert cli.run(["probes"]) == 0
    out = capsys.readouterr().out
    assert "This Sauti has no driver named wulpus." in out
    assert "No probe can be used. Without one there is the simulated probe: --probe practice." in out


def test_no_port_at_all_is_said(plugged: Callable[..., None], capsys: pytest.CaptureFixture[str]) -> None:
    plugged()
    assert cli.run(["probes"]) == 0
    assert capsys.readouterr().out == (
        "There is no serial port. Without one there is the simulated probe: --probe practice.\n"
    )


def test_lacking_permission_is_said(plugged: Callable[..., None], capsys: pytest.CaptureFixture[str]) -> None:
    plugged(EOP1, allowed=False)
    assert cli.run(["probes"]) == 0
    out = capsys.readouterr().out
    assert "no permission" in out
    assert "packaging/udev/70-sauti-probes.rules" in out


def test_two_boards_of_one_number_are_told_apart(
    plugged: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    """By their sockets; two interfaces of one board are no second board."""
    one, other = (SerialPort(f"/dev/ttyACM{n}", 0xCAFE, 0x4011, "P0RK0001", "pic0rick", "", f"1-{n}") for n in (3, 4))
    second_interface = SerialPort("/dev/ttyACM9", 0x1209, 0x0001, "ECHO0001", "EOP/1 x", "", "1-1:1.2")
    plugged(one, other, EOP1, second_interface)
    assert cli.run(["probes"]) == 0
    out = capsys.readouterr().out
    assert out.count("Another board has the same number") == 2
    assert "this one is in the socket 1-3." in out
    assert "this one is in the socket 1-4." in out
    assert cli.run(["probes", "--json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {row["address"]: row["shares_serial"] for row in rows[:-1]} == {
        "/dev/ttyACM3": True, "/dev/ttyACM4": True, "/dev/ttyACM0": False, "/dev/ttyACM9": False,
    }  # fmt: skip
