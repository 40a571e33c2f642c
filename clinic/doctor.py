"""Self-test: does everything that an exam needs work on this computer? Uses a home of its own that is thrown away."""

from __future__ import annotations

import os
import platform
import secrets
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from clinic.clock import Clock
from clinic.console import Console
from clinic.errors import ClinicError
from clinic.examine import Plan, default_caliper, examine
from clinic.headless import Script
from clinic.log_file import FILE
from clinic.patient_file import PatientEntry
from clinic.site import open_vault
from probe.links.address import PRACTICE
from records.blobs import Blobs
from records.home import PRACTICE as PRACTICE_STORE
from records.home import Home
from records.queries import Queries
from records.store import Store

_PASSPHRASE = "self-test, thrown away"  # noqa: S105  (it locks nothing but the self-test)
_LEAST_FREE_BYTES = 500 << 20
_BUILT_MS = 1_767_225_600_000  # 2026-01-01: a clock before this is wrong for sure


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the sheet."""

    name: str
    ok: bool
    text: str


def examine_computer(home: Path, clock: Clock) -> list[Finding]:
    """Run all checks; never raises for what it finds.

    Args:
        home: Where the records of this site are or will be.
        clock: The machine's clock.
    """
    with tempfile.TemporaryDirectory(prefix="sauti-doctor-") as folder:
        checks: list[tuple[str, Callable[[], str]]] = [
            ("computer", _computer),
            ("clock", lambda: _clock(clock)),
            ("disk", lambda: _disk(home)),
            ("log", lambda: _log(Home(home).logs)),
            ("kernels", _kernels),
            ("practice exam", lambda: _practice(Path(folder), clock)),
            ("records", lambda: _records(Path(folder), clock)),
        ]
        return [_run(name, check) for name, check in checks]


def _run(name: str, check: Callable[[], str]) -> Finding:
    try:
        return Finding(name, True, check())
    except Exception as error:  # noqa: BLE001  (whatever fails is the finding)
        return Finding(name, False, str(error) or type(error).__name__)


def _computer() -> str:
    return f"{platform.machine()}, {os.cpu_count()} processors, {platform.system()} {platform.release()}"


def _clock(clock: Clock) -> str:
    if clock.wall_ms() < _BUILT_MS:
        raise ClinicError("The date of this computer is wrong", "Set it before dating a pregnancy.")
    return "the date is plausible"


def _disk(home: Path) -> str:
    place = next(path for path in (home, *home.absolute().parents) if path.exists())
    if not os.access(place, os.W_OK):
        raise ClinicError(f"{home} cannot be written", "Choose another folder with SAUTI_HOME.")
    free = shutil.disk_usage(place).free
    if free < _LEAST_FREE_BYTES:
        raise ClinicError(f"Only {free >> 20} MB are free for {home}", "Free at least 500 MB.")
    return f"{free >> 20} MB free for {home}"


def _log(folder: Path) -> str:
    """Where to look, or to fetch what a person who helps asks for; nothing is written to find out."""
    path = folder / FILE
    if not path.exists():
        return f"nothing yet in {path}"
    if not os.access(path, os.W_OK):
        raise ClinicError(f"{path} cannot be written", "Exams go on without it; give its folder back to this user.")
    return f"{path}, {-(-path.stat().st_size // 1000)} kB"


def _kernels() -> str:
    from imaging.compiled import kernels

    return f"run {kernels().way}"


def _practice(folder: Path, clock: Clock) -> str:
    script = Script(
        patient=PatientEntry("DOCTOR-1", "Sélf-test", "", "", "", None),
        operators_name="Self-test",
        out=folder / "out",
        frames=5,
        caliper_mm=default_caliper(PRACTICE),
        caliper_label="Head, outer to outer",
    )
    started_ns = clock.monotonic_ns()
    console = Console(True, StringIO())
    plan = Plan(Home(folder / "home"), _PASSPHRASE, PRACTICE, "", "Self-test", "sauti doctor")
    issued = examine(plan, script, console)
    seconds = (clock.monotonic_ns() - started_ns) / 1e9
    if not issued.path.read_bytes().startswith(b"%PDF-"):
        raise ClinicError("The report is no PDF", "Install Sauti again.")
    return f"from the probe's bytes to a PDF of {issued.path.stat().st_size >> 10} KB in {seconds:.1f} s"


def _records(folder: Path, clock: Clock) -> str:
    home = Home(folder / "home")
    vault = open_vault(home, _PASSPHRASE, secrets.token_bytes)
    paths = home.store(PRACTICE_STORE)
    with home.lock("sauti doctor"):
        store = Store(paths, vault, clock.wall_ms, secrets.token_bytes)
        events = store.verify().events
        store.close()
    queries, blobs = Queries(paths, vault), Blobs(paths.blobs)
    try:
        files = [blobs.read(ref) for _, ref in queries.blob_refs()]
    finally:
        queries.close()
    return f"{events} events and {len(files)} files read back as they were written"
