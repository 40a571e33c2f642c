"""A probe on the network: the link's sentences, and twins served to several clients. Loopback only."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from probe.emulators.faults import Fault, FaultKind, FaultyDevice
from probe.emulators.registry import Wish, maker
from probe.emulators.tcp import MOST_CLIENTS, serve
from probe.errors import LinkLost, LinkUnavailable, ProbeRefused, RecordingError
from probe.links.address import open_link
from probe.protocols.two_channels import TCP, UDP, Unwrapper

pytestmark = [pytest.mark.enable_socket, pytest.mark.allow_hosts(["127.0.0.1", "127.0.0.2"])]


class Lines:
    """A device that says a line to whoever connects, and echoes."""

    def __init__(self) -> None:
        self.out = b"hello\n"
        self.left = False

    def feed(self, data: bytes, now_ns: int) -> None:
        self.out += data.upper()

    def poll(self, now_ns: int, room: int) -> bytes:
        part, self.out = self.out[:room], self.out[room:]
        return part

    def disconnect(self, now_ns: int) -> None:
        self.left = True


class Service:
    def __init__(self, make) -> None:
        self.stop = threading.Event()
        self.told = threading.Event()
        self.address = ""
        self.thread = threading.Thread(
            target=serve, args=(make, 10_000_000), kwargs={"on_address": self.hear, "stop": self.stop}
        )
        self.thread.start()
        assert self.told.wait(5)

    def hear(self, address: str) -> None:
        self.address = address
        self.told.set()

    def end(self) -> None:
        self.stop.set()
        self.thread.join(5)
        assert not self.thread.is_alive()


@pytest.fixture
def devices() -> list[Lines]:
    return []


@pytest.fixture
def service(devices: list[Lines]) -> Iterator[Service]:
    def make() -> Lines:
        devices.append(Lines())
        return devices[-1]

    service = Service(make)
    yield service
    service.end()


def until(link, ending: bytes) -> bytes:
    data = b""
    for _ in range(100):
        data += link.read(0.05)
        if data.endswith(ending):
            return data
    raise AssertionError(data)


def flood(link) -> None:
    for _ in range(20):
        link.write(bytes(100_000))


def test_bytes_go_both_ways(service: Service) -> None:
    link = open_link(service.address)
    assert link.name == service.address
    assert until(link, b"\n") == b"hello\n"
    assert link.read(0.01) == b""
    assert link.read(0) == b""
    link.write(b"abc")
    assert until(link, b"C") == b"ABC"
    link.close()
    link.close()


def test_several_clients_each_have_a_device_and_a_sixth_is_sent_away(service: Service, devices: list[Lines]) -> None:
    links = [open_link(service.address) for _ in range(MOST_CLIENTS)]
    assert [until(link, b"\n") for link in links] == [b"hello\n"] * MOST_CLIENTS
    sixth = open_link(service.address)
    with pytest.raises(LinkLost, match="has ended"):
        until(sixth, b"\n")
    links[0].close()
    for _ in range(100):
        if devices[0].left:
            break
        links[1].read(0.02)
    assert devices[0].left
    for link in (*links, sixth):
        link.close()


def test_a_closed_server_is_a_lost_link(service: Service) -> None:
    link = open_link(service.address)
    until(link, b"\n")
    service.end()
    with pytest.raises(LinkLost, match="has ended"):
        until(link, b"never")
    with pytest.raises(LinkLost):
        flood(link)
    link.close()
    with pytest.raises(LinkLost):
        link.read(0.01)


def test_an_unplugged_twin_ends_its_service() -> None:
    service = Service(lambda: FaultyDevice(Lines(), [Fault(FaultKind.UNPLUG, 3)]))
    link = open_link(service.address)
    with pytest.raises(LinkLost):
        until(link, b"never")
    link.close()
    service.end()


def test_nothing_there_is_a_sentence() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(LinkUnavailable, match=rf"Nothing answers at tcp:127\.0\.0\.1:{port}\. Check that the probe"):
        open_link(f"tcp:127.0.0.1:{port}")


@pytest.mark.parametrize(
    "address", ["tcp:", "tcp:host", "tcp:host:", "tcp:host:x", "tcp::80", "tcp:h:0", "tcp:h:99999"]
)
def test_what_is_no_address_says_so(address: str) -> None:
    with pytest.raises(LinkUnavailable, match="is no network address"):
        open_link(address)


@pytest.mark.parametrize("address", ["tcp+udp:", "tcp+udp:h:1", "tcp+udp:h:1:x", "tcp+udp:h:1:99999", "tcp+udp:h:x:5"])
def test_what_is_no_address_of_two_ports_says_so(address: str) -> None:
    with pytest.raises(LinkUnavailable, match="is no network address"):
        open_link(address)


def test_a_port_that_is_taken_says_so(service: Service) -> None:
    port = service.address.rpartition(":")[2]
    with socket.socket(type=socket.SOCK_DGRAM) as other:
        other.bind(("", 0))
        taken = other.getsockname()[1]
        with pytest.raises(LinkUnavailable, match=f"Port {taken} of this computer is in use"):
            open_link(f"tcp+udp:127.0.0.1:{port}:{taken}")


def test_datagrams_of_others_are_left_out(service: Service) -> None:
    port = service.address.rpartition(":")[2]
    with socket.socket(type=socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        udp_port = free.getsockname()[1]
    link = open_link(f"tcp+udp:127.0.0.1:{port}:{udp_port}")
    with socket.socket(type=socket.SOCK_DGRAM) as probe, socket.socket(type=socket.SOCK_DGRAM) as stranger:
        stranger.bind(("127.0.0.2", 0))
        stranger.sendto(b"not yours", ("127.0.0.1", udp_port))
        probe.sendto(b"line", ("127.0.0.1", udp_port))
        pieces = Unwrapper().feed(b"".join(link.read(0.1) for _ in range(5)))
    assert [piece.data for piece in pieces if piece.channel == UDP] == [b"line"]
    assert b"".join(piece.data for piece in pieces if piece.channel == TCP) == b"hello\n"
    link.write(b"abc")
    service.end()
    with pytest.raises(LinkLost):
        for_ever(link)
    link.close()
    with pytest.raises(LinkLost):
        link.read(0.01)


def for_ever(link) -> None:
    for _ in range(50):
        link.read(0.05)


def test_an_unknown_twin_and_a_wrong_recording_are_sentences(recordings) -> None:
    from probe.recording import Recording

    with pytest.raises(ProbeRefused, match="no twin named mystery"):
        maker("mystery", Wish())
    lines = Recording.load(recordings / "wulpus")
    for name in ("eop1", "echopen", "echopen-v0", "uprobe1"):
        with pytest.raises(RecordingError, match="is no RF film"):
            maker(name, Wish(lines))
    for name in ("pic0rick", "p0rk"):
        with pytest.raises(RecordingError, match="has no A-lines at 60 MS/s"):
            maker(name, Wish(lines))
