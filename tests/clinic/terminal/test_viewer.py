"""The viewer: the practice probe in Textual's test driver, in a real tmux, and pixel for pixel in a real xterm."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from queue import SimpleQueue

import numpy as np
import pytest
from PIL import ImageGrab

from clinic.clock import SystemClock
from clinic.compose import ProbeChoice, open_scanning
from clinic.events import Event, PictureReady, ProbeSettled
from clinic.terminal.capabilities import CELLS_ONLY, TerminalCapabilities
from clinic.terminal.fit import plan_fit
from clinic.terminal.image_view import Liveness
from clinic.terminal.sixel import grey_levels, shown_percent
from clinic.terminal.viewer import Viewer
from tests.clinic.terminal.sixel_reader import read_sixel
from tests.journeys.process import ROOT

SIXEL = TerminalCapabilities(True, True, (8, 16))


def make_viewer(terminal: TerminalCapabilities) -> Viewer:
    clock = SystemClock()
    return Viewer(lambda post: open_scanning(ProbeChoice(), clock, post), terminal, clock)


async def until(condition, limit_s: float = 60) -> None:  # type: ignore[no-untyped-def]
    end = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < end, "it did not come to that"
        await asyncio.sleep(0.02)


def test_live_freeze_live_in_half_blocks() -> None:
    async def journey() -> None:
        app = make_viewer(CELLS_ONLY)
        async with app.run_test(size=(80, 24)) as pilot:
            await until(lambda: app._view.liveness is Liveness.LIVE)
            await pilot.pause()
            cells = app._view._half_blocks()
            assert cells is not None
            assert cells.shape == (2 * app._view.size.height, 80)
            assert cells.max() > 15
            assert "PRACTICE - NOT A PATIENT" in str(app._state.render())
            await pilot.press("space")
            await until(lambda: app._view.liveness is Liveness.FROZEN)
            number = app._picture.frame_number
            await asyncio.sleep(0.5)
            assert app._picture.frame_number == number, "a frozen picture stands still"
            assert "FROZEN" in str(app._state.render())
            await pilot.press("space")
            await until(lambda: app._view.liveness is Liveness.LIVE)

    asyncio.run(journey())


def test_sixel_is_one_atomic_write_with_one_credit() -> None:
    async def journey() -> None:
        app = make_viewer(SIXEL)
        written: list[str] = []
        async with app.run_test(size=(60, 20)):
            app._driver.write = written.append
            await until(lambda: app._view.liveness is Liveness.LIVE)
            await until(lambda: any("\x1bP" in text for text in written))
            pictures = [text for text in written if "\x1bP" in text]
            assert len(pictures) == 1, "no second picture before the first was acknowledged"
            [text] = pictures
            assert text.startswith("\x1b[?2026h\x1b7")
            assert text.endswith("\x1b[6n\x1b8\x1b[?2026l")
            drawn = read_sixel(text[text.index("\x1bP") : text.index("\x1b\\") + 2])
            assert drawn.shape == (app._view.size.height * 16 // 6 * 6, 60 * 8)
            assert drawn.min() >= 0, "every pixel is drawn"
            app._view.reported(int(text.rpartition("H\x1b[6n")[0].rpartition(";")[2]))
            await until(lambda: sum("\x1bP" in text for text in written) >= 2)

    asyncio.run(journey())


def test_no_new_picture_is_not_live() -> None:
    async def journey() -> None:
        app = make_viewer(CELLS_ONLY)
        async with app.run_test(size=(60, 20)):
            await until(lambda: app._view.liveness is Liveness.LIVE)
            bright = int(app._view._grey.max())
            app._scanning.close()
            await until(lambda: app._view.liveness is Liveness.NOT_LIVE)
            assert int(app._view._grey.max()) <= bright // 3 + 1, "dimmed"
            assert app._state.has_class("warn")

    asyncio.run(journey())


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
def test_in_tmux() -> None:
    name = f"sauti-test-{os.getpid()}"
    command = f"cd '{ROOT}' && '{sys.executable}' -m clinic view"
    subprocess.run(["tmux", "-L", name, "new-session", "-d", "-x", "80", "-y", "24", command], check=True)

    def screen() -> str:
        done = subprocess.run(["tmux", "-L", name, "capture-pane", "-p"], capture_output=True, text=True, check=False)
        return done.stdout

    try:
        _wait(lambda: "LIVE" in screen() and "NOT LIVE" not in screen() and "▀▀▀" in screen())
        subprocess.run(["tmux", "-L", name, "send-keys", "Space"], check=True)
        _wait(lambda: "FROZEN" in screen())
        subprocess.run(["tmux", "-L", name, "send-keys", "q"], check=True)
        _wait(lambda: screen() == "")
    finally:
        subprocess.run(["tmux", "-L", name, "kill-server"], check=False, capture_output=True)


@pytest.fixture
def display() -> Iterator[str]:
    """A virtual screen."""
    if not (shutil.which("Xvfb") and shutil.which("xterm")):
        pytest.skip("xterm or Xvfb is not installed")
    reader, writer = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-noreset", "-displayfd", str(writer), "-screen", "0", "1000x800x24", "-nolisten", "tcp"],
        pass_fds=[writer], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(writer)
    with os.fdopen(reader) as answer:
        number = answer.readline().strip()
    yield f":{number}"
    server.terminate()
    server.wait(10)


def possible_pictures() -> list[np.ndarray]:
    """Every live picture that the practice probe can show."""
    heard: SimpleQueue[Event] = SimpleQueue()
    scanning = open_scanning(ProbeChoice(), SystemClock(), heard.put)
    scanning.connect()
    pictures: dict[bytes, np.ndarray] = {}
    for _ in range(60):
        match heard.get(timeout=10):
            case ProbeSettled():
                scanning.live()
            case PictureReady(picture):
                pictures.setdefault(picture.pixels.tobytes(), picture.pixels)
    scanning.close()
    return list(pictures.values())


@pytest.mark.skipif(shutil.which("xdotool") is None, reason="xdotool is not installed")
def test_pixel_for_pixel_in_xterm(display: str) -> None:
    """A frozen picture on the screen of a real terminal is the picture, in the greys that sixel can show."""
    words = [
        "xterm", "-b", "0", "-bw", "0", "-ti", "vt340", "-fn", "fixed", "-bg", "black", "-geometry", "100x40+0+0", "-e",
        sys.executable, "-m", "clinic", "view",
    ]  # fmt: skip
    environment = {**os.environ, "DISPLAY": display}
    terminal = subprocess.Popen(words, cwd=ROOT, env=environment)
    try:
        _wait(lambda: int((_grab(display) > 60).sum()) > 20_000)
        keys = ["xdotool", "mousemove", "300", "300", "sleep", "0.3", "key", "space"]
        subprocess.run(keys, env=environment, check=True)
        shot = _still(display)
    finally:
        terminal.terminate()
        terminal.wait(10)
    row, height, width = 13, 38 * 13 // 6 * 6, 600
    drawn = shot[row : row + height, :width].astype(int)
    shades = np.rint(shown_percent(64) * 255 / 100).astype(int)
    wanted = [
        shades[grey_levels(64)[plan_fit(pixels.shape, (height, width)).apply(pixels)]] for pixels in possible_pictures()
    ]
    worst = min(int(np.abs(drawn - picture).max()) for picture in wanted)
    assert worst <= 1, f"the nearest of {len(wanted)} pictures differs by {worst} grey levels"


def _still(display: str, still_s: float = 1.0, limit_s: float = 60) -> np.ndarray:
    """The screen once nothing on it has changed for a while: frozen, and drawn to the last pixel."""
    shot, since, end = _grab(display), time.monotonic(), time.monotonic() + limit_s
    while time.monotonic() - since < still_s:
        assert time.monotonic() < end, "the screen never stood still"
        time.sleep(0.1)
        newer = _grab(display)
        if not np.array_equal(newer, shot):
            shot, since = newer, time.monotonic()
    return shot


def _grab(display: str) -> np.ndarray:
    return np.asarray(ImageGrab.grab(xdisplay=display).convert("L"))


def _wait(condition, limit_s: float = 60) -> None:  # type: ignore[no-untyped-def]
    end = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.1)
