"""What terminals answer, as each was seen to answer, and one that says nothing."""

from __future__ import annotations

import fcntl
import os
import struct
import termios
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.terminal.capabilities import CELLS_ONLY, WAIT_S, TerminalCapabilities, ask, cell_px_by_window, understand
from clinic.terminal.colours import announce_colours


def can(
    answers: bool, sixel: bool, synchronized: bool, cell_px: tuple[int, int], coloured: bool
) -> TerminalCapabilities:
    return TerminalCapabilities(answers, sixel, synchronized, cell_px, coloured)


ANSWERS = {
    "xterm": (b"\x1b[?64;1;2;6;9;15;18;21;22c", (7, 14), can(True, False, False, (7, 14), True)),
    "xterm -ti vt340": (b"\x1b[?63;1;2;4;6;9;15;22c", (8, 17), can(True, True, False, (8, 17), True)),
    "foot": (b"\x1b[6;18;9t\x1b[?2026;2$y\x1b[?62;4;22c", None, can(True, True, True, (9, 18), True)),
    "foot, told twice": (b"\x1b[6;18;9t\x1b[?2026;2$y\x1b[?62;4;22c", (10, 19), can(True, True, True, (9, 18), True)),
    "kitty": (b"\x1b[6;20;10t\x1b[?2026;2$y\x1b[?62;c", None, can(True, False, True, (10, 20), False)),
    "tmux": (b"\x1b[?2026;0$y\x1b[?1;2c", None, can(True, False, False, (10, 20), False)),
    "alacritty": (b"\x1b[?6c", (9, 19), can(True, False, False, (9, 19), False)),
    "sixel of unknown size": (b"\x1b[?62;4c", None, can(True, False, False, (10, 20), True)),
    "keys between": (b"qq\x1b[6;18;9t \x1b[A\x1b[?62;4c\r", None, can(True, True, False, (9, 18), True)),
    "mute": (b"", None, CELLS_ONLY),
    "mute of known size": (b"", (8, 17), can(False, False, False, (8, 17), False)),
    "noise": (b"\x00\xff\x1b[?;c4", None, can(True, False, False, (10, 20), False)),
    "a key that is no answer": (b"\x1b[15;2~\x1b[c", None, CELLS_ONLY),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_answers(name: str) -> None:
    answer, cell, expected = ANSWERS[name]
    assert understand(answer, cell) == expected


@given(st.binary(max_size=60))
def test_any_bytes_are_an_answer(answer: bytes) -> None:
    understood = understand(answer, None)
    assert min(understood.cell_px) >= 0
    assert not understood.in_cells().sixel


@pytest.mark.parametrize("size", [b"\x1b[6;0;0t", b"\x1b[6;0;9t", b"\x1b[6;99999;99999t"])
def test_a_cell_of_no_size_is_not_believed(size: bytes) -> None:
    assert understand(size + b"\x1b[?62;4c", None) == can(True, False, False, (10, 20), True)
    assert understand(size + b"\x1b[?62;4c", (9, 18)) == can(True, True, False, (9, 18), True)


@pytest.mark.parametrize(
    ("pieces", "sixel"),
    [
        ([b"\x1b[6;18;9t\x1b[?62;4;22c"], True),
        ([b"\x1b[6;18", b";9t\x1b[?6", b"2;4c"], True),
        ([], False),
        ([b"\x1b[?"], False),
    ],
)
def test_asking_a_terminal(pieces: list[bytes], sixel: bool) -> None:
    master, terminal = os.openpty()
    before = termios.tcgetattr(terminal)
    asked: list[bytes] = []

    def answer() -> None:
        asked.append(os.read(master, 100))
        for piece in pieces:
            os.write(master, piece)
            time.sleep(0.02)

    other = threading.Thread(target=answer)
    other.start()
    try:
        started = time.monotonic()
        assert ask(terminal, terminal, time.monotonic, WAIT_S if sixel else 0.3).sixel is sixel
        assert time.monotonic() - started < 5, "it does not wait for ever"
        assert termios.tcgetattr(terminal) == before, "and leaves the terminal as it was"
    finally:
        other.join(5)
        os.close(master)
        os.close(terminal)
    assert asked[0].endswith(b"\x1b[c")


def test_a_pipe_is_not_asked() -> None:
    reader, writer = os.pipe()
    assert ask(reader, writer, time.monotonic) == CELLS_ONLY
    assert cell_px_by_window(reader) is None
    os.close(reader)
    os.close(writer)


def test_the_window_tells_the_size_of_a_cell() -> None:
    master, terminal = os.openpty()
    assert cell_px_by_window(terminal) is None, "a terminal that does not say"
    termios.tcsetwinsize(terminal, (24, 80))
    assert cell_px_by_window(terminal) is None
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 80 * 9 + 4, 24 * 17 + 4))
    assert cell_px_by_window(terminal) == (9, 17), "borders do not count"
    os.close(master)
    os.close(terminal)


COLOURED = can(True, False, False, (8, 16), True)


@pytest.mark.parametrize(
    ("terminal", "before", "told"),
    [
        (COLOURED, {"TERM": "xterm"}, "256"),
        (COLOURED, {"TERM": "xterm-256color"}, None),
        (COLOURED, {"TERM": "xterm", "COLORTERM": "truecolor"}, None),
        (COLOURED, {"TERM": "xterm", "NO_COLOR": "1"}, None),
        (COLOURED, {"TERM": "xterm", "TEXTUAL_COLOR_SYSTEM": "standard"}, "standard"),
        (CELLS_ONLY, {"TERM": "xterm"}, None),
    ],
)
def test_colours_are_announced_where_nothing_else_says_so(
    terminal: TerminalCapabilities, before: dict[str, str], told: str | None
) -> None:
    environment = dict(before)
    announce_colours(terminal, environment)
    assert environment.get("TEXTUAL_COLOR_SYSTEM") == told
    assert {name: environment[name] for name in before} == before
