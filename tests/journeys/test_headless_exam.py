"""The main job: bytes to page, once on the practice probe and once on the real film over a real pseudo-terminal."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.journeys.process import ROOT, Clinic, lines

ORDER = [
    "site_created", "patient_saved", "exam_saved", "probe", "frozen", "image_saved", "image_saved",
    "measurement_saved", "read_back", "signed", "report_saved", "done",
]  # fmt: skip


def test_practice_exam_from_nothing_to_a_pdf(clinic: Clinic) -> None:
    answer = clinic.run(*clinic.exam_words())
    assert answer.returncode == 0, answer.stderr
    said = lines(answer.stdout)
    assert [entry["event"] for entry in said] == ORDER
    head = next(entry for entry in said if entry["event"] == "measurement_saved")
    assert abs(head["value_um"] - 70_000) <= 200
    pdf = Path(said[-1]["report"])
    assert pdf.read_bytes().startswith(b"%PDF-")
    [exam] = clinic.exams()
    assert (exam["state"], exam["store"]) == ("signed", "practice")
    assert (len(exam["images"]), len(exam["measurements"]), len(exam["reports"])) == (2, 1, 1)
    [verified] = clinic.verify()
    assert verified["damaged"] == 0
    assert verified["files"] == 6


def test_each_event_has_the_fields_that_its_page_lists(clinic: Clinic) -> None:
    page = (ROOT / "docs" / "reference" / "command-line.md").read_text(encoding="utf-8")
    rows = re.findall(
        r"^\| (`[^|]*) \| (`[^|]*) \| [^|]* \|$", page.partition("## What `sauti exam --json` says")[2], re.MULTILINE
    )
    listed: dict[str, set[str]] = {}
    for names, fields in rows:
        groups = [set(re.findall(r"`(\w+)`", group)) for group in re.sub(r"\(.*?\)", "", fields).split("; ")]
        events = re.findall(r"`(\w+)`", names)
        for place, event in enumerate(events):
            listed[event] = groups[min(place, len(groups) - 1)]
    said = lines(clinic.run(*clinic.exam_words()).stdout)
    assert {entry["event"] for entry in said} <= set(listed)
    for entry in said:
        assert set(entry) == {"event", *listed[entry["event"]]}, entry["event"]


def test_the_real_film_over_a_pseudo_terminal(
    clinic: Clinic, twin: Callable[..., tuple[str, subprocess.Popen[str]]]
) -> None:
    address, _ = twin()
    answer = clinic.run(*clinic.exam_words(address, "--caliper", "-10", "150", "10", "150"))
    assert answer.returncode == 0, answer.stderr
    said = lines(answer.stdout)
    assert [entry["event"] for entry in said] == ORDER
    frozen = next(entry for entry in said if entry["event"] == "frozen")
    assert frozen["rf"] is True
    measured = next(entry for entry in said if entry["event"] == "measurement_saved")
    assert abs(measured["value_um"] - 20_000) <= 1
    [exam] = clinic.exams()
    assert exam["store"] == "practice", "a twin is no transducer"


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed (poppler-utils)")
def test_the_page_says_what_was_done(clinic: Clinic) -> None:
    said = lines(clinic.run(*clinic.exam_words()).stdout)
    text = subprocess.run(
        ["pdftotext", "-layout", said[-1]["report"], "-"], capture_output=True, text=True, check=True
    ).stdout
    pages = text.split("\f")[:-1]
    assert len(pages) == 2
    for page in pages:
        assert "ANC-0042" in page
        assert "PRACTICE" in page
        assert "UNCALIBRATED" in page
    assert "70.0" in text
    assert "Nurse Amina" in text
    assert "1540 m/s" in text


def test_the_same_patient_comes_again(clinic: Clinic) -> None:
    assert clinic.run(*clinic.exam_words()).returncode == 0
    assert clinic.run(*clinic.exam_words()).returncode == 0
    exams = clinic.exams()
    assert len(exams) == 2
    assert len({exam["patient_name"] for exam in exams}) == 1


def test_a_number_of_somebody_else_is_refused(clinic: Clinic) -> None:
    assert clinic.run(*clinic.exam_words()).returncode == 0
    clinic.patient.write_text('{"patient_id": "ANC-0042", "family_name": "Other"}', encoding="utf-8")
    answer = clinic.run(*clinic.exam_words())
    assert answer.returncode == 1
    assert "belongs to Adébáyọ̀, Àṣà here" in answer.stderr
    assert len(clinic.exams()) == 1


def test_one_picture_of_a_recording_needs_nothing_else(clinic: Clinic, recordings: Path) -> None:
    target = clinic.folder / "frame.png"
    words = ("image", str(recordings / "echopen_labtool"), "--frame", "60", "-o", str(target))
    answer = clinic.run(*words)
    assert answer.returncode == 0, answer.stderr
    first = hashlib.sha256(target.read_bytes()).hexdigest()
    clinic.run(*words)
    assert hashlib.sha256(target.read_bytes()).hexdigest() == first
    assert not clinic.home.exists()


def test_four_fingers_stand_in_frame_60(clinic: Clinic, recordings: Path) -> None:
    import numpy as np
    from PIL import Image

    target = clinic.folder / "frame.png"
    words = ("image", str(recordings / "echopen_labtool"), "--frame", "60", "-o", str(target))
    clinic.run(*words)
    marked = np.asarray(Image.open(target).convert("L")).astype(int)
    clinic.run(*words, "--plain")
    assert (np.abs(marked - np.asarray(Image.open(target)))[4:24, 6:120] > 100).any(), "UNCALIBRATED is burnt in"
    grey = np.asarray(Image.open(target)).astype(float)
    band = grey[280:400]
    profile = np.convolve(band.mean(axis=0), np.ones(31) / 31, mode="same")
    bright = profile > (profile.max() + np.median(profile)) / 2
    rises = np.flatnonzero(np.diff(bright.astype(int)) == 1)
    assert len(rises) == 4, f"bright columns begin at {rises.tolist()}"


def test_practice_needs_no_preparation(clinic: Clinic) -> None:
    answer = clinic.run("practice", "--out", str(clinic.out))
    assert answer.returncode == 0, answer.stderr
    assert Path(answer.stdout.splitlines()[-1]).is_file()


def test_the_doctor_finds_this_computer_well(clinic: Clinic) -> None:
    answer = clinic.run("doctor", "--json")
    assert answer.returncode == 0, answer.stdout
    checks = {entry["name"]: entry["ok"] for entry in lines(answer.stdout) if entry["event"] == "check"}
    assert checks == dict.fromkeys(("computer", "clock", "disk", "log", "kernels", "practice exam", "records"), True)
    assert not clinic.home.exists(), "a self-test leaves nothing behind"


def test_an_exam_on_a_recorded_probe_is_practice(clinic: Clinic) -> None:
    path = clinic.folder / "a.sprobe"
    kept = clinic.run("record", "--probe", "practice", "-o", str(path), "--seconds", "1.5")
    assert kept.returncode == 0, kept.stderr
    answer = clinic.run(*clinic.exam_words(f"recording-fast:{path}"))
    assert answer.returncode == 0, answer.stderr
    frozen = next(entry for entry in lines(answer.stdout) if entry["event"] == "frozen")
    assert not frozen["rf"]
    [exam] = clinic.exams()
    assert (exam["store"], exam["state"]) == ("practice", "signed")


def test_the_sweeps_of_an_exam_are_recordings_again(clinic: Clinic) -> None:
    answer = clinic.run(*clinic.exam_words())
    assert answer.returncode == 0, answer.stderr
    [exam] = clinic.exams()
    out = clinic.folder / "sweeps"
    words = ("frames", exam["exam"], "--unlock", str(clinic.unlock), "--out", str(out), "--redact", "--json")
    written = clinic.run(*words)
    assert written.returncode == 0, written.stderr
    said = lines(written.stdout)
    assert sorted(entry["role"] for entry in said) == ["frames", "frames", "rf"]
    assert all(b"TWIN-PHANTOM" not in Path(entry["path"]).read_bytes() for entry in said)
    for entry in said:
        picture = clinic.folder / "again.png"
        imaged = clinic.run("image", entry["path"], "--frame", str(entry["frames"] - 1), "-o", str(picture))
        assert imaged.returncode == 0, imaged.stderr
        assert "preset obstetric" in imaged.stdout
    again = clinic.run(*words)
    assert again.returncode == 1
    assert "There is a file at" in again.stderr
    absent = clinic.run("frames", "no-such-exam", "--unlock", str(clinic.unlock), "--out", str(out))
    assert (absent.returncode, absent.stderr[:33]) == (1, "sauti: There is no such exam. Lis")
