"""Serve a device twin over TCP, on this computer only: each client talks to a device of its own, as at a kit's port."""

from __future__ import annotations

import contextlib
import select
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from probe.emulators.device import Device
from probe.emulators.pacing import TokenBucket
from probe.errors import LinkLost

LOOPBACK = "127.0.0.1"
MOST_CLIENTS = 5
_STEP_S = 0.004
_READ_BYTES = 4096


@dataclass(slots=True)
class _Client:
    connection: socket.socket
    device: Device
    bucket: TokenBucket
    left: bytes = b""


def serve(
    make_device: Callable[[], Device],
    link_rate_bytes_s: int,
    on_address: Callable[[str], None] = lambda address: None,
    stop: threading.Event | None = None,
    clock: Callable[[], int] = time.monotonic_ns,
    port: int = 0,
) -> None:
    """Serve until ``stop`` is set, or a device is unplugged, which ends all.

    Args:
        make_device: A twin for each client; a sixth client is sent away.
        link_rate_bytes_s: Most bytes per second to each client.
        on_address: Told the address to connect to, once, when it can be opened.
        stop: Ends serving within a few milliseconds.
        clock: Monotonic nanoseconds.
        port: To listen on; 0 takes one that is free.
    """
    stop = stop or threading.Event()
    with socket.create_server((LOOPBACK, port)) as server:
        server.setblocking(False)
        server_port: int = server.getsockname()[1]
        on_address(f"tcp:{LOOPBACK}:{server_port}")
        service = _Service(server, make_device, link_rate_bytes_s, clock)
        try:
            while not stop.is_set():
                service.step()
        except LinkLost:
            pass
        finally:
            service.close()


class _Service:
    """The clients of one server."""

    def __init__(
        self, server: socket.socket, make_device: Callable[[], Device], rate: int, clock: Callable[[], int]
    ) -> None:
        self._server = server
        self._make_device = make_device
        self._rate = rate
        self._clock = clock
        self._clients: list[_Client] = []

    def step(self) -> None:
        """Wait a moment for bytes from clients, then send what is due."""
        sockets = [self._server, *(client.connection for client in self._clients)]
        ready, _, _ = select.select(sockets, [], [], _STEP_S)
        if self._server in ready:
            self._accept()
        for client in list(self._clients):
            if not self._exchange(client, client.connection in ready):
                self._drop(client)

    def close(self) -> None:
        for client in list(self._clients):
            self._drop(client)

    def _accept(self) -> None:
        try:
            connection, _ = self._server.accept()
        except OSError:
            return
        if len(self._clients) >= MOST_CLIENTS:
            connection.close()
            return
        connection.setblocking(False)
        now_ns = self._clock()
        self._clients.append(_Client(connection, self._make_device(), TokenBucket(self._rate, now_ns)))

    def _exchange(self, client: _Client, readable: bool) -> bool:
        """False when the client has gone."""
        now_ns = self._clock()
        try:
            if readable:
                data = client.connection.recv(_READ_BYTES)
                if not data:
                    return False
                client.device.feed(data, now_ns)
            if not client.left:
                client.left = client.device.poll(now_ns, client.bucket.room(now_ns))
                client.bucket.spend(len(client.left))
            if client.left:
                client.left = client.left[client.connection.send(client.left) :]
        except BlockingIOError:
            return True
        except OSError as error:
            if isinstance(error, LinkLost):
                raise
            return False
        return True

    def _drop(self, client: _Client) -> None:
        self._clients.remove(client)
        client.device.disconnect(self._clock())
        with contextlib.suppress(OSError):
            client.connection.close()
