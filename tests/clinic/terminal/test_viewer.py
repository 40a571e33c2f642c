"""The viewer on the practice probe: in Textual's test driver, in a real tmux, and on a terminal that goes deaf."""

from __future__ import annotations

import asyncio
import fcntl
import os
import pty
import shutil
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from select import select

import pytest

from clinic.clock import SystemClock
from clinic.compose import ProbeChoice, open_scanning
from clinic.scanner import ScanState
from clinic.terminal.capabilities import CELLS_ONLY, TerminalCapabilities
from clinic.terminal.image_view import Liveness
from clinic.ui.viewer import Viewer
from imaging.beam_view import BeamView
from imaging.modes import Mode
from imaging.picture import Picture
from probe.emulators.sensors import Sensors
from probe.reader import ReaderState
from tests.clinic.terminal.stage import POINTER_SHAPE, SIXEL
from tests.clinic.terminal.virtual_screen import wait
from tests.journeys.process import ROOT

LIMIT_S = 60
# Not simply inherited: readline, which pytest loads, puts LINES and COLUMNS into the C library's environment, and a
# program that finds them there takes no notice of a terminal's new size.
OWN_ENVIRONMENT = dict(os.environ)


def make_viewer(terminal: TerminalCapabilities) -> Viewer:
    clock = SystemClock()
    return Viewer(lambda post: open_scanning(ProbeChoice(), clock, post), terminal, clock)


async def until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + LIMIT_S
    while not condition():
        assert time.monotonic() < end, "it did not come to that"
        await asyncio.sleep(0.02)


def test_live_freeze_live_in_half_blocks() -> None:
    async def journey() -> None:
        app = make_viewer(CELLS_ONLY)
        async with app.run_test(size=(60, 20)) as pilot:
            pane = app._pane
            await until(lambda: pane.liveness is Liveness.LIVE)
            await pilot.pause()
            assert max(key.region.right for key in app.query("FooterKey")) <= 60, "no key is cut off"
            cells = pane.view._half_blocks()
            assert cells is not None
            assert cells.shape == (2 * pane.view.size.height, 60)
            assert cells.max() > 15
            assert str(pane._state.render()).startswith("LIVE · UNCALIBRATED · PRACTICE")
            await pilot.press("space")
            await until(lambda: pane.liveness is Liveness.FROZEN)
            number = pane.picture.frame_number
            await asyncio.sleep(0.5)
            assert pane.picture.frame_number == number, "a frozen picture stands still"
            assert str(pane._state.render()).startswith("FROZEN")
            assert pane._state.has_class("frozen")
            await pilot.press("space")
            await until(lambda: pane.liveness is Liveness.LIVE)
            assert not pane._state.has_class("frozen")

    asyncio.run(journey())


def test_a_probe_that_stopped_by_itself_goes_live_by_a_key_only(monkeypatch: pytest.MonkeyPatch) -> None:
    why: list[str | None] = [None]
    monkeypatch.setattr(Sensors, "unfit", property(lambda sensors: why[0]))

    async def journey() -> None:
        app = make_viewer(CELLS_ONLY)
        async with app.run_test(size=(120, 24)) as pilot:
            pane = app._pane
            await until(lambda: pane.liveness is Liveness.LIVE)
            why[0] = "temperature"
            await until(lambda: pane.liveness is Liveness.NOT_LIVE)
            await until(lambda: "too warm" in str(pane._state.render()))
            why[0] = None
            heard = app._scanning.counters().messages
            await until(lambda: app._scanning.counters().messages > heard + 1)  # a second each
            assert app._scanning.probe_state is ReaderState.FROZEN
            assert pane.liveness is Liveness.NOT_LIVE
            await pilot.press("space")
            await until(lambda: pane.liveness is Liveness.LIVE)
            assert "too warm" not in str(pane._state.render())

    asyncio.run(journey())


def test_modes_by_keys_live_and_frozen() -> None:
    async def journey() -> None:
        app = make_viewer(CELLS_ONLY)
        async with app.run_test(size=(80, 24)) as pilot:
            pane = app._pane
            await until(lambda: pane.liveness is Liveness.LIVE)
            await pilot.press("m")
            await until(lambda: isinstance(pane.picture, BeamView) and "M-mode, 162 mm" in str(pane._state.render()))
            await pilot.press("right")
            await until(lambda: pane.picture.line == 49)
            await pilot.press("space")
            await until(lambda: app._scanning._scanner.state is ScanState.FROZEN)
            await pilot.press("a")
            await until(lambda: pane.picture.mode is Mode.A)
            assert pane.liveness is Liveness.FROZEN
            await pilot.press("b")
            await until(lambda: isinstance(pane.picture, Picture))
            assert pane.beam.line == 49, "where M-mode looked is drawn on the picture"
            await pilot.press("space")
            await until(lambda: pane.liveness is Liveness.LIVE)

    asyncio.run(journey())


