"""Read the records beside a running workstation: commands that only look."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from clinic.settings import Settings
from clinic.site import read_passphrase
from records.blobs import Blobs
from records.home import CLINIC, PRACTICE, Home, StorePaths
from records.queries import Queries
from records.vault import Vault


@dataclass(frozen=True, slots=True)
class Reading:
    """One store, open to read."""

    paths: StorePaths
    queries: Queries
    blobs: Blobs
    vault: Vault


@contextmanager
def open_stores(unlock: Path) -> Iterator[tuple[Reading, ...]]:
    """The stores that this home has, real before practice.

    Raises:
        BadRequest, RecordsError: The passphrase file, the vault or a store cannot be opened.
    """
    home = Home(Settings.read().home)
    vault = Vault.open(home.vault, read_passphrase(unlock))
    stores = tuple(home.store(name) for name in (CLINIC, PRACTICE) if home.store(name).database.exists())
    readings = tuple(Reading(paths, Queries(paths, vault), Blobs(paths.blobs), vault) for paths in stores)
    try:
        yield readings
    finally:
        for reading in readings:
            reading.queries.close()
