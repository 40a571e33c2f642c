"""The device side in C: built as a firmware project would build it, and a board made of it behind a pseudo-terminal."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
import time
import tty
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from probe.driver import DriverEvent, FrameFetched
from probe.drivers.eop1 import Eop1Driver
from probe.frame import Frame
from probe.links.serial import SerialLink
from probe.reader import Reader, ReaderEvent, ReaderState, StateChanged
from probe.settings import Settings
from probe.slot import Slot

FIRMWARE = Path(__file__).resolve().parents[3] / "probe" / "firmware"
LIBRARY = sorted(FIRMWARE.glob("*.c"))
STRICT = ("-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic", "-Wshadow", "-Wconversion")


@pytest.fixture(scope="session")
def gcc() -> Callable[..., str]:
    """Run the compiler; what it says on standard error is an error."""
    program = shutil.which("gcc")
    if program is None:
        pytest.skip("there is no gcc")

    def run(*words: object) -> str:
        done = subprocess.run([program, *map(str, words)], capture_output=True, text=True, timeout=100)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    return run


@pytest.fixture(scope="session")
def synthetic(gcc: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example probe."""
    target = tmp_path_factory.mktemp("firmware") / "synthetic"
    gcc(*STRICT[:5], "-O2", *LIBRARY, FIRMWARE / "example" / "synthetic.c", "-o", target)
    return target


class Board:
    """The example, plugged into a pseudo-terminal."""

    def __init__(self, program: Path, *options: object) -> None:
        master, host_end = os.openpty()
        tty.setraw(host_end)
        self.address = os.ttyname(host_end)
        self.process = subprocess.Popen([str(program), *map(str, options)], stdin=master, stdout=master)
        os.close(master)
        # held until a host has opened it, so that the board does not see a hang-up before its first host
        self._host_end = host_end

    def unplug(self) -> None:
        self.process.kill()
        self.process.wait(5)

    def let_go(self) -> None:
        if self._host_end >= 0:
            os.close(self._host_end)
            self._host_end = -1


class Host:
    """The real reader on the board's address; everything that it posts, and every live frame."""

    def __init__(self, board: Board) -> None:
        self.events: list[ReaderEvent] = []
        self.frames: list[Frame] = []
        self._slot: Slot[Frame] = Slot()
        self._ended = threading.Event()
        self.reader = Reader(
            lambda: SerialLink(board.address), Eop1Driver, self._slot, self.events.append, poll_s=0.2, read_s=0.01
        )
        self._collector = threading.Thread(target=self._collect)
        self._collector.start()
        self.reader.start()

    def until(self, done: Callable[[], bool], seconds: float = 10.0) -> None:
        deadline = time.monotonic() + seconds
        while not done():
            assert time.monotonic() < deadline, (self.reader.state, self.events[-5:], len(self.frames))
            time.sleep(0.005)

    def reach(self, state: ReaderState) -> None:
        self.until(lambda: self.reader.state is state)

    def found(self, kind: type[DriverEvent]) -> list[DriverEvent]:
        return [event for event in self.events if isinstance(event, kind)]

    def live(self, frames: int, settings: Settings | None = None) -> None:
        self.reach(ReaderState.READY)
        if settings is not None:
            known = len(self.events)
            self.reader.configure(settings)
            self.until(lambda: any(not isinstance(event, StateChanged) for event in self.events[known:]))
        self.reader.begin()
        count = len(self.frames)
        self.until(lambda: len(self.frames) >= count + frames)

    def fetched(self, number: int, format: int) -> Frame:
        count = len(self.found(FrameFetched))
        self.reader.fetch(number, format)
        self.until(lambda: len(self.found(FrameFetched)) > count)
        return self.found(FrameFetched)[-1].frame

    def close(self) -> None:
        self.reader.stop()
        self._ended.set()
        self._collector.join(5)

    def _collect(self) -> None:
        while not self._ended.is_set():
            if (frame := self._slot.take(0.05)) is not None:
                self.frames.append(frame)


@pytest.fixture
def plug(synthetic: Path) -> Iterator[Callable[..., tuple[Board, Host]]]:
    """Plug in a board with some options, and a host at its other end."""
    things: list[tuple[Board, Host]] = []

    def make(*options: object) -> tuple[Board, Host]:
        board = Board(synthetic, *options)
        host = Host(board)
        things.append((board, host))
        host.reach(ReaderState.READY)
        board.let_go()
        return board, host

    yield make
    for board, host in things:
        host.close()
        board.unplug()
        board.let_go()
