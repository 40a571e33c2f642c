"""Fixtures of the whole suite."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def recordings() -> Path:
    """The folder of third-party recordings; a test that needs it is skipped where it is absent."""
    default = Path(__file__).parents[2] / "shared" / "recordings"
    path = Path(os.environ.get("SAUTI_RECORDINGS", default))
    if not path.is_dir():
        pytest.skip(f"recordings not found at {path}, set SAUTI_RECORDINGS")
    return path
