"""Inside the virtual PC: discovery, loss and return of probes on the kernel's own ttyACM and ttyUSB.

Run by the first process of tests/oldpc/init. Says ``@@PASS name`` or ``@@FAIL name``; asks the host to plug and to pull
the one probe that hangs on its side with ``@@PLUG`` and ``@@PULL``.
"""

from __future__ import annotations

import os
import sys
import threading
import time
import traceback
import tty
from collections.abc import Callable
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import ClassVar

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from probe.capabilities import NOT_REPORTED
from probe.discovery import FoundPort, PortState, find
from probe.driver import Driver, Identified
from probe.drivers.eop1 import Eop1Driver
from probe.drivers.named import named
from probe.drivers.pic0rick import Pic0rickDriver
from probe.emulators.device import Device
from probe.emulators.pic0rick import Pic0rickDevice
from probe.errors import LinkLost
from probe.known_boards import Confidence
from probe.links.serial import SerialLink
from probe.reader import Reader, ReaderEvent, ReaderState, StateChanged
from probe.same_port import SamePort
from probe.slot import Slot
from tests.oldpc.twin import Served, small

GADGETS = Path("/sys/kernel/config/usb_gadget")
LIMIT_S = 30.0
# the small probe's greeting, settings and first frame take about so many bytes
FIRST_FRAME_BYTES, PLACES = 4200, 21
FULL_LINE_BYTES, LATE_TURNS = 1_000_000, 50
S = ReaderState


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def until(what: Callable[[], object], limit_s: float = LIMIT_S) -> object:
    end = time.monotonic() + limit_s
    while time.monotonic() < end:
        if found := what():
            return found
        time.sleep(0.02)
    raise AssertionError("it did not happen in time")


