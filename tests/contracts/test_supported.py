"""SUPPORTED.md is what the drivers, their twins and the recordings say; packaging/supported.py renews it."""

from __future__ import annotations

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

from tests.contracts.house import ROOT

RENEW = "SUPPORTED.md is out of date: run `python packaging/supported.py`"


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = spec_from_file_location("supported", ROOT / "packaging" / "supported.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def page() -> str:
    return (ROOT / "SUPPORTED.md").read_text(encoding="utf-8")


def test_the_probes_are_what_the_drivers_say(tool: ModuleType, page: str) -> None:
    assert page.startswith(tool.HEAD + tool.probes() + tool.MIDDLE), RENEW
    assert page.endswith(tool.TAIL), RENEW


def test_the_recordings_are_what_the_readers_say(tool: ModuleType, page: str, recordings: Path) -> None:
    assert page == tool.page(recordings), RENEW


def test_every_driver_has_a_twin_and_a_row(tool: ModuleType) -> None:
    played = {"recording"}  # a file, not a probe: it speaks what the recorded one spoke
    assert set(tool.registry.BUILT_IN) - played == set(tool.twins.TWINS) == set(tool.DEVICES)
