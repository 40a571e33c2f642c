"""The workstation in Textual's test driver."""

from __future__ import annotations

from pathlib import Path

import pytest

from records.home import Home
from tests.clinic.ui.nurse import Station


@pytest.fixture
def station(tmp_path: Path) -> Station:
    return Station(Home(tmp_path / "home"))
