"""Link: the seam where bytes enter. Everything above it is real in every test; fakes live here."""

from __future__ import annotations

from typing import Protocol, runtime_checkable


class Link(Protocol):
    """A two-way stream of bytes that is open from birth to ``close``.

    Implementers must provide all four; none may be called by two threads at once (the reader thread owns its link).
    """

    @property
    def name(self) -> str:
        """What a person would call it: a device path, ``practice``, a file."""

    def read(self, timeout_s: float) -> bytes:
        """Whatever has arrived, waiting at most ``timeout_s`` for the first byte; empty on time-out.

        Raises:
            LinkLost: The other end is gone.
        """

    def write(self, data: bytes) -> None:
        """Send all of ``data``.

        Raises:
            LinkLost: The other end is gone, or took nothing for too long.
        """

    def close(self) -> None:
        """Release the device. Calling it twice is allowed."""


@runtime_checkable
class Gathers(Protocol):
    """What a link may offer beside ``Link``: to let bytes gather while nothing can come of them."""

    def expect(self, wanted_bytes: int) -> None:
        """So many more bytes and something comes of them; 0: nobody knows."""
