"""Importing a value is cheap, and sqlite-utils speaks to SQLCipher whoever imports first."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("sqlite_utils", "sqlcipher3", "nacl", "reportlab", "numpy")


def _python(code: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-W", "error", "-c", code]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("module", ["records", "records.model", "records.events", "records.home", "records.envelope"])
def test_values_load_no_library(module: str) -> None:
    done = _python(f"import sys, {module}; print([name for name in {HEAVY} if name in sys.modules])")
    assert done.stdout == "[]\n", done.stderr


@pytest.mark.parametrize("module", ["schema", "journal", "projector", "rules", "store", "queries", "database"])
def test_every_door_leads_to_sqlcipher(module: str) -> None:
    done = _python(
        f"import records.{module}, sqlite_utils.utils, sqlcipher3; print(sqlite_utils.utils.sqlite3 is sqlcipher3)"
    )
    assert done.stdout == "True\n", done.stderr


def test_another_sqlite_is_noticed() -> None:
    done = _python("import sqlite_utils, records.store")
    assert done.returncode != 0
    assert "imported before records.database" in done.stderr
