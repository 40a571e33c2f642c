"""A probe on the network: one TCP connection, as ``tcp:192.168.128.3:7538``."""

from __future__ import annotations

import contextlib
import errno
import socket

from probe.errors import LinkLost, LinkUnavailable

CONNECT_S = 3.0
WRITE_S = 2.0
_MOST = 1 << 16
_REASONS: dict[int, tuple[str, str]] = {
    errno.ECONNREFUSED: (
        "Nothing answers at {name}",
        "Check that the probe is switched on, and the number behind the colon.",
    ),
    errno.EHOSTUNREACH: ("There is no way to {name}", "Connect this computer to the probe's own network."),
    errno.ENETUNREACH: ("There is no way to {name}", "Connect this computer to the probe's own network."),
}
_UNKNOWN = ("The probe at {name} does not answer", "Check that it is switched on and its network is chosen.")


class TcpLink:
    """An open connection; ``socket`` and ``peer`` (the other end's address) are for who waits for more than one.

    Args:
        address: ``tcp:HOST:PORT``.

    Raises:
        LinkUnavailable: It is no such address, or nothing answers there.
    """

    def __init__(self, address: str) -> None:
        self.name = address
        host, _, port = address.removeprefix("tcp:").rpartition(":")
        if not host or not port.isdecimal() or not 1 <= int(port) <= 65535:
            raise LinkUnavailable(f"{address} is no network address", "Write it as tcp:192.168.128.3:7538.")
        try:
            self.socket = socket.create_connection((host.strip("[]"), int(port)), CONNECT_S)
        except (OSError, UnicodeError) as error:
            title, advice = _REASONS.get(getattr(error, "errno", None) or 0, _UNKNOWN)
            raise LinkUnavailable(title.format(name=address), advice) from error
        self.peer: str = self.socket.getpeername()[0]
        # a network that is gone says nothing; without this a dead connection would look like a silent probe
        with contextlib.suppress(OSError):
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def read(self, timeout_s: float) -> bytes:
        """What has arrived, waiting for the first byte.

        Raises:
            LinkLost: The other end closed, or the network is gone.
        """
        try:
            self.socket.settimeout(timeout_s if timeout_s > 0 else 0.0001)
            data = self.socket.recv(_MOST)
        except TimeoutError:
            return b""
        except (OSError, ValueError) as error:
            raise self.lost() from error
        if not data:
            raise self.lost()
        return data

    def write(self, data: bytes) -> None:
        """Send all of it.

        Raises:
            LinkLost: The other end is gone, or took nothing for two seconds.
        """
        try:
            self.socket.settimeout(WRITE_S)
            self.socket.sendall(data)
        except (OSError, ValueError) as error:
            raise self.lost() from error

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self.socket.close()

    def lost(self) -> LinkLost:
        """What a connection that has ended is told as."""
        return LinkLost(f"The connection to {self.name} has ended", "Check that the probe is on and its network is up.")
