"""Whole exams on the twins of other people's boards, as processes; and what a board of single lines is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.journeys.process import Be, Clinic, lines


def test_an_exam_on_the_kit_survives_a_network_that_goes_away(clinic: Clinic, be: Be, recordings: Path) -> None:
    film = str(recordings / "echopen_labtool")
    address = be("--driver", "echopen", "--recording", film, "--unplug-after", "2000000", "--back-after", "0.5")
    assert address.startswith("tcp:127.0.0.1:")
    answer = clinic.run(*clinic.exam_words(address, "--driver", "echopen", "--frames", "30"))
    assert answer.returncode == 0, answer.stderr
    said = lines(answer.stdout)
    events = [entry["event"] for entry in said]
    assert events.index("probe_lost") < events.index("probe_back") < events.index("frozen")
    frozen = next(entry for entry in said if entry["event"] == "frozen")
    assert (frozen["rf"], frozen["missing_lines"]) == (True, 0)
    [exam] = clinic.exams()
    assert exam["store"] == "practice", "a twin is no transducer"


def test_an_exam_through_lost_and_reordered_datagrams(clinic: Clinic, be: Be, recordings: Path) -> None:
    address = be("--driver", "echopen-v0", "--recording", str(recordings / "echopen_labtool"))
    answer = clinic.run(*clinic.exam_words(address, "--driver", "echopen-v0"))
    assert answer.returncode == 0, answer.stderr
    [exam] = clinic.exams()
    assert (exam["state"], exam["store"]) == ("signed", "practice")


def test_an_exam_on_the_kits_envelopes(clinic: Clinic, be: Be) -> None:
    address = be("--driver", "echopen", "--phantom", "--envelope")
    answer = clinic.run(*clinic.exam_words(address, "--driver", "echopen"))
    assert answer.returncode == 0, answer.stderr
    frozen = next(entry for entry in lines(answer.stdout) if entry["event"] == "frozen")
    assert (frozen["rf"], frozen["missing_lines"]) == (False, 0)


@pytest.mark.parametrize("driver", ["p0rk", "pic0rick", "wulpus"])
def test_a_board_of_single_lines_is_told_so_and_no_exam_is_opened(clinic: Clinic, be: Be, driver: str) -> None:
    address = be("--driver", driver, "--phantom")
    answer = clinic.run(*clinic.exam_words(address, "--driver", driver))
    assert answer.returncode == 1
    assert "sends single lines (A-mode), which make no picture. Use a probe that scans." in answer.stderr
    assert "Traceback" not in answer.stderr
    assert clinic.exams() == []


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--driver", "echopen", "--phantom", "--at", "x"), "--at is for probes on a serial port"),
        (("--driver", "pic0rick", "--recording", "@wulpus"), "has no A-lines at 60 MS/s"),
        (("--driver", "echopen", "--recording", "@pic0rick"), "is no RF film"),
        (("--driver", "wulpus", "--recording", "@pic0rick"), "has no acquisitions of a WULPUS"),
    ],
)
def test_a_twin_that_cannot_be_is_a_sentence(
    clinic: Clinic, recordings: Path, words: tuple[str, ...], sentence: str
) -> None:
    whole = [str(recordings / word[1:]) if word.startswith("@") else word for word in words]
    answer = clinic.run("simulate", *whole)
    assert answer.returncode == 1
    assert sentence in answer.stderr
    assert "Traceback" not in answer.stderr
