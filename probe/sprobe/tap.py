"""A tap on a link: everything that goes through it is written down, with the time at which it was read or sent."""

from __future__ import annotations

from collections.abc import Callable

from probe.link import Gathers, Link
from probe.sprobe.container import Record, RecordKind, SprobeWriter


class Tap:
    """A link that keeps what it carries.

    Args:
        link: The real one.
        writer: Where to keep it; what cannot be kept ends the link.
        clock: Monotonic nanoseconds.
        started_ns: That clock at the beginning of the recording.
    """

    def __init__(self, link: Link, writer: SprobeWriter, clock: Callable[[], int], started_ns: int) -> None:
        self._link = link
        self._gathers = link if isinstance(link, Gathers) else None
        self._writer = writer
        self._clock = clock
        self._started_ns = started_ns
        self.name = link.name
        writer.note(self._time(), "opened", link.name)

    def read(self, timeout_s: float) -> bytes:
        """As the link inside; bytes are kept before they are passed on.

        Raises:
            LinkLost: As the link inside.
            RecordingError: They cannot be kept.
        """
        data = self._link.read(timeout_s)
        if data:
            self._writer.add(Record(RecordKind.RECEIVED, self._time(), data))
        return data

    def expect(self, wanted_bytes: int) -> None:
        """As the link inside, if it gathers."""
        if self._gathers is not None:
            self._gathers.expect(wanted_bytes)

    def write(self, data: bytes) -> None:
        """As the link inside; bytes are kept once they were sent.

        Raises:
            LinkLost: As the link inside.
            RecordingError: They cannot be kept.
        """
        self._link.write(data)
        if data:
            self._writer.add(Record(RecordKind.SENT, self._time(), data))

    def close(self) -> None:
        self._link.close()

    def _time(self) -> int:
        return max(0, self._clock() - self._started_ns)
