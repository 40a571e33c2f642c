"""A probe that takes commands over TCP and sends its lines as UDP datagrams: ``tcp+udp:HOST:TCP_PORT:UDP_PORT``."""

from __future__ import annotations

import contextlib
import select
import socket

from probe.errors import LinkUnavailable
from probe.links.tcp import TcpLink
from probe.protocols.two_channels import TCP, UDP, wrap

SCHEME = "tcp+udp:"
_MOST_AT_ONCE = 256
_DATAGRAM = 65535
_QUEUE_BYTES = 1 << 20


class TcpUdpLink:
    """An open connection and the port that the probe's datagrams come to; those of other hosts are left out.

    Args:
        address: ``tcp+udp:HOST:TCP_PORT:UDP_PORT``.

    Raises:
        LinkUnavailable: It is no such address, nothing answers there, or the port of this computer is in use.
    """

    def __init__(self, address: str) -> None:
        self.name = address
        host, _, ports = address.removeprefix(SCHEME).partition(":")
        tcp_port, _, udp_port = ports.partition(":")
        if not host or not udp_port.isdecimal() or not int(udp_port) <= 65535:
            raise LinkUnavailable(f"{address} is no network address", "Write it as tcp+udp:192.168.4.1:50000:51000.")
        self._tcp = TcpLink(f"tcp:{host}:{tcp_port}")
        self._peer = self._tcp.peer
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            with contextlib.suppress(OSError):
                self._udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _QUEUE_BYTES)
            self._udp.bind(("", int(udp_port)))
            self._udp.setblocking(False)
        except OSError as error:
            self.close()
            raise LinkUnavailable(
                f"Port {udp_port} of this computer is in use by another program", "Close the other program."
            ) from error

    def read(self, timeout_s: float) -> bytes:
        """What has arrived on either way, each piece with its channel and length.

        Raises:
            LinkLost: The connection ended.
        """
        try:
            ready, _, _ = select.select([self._udp, self._tcp.socket], [], [], max(0.0, timeout_s))
        except (OSError, ValueError) as error:
            raise self._tcp.lost() from error
        parts = self._datagrams() if self._udp in ready else []
        if self._tcp.socket in ready:
            parts.append(wrap(TCP, self._tcp.read(0)))
        return b"".join(parts)

    def write(self, data: bytes) -> None:
        """Send commands.

        Raises:
            LinkLost: The connection ended.
        """
        if data:
            self._tcp.write(data)

    def close(self) -> None:
        self._tcp.close()
        with contextlib.suppress(OSError):
            self._udp.close()

    def _datagrams(self) -> list[bytes]:
        parts: list[bytes] = []
        for _ in range(_MOST_AT_ONCE):
            try:
                data, sender = self._udp.recvfrom(_DATAGRAM)
            except OSError:
                break
            if sender[0] == self._peer:
                parts.append(wrap(UDP, data))
        return parts
