"""What goes wrong on a working day: the plug, the power, the passphrase, the disk. Nothing kept is lost or claimed."""

from __future__ import annotations

import os
import random
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.journeys.process import ROOT, Clinic, lines, until

Twin = Callable[..., tuple[str, subprocess.Popen[str]]]


def test_the_twin_closes_in_mid_frame_and_comes_back(clinic: Clinic, twin: Twin) -> None:
    address, _ = twin("--unplug-after", "300123", "--back-after", "1")
    answer = clinic.run(*clinic.exam_words(address, "--frames", "12"))
    assert answer.returncode == 0, answer.stderr
    said = [entry["event"] for entry in lines(answer.stdout)]
    assert said.index("exam_saved") < said.index("probe_lost") < said.index("probe_back") < said.index("frozen")
    assert said.count("probe_lost") == 1
    frozen = next(entry for entry in lines(answer.stdout) if entry["event"] == "frozen")
    assert frozen["loop_frames"] >= 12, "the frames from before the loss stay in the cine"
    [exam] = clinic.exams()
    assert exam["state"] == "signed"


def test_damaged_bytes_are_counted_and_skipped(clinic: Clinic, twin: Twin) -> None:
    address, _ = twin("--damage-every", "30011")
    answer = clinic.run(*clinic.exam_words(address, "--frames", "20"))
    assert answer.returncode == 0, answer.stderr
    frozen = next(entry for entry in lines(answer.stdout) if entry["event"] == "frozen")
    assert frozen["damaged_messages"] > 5
    [exam] = clinic.exams()
    assert exam["state"] == "signed"
    assert all(entry["damaged"] == 0 for entry in clinic.verify())


def test_a_probe_that_stays_away_leaves_the_exam_and_its_loop(clinic: Clinic, twin: Twin) -> None:
    address, _ = twin("--unplug-after", "300123", "--back-after", "600")
    answer = clinic.run(*clinic.exam_words(address, "--frames", "5000", "--patience", "3"))
    assert answer.returncode == 1
    assert "No picture came from the probe for 3 s" in answer.stderr
    [exam] = clinic.exams()
    assert exam["state"] == "open"
    kept = [entry["image"] for entry in lines(answer.stdout) if entry["event"] == "image_saved"]
    assert exam["images"] == kept
    assert len(kept) == 1


def test_kill_at_any_moment_keeps_every_acknowledged_image(clinic: Clinic, faults) -> None:  # type: ignore[no-untyped-def]
    """kill -9 at seeded moments; the next start finds the exam with every image that was said to be saved."""
    whole = clinic.run(*clinic.exam_words())
    assert whole.returncode == 0, whole.stderr
    steps = len(lines(whole.stdout))
    for seed in faults.seeds(50):
        dice = random.Random(seed)
        process = clinic.start(*clinic.exam_words())
        heard = []
        assert process.stdout is not None
        for _ in range(dice.randrange(1, steps)):
            line = process.stdout.readline()
            if not line:
                break
            heard += lines(line)
        try:
            process.wait(dice.random() * 0.3)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        rest, _ = process.communicate(timeout=30)
        heard += lines(rest[: rest.rfind("\n") + 1])
        _check_after_kill(clinic, heard, seed)


def _check_after_kill(clinic: Clinic, heard: list[dict], seed: int) -> None:  # type: ignore[type-arg]
    exams = {exam["exam"]: exam for exam in clinic.exams()}
    started = [entry["exam"] for entry in heard if entry["event"] == "exam_saved"]
    for exam in started:
        assert exam in exams, f"seed {seed}: exam lost"
        images = {entry["image"] for entry in heard if entry["event"] == "image_saved"}
        assert images <= set(exams[exam]["images"]), f"seed {seed}: image lost"
        if any(entry["event"] == "signed" for entry in heard):
            assert exams[exam]["state"] == "signed", f"seed {seed}: signature lost"
    assert all(entry["damaged"] == 0 for entry in clinic.verify())


def test_a_wrong_passphrase_is_one_sentence_and_changes_nothing(clinic: Clinic) -> None:
    assert clinic.run(*clinic.exam_words()).returncode == 0
    before = _contents(clinic.home)
    clinic.unlock.write_text("not the right words\n", encoding="utf-8")
    answer = clinic.run(*clinic.exam_words())
    assert answer.returncode == 1
    assert answer.stderr == "sauti: The passphrase is not right. Try again; nothing was changed.\n"
    assert _contents(clinic.home) == before


def test_a_second_writer_is_told_who_is_first(clinic: Clinic) -> None:
    first = clinic.start(*clinic.exam_words("practice", "--frames", "10000"))
    until(first, "probe")
    try:
        second = clinic.run(*clinic.exam_words())
        assert second.returncode == 1
        assert second.stderr.startswith("sauti: Sauti is already running here (sauti exam, process ")
        assert len(second.stderr.splitlines()) == 1
        assert len(clinic.exams()) == 1, "looking is allowed beside the writer"
    finally:
        first.kill()
        first.communicate()


