"""The home: who may write there, and one clear sentence for everybody else."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from records import events
from records.errors import HomeInUse, NotFound, NotWritable
from records.files import make_folder
from records.home import CLINIC, PRACTICE, Home
from records.queries import Queries
from records.store import Store
from tests.records.making import Clock, Entropy, Site
from tests.records.process import run, start

ROOT_ONLY = pytest.mark.skipif(os.geteuid() != 0, reason="dropping privileges needs root")


def test_two_locks_in_one_process(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    told = rf"already running here \(sauti exam, process {os.getpid()}\)"
    with home.lock("sauti exam"), pytest.raises(HomeInUse, match=told):
        home.lock("sauti verify")
    with home.lock("sauti verify") as lock:
        lock.release()
        lock.release()
    home.lock("again").release()


def test_a_second_process_is_told_who_was_first(site: Site) -> None:
    with site.home.lock("sauti exam"):
        [line] = run("hold", site.path)
    assert line.startswith(f"HomeInUse Sauti is already running here (sauti exam, process {os.getpid()})")
    assert run("hold", site.path) == ["held"]


def test_a_killed_holder_leaves_nothing_to_clean_up(tmp_path: Path) -> None:
    process = subprocess.Popen(
        start_of_holder(tmp_path / "home"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment()
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    with pytest.raises(HomeInUse, match=f"process {process.pid}"):
        Home(tmp_path / "home").lock("test")
    process.kill()
    process.communicate()
    Home(tmp_path / "home").lock("test").release()


def start_of_holder(home: Path) -> list[str]:
    return [sys.executable, str(Path(__file__).parent / "programs" / "hold.py"), str(home), "stay"]


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}


def test_reading_needs_no_lock(site: Site) -> None:
    exam = site.signed()
    with site.home.lock("sauti exam"):
        queries = site.queries()
        assert queries.exam(exam.id).exam.state == "signed"
        queries.close()


def test_practice_is_apart_in_every_way(site: Site) -> None:
    practice = Store(site.home.store(PRACTICE), site.vault, Clock(), Entropy(3))
    site.signed()
    practice.commit([events.patient_registered(site.patient(5))], "system")
    assert practice.journal.epoch != site.store.journal.epoch
    queries = Queries(site.home.store(PRACTICE), site.vault)
    assert [patient.patient_id for patient in queries.patients()] == ["ANC-0005"]
    with pytest.raises(ValueError, match="no store"):
        site.home.store("elsewhere")
    queries.close()
    practice.close()


def test_no_records_yet(tmp_path: Path, site: Site) -> None:
    with pytest.raises(NotFound, match="no records here yet"):
        Queries(Home(tmp_path / "new").store(CLINIC), site.vault)


def test_the_layout_of_the_page(site: Site) -> None:
    site.image(site.started())
    site.home.lock("test").release()
    found = {path.relative_to(site.path).parts[0] for path in site.path.rglob("*")}
    assert found == {"lock", "vault.json", "clinic"}
    inside = {path.name for path in site.paths.folder.iterdir()}
    assert inside == {"journal.db", "journal.db-wal", "journal.db-shm", "begun", "blobs"}
    loose = [
        path for path in site.path.rglob("*") if path.stat().st_mode & 0o077 and not path.name.startswith("journal.db-")
    ]
    assert loose == []
    assert (site.home.reports, site.home.logs) == (site.path / "reports", site.path / "logs")


@pytest.mark.parametrize("below", ["", "home", "home/deeper"])
def test_a_file_where_the_folder_should_be(tmp_path: Path, below: str) -> None:
    (tmp_path / "note").write_text("I am a file")
    with pytest.raises(NotWritable, match="A file stands where a folder is needed"):
        Home(tmp_path / "note" / below).lock("test")
    assert (tmp_path / "note").read_text() == "I am a file"


def test_new_folders_are_synced_into_theirs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[Path] = []
    monkeypatch.setattr("records.files.sync_folder", synced.append)
    make_folder(tmp_path / "a" / "b" / "c")
    assert synced == [tmp_path, tmp_path / "a", tmp_path / "a" / "b"]


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """A folder that another user can reach; pytest's own are closed to others."""
    folder = Path(tempfile.mkdtemp(prefix="sauti-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@ROOT_ONLY
def test_without_rights_there_is_one_sentence_and_reading_still_works(public_folder: Path) -> None:
    site = Site(public_folder / "home")
    site.signed()
    site.store.close()
    for path in [site.path, *site.path.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    before = {path: path.read_bytes() for path in site.path.rglob("*") if path.is_file()}
    lines = dict(line.split(": ", 1) for line in run("unprivileged", public_folder, site.path))
    shutil.rmtree(public_folder / "warm")
    assert lines.pop("read") == "1"
    assert {name: answer.split(" (")[0] for name, answer in lines.items()} == dict.fromkeys(
        lines, "NotWritable: Sauti may not write there"
    )
    assert len(lines) == 6
    assert {path: path.read_bytes() for path in site.path.rglob("*") if path.is_file()} == before
    assert [path.name for path in public_folder.iterdir()] == ["home"]


@ROOT_ONLY
@pytest.mark.skipif(shutil.which("unshare") is None, reason="needs unshare")
def test_a_read_only_disk(tmp_path: Path) -> None:
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = f"mount -t tmpfs -o size=1m,ro none '{folder}' && exec \"$@\""
    probe = subprocess.run(["unshare", "-m", "sh", "-c", mount, "sh", "true"], capture_output=True, check=False)
    if probe.returncode:
        pytest.skip("this machine does not let a test mount")
    process = start("hold", folder / "home", wrapper=("unshare", "-m", "sh", "-c", mount, "sh"))
    out, _ = process.communicate(timeout=60)
    assert out.startswith("NotWritable The disk is read-only")
