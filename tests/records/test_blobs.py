"""Blobs: sealed, addressed by what is on the disk, written once and whole."""

from __future__ import annotations

import errno
import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records import files
from records.blobs import Blobs, seal, unseal
from records.errors import Damaged, NotFound, NotWritable
from tests.records.making import Entropy, Site


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return Blobs(tmp_path / "blobs")


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@given(st.binary(max_size=1000), st.integers(0, 99))
def test_what_was_sealed_is_opened(data: bytes, seed: int) -> None:
    blob = seal(data, "image/jls", Entropy(seed))
    assert unseal(blob.ref, blob.sealed) == data
    assert blob.ref.size_bytes == len(data)
    assert data not in blob.sealed or len(data) < 4


def test_equal_pictures_do_not_look_equal() -> None:
    entropy = Entropy()
    one, other = (seal(b"the same picture", "image/jls", entropy) for _ in range(2))
    assert one.ref.address != other.ref.address
    assert one.ref.key != other.ref.key


def test_a_key_is_never_in_a_repr() -> None:
    blob = seal(b"pixels", "image/jls", Entropy())
    assert blob.ref.key not in repr(blob.ref)
    assert blob.ref.key not in repr(blob)


def test_put_and_read(blobs: Blobs, tmp_path: Path) -> None:
    blob = seal(b"pixels" * 1000, "image/jls", Entropy())
    assert blobs.put(blob) == blob.ref
    assert blobs.read(blob.ref) == b"pixels" * 1000
    [file] = _files(tmp_path)
    assert file == blobs.path(blob.ref.address) == tmp_path / "blobs" / blob.ref.address[:2] / blob.ref.address
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_put_again_writes_nothing(blobs: Blobs) -> None:
    blob = seal(b"pixels", "image/jls", Entropy())
    blobs.put(blob)
    before = blobs.path(blob.ref.address).stat()
    blobs.put(blob)
    after = blobs.path(blob.ref.address).stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


@pytest.mark.parametrize("left", [b"", b"half", b"other bytes"])
def test_put_again_heals_a_damaged_file(blobs: Blobs, left: bytes) -> None:
    blob = seal(b"pixels", "image/jls", Entropy())
    blobs.put(blob)
    blobs.path(blob.ref.address).write_bytes(left)
    with pytest.raises(Damaged):
        blobs.read(blob.ref)
    blobs.put(blob)
    assert blobs.read(blob.ref) == b"pixels"


def test_not_here(blobs: Blobs) -> None:
    blob = seal(b"pixels", "image/jls", Entropy())
    with pytest.raises(NotFound, match="not here"):
        blobs.read(blob.ref)


def test_unreadable_is_not_the_same_as_absent(blobs: Blobs) -> None:
    blob = seal(b"pixels", "image/jls", Entropy())
    blobs.path(blob.ref.address).mkdir(parents=True)
    with pytest.raises(Damaged, match="cannot be read"):
        blobs.read(blob.ref)


@pytest.mark.parametrize("key", ["", "zz" * 32, "00" * 31, "00" * 32])
def test_another_key_opens_nothing(blobs: Blobs, key: str) -> None:
    ref = blobs.put(seal(b"pixels", "image/jls", Entropy()))
    with pytest.raises(Damaged):
        blobs.read(replace(ref, key=key))


def test_sealed_bytes_too_short_to_be_any() -> None:
    blob = seal(b"", "text/plain", Entropy())
    import hashlib

    for size in range(len(blob.sealed)):
        cut = blob.sealed[:size]
        with pytest.raises(Damaged):
            unseal(replace(blob.ref, address=hashlib.sha256(cut).hexdigest()), cut)


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (errno.ENOSPC, "disk is full"),
        (errno.EROFS, "read-only"),
        (errno.EACCES, "may not write"),
        (errno.EIO, "Writing failed"),
    ],
)
@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_failed_write_leaves_nothing(
    blobs: Blobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, sentence: str, step: str
) -> None:
    blob = seal(b"pixels", "image/jls", Entropy())
    blobs.path(blob.ref.address).parent.mkdir(parents=True)

    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(files.os, "fsync", fail) if step == "fsync" else monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(NotWritable, match=sentence):
        blobs.put(blob)
    monkeypatch.undo()
    assert _files(tmp_path) == []
    blobs.put(blob)
    assert blobs.read(blob.ref) == b"pixels"


def test_the_order_of_a_durable_write(blobs: Blobs, monkeypatch: pytest.MonkeyPatch) -> None:
    """File synced, renamed, folder synced: in this order or not at all."""
    steps: list[str] = []
    real_fsync, real_replace = os.fsync, Path.replace

    def fsync(number: int) -> None:
        steps.append("folder" if Path(f"/proc/self/fd/{number}").resolve().is_dir() else "file")
        real_fsync(number)

    def replace_(self: Path, target: Path) -> Path:
        steps.append("rename")
        return real_replace(self, target)

    blob = seal(b"pixels", "image/jls", Entropy())
    monkeypatch.setattr(files.os, "fsync", fsync)
    monkeypatch.setattr(Path, "replace", replace_)
    blobs.put(blob)
    assert steps[-3:] == ["file", "rename", "folder"]
    assert set(steps[:-3]) == {"folder"}
    steps.clear()
    blobs.put(blob)
    assert steps == ["folder"]


def test_what_a_killed_process_left_is_swept_by_the_next_writer(site: Site) -> None:
    ref = site.image(site.started()).blobs["display"]
    leftover = site.blobs.path(ref.address).with_name(f".{ref.address}.99-1.part")
    leftover.write_bytes(b"half")
    site.reopen()
    assert not leftover.exists()
    assert site.blobs.read(ref) == b"pixels"