@pytest.mark.parametrize("kind", ["missing", "truncated", "empty", "no recording"])
def test_a_bad_recording_is_one_sentence(clinic: Clinic, recordings: Path, kind: str) -> None:
    path = clinic.folder / "film.npz"
    film = (recordings / "echopen_labtool" / "film_rf_int16.npz").read_bytes()
    content = {"truncated": film[: len(film) // 2], "empty": b"", "no recording": b"PK\x03\x04 nothing"}
    if kind in content:
        path.write_bytes(content[kind])
    for words in (("image", str(path), "-o", str(clinic.folder / "x.png")), ("simulate", "--recording", str(path))):
        answer = clinic.run(*words)
        assert answer.returncode == 1
        assert len(answer.stderr.splitlines()) == 1, answer.stderr
        assert answer.stderr.startswith("sauti: ")
    assert not (clinic.folder / "x.png").exists()


def test_no_probe_at_the_address_is_one_sentence(clinic: Clinic) -> None:
    answer = clinic.run(*clinic.exam_words(str(clinic.folder / "ttyACM9")))
    assert answer.returncode == 1
    assert "There is no probe at" in answer.stderr
    assert len(answer.stderr.splitlines()) == 1


# Root without its capabilities obeys permissions like anybody else.
POWERLESS = ("setpriv", "--inh-caps=-all", "--bounding-set=-all") if os.geteuid() == 0 else ()


@pytest.mark.skipif(shutil.which("setpriv") is None, reason="setpriv is not installed (util-linux)")
def test_no_write_permission_is_one_sentence(clinic: Clinic) -> None:
    clinic.home.mkdir()
    clinic.home.chmod(0o555)
    answer = subprocess.run(
        [*POWERLESS, sys.executable, "-m", "clinic", *clinic.exam_words()],
        cwd=ROOT, env={**os.environ, "SAUTI_HOME": str(clinic.home / "site")},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert answer.returncode == 1
    assert answer.stderr.startswith("sauti: Sauti may not write there")
    assert len(answer.stderr.splitlines()) == 1, answer.stderr
    assert not list(clinic.home.iterdir())


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--caliper", "nan", "60", "0", "130"), "--caliper must lie between -1000 and 1000."),
        (("--label", "a\x1b[2J"), "--label holds control characters. It must be printable: it stands on the report."),
        (("--view", "v" * 65), "--view is longer than 64 letters. It must fit the report."),
        (("--facility", "two\nlines"), "--facility holds control characters. It must be printable"),
    ],
)
def test_what_could_not_be_printed_is_refused_before_an_exam_is_opened(
    clinic: Clinic, words: tuple[str, ...], sentence: str
) -> None:
    answer = clinic.run(*clinic.exam_words(), *words)
    assert answer.returncode == 1
    assert answer.stderr.startswith(f"sauti: {sentence}")
    assert not clinic.home.exists()


def test_a_file_where_the_folder_should_be_stops_before_anything_is_recorded(clinic: Clinic) -> None:
    clinic.out.write_text("not a folder", encoding="utf-8")
    answer = clinic.run(*clinic.exam_words())
    assert answer.returncode == 1
    assert "A file stands where a folder is needed" in answer.stderr
    assert not clinic.home.exists()


def test_the_paper_of_a_signed_exam_can_be_had_again(clinic: Clinic) -> None:
    said = lines(clinic.run(*clinic.exam_words()).stdout)
    exam, first = said[-1]["exam"], Path(said[-1]["report"])
    content = first.read_bytes()
    first.unlink()
    answer = clinic.run("report", exam, "--unlock", str(clinic.unlock), "--out", str(clinic.out))
    assert answer.returncode == 0, answer.stderr
    assert first.read_bytes() == content
    assert len(clinic.exams()[0]["reports"]) == 1, "a copy is not another report"


def test_an_exam_killed_between_signature_and_paper_gets_its_report(clinic: Clinic) -> None:
    process = clinic.start(*clinic.exam_words())
    heard = until(process, "signed")
    process.kill()
    process.communicate()
    words = ("report", heard[-1]["exam"], "--unlock", str(clinic.unlock), "--out", str(clinic.out))
    if not clinic.exams()[0]["reports"]:
        assert "Say who issues it" in clinic.run(*words).stderr
    answer = clinic.run(*words, "--operator", "Nurse Amina")
    assert answer.returncode == 0, answer.stderr
    assert Path(answer.stdout.strip()).read_bytes().startswith(b"%PDF-")
    assert len(clinic.exams()[0]["reports"]) == 1


@pytest.mark.parametrize("stream", ["closed", "full"])
def test_nobody_listening_is_no_traceback(clinic: Clinic, stream: str) -> None:
    target = ">&-" if stream == "closed" else ">/dev/full"
    command = shlex.join([sys.executable, "-m", "clinic", *clinic.exam_words()])
    answer = subprocess.run(
        ["sh", "-c", f"{command} {target}"],
        cwd=ROOT, env={**os.environ, "SAUTI_HOME": str(clinic.home)}, stderr=subprocess.PIPE, text=True, timeout=60,
        check=False,
    )  # fmt: skip
    assert "Traceback" not in answer.stderr
    assert answer.returncode == (0 if stream == "closed" else 1)
    assert len(answer.stderr.splitlines()) == (stream == "full"), answer.stderr


def test_a_reader_who_has_heard_enough_is_no_traceback(clinic: Clinic) -> None:
    command = shlex.join([sys.executable, "-m", "clinic", *clinic.exam_words()])
    answer = subprocess.run(
        ["sh", "-c", f"{{ {command}; echo $? >&2; }} | head -n 1"],
        cwd=ROOT, env={**os.environ, "SAUTI_HOME": str(clinic.home)}, capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip
    assert answer.stderr == "1\n"


def test_a_terminal_without_utf8_shows_what_it_can(clinic: Clinic) -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "clinic", *clinic.exam_words()[:-3], "--frames", "6"],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
        env={**os.environ, "SAUTI_HOME": str(clinic.home), "LC_ALL": "C", "PYTHONUTF8": "0",
             "PYTHONCOERCECLOCALE": "0"},
    )  # fmt: skip
    assert answer.returncode == 0, answer.stderr
    assert "Ad\\xe9b\\xe1y" in answer.stdout


def _contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "lock" and path.parent != folder / "logs"
    }
