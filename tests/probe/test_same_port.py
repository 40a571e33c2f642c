"""The same probe again: by its number, by its socket where a number is shared, and no other device ever opened."""

from __future__ import annotations

from dataclasses import replace

import pytest

from probe.errors import LinkUnavailable
from probe.link import Gathers, Link
from probe.links import ports as ports_module
from probe.links.ports import SerialPort, serial_ports
from probe.same_port import SamePort


def port(address: str, serial: str = "ECHO0001", location: str = "1-1:1.0", pid: int = 1) -> SerialPort:
    return SerialPort(address, 0x1209, pid, serial, "EOP/1 x", "Open", location)


class Closed:
    def __init__(self, name: str) -> None:
        self.name = name

    def read(self, timeout_s: float) -> bytes:
        return b""

    def write(self, data: bytes) -> None: ...

    def close(self) -> None: ...


class Computer:
    """Its serial ports, and which of them were opened."""

    def __init__(self, *ports: SerialPort) -> None:
        self.ports = ports
        self.opened: list[str] = []

    def same(self, address: str) -> SamePort:
        return SamePort(address, self.open, lambda: self.ports)

    def open(self, address: str) -> Link:
        self.opened.append(address)
        return Closed(address)


def test_a_device_is_followed_to_another_name_and_socket() -> None:
    computer = Computer(port("/dev/ttyACM0"))
    same = computer.same("/dev/ttyACM0")
    same.open().close()
    computer.ports = (port("/dev/ttyACM1"),)
    assert same.open().name == "/dev/ttyACM1"
    computer.ports = (port("/dev/ttyACM4", location="2-3:1.0"),)
    same.open().close()
    assert computer.opened == ["/dev/ttyACM0", "/dev/ttyACM1", "/dev/ttyACM4"]


def test_an_absent_device_opens_nothing() -> None:
    computer = Computer(port("/dev/ttyACM0"))
    same = computer.same("/dev/ttyACM0")
    same.open().close()
    for others in ((), (port("/dev/ttyACM0", serial="OTHER"),), (port("/dev/ttyACM0", pid=2),)):
        computer.ports = others
        with pytest.raises(
            LinkUnavailable, match=r"The probe with the serial number ECHO0001 is not plugged in\. Plug it in again"
        ):
            same.open()
    assert computer.opened == ["/dev/ttyACM0"]


def test_of_two_with_one_number_the_socket_tells() -> None:
    ours, twin = port("/dev/ttyACM0", location="1-1:1.0"), port("/dev/ttyACM1", location="1-2:1.0")
    computer = Computer(ours, twin)
    same = computer.same("/dev/ttyACM0")
    same.open().close()
    computer.ports = (twin,)
    with pytest.raises(LinkUnavailable, match="into the socket where it was"):
        same.open()
    computer.ports = (port("/dev/ttyACM0", location="1-2:1.0"), port("/dev/ttyACM1", location="1-1:1.0"))
    assert same.open().name == "/dev/ttyACM1"


def test_a_twin_that_came_later_is_not_taken_for_the_lost_one() -> None:
    computer = Computer(port("/dev/ttyACM0"))
    same = computer.same("/dev/ttyACM0")
    link = same.open()
    computer.ports = (port("/dev/ttyACM1", location="1-2:1.0"),)  # plugged in before ours was pulled out
    link.close()
    with pytest.raises(LinkUnavailable):
        same.open()
    computer.ports = ()
    with pytest.raises(LinkUnavailable):
        same.open()
    computer.ports = (port("/dev/ttyACM2", location="1-2:1.0"),)
    with pytest.raises(LinkUnavailable):
        same.open()


def test_two_that_appear_in_other_sockets_are_both_left_alone() -> None:
    computer = Computer(port("/dev/ttyACM0"))
    same = computer.same("/dev/ttyACM0")
    same.open().close()
    computer.ports = (port("/dev/ttyACM0", location="2-1:1.0"), port("/dev/ttyACM1", location="2-2:1.0"))
    with pytest.raises(LinkUnavailable):
        same.open()
    computer.ports = (computer.ports[1],)
    with pytest.raises(LinkUnavailable):
        same.open()


@pytest.mark.parametrize("serial", ["", "P0RK0001"])
def test_a_number_that_every_board_has_is_no_identity(serial: str) -> None:
    computer = Computer(port("/dev/ttyACM0", serial))
    same = computer.same("/dev/ttyACM0")
    same.open().close()
    computer.ports = (port("/dev/ttyACM0", serial, location="1-2:1.0"),)
    with pytest.raises(LinkUnavailable):
        same.open()
    computer.ports = (port("/dev/ttyACM3", serial),)
    assert same.open().name == "/dev/ttyACM3"


