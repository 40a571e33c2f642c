"""``sauti verify``: prove that the records are what was written, event by event and file by file."""

from __future__ import annotations

import argparse
import secrets
from pathlib import Path

from clinic.clock import SystemClock
from clinic.console import Console
from clinic.reading import Reading, open_stores
from clinic.settings import Settings
from records.errors import RecordsError
from records.home import Home
from records.store import Store


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--unlock", required=True, type=Path, metavar="FILE", help="file whose first line unlocks")
    parser.add_argument("--json", action="store_true", help="one JSON object per line")


def run(arguments: argparse.Namespace) -> int:
    """Check every store; 1 if anything is not what was written."""
    console = Console.standard(as_json=arguments.json)
    clock = SystemClock()
    faults = 0
    with open_stores(arguments.unlock) as readings, Home(Settings.read().home).lock("sauti verify"):
        for reading in readings:
            store = Store(reading.paths, reading.vault, clock.wall_ms, secrets.token_bytes)
            try:
                events = store.verify().events
            finally:
                store.close()
            files, bad = _check_files(reading, console)
            faults += bad
            console.say(
                "verified",
                f"{reading.paths.name}: {events} events hold, {files - bad} of {files} files hold",
                store=reading.paths.name,
                events=events,
                files=files,
                damaged=bad,
            )
    return 1 if faults else 0


def _check_files(reading: Reading, console: Console) -> tuple[int, int]:
    bad = 0
    refs = reading.queries.blob_refs()
    for what, ref in refs:
        try:
            reading.blobs.read(ref)
        except RecordsError as error:
            bad += 1
            console.say("damaged", f"{reading.paths.name}: {what}: {error}", what=what, error=str(error))
    return len(refs), bad
