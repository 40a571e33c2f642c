"""Killed or out of space at any moment: what was acknowledged is there, whole, and the chain holds."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from records.home import CLINIC, Home
from records.queries import Queries
from records.vault import Vault
from tests.conftest import Faults
from tests.records.making import PASSPHRASE, Entropy, Site
from tests.records.process import run, start


def _killed(home: Path, seed: int) -> list[list[str]]:
    """What a writer acknowledged before it was killed, at a moment that the seed chooses."""
    chance = Entropy(seed)
    process = start("examine", home, seed)
    assert process.stdout is not None
    lines = []
    for _ in range(1 + chance(1)[0] % 12):
        lines.append(process.stdout.readline())
        assert lines[-1], process.stderr.read() if process.stderr else ""
    time.sleep(int.from_bytes(chance(2), "big") / 2**16 * 0.01)
    os.kill(process.pid, signal.SIGKILL)
    rest, _ = process.communicate()
    whole = "".join(lines) + rest
    return [line.split() for line in whole.splitlines()[1:] if line in whole[: whole.rfind("\n")]]


def test_killed_at_any_moment(tmp_path: Path, faults: Faults) -> None:
    for seed in faults.seeds(500):
        home = tmp_path / str(seed)
        acknowledged = _killed(home, seed)
        images = [entry for entry in acknowledged if entry[0] == "image"]
        _read_before_any_writer(home, images)
        site = Site(home, seed=seed + 10_000)
        assert site.store.verify().events >= 2 + 2 * sum(entry[0] == "exam" for entry in acknowledged)
        known = {row[0] for row in site.store._db.execute("SELECT id FROM journal").fetchall()}
        assert {event for entry in images for event in entry[4:]} <= known
        queries = site.queries()
        for _, exam, image, address, *_ in images:
            [kept] = [found for found in queries.exam(exam).images if found.id == image]
            assert kept.blobs["display"].address == address
            assert site.blobs.read(kept.blobs["display"]) == b"pixels " * 3000
        assert {entry[1] for entry in acknowledged if entry[0] == "exam"} <= {exam.id for exam in queries.exams("open")}
        assert not list(site.paths.blobs.rglob("*.part"))
        site.signed(99)
        site.store.verify()
        queries.close()
        site.store.close()
        shutil.rmtree(home)


def _read_before_any_writer(home: Path, images: list[list[str]]) -> None:
    """A list of exams is opened after the crash, before any workstation: the log is read, not lost."""
    place = Home(home)
    queries = Queries(place.store(CLINIC), Vault.open(place.vault, PASSPHRASE))
    assert {exam for _, exam, *_ in images} <= {exam.id for exam in queries.exams()}
    queries.close()


def test_files_that_may_not_grow(tmp_path: Path) -> None:
    [line] = run("fill", tmp_path / "home", tmp_path / "ballast", 1_500_000)
    assert int(line.split()[0]) > 10


def test_a_full_disk(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ("unshare", "-m", "sh", "-c", f"mount -t tmpfs -o size=2m none '{disk}' && exec \"$@\"", "sh")
    try:
        probe = subprocess.run([*mount, "true"], capture_output=True, check=False)
    except FileNotFoundError:
        pytest.skip("needs unshare")
    if probe.returncode:
        pytest.skip("this machine does not let a test mount")
    [line] = run("fill", disk / "home", disk / "ballast", 0, wrapper=mount)
    assert int(line.split()[0]) > 10
    assert list(disk.iterdir()) == []
