"""What journeys share: a patient, a passphrase, and a device twin as a process."""

from __future__ import annotations

import json
import select
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.journeys.process import Be, Clinic

PASSPHRASE = "six brave words are enough"


@pytest.fixture
def clinic(tmp_path: Path) -> Clinic:
    site = Clinic(tmp_path / "home", tmp_path)
    site.unlock.write_text(PASSPHRASE + "\n", encoding="utf-8")
    patient = {"patient_id": "ANC-0042", "family_name": "Adébáyọ̀", "given_name": "Àṣà", "birth_date": "1999-03-02",
               "patient_sex": "F", "pregnancy": {"lmp_date": "2026-05-01", "fetuses": 1}}  # fmt: skip
    site.patient.write_text(json.dumps(patient), encoding="utf-8")
    return site


@pytest.fixture
def twin(clinic: Clinic, recordings: Path) -> Iterator[Callable[..., tuple[str, subprocess.Popen[str]]]]:
    """Starts ``sauti simulate`` on the real film; gives its stable address and its process."""
    running: list[subprocess.Popen[str]] = []

    def begin(*more: str) -> tuple[str, subprocess.Popen[str]]:
        at = clinic.folder / "probe0"
        process = clinic.start(
            "simulate", "--recording", str(recordings / "echopen_labtool"), "--fps", "10", "--at", str(at), *more
        )
        running.append(process)
        assert process.stdout is not None
        ready, _, _ = select.select([process.stdout], [], [], 30)
        assert ready, "the twin said no address within 30 s"
        assert process.stdout.readline().startswith("/dev/")
        return str(at), process

    yield begin
    for process in running:
        process.send_signal(signal.SIGTERM)
        try:
            process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


@pytest.fixture
def be(clinic: Clinic) -> Iterator[Be]:
    """Starts ``sauti simulate`` with some words; gives the address that it prints."""
    started: list[subprocess.Popen[str]] = []

    def start(*words: str) -> str:
        process = clinic.start("simulate", *words)
        started.append(process)
        assert process.stdout is not None
        return process.stdout.readline().strip()

    yield start
    for process in started:
        process.terminate()
        _, err = process.communicate(timeout=20)
        assert (process.returncode, err) == (0, "")
