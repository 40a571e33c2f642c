"""Fixtures of the whole suite: where real data lies, a home of one's own, a clean environment, counted faults."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
# Variables of ours that steer the suite itself and therefore survive the cleaning.
STEERING = {"SAUTI_RECORDINGS", "SAUTI_FAULT_SHARE", "SAUTI_FAULT_SEED", "SAUTI_SOAK_TABLE"}
SOAK_ROWS: list[tuple[str, int, int, str, float]] = []


def pytest_configure() -> None:
    """A suite under nohup would hand its deafness for closed windows to the programs under test."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture(scope="session")
def recordings() -> Path:
    """The folder of third-party recordings; a test that needs it is skipped where it is absent."""
    path = Path(os.environ.get("SAUTI_RECORDINGS") or ROOT.parent / "shared" / "recordings")
    if not path.is_dir():
        pytest.skip(f"no recordings at {path}; set SAUTI_RECORDINGS to their folder")
    return path


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Nothing of the developer's own settings, language or time zone reaches a test."""
    for name in list(os.environ):
        if name.startswith(("SAUTI_", "XDG_")) and name not in STEERING:
            monkeypatch.delenv(name)
    monkeypatch.setenv("SAUTI_HOME", str(tmp_path_factory.getbasetemp() / "no-home-was-asked-for"))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("TZ", "UTC")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An absent folder that SAUTI_HOME names: the program under test makes it."""
    path = tmp_path / "home"
    monkeypatch.setenv("SAUTI_HOME", str(path))
    return path


@dataclass
class Faults:
    """How many faults a counted test injects, and from which seed.

    The full count belongs to ``make soak``; ``.ci/run`` takes a tenth of it and ``make test`` a fiftieth.
    """

    share: float
    seed: int
    taken: list[int] = field(default_factory=list)

    def count(self, full: int) -> int:
        """The number of faults to inject where the full run injects ``full``."""
        number = max(1, round(full * self.share))
        self.taken.append(number)
        return number

    def seeds(self, full: int) -> range:
        """One seed per fault, as many as ``count`` says."""
        return range(self.seed, self.seed + self.count(full))


@pytest.fixture
def faults(request: pytest.FixtureRequest) -> Iterator[Faults]:
    """The share of the full fault counts that this run takes; the test is then part of ``make soak``."""
    share = float(os.environ.get("SAUTI_FAULT_SHARE", "0.02"))
    counted = Faults(share, int(os.environ.get("SAUTI_FAULT_SEED", "1")))
    started = time.monotonic()
    yield counted
    failed = getattr(request.node, "failed_call", False)
    outcome = "FAILED" if failed else "passed"
    SOAK_ROWS.append((request.node.nodeid, sum(counted.taken), counted.seed, outcome, time.monotonic() - started))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Let the ``faults`` fixture know at its end how the test went."""
    report = yield
    if report.when == "call":
        item.failed_call = report.failed  # type: ignore[attr-defined]
    return report


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test that counts faults is marked as such, so that ``make soak`` finds it."""
    for item in items:
        if "faults" in getattr(item, "fixturenames", ()):
            item.add_marker("faults")


def pytest_sessionfinish() -> None:
    """Write the table of a soak where one was asked for."""
    target = os.environ.get("SAUTI_SOAK_TABLE")
    if not target or not SOAK_ROWS:
        return
    lines = ["| test | faults | first seed | outcome | seconds |", "|---|---:|---:|---|---:|"]
    lines += [f"| {name} | {count} | {seed} | {how} | {took:.1f} |" for name, count, seed, how, took in SOAK_ROWS]
    path = ROOT / target
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
