"""What the terminal can do, asked once before the application starts, in one round trip.

Unknown answers would reach the application as key strokes, so nothing is asked later but cursor reports. The primary
device attributes come last: every terminal answers them, so their answer ends the wait.
"""

from __future__ import annotations

import fcntl
import os
import re
import select
import struct
import termios
import tty
from collections.abc import Callable
from dataclasses import dataclass, replace

_QUESTION = b"\x1b[16t\x1b[?2026$p\x1b[c"
WAIT_S = 2.0  # every terminal answers; a busy old computer with one that has just been started takes its time
_ATTRIBUTES = re.compile(rb"\x1b\[\?([\d;]*)c")
_CELL = re.compile(rb"\x1b\[6;(\d{1,3});(\d{1,3})t")
_MODE_2026 = re.compile(rb"\x1b\[\?2026;([0-4])\$y")
_DEFAULT_CELL_PX = (10, 20)


@dataclass(frozen=True, slots=True)
class TerminalCapabilities:
    """What matters for pictures.

    Args:
        answers: It answered at all, so pictures can be painted beside the compositor and their reports awaited.
        sixel: It draws sixel.
        synchronized: It knows synchronized updates (mode 2026); where it does not, the codes do nothing.
        cell_px: Width and height of a character cell.
        coloured: It says that it has colours: 256 of them, as every such terminal today.
    """

    answers: bool
    sixel: bool
    synchronized: bool
    cell_px: tuple[int, int]
    coloured: bool = False

    def in_cells(self) -> TerminalCapabilities:
        """The same terminal without its sixel."""
        return replace(self, sixel=False)


CELLS_ONLY = TerminalCapabilities(False, False, False, _DEFAULT_CELL_PX)


def understand(answer: bytes, window_cell_px: tuple[int, int] | None) -> TerminalCapabilities:
    """What an answer says.

    Args:
        answer: All bytes that came.
        window_cell_px: The cell's size by the window's pixels, where the terminal tells them.
    """
    attributes = _ATTRIBUTES.search(answer)
    features = attributes[1].split(b";")[1:] if attributes else []
    cell = _CELL.search(answer)
    told = (int(cell[2]), int(cell[1])) if cell else None
    mode = _MODE_2026.search(answer)
    cell_px = told if told is not None and min(told) > 0 else window_cell_px
    return TerminalCapabilities(
        answers=attributes is not None,
        sixel=b"4" in features and cell_px is not None,
        synchronized=mode is not None and mode[1] in b"123",
        cell_px=cell_px or _DEFAULT_CELL_PX,
        coloured=b"4" in features or b"22" in features,
    )


def ask(input_fd: int, output_fd: int, clock_s: Callable[[], float], wait_s: float = WAIT_S) -> TerminalCapabilities:
    """Ask the terminal; one that does not answer in time gets half-block cells through the compositor.

    Args:
        input_fd, output_fd: Of the terminal.
        clock_s: Seconds that never run backwards.
        wait_s: How long an answer is waited for.
    """
    if not (os.isatty(input_fd) and os.isatty(output_fd)):
        return CELLS_ONLY
    before = termios.tcgetattr(input_fd)
    try:
        tty.setraw(input_fd, termios.TCSANOW)
        os.write(output_fd, _QUESTION)
        answer = _listen(input_fd, clock_s, clock_s() + wait_s)
    finally:
        termios.tcsetattr(input_fd, termios.TCSANOW, before)
    return understand(answer, cell_px_by_window(output_fd))


def _listen(input_fd: int, clock_s: Callable[[], float], end_s: float) -> bytes:
    answer = b""
    while _ATTRIBUTES.search(answer) is None and (left := end_s - clock_s()) > 0:
        ready, _, _ = select.select([input_fd], [], [], left)
        if not ready:
            break
        answer += os.read(input_fd, 4096)
    return answer


def cell_px_by_window(fd: int) -> tuple[int, int] | None:
    """Width and height of a cell: floor of window over cells, since some terminals count their border into the window.

    Args:
        fd: Of the terminal. None comes back where it is none, or does not tell its pixels.
    """
    try:
        rows, columns, width, height = struct.unpack("HHHH", fcntl.ioctl(fd, termios.TIOCGWINSZ, bytes(8)))
    except OSError:
        return None
    return (width // columns, height // rows) if rows and columns and width and height else None
