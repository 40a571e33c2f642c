"""What terminals answer, as each was seen to answer, and one that says nothing."""

from __future__ import annotations

import os
import threading
import time

import pytest

from clinic.terminal.capabilities import CELLS_ONLY, TerminalCapabilities, ask, understand

ANSWERS = {
    "xterm": (b"\x1b[?64;1;2;6;9;15;18;21;22c", (7, 14), TerminalCapabilities(False, False, (7, 14))),
    "xterm -ti vt340": (b"\x1b[?63;1;2;4;6;9;15;22c", (8, 17), TerminalCapabilities(True, False, (8, 17))),
    "foot": (b"\x1b[6;18;9t\x1b[?2026;2$y\x1b[?62;4;22c", None, TerminalCapabilities(True, True, (9, 18))),
    "tmux": (b"\x1b[?2026;0$y\x1b[?1;2c", None, TerminalCapabilities(False, False, (10, 20))),
    "alacritty": (b"\x1b[?6c", (9, 19), TerminalCapabilities(False, False, (9, 19))),
    "sixel of unknown size": (b"\x1b[?62;4c", None, TerminalCapabilities(False, False, (10, 20))),
    "mute": (b"", None, CELLS_ONLY),
    "noise": (b"\x00\xff\x1b[?;c4", None, CELLS_ONLY),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_answers(name: str) -> None:
    answer, cell, expected = ANSWERS[name]
    assert understand(answer, cell) == expected


@pytest.mark.parametrize(("reply", "sixel"), [(b"\x1b[6;18;9t\x1b[?62;4;22c", True), (b"", False)])
def test_asking_a_terminal(reply: bytes, sixel: bool) -> None:
    master, terminal = os.openpty()
    asked: list[bytes] = []

    def answer() -> None:
        asked.append(os.read(master, 100))
        if reply:
            os.write(master, reply)

    other = threading.Thread(target=answer)
    other.start()
    try:
        started = time.monotonic()
        assert ask(terminal, terminal, time.monotonic).sixel is sixel
        assert time.monotonic() - started < 2
    finally:
        other.join(5)
        os.close(master)
        os.close(terminal)
    assert asked[0].endswith(b"\x1b[c")


def test_a_pipe_is_not_asked() -> None:
    reader, writer = os.pipe()
    assert ask(reader, writer, time.monotonic) == CELLS_ONLY
    os.close(reader)
    os.close(writer)
