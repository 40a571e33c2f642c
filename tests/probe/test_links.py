"""Links: what opens, what does not and in which words, and the same twin behind memory and pseudo-terminal."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import serial

from probe.drivers.eop1 import Eop1Driver
from probe.emulators.eop1 import Eop1Device
from probe.errors import LinkLost, LinkUnavailable
from probe.links.address import open_link
from probe.links.memory import MemoryLink
from probe.links.serial import SerialLink
from probe.settings import Settings


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now_ns = 0

    def clock(self) -> int:
        return self.now_ns

    def sleep(self, seconds: float) -> None:
        self.now_ns += round(seconds * 1e9)


@pytest.fixture
def terminal() -> Iterator[tuple[int, str]]:
    master, slave = os.openpty()
    path = os.ttyname(slave)
    os.close(slave)
    yield master, path
    os.close(master)


def test_a_serial_link_carries_bytes_both_ways(terminal: tuple[int, str]) -> None:
    master, path = terminal
    link = SerialLink(path)
    link.write(b"hello\n\r\x03\x00\xff")
    assert os.read(master, 100) == b"hello\n\r\x03\x00\xff"
    data = bytes(range(256)) * 8
    os.write(master, data)
    got = b""
    while len(got) < len(data):
        got += link.read(1)
    assert got == data
    assert link.read(0.01) == b""
    assert link.name == path
    link.close()
    link.close()


def test_a_second_program_is_told_that_the_probe_is_in_use(terminal: tuple[int, str]) -> None:
    link = SerialLink(terminal[1])
    with pytest.raises(LinkUnavailable, match="is in use by another program"):
        SerialLink(terminal[1])
    link.close()
    SerialLink(terminal[1]).close()


def test_a_vanished_device_is_a_lost_link() -> None:
    master, slave = os.openpty()
    link = SerialLink(os.ttyname(slave))
    os.close(slave)
    os.close(master)
    with pytest.raises(LinkLost, match="was disconnected"):
        link.read(0.05)
    with pytest.raises(LinkLost):
        link.write(b"x")
    link.close()


def test_a_device_that_takes_nothing_is_a_lost_link(terminal: tuple[int, str], monkeypatch) -> None:
    monkeypatch.setattr("probe.links.serial.WRITE_TIMEOUT_S", 0.05)
    link = SerialLink(terminal[1])
    with pytest.raises(LinkLost):
        link.write(bytes(1 << 20))
    link.close()


def test_what_is_no_serial_port_says_so(tmp_path: Path) -> None:
    plain = tmp_path / "file"
    plain.write_text("x")
    for path in (plain, tmp_path):
        with pytest.raises(LinkUnavailable, match="is not a serial port"):
            SerialLink(str(path))
    with pytest.raises(LinkUnavailable, match=r"There is no probe at .*\. Plug the probe in"):
        SerialLink(str(tmp_path / "gone"))


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (errno.EACCES, "This user may not use the probe at x"),
        (errno.EBUSY, "in use by another program"),
        (errno.EIO, "does not react"),
        (errno.ENODEV, "cannot be opened"),
    ],
)
def test_each_reason_has_its_own_sentence(number: int, sentence: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **options: object) -> None:
        raise serial.SerialException(number, f"could not open port: {os.strerror(number)}")

    monkeypatch.setattr(serial, "Serial", fail)
    with pytest.raises(LinkUnavailable, match=sentence) as caught:
        SerialLink("x")
    assert caught.value.title
    assert caught.value.advice.endswith(".")


def test_memory_holds_the_rate_of_the_link(tiny_source) -> None:
    time = Time()
    device = Eop1Device(tiny_source(), link_rate_bytes_s=10**6, frame_interval_us=20_000)
    link = MemoryLink(device, time.clock, time.sleep, rate_bytes_s=20_000)
    driver = Eop1Driver()
    for request in (driver.identify, lambda now_ns: driver.configure(Settings(), now_ns)):
        link.write(request(0))
        while not driver.feed(link.read(0.5), time.now_ns):
            pass
    link.write(driver.start(time.now_ns))
    began, carried = time.now_ns, 0
    while time.now_ns < began + 3_000_000_000:
        data = link.read(0.1)
        carried += len(data)
        driver.feed(data, time.now_ns)
        link.write(driver.tick(time.now_ns))
    assert carried / 3 == pytest.approx(20_000, rel=0.03)


def test_memory_waits_no_longer_than_asked(tiny_source) -> None:
    time = Time()
    link = MemoryLink(Eop1Device(tiny_source()), time.clock, time.sleep)
    assert link.read(0.25) == b""
    assert time.now_ns == 250_000_000


def test_a_closed_memory_link_is_lost_and_disarms(tiny_source) -> None:
    time = Time()
    device = Eop1Device(tiny_source())
    link = MemoryLink(device, time.clock, time.sleep)
    link.close()
    link.close()
    assert not device.armed
    with pytest.raises(LinkLost):
        link.read(0)
    with pytest.raises(LinkLost):
        link.write(b"")


def test_practice_shows_the_scene_that_is_asked_for() -> None:
    link = open_link("practice:femur")
    assert link.name == "practice:femur"
    link.close()
    with pytest.raises(LinkUnavailable, match="'tail'") as caught:
        open_link("practice:tail")
    assert "femur" in caught.value.advice


def test_practice_is_an_address() -> None:
    time = Time()
    link = open_link("practice", clock=time.clock, sleep=time.sleep)
    assert link.name == "practice"
    link.write(b"?\n")
    assert link.read(0.1) == b"EOP/1 EOP/1 practice phantom twin-1 TWIN-PHANTOM-0001\r\n"
    link.close()


def test_any_other_address_is_a_device(terminal: tuple[int, str]) -> None:
    open_link(terminal[1]).close()
    with pytest.raises(LinkUnavailable):
        open_link("/dev/there-is-no-such-probe")


def test_pyserial_is_imported_only_for_a_serial_port() -> None:
    code = (
        "import sys; from probe.links.address import open_link; open_link('practice').close();"
        "import probe.reader; print('serial' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