class Gadget:
    """A CDC-ACM device made of the kernel's own gadget driver, plugged into its own virtual host controller."""

    def __init__(self, number: int, serial: str) -> None:
        self._folder, self._controller, self._serial = GADGETS / f"p{number}", f"dummy_udc.{number}", serial
        self._folder.mkdir()
        for name, value in (("idVendor", "0x1209"), ("idProduct", "0x0001")):
            (self._folder / name).write_text(value)
        texts = self._folder / "strings" / "0x409"
        texts.mkdir()
        for name, value in (("serialnumber", serial), ("product", "EOP/1 small probe"), ("manufacturer", "Open")):
            (texts / name).write_text(value)
        function, configuration = self._folder / "functions" / "acm.0", self._folder / "configs" / "c.1"
        function.mkdir()
        configuration.mkdir()
        (configuration / "acm.0").symlink_to(function)
        self._node = f"/dev/ttyGS{(function / 'port_num').read_text().strip()}"
        self._descriptor = -1
        self.twin: Served | None = None

    def becomes(self, vid: str, pid: str, product: str, serial: str) -> None:
        """Another device, from the next plugging in on."""
        texts = self._folder / "strings" / "0x409"
        for file, value in ((self._folder / "idVendor", vid), (self._folder / "idProduct", pid)):
            file.write_text(value)
        for name, value in (("serialnumber", serial), ("product", product)):
            (texts / name).write_text(value)

    def plug(self, device: Device | None = None) -> Served:
        self.twin = Served(self.plug_bare(), device or small(self._serial))
        return self.twin

    def plug_bare(self) -> int:
        """Plugged in with nobody behind it: the descriptor of the device's own end."""
        # pulling hangs the device's own end up as well, so it is opened anew
        self._descriptor = os.open(self._node, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        tty.setraw(self._descriptor)
        (self._folder / "UDC").write_text(self._controller)
        return self._descriptor

    def pull(self) -> None:
        (self._folder / "UDC").write_text("\n")
        if self.twin is not None:
            self.twin.stop()
            self.twin = None
        os.close(self._descriptor)


class Watched:
    """A reader and what it says."""

    all: ClassVar[list[Watched]] = []

    def __init__(self, address: str, make_driver: Callable[[], Driver] = Eop1Driver) -> None:
        self.heard: SimpleQueue[ReaderEvent] = SimpleQueue()
        self.frames: Slot = Slot()
        self.opened: list[str] = []
        self.same = SamePort(address, self._open)
        make = lambda: named(make_driver(), self.same.number)  # noqa: E731
        self.reader = Reader(self.same.open, make, self.frames, self.heard.put, poll_s=0.2)
        self.reader.start()
        Watched.all.append(self)

    def _open(self, address: str) -> SerialLink:
        link = SerialLink(address)
        self.opened.append(address)
        return link

    def until(self, state: ReaderState, limit_s: float = LIMIT_S) -> StateChanged:
        end = time.monotonic() + limit_s
        said = []
        while (left := end - time.monotonic()) > 0:
            try:
                event = self.heard.get(timeout=left)
            except Empty:
                break
            said.append(event)
            if isinstance(event, StateChanged) and event.state is state:
                return event
        raise AssertionError(f"{state} never came: {said}")

    def identified(self) -> str:
        while not isinstance(event := self.heard.get(timeout=LIMIT_S), Identified):
            pass
        return event.capabilities.serial

    def live(self) -> None:
        self.reader.begin()
        self.until(S.STREAMING)
        self.frames.take()
        assert self.frames.take(5) is not None


def ports(state: PortState | None = None, kind: str = "ttyACM") -> list[FoundPort]:
    return [p for p in find() if kind in p.address and state in (None, p.state)]


def discovery(gadget: Gadget) -> None:
    gadget.plug()
    until(ports)
    [port] = ports()
    assert (port.driver, port.confidence, port.state) == ("eop1", Confidence.SURE, PortState.USABLE), port
    assert (port.usb_id, port.port.serial, port.port.product) == ("1209:0001", "ECHO0001", "EOP/1 small probe"), port
    others = [p for p in find() if p.address != port.address]
    assert all(p.state is PortState.UNKNOWN_DEVICE for p in others), others
    began = time.perf_counter()
    find()
    say(f"# find() took {1000 * (time.perf_counter() - began):.0f} ms on the emulated processor")


def permission() -> None:
    [port] = ports()
    Path(port.address).chmod(0o600)
    child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setgid(1000)
        os.setuid(1000)
        [seen] = ports()
        os._exit(0 if seen.state is PortState.NO_PERMISSION else 1)
    assert os.waitpid(child, 0)[1] == 0


def loss_and_return(gadget: Gadget) -> None:
    watched = Watched(ports()[0].address)
    watched.until(S.READY)
    watched.live()
    [busy] = ports()
    assert busy.state is PortState.BUSY, busy
    assert busy.holder is not None
    assert busy.holder.pid == os.getpid(), busy
    for cycle in range(4):
        # as long as somebody holds the old node, the kernel gives the returning probe another name
        held = os.open(watched.opened[-1], os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK) if cycle % 2 == 0 else None
        began = time.monotonic()
        gadget.pull()
        lost = watched.until(S.LOST)
        assert isinstance(lost.reason, LinkLost), lost
        assert time.monotonic() - began < 5
        twin = gadget.plug()
        watched.until(S.FROZEN)
        assert held is None or watched.opened[-1] != watched.opened[-2], watched.opened
        time.sleep(0.3)
        assert not twin.device.armed, "it transmits by itself"
        watched.live()
        if held is not None:
            os.close(held)
    say(f"# names: {' '.join(watched.opened)}")
    watched.reader.stop()


def one_number_twice(first: Gadget, second: Gadget) -> None:
    address = ports()[0].address
    twin = second.plug()
    until(lambda: len(ports()) == 2)
    watched = Watched(address)
    watched.until(S.READY)
    before = twin.heard
    first.pull()
    watched.until(S.LOST)
    time.sleep(1.5)
    assert watched.reader.state is S.LOST
    assert twin.heard == before, "the other probe was spoken to"
    first.plug()
    watched.until(S.READY)
    watched.reader.stop()
    second.pull()
    first.pull()


def called_by_its_usb_number(first: Gadget, second: Gadget) -> None:
    """A board that tells no number itself, in two sockets and under two names, and beside one of the same number."""
    for gadget in (first, second):
        gadget.becomes("0x2e8a", "0x000a", "Pico", "E6614C311B8C2A31")
    first.plug(Pic0rickDevice())
    until(ports)
    watched = Watched(ports()[0].address, Pic0rickDriver)
    assert watched.identified() == "usb:E6614C311B8C2A31"
    watched.until(S.READY)
    first.pull()
    watched.until(S.LOST)
    second.plug(Pic0rickDevice())
    assert watched.identified() == "usb:E6614C311B8C2A31"
    watched.reader.stop()
    first.plug(Pic0rickDevice())
    until(lambda: len(ports()) == 2)
    watched = Watched(ports()[0].address, Pic0rickDriver)
    assert watched.identified() == NOT_REPORTED
    watched.reader.stop()
    second.pull()
    first.pull()


def full_line(gadget: Gadget) -> None:
    """The device sends as fast as the line takes it, and the host comes late: no byte is lost."""
    end = gadget.plug_bare()
    until(ports)
    link = SerialLink(ports()[0].address)
    sent, got, most, turns = os.urandom(FULL_LINE_BYTES), bytearray(), 0, 0

    def send() -> None:
        at = 0
        while at < len(sent):
            try:
                at += os.write(end, sent[at : at + 4096])
            except BlockingIOError:
                time.sleep(0.001)

    sender = threading.Thread(target=send)
    sender.start()
    began = time.monotonic()
    while len(got) < len(sent):
        if turns % LATE_TURNS == 0:
            time.sleep(0.1)
        link.expect(len(sent) - len(got))
        piece = link.read(5.0)
        assert piece or time.monotonic() - began < LIMIT_S, f"{len(got)} of {len(sent)} bytes came"
        got += piece
        most, turns = max(most, len(piece)), turns + 1
    took = time.monotonic() - began
    sender.join()
    assert bytes(got) == sent
    say(f"# {len(sent) / took / 1000:.0f} kB/s in {turns} turns, at most {most} bytes in one")
    link.close()
    gadget.pull()


def bridge() -> None:
    say("@@PLUG")
    until(lambda: ports(kind="ttyUSB"))
    [port] = ports(kind="ttyUSB")
    assert (port.usb_id, port.driver, port.state) == ("0403:6001", "", PortState.UNKNOWN_DEVICE), port
    watched = Watched(port.address)
    watched.until(S.READY)
    watched.live()
    for _ in range(2):
        say("@@PULL")
        lost = watched.until(S.LOST)
        assert isinstance(lost.reason, LinkLost), lost
        say("@@PLUG")
        watched.until(S.FROZEN)
        watched.live()
    say(f"# names: {' '.join(watched.opened)}")
    watched.reader.stop()
    say("@@PULL")
    until(lambda: not ports(kind="ttyUSB"))


def pulled_at_many_bytes() -> None:
    """Through the greeting and the first frame, spread evenly; the host counts the bytes."""
    say("@@PLUG")
    until(lambda: ports(kind="ttyUSB"))
    watched = Watched(ports(kind="ttyUSB")[0].address)
    watched.until(S.READY)
    watched.live()
    say("@@PULL")
    watched.until(S.LOST)
    for index in range(PLACES):
        say(f"@@PLUG {1 + index * FIRST_FRAME_BYTES // PLACES}")
        watched.until(S.IDENTIFYING)
        while not isinstance(event := watched.heard.get(timeout=LIMIT_S), StateChanged) or event.state is not S.LOST:
            if isinstance(event, StateChanged) and event.state is S.FROZEN:
                watched.reader.begin()
        say("@@PLUG")
        watched.until(S.FROZEN)
        watched.live()
        say("@@PULL")
        watched.until(S.LOST)


def main() -> int:
    first, second = Gadget(0, "ECHO0001"), Gadget(1, "ECHO0001")
    tests: list[tuple[str, Callable[[], None]]] = [
        ("discovery of a ttyACM", lambda: discovery(first)),
        ("a port without permission", permission),
        ("loss and return on a ttyACM", lambda: loss_and_return(first)),
        ("one number twice", lambda: one_number_twice(first, second)),
        ("a board called by its USB number", lambda: called_by_its_usb_number(first, second)),
        ("a full line of a ttyACM", lambda: full_line(first)),
        ("loss and return on a ttyUSB", bridge),
        (f"pulled at {PLACES} places of a ttyUSB", pulled_at_many_bytes),
    ]
    failed = 0
    for name, test in tests:
        began = time.monotonic()
        try:
            test()
            assert not any(watched.reader.failure for watched in Watched.all)
            say(f"@@PASS {name} ({time.monotonic() - began:.1f} s)")
        except Exception:  # noqa: BLE001  (whatever fails is told, and the next test runs)
            failed += 1
            say(traceback.format_exc())
            say(f"@@FAIL {name}")
        while Watched.all:
            Watched.all.pop().reader.stop()
    return failed


if __name__ == "__main__":
    raise SystemExit(main())
