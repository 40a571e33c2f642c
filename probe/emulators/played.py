"""A recording as the other end of a link: its records, one by one when asked, then at their times, over and over.

It knows no protocol: the driver ``recording`` makes frames of what it sends. At the end it begins again; what the
driver had asked for one by one, the opening of the conversation, is then sent at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from probe.errors import RecordingError
from probe.sprobe.container import Record, RecordKind, Sprobe, header_body, json_bytes, pack
from probe.sprobe.playing import HELLO, LONGEST_WORD, NEXT, PLAY, STOP, Said

PLAYER = "recording"
_KNOWN = (RecordKind.RECEIVED, RecordKind.SENT, RecordKind.NOTE)
_LEAST_PAUSE_NS = 1_000_000
# as much at once as a fast link gathers: what is read in one go is decoded in one go
_AT_ONCE = 1 << 16


def require_playable(recording: Sprobe) -> None:
    """Whether a driver spoke with the recorded probe.

    Raises:
        RecordingError: Nobody spoke with it, or it was a played recording itself.
    """
    driver = recording.header.driver
    if driver and driver != PLAYER:
        return
    spoken = "no driver" if not driver else f"the driver {driver}"
    raise RecordingError(f"A recording made with {spoken} cannot be played", "Record the probe with its own driver.")


class PlayedDevice:
    """The player.

    Args:
        recording: What to play.
        fast: As fast as it is read, instead of at the recorded pace.
        loop: Begin again at the end.

    Raises:
        RecordingError: No driver spoke with the recorded probe.
    """

    def __init__(self, recording: Sprobe, *, fast: bool = False, loop: bool = True) -> None:
        require_playable(recording)
        self._header = Record(RecordKind.HEADER, 0, json_bytes(header_body(recording.header)))
        end = Record(RecordKind.END, recording.ended_ns, b"{}")
        self._records = [*(record for record in recording.records if record.kind in _KNOWN), end]
        self._fast, self._loop = fast, loop
        self._pause_ns = _pause_ns(self._records)
        self._answers: dict[bytes, Callable[[int], None]] = {
            HELLO: self._on_hello,
            NEXT: self._on_next,
            PLAY: self._on_play,
            STOP: self._on_stop,
        }
        self._word = b""
        self._leaving = bytearray()
        self._next = self._began_ns = 0
        self._opening: int | None = None
        self._playing = self.over = False

    def feed(self, data: bytes, now_ns: int) -> None:
        """Words of the host; any other is passed over."""
        *words, rest = (self._word + data).split(b"\n")
        self._word = rest[-LONGEST_WORD:]
        for word in words:
            answer = self._answers.get(word + b"\n")
            if answer is not None:
                answer(now_ns)

    def poll(self, now_ns: int, room: int = 1 << 20) -> bytes:
        """At most ``room`` bytes of the records that are due."""
        while self._playing and len(self._leaving) < min(room, _AT_ONCE) and self._play(now_ns):
            pass
        part = bytes(self._leaving[:room])
        del self._leaving[:room]
        return part

    def disconnect(self, now_ns: int) -> None:
        """The host closed its end."""
        self._leaving.clear()
        self._word, self._playing = b"", False

    def _play(self, now_ns: int) -> bool:
        """Send the next record if its time has come."""
        if self._next == len(self._records):
            self._end()
            return True
        record = self._records[self._next]
        opening = self._next < (self._opening or 0)
        if not (self._fast or opening or self._began_ns + record.time_ns <= now_ns):
            return False
        self._send(record)
        self._next += 1
        return True

    def _end(self) -> None:
        """The last record was sent."""
        if not self._loop:
            self._playing, self.over = False, True
            self._say(Said.OVER)
            return
        self._say(Said.AGAIN)
        first = self._records[min(self._opening or 0, len(self._records) - 1)]
        self._began_ns += self._records[-1].time_ns - first.time_ns + self._pause_ns
        self._next = 0

    def _on_hello(self, now_ns: int) -> None:
        self._leaving.clear()
        self._next, self._opening, self._playing, self.over = 0, None, False, False
        self._send(self._header)

    def _on_next(self, now_ns: int) -> None:
        if self._playing:
            return
        if self._next == len(self._records):
            self._end()
        else:
            self._send(self._records[self._next])
            self._next += 1

    def _on_play(self, now_ns: int) -> None:
        if not self._playing:
            self._opening = self._next if self._opening is None else self._opening
            at = self._records[min(self._next, len(self._records) - 1)]
            self._began_ns = now_ns - at.time_ns
            self._playing = True
        self._say(Said.PLAYING)

    def _on_stop(self, now_ns: int) -> None:
        self._playing = False
        self._say(Said.STOPPED)

    def _send(self, record: Record) -> None:
        self._leaving += pack(record)

    def _say(self, kind: Said) -> None:
        self._send(Record(kind, 0, b""))


def _pause_ns(records: Sequence[Record]) -> int:
    """Between the end and the beginning: what usually lies between two records."""
    last_ns = records[-1].time_ns
    return max(last_ns // max(1, len(records) - 1), _LEAST_PAUSE_NS)
