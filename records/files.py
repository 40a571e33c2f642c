"""Files that survive a power cut: written aside, synced, renamed, and the folder synced."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from records.errors import NotWritable

_REASONS = {
    errno.ENOSPC: ("The disk is full", "Free some space, then try again; nothing saved before is lost."),
    errno.EDQUOT: ("The disk quota is used up", "Free some space, then try again; nothing saved before is lost."),
    errno.EROFS: ("The disk is read-only", "Ask for the disk to be checked."),
    errno.EACCES: ("Sauti may not write there", "Ask for write permission on the folder, or choose another."),
    errno.EPERM: ("Sauti may not write there", "Ask for write permission on the folder, or choose another."),
}


def write_durably(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Replace or create a file so that after a power cut it is either the old one or the whole new one.

    Raises:
        NotWritable: Permission, a full or a read-only disk; the old file is untouched.
    """
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with open(aside, "wb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        aside.unlink(missing_ok=True) if os.access(path.parent, os.W_OK) else None
        raise not_writable(error, path) from error


def make_folder(path: Path) -> None:
    """Make a folder and those above it, only for its owner.

    Raises:
        NotWritable: It cannot be made or written.
    """
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise not_writable(error, path) from error
    if not os.access(path, os.W_OK | os.X_OK):
        raise not_writable(PermissionError(errno.EACCES, ""), path)


def sync_folder(path: Path) -> None:
    """Make a rename in the folder durable."""
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def not_writable(error: OSError, path: Path) -> NotWritable:
    """The sentence for an error while writing ``path``."""
    title, advice = _REASONS.get(error.errno or 0, ("Writing failed", "Ask for the disk to be checked."))
    return NotWritable(f"{title} ({path})", advice)