PICO = SerialPort("/dev/ttyACM0", 0x2E8A, 0x000A, "E6614C311B8C2A31", "Pico", "Raspberry Pi", "1-1:1.0")


def test_a_device_is_called_by_its_usb_number_wherever_it_is() -> None:
    computer = Computer(PICO)
    same = computer.same("/dev/ttyACM0")
    assert same.number == ""
    same.open().close()
    assert same.number == "usb:E6614C311B8C2A31"
    computer.ports = (replace(PICO, address="/dev/ttyACM7", location="2-1:1.0"),)
    same.open().close()
    assert same.number == "usb:E6614C311B8C2A31"


def test_one_of_two_with_one_number_has_none() -> None:
    twin = replace(PICO, address="/dev/ttyACM1", location="1-2:1.0")
    computer = Computer(PICO, twin)
    first = computer.same("/dev/ttyACM0")
    first.open().close()
    assert first.number == ""
    computer.ports = (PICO,)
    first.open().close()
    assert first.number == ""  # the same device must not be called otherwise after a loss
    alone = computer.same("/dev/ttyACM0")
    alone.open().close()
    computer.ports = (PICO, twin)
    alone.open().close()
    assert alone.number == "usb:E6614C311B8C2A31"


def test_what_was_not_listed_when_it_was_opened_has_no_number() -> None:
    computer = Computer()
    same = computer.same("/dev/ttyACM0")
    same.open().close()
    computer.ports = (PICO,)
    same.open().close()
    assert same.number == ""


def test_bytes_gather_through_it_as_in_the_link_inside() -> None:
    class Gathering(Closed):
        wanted = 0

        def expect(self, wanted_bytes: int) -> None:
            self.wanted = wanted_bytes

    inside = Gathering("/dev/ttyACM0")
    link = SamePort("/dev/ttyACM0", lambda address: inside, lambda: (PICO,)).open()
    assert isinstance(link, Gathers)
    link.expect(640)
    assert inside.wanted == 640
    plain = Computer(PICO).same("/dev/ttyACM0").open()
    assert isinstance(plain, Gathers)
    plain.expect(640)


def test_a_device_of_two_ports_keeps_its_port() -> None:
    computer = Computer(port("/dev/ttyACM0", location="1-1:1.0"), port("/dev/ttyACM1", location="1-1:1.2"))
    same = computer.same("/dev/ttyACM1")
    same.open().close()
    computer.ports = (port("/dev/ttyACM2", location="3-1:1.0"), port("/dev/ttyACM3", location="3-1:1.2"))
    assert same.open().name == "/dev/ttyACM3"


def test_what_the_list_does_not_know_keeps_its_address() -> None:
    computer = Computer(port("/dev/ttyACM0"), SerialPort("/dev/ttyS0"))
    for address in ("/dev/pts/7", "practice", "/dev/ttyS0"):
        same = computer.same(address)
        same.open().close()
        same.open().close()
    assert computer.opened == ["/dev/pts/7"] * 2 + ["practice"] * 2 + ["/dev/ttyS0"] * 2


def test_a_stable_address_is_followed_to_its_device(tmp_path) -> None:  # type: ignore[no-untyped-def]
    node = tmp_path / "ttyACM0"
    node.touch()
    link = tmp_path / "eop1-ECHO0001"
    link.symlink_to(node)
    computer = Computer(port(str(node)))
    same = computer.same(str(link))
    same.open().close()
    computer.ports = (port("/dev/ttyACM5"),)
    assert same.open().name == "/dev/ttyACM5"


def test_a_list_that_fails_leaves_no_port_open() -> None:
    closed: list[str] = []

    class Remembers(Closed):
        def close(self) -> None:
            closed.append(self.name)

    def ports() -> tuple[SerialPort, ...]:
        raise RuntimeError("a defect")

    same = SamePort("/dev/ttyACM0", Remembers, ports)
    with pytest.raises(RuntimeError):
        same.open()
    assert closed == ["/dev/ttyACM0"]


def test_a_port_that_goes_while_it_is_listed_does_not_hide_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """pyserial's int(None, 16) on a descriptor that vanished between two reads."""
    from serial.tools import list_ports
    from serial.tools.list_ports_common import ListPortInfo

    answers = [TypeError("int() can't convert non-string with explicit base"), [ListPortInfo("/dev/ttyACM0")]]

    def comports() -> list[ListPortInfo]:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(list_ports, "comports", comports)
    assert [p.address for p in serial_ports()] == ["/dev/ttyACM0"]
    answers[:] = [OSError()] * ports_module._TRIES
    assert serial_ports() == ()
