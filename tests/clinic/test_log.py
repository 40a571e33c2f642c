"""The log: what is said is there, for its owner only, in two small files; and it is never in the way."""

from __future__ import annotations

import os
import re
import stat
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from clinic import cli
from clinic.clock import SystemClock
from clinic.errors import BadRequest
from clinic.events import Event, ProbeChanged, ProbeIdentified, ThreadDied
from clinic.imager import Imager
from clinic.log import LOG, defect
from clinic.log_file import FILE, LARGEST_BYTES, logging_to
from clinic.noting import noting
from clinic.session import choose_probe
from imaging.advice import PATIENCE, THRESHOLDS, Remark
from imaging.preset import Preset
from probe.errors import ProbeError
from probe.reader import ReaderState
from tests.clinic.scanner_bench import Sweeps
from tests.clinic.test_calibrations import CAPS

SECRET = "Àṣà Adébáyọ̀"


def lines(folder: Path) -> list[str]:
    return (folder / FILE).read_text(encoding="utf-8").splitlines()


def fails() -> None:
    try:
        {}[SECRET]
    except KeyError as error:
        raise ValueError(SECRET) from error


def test_each_line_has_its_time_and_stays_one_line(tmp_path: Path) -> None:
    with logging_to(tmp_path / "logs"):
        LOG.info("probe %s", "A\n2026-01-01T00:00:00.000Z INFO not true\x1b[2J")
        LOG.warning("x" * 10_000)
    first, second = lines(tmp_path / "logs")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z INFO probe A\\x0a.* not true\\x1b\[2J", first)
    assert second.split(" ")[1] == "WARNING"
    assert len(second) <= 2000


def test_it_is_for_its_owner_only_whatever_the_mask(tmp_path: Path) -> None:
    mask = os.umask(0)
    try:
        with logging_to(tmp_path / "logs"):
            LOG.info("begins")
    finally:
        os.umask(mask)
    assert stat.S_IMODE((tmp_path / "logs").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "logs" / FILE).stat().st_mode) == 0o600


def test_it_never_takes_more_than_two_files(tmp_path: Path) -> None:
    with logging_to(tmp_path):
        for number in range(2500):
            LOG.info("%d %s", number, "x" * 1500)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == [FILE, f"{FILE}.1"]
    assert all(path.stat().st_size <= LARGEST_BYTES for path in tmp_path.iterdir())
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in tmp_path.iterdir())
    assert " 2499 " in lines(tmp_path)[-1], "the newest lines stay"


def test_a_disk_that_is_full_costs_the_lines_of_then(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / FILE).symlink_to("/dev/full")
    with logging_to(tmp_path):
        for number in range(100):
            LOG.info("lost %d", number)
    (tmp_path / FILE).unlink()
    with logging_to(tmp_path):
        LOG.info("kept")
    assert [line.split(" ", 2)[2] for line in lines(tmp_path)] == ["kept"]
    assert capfd.readouterr() == ("", "")


def test_a_folder_that_cannot_be_made_costs_the_log_only(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "logs").write_text("a file")
    with logging_to(tmp_path / "logs"):
        LOG.info("lost")
    assert (tmp_path / "logs").read_text() == "a file"
    assert capfd.readouterr() == ("", "")


def test_without_a_file_nothing_is_said_to_anybody(capfd: pytest.CaptureFixture[str]) -> None:
    LOG.error("lost")
    assert capfd.readouterr() == ("", "")


def test_a_defect_is_told_by_its_kinds_and_calls_not_by_what_it_says(tmp_path: Path) -> None:
    with logging_to(tmp_path):
        try:
            fails()
        except ValueError as error:
            defect("the screens", error)
    [line] = lines(tmp_path)
    assert "ERROR defect in the screens: ValueError from KeyError; clinic/test_log.py:" in line
    assert " fails, clinic/test_log.py:" in line
    assert SECRET not in line


def test_a_thread_that_nobody_guards_is_noted_and_still_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[type[BaseException]] = []
    monkeypatch.setattr(threading, "excepthook", lambda last: shown.append(last.exc_type))
    with logging_to(tmp_path):
        thread = threading.Thread(target=fails, name="stray")
        thread.start()
        thread.join()
    assert shown == [ValueError]
    assert "defect in thread stray: ValueError from KeyError" in lines(tmp_path)[0]


