"""Serve a twin that answers over TCP and sends datagrams over UDP, on this computer only, one client at a time."""

from __future__ import annotations

import contextlib
import select
import socket
import threading
import time
from collections.abc import Callable

from probe.emulators.device import Device
from probe.emulators.tcp import LOOPBACK
from probe.errors import LinkLost
from probe.protocols.two_channels import TCP, Unwrapper

_STEP_S = 0.002
_READ_BYTES = 4096
_ROOM = 1 << 18


def serve(
    make_device: Callable[[], Device],
    on_address: Callable[[str], None] = lambda address: None,
    stop: threading.Event | None = None,
    clock: Callable[[], int] = time.monotonic_ns,
    ports: tuple[int, int] = (0, 0),
) -> None:
    """Serve until ``stop`` is set, or the device is unplugged.

    Args:
        make_device: A twin for each client.
        on_address: Told the address to connect to, once, when it can be opened.
        stop: Ends serving within a few milliseconds.
        clock: Monotonic nanoseconds.
        ports: TCP port to listen on, UDP port to send to; 0 takes one that is free.
    """
    stop = stop or threading.Event()
    udp_port = ports[1] or _free_port()
    with socket.create_server((LOOPBACK, ports[0])) as server, socket.socket(type=socket.SOCK_DGRAM) as datagrams:
        server.settimeout(0.05)
        on_address(f"tcp+udp:{LOOPBACK}:{server.getsockname()[1]}:{udp_port}")
        # what the probe sends comes from its own address, and this is how a host knows it
        datagrams.bind((LOOPBACK, 0))
        datagrams.connect((LOOPBACK, udp_port))
        with contextlib.suppress(LinkLost):
            while not stop.is_set():
                try:
                    connection, _ = server.accept()
                except TimeoutError:
                    continue
                with connection:
                    _talk(make_device(), connection, datagrams, stop, clock)


def _talk(
    device: Device,
    connection: socket.socket,
    datagrams: socket.socket,
    stop: threading.Event,
    clock: Callable[[], int],
) -> None:
    """One client, until it goes."""
    unwrapper = Unwrapper()
    try:
        while not stop.is_set():
            if select.select([connection], [], [], _STEP_S)[0]:
                data = connection.recv(_READ_BYTES)
                if not data:
                    return
                device.feed(data, clock())
            for channel, content in unwrapper.feed(device.poll(clock(), _ROOM)):
                if channel == TCP:
                    connection.sendall(content)
                else:
                    # a port that nobody listens on loses datagrams, as a network does
                    with contextlib.suppress(OSError):
                        datagrams.send(content)
    except OSError as error:
        if isinstance(error, LinkLost):
            raise
    finally:
        device.disconnect(clock())


def _free_port() -> int:
    with socket.socket(type=socket.SOCK_DGRAM) as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port
