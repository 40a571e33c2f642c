"""Killed between any two file operations: a first start is whole or begins again, and no guess is ever forgotten."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from clinic.access import Access
from clinic.attempts import MOST
from clinic.errors import OutOfOrder
from records.errors import WrongPassphrase
from records.home import Home
from records.slots import Stretching
from tests.conftest import Faults

ROOT = Path(__file__).resolve().parents[2]
WORDS = "maji kuso tida bonu piga lowa"
NAME, PIN, WRONG = "Nurse Amina", "480913", "480914"
NOW_MS = 1_795_521_600_000


def _start(what: str, folder: Path, moment: int, *rest: str) -> subprocess.Popen[str]:
    program = str(ROOT / "tests" / "clinic" / "programs" / "killed.py")
    places = str(folder / "home"), str(folder / "stick" / "device.key")
    return subprocess.Popen(
        [sys.executable, "-W", "error", program, what, *places, str(moment), *rest],
        env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def _run(what: str, folder: Path, moment: int, *rest: str) -> tuple[int, list[str]]:
    process = _start(what, folder, moment, *rest)
    out, err = process.communicate(timeout=60)
    assert process.returncode in (0, 1, -signal.SIGKILL), err
    if process.returncode == 1:
        assert err.splitlines()[-1].startswith("records.errors.WrongPassphrase"), err
    return process.returncode, out.split()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "stick").mkdir()
    return tmp_path


def _access(folder: Path) -> Iterator[Access]:
    home = Home(folder / "home")
    with home.lock("test") as lock:
        yield Access(home, lock, folder / "stick" / "device.key", os.urandom, Stretching(1, 8192))


def _founded(folder: Path) -> str:
    for access in _access(folder):
        return access.found_site(WORDS, NAME, PIN, NOW_MS)[1].operator_id
    raise AssertionError


def test_a_first_start_is_whole_or_begins_again(tmp_path: Path) -> None:
    states = []
    for moment in range(100):
        folder = tmp_path / str(moment)
        (folder / "stick").mkdir(parents=True)
        code, _ = _run("found", folder, moment, WORDS, NAME, PIN)
        for access in _access(folder):
            states.append(access.is_new())
            if access.is_new():
                access.found_site(WORDS, NAME, PIN, NOW_MS)
            [operator] = access.operators()
            by_pin, by_words = access.sign_in(operator.operator_id, PIN), access.unlock_with_passphrase(WORDS)
            assert by_pin.node == by_words.node
            assert operator.operators_name == NAME
        if code == 0:
            break
    assert code == 0, "it was never let through"
    assert states.count(True) >= 3
    assert states == sorted(states, reverse=True), "once there is a site there stays one"
    assert False in states


def test_a_guess_that_was_tried_was_counted(folder: Path) -> None:
    operator, tried, code = _founded(folder), [], -signal.SIGKILL
    for moment in range(100):
        code, said = _run("guess", folder, moment, operator, WRONG)
        for access in _access(folder):
            counted = MOST - access.tries_left(operator)
            assert counted == 1 or (counted == 0 and "tried" not in said)
            tried.append(counted)
            access.unlock_with_passphrase(WORDS)
        if code != -signal.SIGKILL:
            break
    assert code == 1
    assert set(tried) == {0, 1}, "killed both before and after the try"


def test_a_right_pin_is_never_held_against_its_owner_twice(folder: Path) -> None:
    operator = _founded(folder)
    for moment in range(100):
        code, said = _run("guess", folder, moment, operator, PIN)
        for access in _access(folder):
            assert access.tries_left(operator) >= MOST - 1
            access.sign_in(operator, PIN)
            assert access.tries_left(operator) == MOST
        if code == 0:
            break
    assert said[0] == "tried"
    assert len(said) == 2


def test_killed_again_and_again_ten_guesses_are_all(folder: Path, faults: Faults) -> None:
    """Whoever pulls the plug after each guess gets no eleventh."""
    operator, chance, tried = _founded(folder), random.Random(faults.seed), 0
    for _ in range(faults.count(1000)):
        process = _start("guess", folder, 10_000, operator, WRONG)
        time.sleep(chance.uniform(0.05, 0.45))
        process.kill()
        tried += "tried" in process.communicate()[0]
        for access in _access(folder):
            assert MOST - access.tries_left(operator) >= min(tried, MOST)
    assert tried <= MOST


def test_ten_wrong_tries_close_a_pin_across_processes(folder: Path) -> None:
    operator = _founded(folder)
    for access in _access(folder):
        for _ in range(MOST - 1):
            with pytest.raises(WrongPassphrase):
                access.sign_in(operator, WRONG)
    assert _run("guess", folder, 10_000, operator, WRONG) == (1, ["tried"])
    for access in _access(folder):
        with pytest.raises(OutOfOrder, match="closed after 10 wrong tries"):
            access.sign_in(operator, PIN)
