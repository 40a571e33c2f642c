"""The plug is pulled, at any byte: the reader survives, says so, finds the same probe, and never transmits by itself.

Real pseudo-terminals and an injected list of ports; each plugging in is a new terminal, so another name.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from queue import Empty, SimpleQueue

import pytest

from probe.driver import Identified
from probe.drivers.eop1 import Eop1Driver
from probe.emulators.device import Device
from probe.emulators.eop1 import Eop1Device
from probe.emulators.faults import Fault, FaultKind, FaultyDevice
from probe.emulators.pty import serve
from probe.errors import ProbeRefused
from probe.frame import Frame
from probe.links.ports import SerialPort
from probe.links.serial import SerialLink
from probe.reader import Reader, ReaderEvent, ReaderState, StateChanged
from probe.same_port import SamePort
from probe.settings import Settings
from probe.slot import Slot
from probe.wire import Decoder, MessageType

S = ReaderState
ECHO = ("ECHO0001", "1-1:1.0")


class Socket:
    """Where a twin is plugged in: each time a new terminal, listed as a USB device would be."""

    def __init__(self, computer: Computer, device: Device, number: str, location: str) -> None:
        self._computer = computer
        self._stop = threading.Event()
        self._open = threading.Event()
        self.address = ""
        self.thread = threading.Thread(target=self._serve, args=(device, number, location), daemon=True)
        self.thread.start()
        assert self._open.wait(5)

    def pull(self) -> None:
        self._stop.set()
        self.thread.join(5)

    def _serve(self, device: Device, number: str, location: str) -> None:
        def opened(address: str) -> None:
            self.address = address
            self._computer.ports[address] = SerialPort(address, 0x1209, 1, number, "EOP/1 tiny", "", location)
            self._open.set()

        serve(device, 10**8, opened, self._stop)
        del self._computer.ports[self.address]


class Computer:
    """One reader and its sockets."""

    def __init__(self) -> None:
        self.ports: dict[str, SerialPort] = {}
        self.sockets: list[Socket] = []
        self.readers: list[Reader] = []
        self.frames: Slot[Frame] = Slot()
        self.heard: SimpleQueue[ReaderEvent] = SimpleQueue()
        self.fillers: list[int] = []

    def plug(self, device: Device, number: str = ECHO[0], location: str = ECHO[1]) -> Socket:
        self._use_up_old_names()
        self.sockets.append(Socket(self, device, number, location))
        return self.sockets[-1]

    def _use_up_old_names(self) -> None:
        """A free terminal number is given out again: take those that were used, so that the next one is new."""
        used = {socket.address for socket in self.sockets}
        while True:
            master, host_end = os.openpty()
            again = os.ttyname(host_end) in used
            os.close(host_end)
            if not again:
                os.close(master)
                return
            self.fillers.append(master)

    def read(self, address: str) -> Reader:
        same = SamePort(address, SerialLink, lambda: tuple(self.ports.values()))
        self.readers.append(
            Reader(same.open, Eop1Driver, self.frames, self.heard.put, poll_s=0.02, read_s=0.005)
        )  # fmt: skip
        self.readers[-1].start()
        return self.readers[-1]

    def until(self, wanted: Callable[[ReaderEvent], bool], limit_s: float = 10.0) -> list[ReaderEvent]:
        """What the reader says, up to and with what is waited for."""
        said: list[ReaderEvent] = []
        end = time.monotonic() + limit_s
        while (left := end - time.monotonic()) > 0:
            try:
                said.append(self.heard.get(timeout=left))
            except Empty:
                break
            if wanted(said[-1]):
                return said
        raise AssertionError(f"never came; heard {said}")

    def until_state(self, state: ReaderState) -> list[ReaderEvent]:
        return self.until(lambda event: isinstance(event, StateChanged) and event.state is state)

    def close(self) -> None:
        for reader in self.readers:
            reader.stop()
            assert reader.failure is None
        for socket in self.sockets:
            socket.pull()
        for number in self.fillers:
            os.close(number)


@pytest.fixture
def computer() -> Iterator[Computer]:
    one = Computer()
    yield one
    one.close()


class Recorded:
    """A device that remembers what it sent."""

    def __init__(self, device: Eop1Device) -> None:
        self._device = device
        self.sent = b""

    def feed(self, data: bytes, now_ns: int) -> None:
        self._device.feed(data, now_ns)

    def poll(self, now_ns: int, room: int) -> bytes:
        data = self._device.poll(now_ns, room)
        self.sent += data
        return data

    def disconnect(self, now_ns: int) -> None:
        self._device.disconnect(now_ns)

    def types(self) -> list[int]:
        return [message.header.type for message in Decoder().feed(self.sent)]


def unplugged_at(offset: int, tiny_source) -> FaultyDevice:  # type: ignore[no-untyped-def]
    device = Eop1Device(tiny_source(), frame_interval_us=20_000)
    return FaultyDevice(device, [Fault(FaultKind.UNPLUG, offset)])


def _bytes_up_to_the_first_frame(tiny_source) -> int:  # type: ignore[no-untyped-def]
    """How much the tiny device sends: its greeting, its settings, its consent and one frame."""
    device, driver = Recorded(Eop1Device(tiny_source())), Eop1Driver()
    for ask in (driver.identify, lambda now: driver.configure(Settings(), now), driver.start):
        device.feed(ask(0), 0)
        driver.feed(device.poll(0, 1 << 20), 0)
    types = device.types()
    assert types == [MessageType.CAPS, MessageType.APPLIED, MessageType.ACK, MessageType.LINES, MessageType.FRAME_END]
    return len(device.sent)


def test_pulled_at_every_byte(tiny_source, faults) -> None:  # type: ignore[no-untyped-def]
    """Every byte of the greeting and of the first frame; a share of them is spread evenly."""
    last = _bytes_up_to_the_first_frame(tiny_source)
    number = faults.count(last)
    for index in range(number):
        one = Computer()
        try:
            _pull_and_come_back(one, tiny_source, (index * last // number + faults.seed) % last)
        finally:
            one.close()


def _pull_and_come_back(one: Computer, tiny_source, offset: int) -> None:  # type: ignore[no-untyped-def]
    socket = one.plug(unplugged_at(offset, tiny_source))
    reader = one.read(socket.address)
    lost = one.until(lambda event: _begin_when_ready(reader, event))
    assert lost[-1].reason is not None
    was_live = any(isinstance(event, StateChanged) and event.state is S.STREAMING for event in lost)
    socket.thread.join(5)
    back = Recorded(Eop1Device(tiny_source(), frame_interval_us=20_000))
    again = one.plug(back)
    assert again.address != socket.address
    one.until_state(S.FROZEN if was_live else S.READY)
    one.frames.take()
    time.sleep(0.03)
    assert not back._device.armed
    assert MessageType.LINES not in back.types()
    assert one.frames.take() is None
    reader.begin()
    one.until_state(S.STREAMING)
    assert one.frames.take(5) is not None


def _begin_when_ready(reader: Reader, event: ReaderEvent) -> bool:
    if isinstance(event, StateChanged) and event.state is S.READY:
        reader.begin()
    return isinstance(event, StateChanged) and event.state is S.LOST


def test_pulled_again_while_it_is_greeted(computer: Computer, tiny_source) -> None:  # type: ignore[no-untyped-def]
    socket = computer.plug(Eop1Device(tiny_source()))
    reader = computer.read(socket.address)
    computer.until_state(S.READY)
    reader.begin()
    computer.until_state(S.STREAMING)
    socket.pull()
    computer.until_state(S.LOST)
    for offset in (0, 1, 47, 48, 300):
        short = computer.plug(unplugged_at(offset, tiny_source))
        computer.until_state(S.IDENTIFYING)
        short.thread.join(5)
        computer.until_state(S.LOST)
    computer.plug(Eop1Device(tiny_source()))
    computer.until_state(S.FROZEN)


def test_a_verb_during_the_absence_is_refused_and_not_kept(computer: Computer, tiny_source) -> None:  # type: ignore[no-untyped-def]
    socket = computer.plug(Eop1Device(tiny_source()))
    reader = computer.read(socket.address)
    computer.until_state(S.READY)
    reader.begin()
    computer.until_state(S.STREAMING)
    socket.pull()
    computer.until_state(S.LOST)
    reader.begin()
    refused = computer.until(lambda event: getattr(event, "request", "") == "START")[-1]
    assert refused.code == "not_ready"
    back = Recorded(Eop1Device(tiny_source()))
    computer.plug(back)
    computer.until_state(S.FROZEN)
    time.sleep(0.05)
    assert reader.state is S.FROZEN
    assert MessageType.LINES not in back.types()


def test_another_probe_in_its_socket_is_never_spoken_to(computer: Computer, tiny_source) -> None:  # type: ignore[no-untyped-def]
    socket = computer.plug(Eop1Device(tiny_source()))
    computer.read(socket.address)
    computer.until_state(S.READY)
    socket.pull()
    other = Recorded(Eop1Device(tiny_source()))
    heard: list[bytes] = []
    other.feed = lambda data, now_ns: heard.append(data)  # type: ignore[method-assign]
    computer.plug(other, number="OTHER")
    told = computer.until(
        lambda event: isinstance(event, StateChanged) and "is not plugged in" in str(event.reason)
    )  # fmt: skip
    assert "ECHO0001" in str(told[-1].reason)
    time.sleep(0.1)
    assert heard == []


def test_of_two_with_one_number_the_one_in_the_socket_is_taken(computer: Computer, tiny_source) -> None:  # type: ignore[no-untyped-def]
    ours = computer.plug(Eop1Device(tiny_source()))
    twin = Recorded(Eop1Device(tiny_source()))
    computer.plug(twin, location="1-2:1.0")
    computer.read(ours.address)
    computer.until_state(S.READY)
    ours.pull()
    computer.until(lambda event: isinstance(event, StateChanged) and "others have the same number" in str(event.reason))
    assert twin.sent == b""
    computer.plug(Eop1Device(tiny_source()))
    computer.until_state(S.READY)
    assert twin.sent == b""


def test_a_probe_that_says_another_number_is_refused(computer: Computer, tiny_source) -> None:  # type: ignore[no-untyped-def]
    """Two boards that USB cannot tell apart, changed in one socket: what they say of themselves still differs."""
    socket = computer.plug(Eop1Device(tiny_source()), number="P0RK0001")
    computer.read(socket.address)
    said = computer.until_state(S.READY)
    assert sum(isinstance(event, Identified) for event in said) == 1
    socket.pull()
    stranger = tiny_source()
    stranger.serial = "T2"
    second = computer.plug(Eop1Device(stranger), number="P0RK0001")
    said = computer.until(
        lambda event: isinstance(event, StateChanged) and isinstance(event.reason, ProbeRefused)
    )  # fmt: skip
    assert str(said[-1].reason) == "Another probe is plugged in: tiny, T2. Plug tiny, T1, in again."
    assert not any(isinstance(event, Identified) for event in said)
    second.pull()
    computer.plug(Eop1Device(tiny_source()), number="P0RK0001")
    computer.until_state(S.READY)
