"""What a board said, recorded over its own link, is a probe again: for a picture, an exam, and its kept sweeps."""

from __future__ import annotations

from pathlib import Path

import pytest

from probe.playback import driver_of, frames_of
from tests.journeys.process import Be, Clinic, lines


def record(clinic: Clinic, be: Be, path: Path, *words: str) -> int:
    """How many frames were seen while it was recorded."""
    driver = words[0]
    address = be("--driver", *words)
    answer = clinic.run(
        "record", "--probe", address, "--driver", driver, "--seconds", "1.5", "-o", str(path), "--redact", "--json"
    )
    assert answer.returncode == 0, answer.stderr
    done = lines(answer.stdout)[-1]
    assert done["frames"] > 0
    return int(done["frames"])


@pytest.mark.parametrize("words", [("echopen-v0", "--phantom"), ("p0rk", "--phantom")], ids=["v0", "p0rk"])
def test_the_frames_that_were_seen_are_in_the_file(
    clinic: Clinic, be: Be, tmp_path: Path, words: tuple[str, ...]
) -> None:
    path = tmp_path / "a.sprobe"
    seen = record(clinic, be, path, *words)
    assert driver_of(path) == words[0]
    frames = list(frames_of(path))
    assert len(frames) == seen
    assert all(frame.provenance.simulated for frame in frames)
    answer = clinic.run("image", str(path), "--frame", str(seen), "-o", str(tmp_path / "a.png"))
    assert f"It has frames 0 to {seen - 1}." in answer.stderr
    if words[0] == "p0rk":
        answer = clinic.run("practice", "--recording", str(path))
        assert "sends single lines (A-mode), which make no picture" in answer.stderr


def test_an_exam_on_a_recorded_kit_and_its_kept_sweeps(clinic: Clinic, be: Be, tmp_path: Path) -> None:
    path, out = tmp_path / "kit.sprobe", tmp_path / "frames"
    seen = record(clinic, be, path, "echopen", "--phantom", "--envelope")
    answer = clinic.run("record", "--probe", str(path), "-o", str(tmp_path / "again.sprobe"))
    assert (answer.returncode, "cannot be recorded again" in answer.stderr) == (1, True)
    answer = clinic.run(*clinic.exam_words(str(path)))
    assert answer.returncode == 0, answer.stderr
    [exam] = clinic.exams()
    assert (exam["state"], exam["store"]) == ("signed", "practice")
    answer = clinic.run("frames", exam["exam"], "--unlock", str(clinic.unlock), "--out", str(out), "--json")
    assert answer.returncode == 0, answer.stderr
    recorded = {frame.samples.tobytes(): frame for frame in frames_of(path)}
    assert len(recorded) >= min(seen, 2)
    exported = [frame for line in lines(answer.stdout) for frame in frames_of(line["path"])]
    assert len(exported) > 2
    for frame in exported:
        own = recorded[frame.samples.tobytes()]
        assert (frame.geometry, frame.sampling, frame.direction) == (own.geometry, own.sampling, own.direction)
        assert frame.missing.tolist() == own.missing.tolist()
