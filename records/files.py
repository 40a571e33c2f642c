"""Files and folders that survive a power cut: written aside, synced, renamed, every new name synced in its folder."""

from __future__ import annotations

import contextlib
import errno
import os
import threading
from pathlib import Path

from records.errors import NotWritable

PART = ".part"
_FULL = ("The disk is full", "Free some space, then try again; nothing saved before is lost.")
_FORBIDDEN = ("Sauti may not write there", "Ask for write permission on the folder, or choose another.")
_NO_FOLDER = ("A file stands where a folder is needed", "Choose another folder, or move that file away.")
_REASONS = {
    errno.ENOSPC: _FULL,
    errno.EFBIG: _FULL,
    errno.EDQUOT: ("The disk quota is used up", "Free some space, then try again; nothing saved before is lost."),
    errno.EROFS: ("The disk is read-only", "Ask for the disk to be checked."),
    errno.EACCES: _FORBIDDEN,
    errno.EPERM: _FORBIDDEN,
    errno.EEXIST: _NO_FOLDER,
    errno.ENOTDIR: _NO_FOLDER,
}


def write_durably(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Replace or create a file so that after a power cut it is either the old one or the whole new one.

    Raises:
        NotWritable: Permission, a full or a read-only disk; the old file is untouched.
    """
    aside = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}{PART}")
    try:
        with open(aside, "wb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            aside.unlink()
        raise not_writable(error, path) from error


def make_folder(path: Path) -> None:
    """Make a folder and those above it, only for its owner, so that a power cut does not take them away again.

    Raises:
        NotWritable: It cannot be made or written.
    """
    try:
        _make(path)
    except OSError as error:
        raise not_writable(error, path) from error
    if not os.access(path, os.W_OK | os.X_OK):
        read_only = os.statvfs(path).f_flag & os.ST_RDONLY
        raise not_writable(OSError(errno.EROFS if read_only else errno.EACCES, ""), path)


def sync_folder(path: Path) -> None:
    """Make the names in a folder durable."""
    number = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def not_writable(error: OSError, path: Path) -> NotWritable:
    """The sentence for an error while writing ``path``."""
    title, advice = _REASONS.get(error.errno or 0, ("Writing failed", "Ask for the disk to be checked."))
    return NotWritable(f"{title} ({path})", advice)


def _make(path: Path) -> None:
    if path.is_dir():
        return
    if path.parent != path:
        _make(path.parent)
    path.mkdir(mode=0o700, exist_ok=True)
    sync_folder(path.parent)