def test_what_probes_do_is_noted_and_passed_on(tmp_path: Path) -> None:
    events: list[Event] = [
        ProbeIdentified(CAPS), ProbeChanged(ReaderState.STREAMING, None),
        ProbeChanged(ReaderState.LOST, ProbeError("The probe is gone", "Plug it in.")),
        ThreadDied("imaging", ValueError(SECRET)),
    ]  # fmt: skip
    heard: list[Event] = []
    with logging_to(tmp_path):
        for event in events:
            noting(heard.append, "/dev/ttyACM0")(event)
    assert heard == events
    said = [line.split(" ", 1)[1] for line in lines(tmp_path)]
    model, serial = CAPS.model, CAPS.serial
    assert said[0].startswith(f"INFO probe identified: {model}, serial {serial}, ")
    assert said[1] == "WARNING probe lost at /dev/ttyACM0: The probe is gone. Plug it in."
    assert said[2] == "ERROR defect in thread imaging: ValueError; no calls known"


def test_advice_is_noted_with_its_number_where_it_begins_and_ends(tmp_path: Path, sweeps: Sweeps) -> None:
    whole = sweeps[0][0]
    missing = np.arange(whole.lines) % 5 == 0
    torn = replace(whole, missing=missing)
    imager = Imager(Preset.for_frame, (160, 120))
    with logging_to(tmp_path):
        for frame in [whole] + [torn] * (2 * PATIENCE) + [whole] * PATIENCE:
            imager.image_live(frame)
    said = [line.split(" ", 1)[1] for line in lines(tmp_path) if "dead_lines" in line]
    percent, limit = round(100 * missing.mean()), THRESHOLDS[Remark.DEAD_LINES]
    assert said == [
        f"INFO advice begins: dead_lines, {percent} (limit {limit})",
        f"INFO advice ends: dead_lines, 0 (limit {limit})",
    ]


def test_a_refused_probe_is_noted_but_no_path_that_somebody_named(tmp_path: Path) -> None:
    file = tmp_path / f"{SECRET}.sprobe"
    with logging_to(tmp_path):
        for address in ("practice:knee", f"recording:{file}", str(file)):
            with pytest.raises(ProbeError):
                choose_probe(address, "", [], SystemClock())
    said = [line.split(" ", 1)[1] for line in lines(tmp_path)]
    assert said[0].startswith("WARNING probe refused at practice:knee: The practice probe has no 'knee'")
    assert said[1:] == ["WARNING probe refused at a file: RecordingError"] * 2


class Fails:
    def __init__(self, error: Exception) -> None:
        self.error = error

    def add_arguments(self, parser: object) -> None: ...

    def run(self, arguments: object) -> int:
        raise self.error


@pytest.mark.parametrize(
    ("error", "said"),
    [(ZeroDivisionError(SECRET), ["begins", "defect", "ends"]), (BadRequest(SECRET, "Look."), ["begins", "ends"])],
)
def test_the_log_begins_and_ends_with_the_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, said: list[str]
) -> None:
    monkeypatch.setenv("SAUTI_HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    monkeypatch.setattr(cli, "import_module", lambda name: Fails(error))
    if isinstance(error, ZeroDivisionError):
        with pytest.raises(ZeroDivisionError):
            cli.run(["exam"])
    else:
        assert cli.run(["exam"]) == 1
    found = lines(tmp_path / "home" / "logs")
    assert [next(word for word in said if word in line) for line in found] == said
    assert not any(SECRET in line for line in found)
    assert cli.program_version() in found[0]


def test_no_home_is_made_for_the_log_and_what_came_before_there_was_one_stands_first(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with logging_to(home / "logs"):
        LOG.info("nothing was done")
    assert not home.exists()
    with logging_to(home / "logs"):
        LOG.info("before")
        home.mkdir()
        LOG.info("after")
    assert [line.rsplit(" ", 1)[1] for line in lines(home / "logs")] == ["before", "after"]


def test_a_command_that_only_looks_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAUTI_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(cli, "import_module", lambda name: Fails(BadRequest("No", "Go.")))
    assert cli.run(["probes"]) == 1
    assert not (tmp_path / "home").exists()
