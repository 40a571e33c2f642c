"""Which probe the workstation takes at sign-in, and what it says of the others."""

from __future__ import annotations

from dataclasses import replace

import pytest

from clinic import session
from clinic.clock import SystemClock
from clinic.session import choose_probe
from probe.discovery import FoundPort, PortState, find
from probe.errors import ProbeError
from probe.known_boards import Confidence
from probe.links.ports import SerialPort

CLOCK = SystemClock()


def port(address: str, driver: str, state: PortState = PortState.USABLE) -> FoundPort:
    return FoundPort(SerialPort(address), "a board", driver, Confidence.SURE, state)


def test_nothing_plugged_in_is_practice() -> None:
    chosen = choose_probe("", "", (), CLOCK)
    assert (chosen.choice.address, chosen.choice.simulated, chosen.remark) == ("practice", True, "")


def test_unknown_devices_are_left_alone() -> None:
    unknown = port("/dev/ttyUSB7", "", PortState.UNKNOWN_DEVICE)
    assert choose_probe("", "", (unknown,), CLOCK).choice.address == "practice"


def test_a_probe_that_is_plugged_in_is_taken() -> None:
    chosen = choose_probe("", "", (port("practice:femur", "eop1"),), CLOCK)
    assert (chosen.choice.address, chosen.choice.driver, chosen.choice.simulated) == ("practice:femur", "eop1", True)


@pytest.mark.parametrize(
    ("state", "says"), [(PortState.NO_PERMISSION, "may not use"), (PortState.BUSY, "in use by another program")]
)
def test_a_probe_that_cannot_be_used_is_not_passed_over_in_silence(state: PortState, says: str) -> None:
    chosen = choose_probe("", "", (port("/dev/ttyACM0", "eop1", state),), CLOCK)
    assert chosen.choice.address == "practice"
    assert says in chosen.remark


def test_a_board_that_only_looks_like_a_probe_keeps_nobody_out() -> None:
    """A Raspberry Pi Pico of another use, or a plug-in's board without its plug-in: told, and the next one is taken."""
    silent, strange = port("/dev/no-such-probe", "pic0rick"), port("practice", "no-such-driver")
    chosen = choose_probe("", "", (silent, strange, port("practice:femur", "eop1")), CLOCK)
    assert (chosen.choice.address, chosen.remark) == ("practice:femur", "")
    chosen = choose_probe("", "", (strange,), CLOCK)
    assert chosen.choice.address == "practice"
    assert "no driver named no-such-driver" in chosen.remark


def test_a_board_that_nothing_tells_from_others_is_not_spoken_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """A WULPUS is known by its silence, and so is any other dongle with its id: a person chooses it or nobody does."""
    dongle = SerialPort("/dev/ttyACM0", 0x1915, 0x521A, "F00D")
    (found,) = find(lambda: [dongle], may_use=lambda address: True, held_by=lambda addresses: {})
    assert (found.driver, found.state, found.by_hand) == ("wulpus", PortState.USABLE, True)
    monkeypatch.setattr(session, "identify", lambda *_: pytest.fail("it was spoken to"))
    chosen = choose_probe("", "", (found,), CLOCK)
    assert chosen.choice.address == "practice"
    assert "At /dev/ttyACM0 may be a probe" in chosen.remark


def test_the_one_asked_for_must_answer() -> None:
    with pytest.raises(ProbeError, match="no-such-probe"):
        choose_probe("/dev/no-such-probe", "", (), CLOCK)


def test_a_board_of_single_lines_is_used_where_no_probe_scans(monkeypatch: pytest.MonkeyPatch) -> None:
    real = session.identify("practice", "eop1", CLOCK)
    board = replace(real, modes=("A", "M"), model="a one-line board", simulated=False)
    monkeypatch.setattr(session, "identify", lambda address, *_: real if address == "practice:femur" else board)
    assert choose_probe("/dev/ttyACM0", "", (), CLOCK).choice.address == "/dev/ttyACM0"
    lines, scans = port("/dev/ttyACM0", "pic0rick"), port("practice:femur", "eop1")
    chosen = choose_probe("", "", (lines,), CLOCK)
    assert (chosen.choice.address, chosen.choice.driver, chosen.choice.simulated) == ("/dev/ttyACM0", "pic0rick", False)
    assert choose_probe("", "", (lines, scans), CLOCK).choice.address == "practice:femur"