def test_no_new_picture_is_not_live() -> None:
    async def journey() -> None:
        app = make_viewer(SIXEL)
        async with app.run_test(size=(60, 20)):
            app._driver.write = lambda text: None
            pane = app._pane
            await until(lambda: pane.liveness is Liveness.LIVE)
            bright = int(pane.view._grey.max())
            app._scanning.close()
            await until(lambda: pane.liveness is Liveness.NOT_LIVE)
            assert int(pane.view._grey.max()) <= bright // 3 + 1, "dimmed"
            assert pane._state.has_class("not-live")
            assert str(pane._state.render()).startswith("NOT LIVE")

    asyncio.run(journey())


def test_a_live_probe_is_painted_and_acknowledged() -> None:
    """The whole way with a terminal that answers at once: many pictures, one credit, no time-out."""

    async def journey() -> None:
        app = make_viewer(SIXEL)
        written: list[str] = []
        async with app.run_test(size=(60, 20)):
            pane = app._pane

            def write(text: str) -> None:
                if not text.startswith(POINTER_SHAPE):
                    written.append(text)
                    tag = int(text.rpartition("H\x1b[6n")[0].rpartition(";")[2])
                    asyncio.get_running_loop().call_soon(pane.view.reported, tag)

            app._driver.write = write
            await until(lambda: len(written) > 8)
            assert pane.view.pacer.timeouts == 0
            assert pane.view.painted == len(written)

    asyncio.run(journey())


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
def test_in_tmux() -> None:
    """tmux answers cursor reports itself and knows no synchronized updates; the picture must not scroll anything."""
    name = f"sauti-test-{os.getpid()}"
    command = f"cd '{ROOT}' && '{sys.executable}' -m clinic view"
    start = ["tmux", "-L", name, "-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "24", command]
    subprocess.run(start, check=True, env=OWN_ENVIRONMENT)

    def screen(*options: str) -> str:
        words = ["tmux", "-L", name, "capture-pane", "-p", *options]
        return subprocess.run(words, capture_output=True, text=True, check=False).stdout

    def press(key: str) -> None:
        subprocess.run(["tmux", "-L", name, "send-keys", key], check=True)

    try:
        wait(lambda: screen().lstrip().startswith("LIVE") and "▀▀▀" in screen())
        time.sleep(1)
        lines = screen().splitlines()
        assert lines[0].lstrip().startswith("LIVE"), "nothing scrolled"
        assert "End" in lines[23]
        assert all(len(line) == 80 for line in lines[1:23])
        assert len(set(screen("-e").split("▀"))) > 10, "many greys"
        press("Space")
        wait(lambda: screen().lstrip().startswith("FROZEN"))
        subprocess.run(["tmux", "-L", name, "resize-window", "-x", "64", "-y", "20"], check=True)
        wait(lambda: [line.strip()[:5] for line in screen().splitlines()][18:] == ["▀" * 5, "space"])
        press("q")
        wait(lambda: screen() == "")
    finally:
        subprocess.run(["tmux", "-L", name, "kill-server"], check=False, capture_output=True)


class PtyTerminal:
    """A pseudo-terminal that answers what it can do, and from then on only what it is told to."""

    def __init__(self, process: int, fd: int) -> None:
        self.process = process
        self.fd = fd
        self.heard = b""

    def listen(self, seconds: float) -> bytes:
        """What comes in this time."""
        begin, end = len(self.heard), time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and select([self.fd], [], [], left)[0]:
            try:
                self.heard += os.read(self.fd, 1 << 16)
            except OSError:
                break
        return self.heard[begin:]

    def until(self, condition: Callable[[], bool]) -> None:
        end = time.monotonic() + LIMIT_S
        while not condition():
            assert time.monotonic() < end, f"it did not come to that; last: {self.heard[-200:]!r}"
            self.listen(0.1)


def test_a_terminal_that_goes_deaf_and_then_stops() -> None:
    """Not one report ever comes, then nothing is even read for a while: pictures go on, and keys still work."""
    process, fd = pty.fork()
    if process == 0:
        os.chdir(ROOT)
        environment = {**OWN_ENVIRONMENT, "TERM": "xterm-256color"}
        os.execve(sys.executable, [sys.executable, "-m", "clinic", "view"], environment)
    try:
        fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 20, 60, 60 * 8, 20 * 16))
        terminal = PtyTerminal(process, fd)
        terminal.until(lambda: b"\x1b[c" in terminal.heard)
        os.write(fd, b"\x1b[?62;4;22c")
        terminal.until(lambda: terminal.heard.count(b"\x1bP0;0;0q") >= 6)
        time.sleep(2)  # nobody reads: the driver's thread waits in its write
        pressed = len(terminal.heard)
        os.write(fd, b" ")
        terminal.until(lambda: b"FROZEN" in terminal.heard[pressed:])
        terminal.until(
            lambda: b"#63;2;100;100;100" in terminal.heard[pressed:]
        )  # all greys: only a frozen picture here
        os.write(fd, b"q")
        terminal.until(lambda: os.waitpid(process, os.WNOHANG)[0] == process)
        process = 0
    finally:
        if process:
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)
        os.close(fd)
