"""Real terminals for journeys: tmux whose screen is read as text, xterm on a virtual screen whose pixels are read."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import ImageGrab

from tests.journeys.process import ROOT

LIMIT_S = 60


def wait(holds: Callable[[], object], what: str, limit_s: float = LIMIT_S) -> None:
    """Wait until something is so."""
    end = time.monotonic() + limit_s
    while not holds():
        assert time.monotonic() < end, f"never: {what}"
        time.sleep(0.05)


def need(*programs: str) -> None:
    """Skip, loudly by pytest's summary, where a program is missing."""
    for program in programs:
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")


class Tmux:
    """The program in a tmux of its own."""

    def __init__(self, home: Path, *words: str, size: tuple[int, int] = (80, 24)) -> None:
        need("tmux")
        self._name = f"sauti-{os.getpid()}-{home.name}-{time.monotonic_ns()}"
        command = f"cd '{ROOT}' && SAUTI_HOME='{home}' exec '{sys.executable}' -m clinic workstation {' '.join(words)}"
        self._tmux("new-session", "-d", "-x", str(size[0]), "-y", str(size[1]), command)

    @property
    def screen(self) -> str:
        """What is to be read."""
        return self._tmux("capture-pane", "-p").stdout

    def kill_9(self) -> None:
        """End the program as a power cut would, and wait until it is gone."""
        process = Path("/proc") / self._tmux("list-panes", "-F", "#{pane_pid}").stdout.strip()
        os.kill(int(process.name), signal.SIGKILL)
        wait(lambda: not process.exists(), "its end")
        self.close()

    def until(self, *texts: str) -> None:
        """Wait until all of it is on the screen."""
        wait(lambda: all(text in self.screen for text in texts), f"{texts} on\n{self.screen}")

    def press(self, *keys: str) -> None:
        """Press keys by tmux's names, or type text."""
        for key in keys:
            self._tmux("send-keys", key)
            time.sleep(0.15)

    def line(self, text: str, then: str) -> None:
        """Type a line, see it, end it with Enter, and wait for what comes then."""
        self._tmux("send-keys", "-l", text)
        self.press("Enter")
        self.until(then)

    def close(self) -> None:
        """End whatever is left."""
        subprocess.run(["tmux", "-L", self._name, "kill-server"], check=False, capture_output=True)

    def _tmux(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(["tmux", "-L", self._name, *words], capture_output=True, text=True, check=False)


class Xterm:
    """The program in an xterm with sixel, cells of 6 x 13 pixels, at the corner of a virtual screen."""

    CELL = (6, 13)

    def __init__(self, home: Path, *words: str, size: tuple[int, int] = (100, 40)) -> None:
        need("Xvfb", "xterm", "xdotool")
        reader, writer = os.pipe()
        self._server = subprocess.Popen(
            ["Xvfb", "-noreset", "-displayfd", str(writer), "-screen", "0", "1000x800x24", "-nolisten", "tcp"],
            pass_fds=[writer],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(writer)
        with os.fdopen(reader) as answer:
            self._display = f":{answer.readline().strip()}"
        self._environment = {**os.environ, "DISPLAY": self._display, "SAUTI_HOME": str(home)}
        look = ["-b", "0", "-bw", "0", "-ti", "vt340", "-fn", "fixed", "-bg", "black"]
        program = ["-e", sys.executable, "-m", "clinic", "workstation", *words]
        self._terminal = subprocess.Popen(
            ["xterm", *look, "-geometry", f"{size[0]}x{size[1]}+0+0", *program],
            cwd=ROOT,
            env=self._environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def shot(self) -> np.ndarray:
        """(rows, columns, 3) of the virtual screen."""
        return np.asarray(ImageGrab.grab(xdisplay=self._display).convert("RGB"))

    def press(self, *keys: str) -> None:
        """Press keys by X's names."""
        self._xdotool("mousemove", "300", "300")
        for key in keys:
            self._xdotool("key", key)
            time.sleep(0.25)

    def line(self, text: str) -> None:
        """Type a line and end it."""
        self._xdotool("type", "--delay", "30", text)
        self.press("Return")

    def close(self) -> None:
        """End both."""
        for process in (self._terminal, self._server):
            process.terminate()
            process.wait(10)

    def _xdotool(self, *words: str) -> None:
        subprocess.run(["xdotool", *words], env=self._environment, check=True, capture_output=True)
