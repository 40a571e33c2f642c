"""Device: the other end of a link, sans-I/O; what a twin is to the transport that serves it."""

from __future__ import annotations

from typing import Protocol


class Device(Protocol):
    """Bytes and time in, bytes out. A transport (memory or pseudo-terminal) calls all three from one thread."""

    def feed(self, data: bytes, now_ns: int) -> None:
        """Bytes that the host sent."""

    def poll(self, now_ns: int, room: int) -> bytes:
        """At most ``room`` bytes that the device sends now; called often, also when there is nothing to send.

        Raises:
            LinkLost: The device was unplugged (fault injection); the transport ends as a cable would.
        """

    def disconnect(self, now_ns: int) -> None:
        """The host closed its end."""
