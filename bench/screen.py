"""A virtual screen and a terminal on it; its pixels are read from the memory into which the server draws."""

from __future__ import annotations

import mmap
import os
import shutil
import signal
import struct
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[1]


def missing() -> str:
    """What this machine lacks for a virtual screen; empty where it lacks nothing."""
    return ", ".join(program for program in ("Xvfb", "xterm") if shutil.which(program) is None)


@contextmanager
def virtual_screen() -> Iterator[tuple[str, NDArray[np.uint8]]]:
    """Name of a display, and its (rows, columns) blue parts, which change as the server draws."""
    with tempfile.TemporaryDirectory() as folder:
        reader, writer = os.pipe()
        words = ["Xvfb", "-noreset", "-nocursor", "-nolisten", "tcp", "-screen", "0", "800x640x24", "-fbdir", folder]
        server = subprocess.Popen(
            [*words, "-displayfd", str(writer)], pass_fds=[writer], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        os.close(writer)
        try:
            with os.fdopen(reader) as answer:
                name = f":{answer.readline().strip()}"
            with (Path(folder) / "Xvfb_screen0").open("rb") as file:
                memory = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            header = struct.unpack(">25I", memory[:100])
            size, width, height, line, colours = header[0], header[4], header[5], header[12], header[19]
            pixels = np.frombuffer(memory, np.uint8, line * height, size + 12 * colours)
            yield name, pixels.reshape(height, line // 4, 4)[:, :width, 0]
        finally:
            server.terminate()
            server.wait(20)


def start_terminal(display: str, words: list[str], geometry: str, more: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """An xterm that draws sixel, without borders, in the upper left corner; cells are 6 x 13 pixels."""
    terminal = ["xterm", "-b", "0", "-bw", "0", "-ti", "vt340", "-fn", "fixed", "-bg", "black", "-fg", "white"]
    environment = {**os.environ, **more, "DISPLAY": display, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [*terminal, "-geometry", f"{geometry}+0+0", "-e", *words], cwd=ROOT, env=environment, start_new_session=True
    )


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a terminal and what runs in it."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
    process.wait(20)


def cpu_s(pid: int) -> float:
    """Processor time of a process of one thread so far, exact where the clock's ticks are not; 0 when it is gone."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()[0]) / 1e9
    except OSError:
        return 0.0


def pss_mb(pid: int) -> float:
    """Memory of a process, shared pages by their share; 0 when it is gone."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return 0.0
    return next((int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")), 0) / 1024


def until(condition: object, limit_s: float) -> bool:
    """Wait until a call is true; False when it did not come to that."""
    end = time.monotonic() + limit_s
    while not condition():  # type: ignore[operator]
        if time.monotonic() > end:
            return False
        time.sleep(0.001)
    return True
