"""The folder of one site: where everything lies, and the lock that keeps a second writer out.

$SAUTI_HOME/
  lock               held by the one process that writes; says which
  vault.json         the wrapped master key and the site's public keys
  device.key         the half of every PIN that nobody knows; may lie on a stick instead
  pin-failures.json  how often in a row each PIN was wrong
  clinic/            real exams:      journal.db (SQLCipher)   begun   blobs/ab/abcdef...
  practice/          practice exams, apart in every way
  site.json          what the clinic and this computer are called
  bookmark.json      which exam and which step of it was on the screen
  calibrations/      what was measured of each probe
  reports/           the last PDFs, for printing again
  logs/
"""

from __future__ import annotations

import fcntl
import os
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from records.errors import HomeInUse
from records.files import make_folder, not_writable

CLINIC = "clinic"
PRACTICE = "practice"


@dataclass(frozen=True, slots=True)
class StorePaths:
    """One store's database and blob folder."""

    name: str
    folder: Path

    @property
    def database(self) -> Path:
        return self.folder / "journal.db"

    @property
    def blobs(self) -> Path:
        return self.folder / "blobs"

    @property
    def begun(self) -> Path:
        """Says that there is a database, so that one which went missing is not replaced by an empty one."""
        return self.folder / "begun"


@dataclass(frozen=True, slots=True)
class Home:
    """A site's folder; making this value touches nothing."""

    path: Path

    @property
    def vault(self) -> Path:
        return self.path / "vault.json"

    @property
    def site_names(self) -> Path:
        return self.path / "site.json"

    @property
    def bookmark(self) -> Path:
        return self.path / "bookmark.json"

    @property
    def device_key(self) -> Path:
        """Where the device key lies unless it was put elsewhere, on a stick."""
        return self.path / "device.key"

    @property
    def pin_failures(self) -> Path:
        return self.path / "pin-failures.json"

    @property
    def is_new(self) -> bool:
        """No vault and no store: nothing of any site was ever here."""
        databases = (self.store(name).database for name in (CLINIC, PRACTICE))
        return not self.vault.exists() and not any(database.exists() for database in databases)

    @property
    def calibrations(self) -> Path:
        return self.path / "calibrations"

    @property
    def reports(self) -> Path:
        return self.path / "reports"

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    def store(self, name: str) -> StorePaths:
        """The paths of ``clinic`` or ``practice``."""
        if name not in (CLINIC, PRACTICE):
            raise ValueError(f"no store is named {name}")
        return StorePaths(name, self.path / name)

    def lock(self, holder: str) -> HomeLock:
        """Become the one writer; the folder is made if it is new.

        Args:
            holder: What a second process is told, as ``sauti exam``.

        Raises:
            HomeInUse: Another process writes here.
            NotWritable: The folder cannot be written.
        """
        make_folder(self.path)
        return HomeLock(self.path / "lock", holder)


class HomeLock:
    """The writer's lock, held until ``release`` or the end of the process (also by kill -9)."""

    def __init__(self, path: Path, holder: str) -> None:
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise not_writable(error, path) from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.ftruncate(self._file, 0)
            os.pwrite(self._file, f"{holder}, process {os.getpid()}\n".encode(), 0)
        except BlockingIOError as error:
            other = os.read(self._file, 200).decode(errors="replace").strip() or "another program"
            self.release()
            raise HomeInUse(
                f"Sauti is already running here ({other})", "Use that window, or close it and try again."
            ) from error
        except OSError as error:
            self.release()
            raise not_writable(error, path) from error

    @property
    def held(self) -> bool:
        """Not released yet."""
        return self._file >= 0

    def release(self) -> None:
        """Let others write; twice is allowed."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def __enter__(self) -> HomeLock:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
