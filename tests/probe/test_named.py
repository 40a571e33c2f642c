"""A board that tells no number is called by that of its USB port; what a protocol tells itself always counts."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from queue import Empty, SimpleQueue

import pytest

from probe.capabilities import NOT_REPORTED
from probe.driver import Acknowledged, Driver, DriverEvent, FrameFetched, Identified, Refused
from probe.drivers.around import AroundDriver
from probe.drivers.calibrated import CalibratedDriver, InForce
from probe.drivers.eop1 import Eop1Driver
from probe.drivers.mux10 import Mux10Driver
from probe.drivers.named import NamedDriver, named
from probe.drivers.pic0rick import Pic0rickDriver
from probe.drivers.recording import RecordingDriver
from probe.emulators.device import Device
from probe.emulators.eop1 import Eop1Device
from probe.emulators.pic0rick import Pic0rickDevice
from probe.emulators.played import PlayedDevice
from probe.emulators.pty import serve
from probe.errors import ProbeRefused
from probe.frame import Frame
from probe.link import Link
from probe.links.ports import SerialPort
from probe.links.serial import SerialLink
from probe.playback import frames_of
from probe.reader import Reader, ReaderEvent, ReaderState, StateChanged
from probe.same_port import SamePort
from probe.slot import Slot
from probe.sprobe.container import Sprobe, SprobeHeader
from probe.sprobe.redaction import redacted
from tests.probe.recorded import record_session
from tests.probe.talk import Talk

NUMBER = "usb:E6614C311B8C2A31"
OURS, OTHER = "E6614C311B8C2A31", "E6614C311B770F22"


@pytest.mark.parametrize(
    ("driver", "device"),
    [(Pic0rickDriver(), Pic0rickDevice()), (Mux10Driver(), Pic0rickDevice(four_channels=True))],
)
def test_capabilities_and_frames_get_the_number(driver: Driver, device: Device) -> None:
    talk = Talk(named(driver, NUMBER), device).connect()
    lines = talk.start(1.0)
    assert talk.capabilities.serial == NUMBER
    assert {line.provenance.serial for line in lines} == {NUMBER}
    assert all(line.provenance.simulated for line in lines)


def test_a_calibration_is_looked_up_by_it() -> None:
    asked: list[str] = []

    def lookup(capabilities) -> InForce:  # type: ignore[no-untyped-def]
        asked.append(capabilities.serial)
        return InForce(None)

    Talk(CalibratedDriver(named(Pic0rickDriver(), NUMBER), lookup), Pic0rickDevice()).connect()
    assert asked == [NUMBER]


def test_what_the_probe_tells_itself_counts(tiny_source) -> None:  # type: ignore[no-untyped-def]
    talk = Talk(named(Eop1Driver(), NUMBER), Eop1Device(tiny_source())).connect()
    lines = talk.start(0.5)
    assert talk.capabilities.serial == "T1"
    assert {line.provenance.serial for line in lines} == {"T1"}


class Says(AroundDriver):
    """A stranger's driver: what it is given is what it tells."""

    def __init__(self, *events: DriverEvent) -> None:
        super().__init__(Pic0rickDriver())
        self._events = events

    def feed(self, data: bytes, now_ns: int) -> Sequence[DriverEvent]:
        return self._events


def test_fetched_frames_get_the_number_and_nothing_else_is_changed() -> None:
    line = Talk(Pic0rickDriver(), Pic0rickDevice()).connect().start(1.0)[0]
    others = (Acknowledged("STOP"), Refused("FETCH", "format", "no"))
    fetched, *rest = named(Says(FrameFetched(line), *others), NUMBER).feed(b"", 0)
    assert isinstance(fetched, FrameFetched)
    assert fetched.frame.provenance == replace(line.provenance, serial=NUMBER)
    assert fetched.frame.samples is line.samples
    assert tuple(rest) == others


@pytest.mark.parametrize(
    ("driver", "usb_id", "serial", "found"),
    [
        ("pic0rick", "2E8A:000A", OURS, NUMBER),
        ("pic0rick", "2E8A:000A", "X" * 16, NOT_REPORTED),
        ("pic0rick", "0403:6001", "A50285BI", NOT_REPORTED),
        ("pic0rick", "", "", NOT_REPORTED),
        ("eop1", "2E8A:000A", OURS, "T1"),
    ],
)
def test_a_recording_is_of_the_board_that_it_was_made_of(
    driver: str, usb_id: str, serial: str, found: str, tmp_path: Path, tiny_source
) -> None:  # type: ignore[no-untyped-def]
    device = Pic0rickDevice() if driver == "pic0rick" else Eop1Device(tiny_source())
    data, _ = record_session(driver, device, header=SprobeHeader("/dev/ttyACM0", driver, usb_id, serial, 0, "test"))
    path = tmp_path / "x.sprobe"
    path.write_bytes(data)
    assert {frame.provenance.serial for frame in frames_of(path)} == {found}
    played = Talk(RecordingDriver(), PlayedDevice(Sprobe.read(data)), rate=10**9).connect()
    assert (played.capabilities.serial, played.capabilities.simulated) == (found, True)
    path.write_bytes(redacted(Sprobe.read(data)))
    assert OURS not in {frame.provenance.serial.removeprefix("usb:") for frame in frames_of(path)}


