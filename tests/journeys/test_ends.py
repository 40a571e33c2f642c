"""The computer shuts down, or the window is closed, while the probe transmits: it is told to stop, whatever it is.

The twin here takes no notice of a closed port, as a board without a watchdog would.
"""

from __future__ import annotations

import contextlib
import os
import pty
import select
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Queue

import pytest

from probe.emulators.eop1 import Eop1Device
from probe.emulators.pty import serve
from probe.emulators.source import PhantomSource
from tests.journeys.process import ROOT

LIMIT_S = 60


class Stubborn(Eop1Device):
    """Goes on, also where nobody listens, and for ever: only STOP ends it."""

    def disconnect(self, now_ns: int) -> None: ...

    def _watch(self, now_ns: int) -> None: ...


@pytest.fixture
def board() -> Iterator[tuple[Stubborn, str]]:
    device, addresses, stop = Stubborn(PhantomSource()), Queue[str](), threading.Event()
    thread = threading.Thread(target=serve, args=(device, 4_000_000, addresses.put, stop))
    thread.start()
    yield device, addresses.get(timeout=10)
    stop.set()
    thread.join(10)


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + LIMIT_S
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_a_command_that_is_ended_stops_the_probe(
    board: tuple[Stubborn, str], tmp_path: Path, number: signal.Signals
) -> None:
    device, address = board
    words = [sys.executable, "-m", "clinic", "record", "--probe", address, "-o", str(tmp_path / "x.sprobe")]
    process = subprocess.Popen(words, cwd=ROOT, env=dict(os.environ), stdout=subprocess.DEVNULL)
    until(lambda: device.armed)
    process.send_signal(number)
    assert process.wait(LIMIT_S) == 0
    until(lambda: not device.armed)  # what it was told may still lie in the line
    assert (tmp_path / "x.sprobe").stat().st_size > 0


class Window:
    """A terminal that takes everything and answers nothing, with a program in it."""

    def __init__(self, *words: str) -> None:
        self.pid, self._master = pty.fork()
        if self.pid == 0:
            os.chdir(ROOT)
            os.environ["TERM"] = "xterm-256color"
            os.execvp(words[0], words)
        self._closing, self.deaf = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._take_everything)
        self._thread.start()

    def close(self) -> None:
        """As by its cross: the system hangs up on the program, and nothing can be written any more."""
        self._closing.set()
        self._thread.join()

    def ended(self) -> bool:
        return os.waitpid(self.pid, os.WNOHANG)[0] == self.pid

    def _take_everything(self) -> None:
        with contextlib.suppress(OSError):
            while not self._closing.is_set():
                if self.deaf.is_set():
                    time.sleep(0.05)
                elif select.select([self._master], [], [], 0.05)[0]:
                    os.read(self._master, 65536)
        os.close(self._master)


@pytest.mark.parametrize("end", ["terminated", "window closed", "window closed over make"])
def test_a_screen_that_is_ended_stops_the_probe(board: tuple[Stubborn, str], end: str, tmp_path: Path) -> None:
    device, address = board
    words = [sys.executable, "-m", "clinic", "view", "--cells", "--probe", address]
    if "make" in end:  # as `make run`: it gets the hang-up itself, and waits for the program instead of telling it
        (tmp_path / "Makefile").write_text(f"view:\n\t{shlex.join(words)}\n")
        words = ["make", "-f", str(tmp_path / "Makefile")]
    window = Window(*words)
    until(lambda: device.armed)
    if end == "terminated":
        os.kill(window.pid, signal.SIGTERM)
    else:
        window.close()
    until(window.ended)
    until(lambda: not device.armed)  # what it was told may still lie in the line
    window.close()


@pytest.mark.soak  # it waits out the ten seconds that a screen gets
def test_a_window_that_takes_nothing_and_is_closed_holds_nobody(board: tuple[Stubborn, str]) -> None:
    """Its queue is full, so the screen waits for it for ever: the probe is stopped, and the process ends."""
    device, address = board
    window = Window(sys.executable, "-m", "clinic", "view", "--cells", "--probe", address)
    until(lambda: device.armed)
    window.deaf.set()
    time.sleep(3)  # frames pile up at the terminal
    window.close()
    until(window.ended)
    until(lambda: not device.armed)  # what it was told may still lie in the line
