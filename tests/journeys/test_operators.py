"""Operators from the command line: a PIN is typed unseen or comes by a pipe, and stands nowhere else."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time

import pytest

from clinic.access import Access
from records.errors import WrongPassphrase
from records.home import Home
from records.model import Operator
from records.queries import Queries
from records.slots import Stretching
from records.vault import Vault
from tests.journeys.conftest import PASSPHRASE
from tests.journeys.process import ROOT, Clinic, lines

PIN = "480913"


def _operator(clinic: Clinic, *words: str, pins: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "clinic", "operator", *words, "--unlock", str(clinic.unlock), "--json"],
        cwd=ROOT, env={**os.environ, "SAUTI_HOME": str(clinic.home)}, input=pins, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip


@pytest.fixture
def founded(clinic: Clinic) -> Clinic:
    """A site that has a passphrase only."""
    Vault.create(clinic.home / "vault.json", PASSPHRASE, os.urandom, Stretching(1, 8192))
    return clinic


def test_who_examined_before_gets_a_pin_and_stays_one_person(clinic: Clinic) -> None:
    assert clinic.run(*clinic.exam_words()).returncode == 0
    answer = _operator(clinic, "add", "Nurse Amina", pins=f"{PIN}\n{PIN}\n")
    assert answer.returncode == 0, answer.stderr
    [amina] = lines(answer.stdout)
    home = Home(clinic.home)
    with home.lock("test") as lock:
        vault = Access(home, lock, home.device_key, os.urandom).sign_in(amina["operator"], PIN)
    queries = Queries(home.store("practice"), vault)
    assert queries.operators() == (Operator(amina["operator"], "Nurse Amina"),)
    queries.close()


def test_a_new_pin_and_none_any_more(founded: Clinic) -> None:
    [amina] = lines(_operator(founded, "add", "Nurse Amina", pins=f"{PIN}\n{PIN}\n").stdout)
    old = (founded.home / "vault.json").read_bytes()
    assert _operator(founded, "pin", "Nurse Amina", pins="733105\n733105\n").returncode == 0
    secret = (founded.home / "device.key").read_bytes()
    with pytest.raises(WrongPassphrase):
        Vault.open_with_pin(founded.home / "vault.json", amina["operator"], PIN, secret)
    assert Vault.open_with_pin(founded.home / "vault.json", amina["operator"], "733105", secret)
    assert (founded.home / "vault.json").read_bytes() != old
    assert lines(_operator(founded, "remove", "Nurse Amina").stdout) == []


def test_what_cannot_be_done_changes_nothing(clinic: Clinic) -> None:
    answer = _operator(clinic, "list")
    assert (answer.returncode, answer.stdout) == (1, "")
    assert "has not been set up" in answer.stderr
    assert not clinic.home.exists()
    Vault.create(clinic.home / "vault.json", PASSPHRASE, os.urandom, Stretching(1, 8192))
    before = (clinic.home / "vault.json").read_bytes()
    for words, pins, sentence in (
        (("add", "Amina"), f"{PIN}\n480914\n", "The two PINs differ"),
        (("add", "Amina"), "123456\n123456\n", "Too many people take this PIN"),
        (("add", "Amina"), "", "6 to 12 digits"),
        (("add",), f"{PIN}\n{PIN}\n", "has no name"),
        (("pin", "Nobody"), f"{PIN}\n{PIN}\n", "No operator Nobody has a PIN here"),
        (("remove", "Nobody"), "", "No operator Nobody has a PIN here"),
    ):
        answer = _operator(clinic, *words, pins=pins)
        assert (answer.returncode, answer.stdout) == (1, ""), words
        assert sentence in answer.stderr
        assert PIN not in answer.stderr
    assert (clinic.home / "vault.json").read_bytes() == before


def test_a_typed_pin_is_not_shown(founded: Clinic) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "clinic", "operator", "add", "Zoë", "--unlock", str(founded.unlock)], cwd=ROOT,
        env={**os.environ, "SAUTI_HOME": str(founded.home)}, stdin=theirs, stdout=theirs, stderr=theirs,
        start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    shown = b""
    end = time.monotonic() + 60
    for prompt in (b"New PIN: ", b"Again: "):
        while prompt not in shown and time.monotonic() < end:
            if select.select([ours], [], [], 1)[0]:
                shown += os.read(ours, 1000)
        os.write(ours, f"{PIN}\n".encode())
    assert process.wait(60) == 0
    while select.select([ours], [], [], 0)[0]:
        try:
            shown += os.read(ours, 1000)
        except OSError:
            break
    os.close(ours)
    assert b"Zo\xc3\xab" in shown
    assert PIN.encode() not in shown