def test_without_a_number_the_driver_is_as_it_was() -> None:
    driver = Pic0rickDriver()
    assert named(driver, "") is driver
    assert isinstance(named(driver, NUMBER), NamedDriver)
    assert Talk(named(driver, ""), Pic0rickDevice()).connect().capabilities.serial == NOT_REPORTED


class Bench:
    """A reader, and boards on real terminals that are listed as USB devices would be."""

    def __init__(self) -> None:
        self.ports: dict[str, SerialPort] = {}
        self.heard: SimpleQueue[ReaderEvent] = SimpleQueue()
        self._frames: Slot[Frame] = Slot()
        self._ends: list[Callable[[], None]] = []

    def plug(self, serial: str, location: str = "1-1:1.0") -> tuple[str, Callable[[], None]]:
        """Its address, and what pulls it out again."""
        opened: SimpleQueue[str] = SimpleQueue()
        stop = threading.Event()
        thread = threading.Thread(target=serve, args=(Pic0rickDevice(), 10**7, opened.put, stop), daemon=True)
        thread.start()
        address = opened.get(timeout=10)
        self.ports[address] = SerialPort(address, 0x2E8A, 0x000A, serial, "Pico", "Raspberry Pi", location)

        def pull() -> None:
            self.ports.pop(address, None)
            stop.set()
            thread.join(10)

        self._ends.append(pull)
        return address, pull

    def read(self, address: str) -> None:
        same = SamePort(address, SerialLink, lambda: tuple(self.ports.values()))
        self.start(same.open, lambda: named(Pic0rickDriver(), same.number))

    def start(self, open_link: Callable[[], Link], make_driver: Callable[[], Driver]) -> None:
        reader = Reader(open_link, make_driver, self._frames, self.heard.put, poll_s=0.05)
        reader.start()
        self._ends.insert(0, reader.stop)

    def until(self, wanted: Callable[[ReaderEvent], bool]) -> ReaderEvent:
        end = time.monotonic() + 20
        while (left := end - time.monotonic()) > 0:
            try:
                event = self.heard.get(timeout=left)
            except Empty:
                break
            if wanted(event):
                return event
        raise AssertionError("never came")

    def identified(self) -> str:
        event = self.until(lambda event: isinstance(event, Identified))
        assert isinstance(event, Identified)
        return event.capabilities.serial

    def state(self, state: ReaderState) -> ReaderEvent:
        return self.until(lambda event: isinstance(event, StateChanged) and event.state is state)

    def close(self) -> None:
        for end in self._ends:
            end()


@pytest.fixture
def bench() -> Iterator[Bench]:
    one = Bench()
    yield one
    one.close()


def test_the_same_board_comes_back_under_its_number(bench: Bench) -> None:
    address, pull = bench.plug(OURS)
    bench.read(address)
    assert bench.identified() == f"usb:{OURS}"
    bench.state(ReaderState.READY)
    pull()
    bench.state(ReaderState.LOST)
    bench.plug(OURS, location="3-2:1.0")
    assert bench.identified() == f"usb:{OURS}"
    bench.state(ReaderState.READY)


def test_another_board_of_its_kind_is_another_probe(bench: Bench) -> None:
    """It is not opened at all: USB tells it from ours."""
    address, pull = bench.plug(OURS)
    bench.read(address)
    bench.identified()
    pull()
    bench.plug(OTHER)
    told = bench.until(lambda event: isinstance(event, StateChanged) and "is not plugged in" in str(event.reason))
    assert OURS in str(told)


def test_two_boards_of_one_number_are_called_by_none(bench: Bench) -> None:
    address, _ = bench.plug(OURS)
    bench.plug(OURS, location="1-2:1.0")
    bench.read(address)
    assert bench.identified() == NOT_REPORTED


def test_a_reader_refuses_a_board_that_is_called_otherwise(bench: Bench) -> None:
    """Of boards that no list knows, what the driver says counts."""
    first, pull = bench.plug(OURS)
    called = [(first, f"usb:{OURS}")]
    bench.start(lambda: SerialLink(called[-1][0]), lambda: named(Pic0rickDriver(), called[-1][1]))
    bench.identified()
    second, _ = bench.plug(OTHER)
    called.append((second, f"usb:{OTHER}"))
    pull()
    refused = bench.until(lambda event: isinstance(event, StateChanged) and isinstance(event.reason, ProbeRefused))
    assert f"usb:{OTHER}. Plug pic0rick (stock firmware), usb:{OURS}, in again." in str(refused.reason)  # type: ignore[union-attr]
