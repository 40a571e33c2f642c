"""A virtual screen whose pixels are read from memory: nothing is asked of the server, so looking costs nothing."""

from __future__ import annotations

import mmap
import os
import shutil
import signal
import struct
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from tests.journeys.process import ROOT


def wait(condition: Callable[[], object], limit_s: float = 60) -> None:
    """Until it holds."""
    end = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.02)


class VirtualScreen:
    """An X server's screen.

    Args:
        name: Of the display.
        framebuffer: The file into which the server draws, in XWD's format.
    """

    def __init__(self, name: str, framebuffer: Path) -> None:
        self.name = name
        with framebuffer.open("rb") as file:
            self._memory = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        header = struct.unpack(">25I", self._memory[:100])
        size, width, height, bits, line, colours = header[0], header[4], header[5], header[11], header[12], header[19]
        assert bits == 32
        pixels = np.frombuffer(self._memory, np.uint8, line * height, size + 12 * colours)
        self._pixels = pixels.reshape(height, line // 4, 4)[:, :width]

    def shot(self, part: tuple[slice, slice] = (slice(None), slice(None))) -> np.ndarray:
        """(rows, columns, 3) red, green, blue."""
        return self._pixels[part][..., 2::-1].copy()


@contextmanager
def virtual_screen() -> Iterator[VirtualScreen]:
    """A server of one's own; the test is skipped where there is none."""
    if not (shutil.which("Xvfb") and shutil.which("xterm")):
        pytest.skip("xterm or Xvfb is not installed: apt-get install xvfb xterm")
    with tempfile.TemporaryDirectory() as folder:
        reader, writer = os.pipe()
        words = [
            "Xvfb",
            "-noreset",
            "-nocursor",
            "-displayfd",
            str(writer),
            "-screen",
            "0",
            "800x640x24",
            "-nolisten",
            "tcp",
        ]
        server = subprocess.Popen(
            [*words, "-fbdir", folder], pass_fds=[writer], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        os.close(writer)
        try:
            with os.fdopen(reader) as answer:
                number = answer.readline().strip()
            assert number, "the server did not start"
            yield VirtualScreen(f":{number}", Path(folder) / "Xvfb_screen0")
        finally:
            server.terminate()
            server.wait(20)


@contextmanager
def xterm(screen: VirtualScreen, words: list[str], *options: str) -> Iterator[None]:
    """A program in an xterm in the upper left corner, 100 x 40 cells of 6 x 13 pixels, black, without borders."""
    window = ["xterm", "-b", "0", "-bw", "0", "-fn", "fixed", "-bg", "black", "-fg", "white", "-geometry", "100x40+0+0"]
    environment = {**os.environ, "DISPLAY": screen.name, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen([*window, *options, "-e", *words], cwd=ROOT, env=environment, start_new_session=True)
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)
