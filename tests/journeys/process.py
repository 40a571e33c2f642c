"""The program as a process, as a person or a script would start it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
# starts `sauti simulate` with some words; gives the address that it prints
Be = Callable[..., str]


@dataclass
class Clinic:
    """One site and the command line that works on it."""

    home: Path
    folder: Path

    @property
    def unlock(self) -> Path:
        return self.folder / "unlock.txt"

    @property
    def patient(self) -> Path:
        return self.folder / "patient.json"

    @property
    def out(self) -> Path:
        return self.folder / "out"

    def start(self, *words: str) -> subprocess.Popen[str]:
        """The program as a process whose output is read by the test."""
        return subprocess.Popen(
            [sys.executable, "-m", "clinic", *words], cwd=ROOT, env={**os.environ, "SAUTI_HOME": str(self.home)},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def run(self, *words: str, timeout: float = 110) -> subprocess.CompletedProcess[str]:
        """Run the program to its end."""
        process = self.start(*words)
        out, err = process.communicate(timeout=timeout)
        return subprocess.CompletedProcess(words, process.returncode, out, err)

    def exam_words(self, probe: str = "practice", *more: str) -> tuple[str, ...]:
        return (
            "exam", "--probe", probe, "--patient", str(self.patient), "--operator", "Nurse Amina",
            "--unlock", str(self.unlock), "--out", str(self.out), "--json", "--frames", "6", *more,
        )  # fmt: skip

    def exams(self) -> list[dict[str, Any]]:
        """What ``sauti exams`` lists."""
        answer = self.run("exams", "--unlock", str(self.unlock), "--json")
        assert answer.returncode == 0, answer.stderr
        return [line for line in lines(answer.stdout) if line["event"] == "exam"]

    def verify(self) -> list[dict[str, Any]]:
        """What ``sauti verify`` found; everything must hold."""
        answer = self.run("verify", "--unlock", str(self.unlock), "--json")
        assert answer.returncode == 0, answer.stdout + answer.stderr
        return lines(answer.stdout)


def lines(text: str) -> list[dict[str, Any]]:
    """JSON lines as objects."""
    return [json.loads(line) for line in text.splitlines()]


def until(process: subprocess.Popen[str], event: str, limit_s: float = 60) -> list[dict[str, Any]]:
    """Read what a process says up to an event."""
    heard: list[dict[str, Any]] = []
    end = time.monotonic() + limit_s
    assert process.stdout is not None
    while time.monotonic() < end:
        line = process.stdout.readline()
        if not line:
            break
        heard.append(json.loads(line))
        if heard[-1]["event"] == event:
            return heard
    raise AssertionError(f"{event} was never said; heard {[entry['event'] for entry in heard]}")
