"""Runs one of the records' test programs in a process of its own: the killed, the unprivileged, the second writer."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def start(program: str, *arguments: object, wrapper: tuple[str, ...] = ()) -> subprocess.Popen[str]:
    """Start ``tests/records/programs/<program>.py``; its standard output is a pipe of lines."""
    command = [*wrapper, sys.executable, "-W", "error", str(ROOT / "tests" / "records" / "programs" / f"{program}.py")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    return subprocess.Popen(
        [*command, *map(str, arguments)], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def run(program: str, *arguments: object, wrapper: tuple[str, ...] = ()) -> list[str]:
    """Run a program to its end; its lines."""
    process = start(program, *arguments, wrapper=wrapper)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    return out.splitlines()


def say(*words: str) -> None:
    """Write one line and let the other end have it at once."""
    sys.stdout.write(" ".join(words) + "\n")
    sys.stdout.flush()
