"""Neighbouring LINES messages of one frame, unpacked together: numpy's calls cost more than the bytes. Sans-I/O."""

from __future__ import annotations

from collections.abc import Sequence

from probe.assembly import Assembler
from probe.frame import Frame
from probe.lines import LineBlock, joined_lines
from probe.wire import Flag, Header, Message

# what is unpacked at a frame's end is waited for: small enough to take no time that counts
_MOST_BYTES = 131_072
_BACKWARD = int(Flag.BACKWARD)
# of a header: time zero, samples, format
_WINDOW = slice(Header._fields.index("time_zero_ns"), Header._fields.index("format") + 1)


class Grouping:
    """Holds back lines that follow each other until they are many, the frame ends, or anything else comes."""

    def __init__(self) -> None:
        self._assembler: Assembler | None = None
        self._number = -1
        self._messages: list[Message] = []
        self._bytes = 0
        self._next_line = 0

    def add(self, message: Message, assembler: Assembler, number: int, now_ns: int) -> Frame | None:
        """Take a message that fits its header; the frame before it when this one begins another."""
        header = message.header
        if self._continues(header, assembler, number):
            self._keep(message)
            if self._bytes >= _MOST_BYTES:
                self.flush(now_ns)
            return None
        self.flush(now_ns)
        is_new = assembler is not self._assembler or number != self._number
        if is_new or header.line >= self._next_line:
            self._assembler, self._number = assembler, number
            self._next_line = header.line + header.lines_in_block
        # what begins a frame may end the one before, and what came twice must not hold back what did not
        return assembler.add(_block([message], number), now_ns)

    def flush(self, now_ns: int) -> None:
        """Hand on what is held back; it is of the frame at hand, so it ends none."""
        if self._messages and self._assembler is not None:
            block = _block(self._messages, self._number)
            self._messages, self._bytes = [], 0
            self._assembler.add(block, now_ns)

    def clear(self) -> None:
        """Forget what is held back."""
        self._assembler, self._messages, self._bytes = None, [], 0

    def _continues(self, header: Header, assembler: Assembler, number: int) -> bool:
        """It is of the frame at hand, behind its last line, and alike in everything that an array must have alike."""
        if assembler is not self._assembler or number != self._number or header.line != self._next_line:
            return False
        if header.line + header.lines_in_block > header.lines_in_frame:
            return False
        if not self._messages:
            return True
        first = self._messages[0].header
        same_line = header[_WINDOW] == first[_WINDOW]
        return same_line and header.flags == first.flags and header.lines_in_frame == first.lines_in_frame

    def _keep(self, message: Message) -> None:
        self._messages.append(message)
        self._bytes += len(message.payload)
        self._next_line = message.header.line + message.header.lines_in_block


def _block(messages: Sequence[Message], number: int) -> LineBlock:
    return joined_lines(messages, number, bool(messages[0].header.flags & _BACKWARD))
