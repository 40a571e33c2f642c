"""Recordings: the real film and texts, and one clear sentence for every file that is none."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from probe.errors import RecordingError
from probe.geometry import Geometry
from probe.recording import Recording
from probe.settings import SampleFormat

LINES, SAMPLES = 4, 20


@pytest.fixture
def kit(recordings: Path) -> Path:
    return recordings / "echopen_labtool"


def write_text(folder: Path, name: str = "x_x.txt", angle: float = 80.0, lines: int = LINES, rows: int = LINES) -> Path:
    header = {"timestamp": 1, "lines": lines, "length": SAMPLES, "frequency": 15.625, "angle": angle, "r0": 80.0}
    values = "\n".join(" ".join(str(100 * line + i) for i in range(SAMPLES)) for line in range(rows))
    path = folder / name
    path.write_text("".join(f"#{key}:{value}\n" for key, value in header.items()) + values + "\n")
    return path


def film(**change: object) -> dict[str, object]:
    values: dict[str, object] = {
        "rf": np.arange(2 * LINES * SAMPLES, dtype=np.int16).reshape(2, LINES, SAMPLES),
        "unix_time": np.array([10, 12]), "fs_hz": 15_625_000.0, "f0_hz": 3_500_000.0, "sector_deg": 57.0,
        "r0_mm": 80.0, "rf_mm": 160.0, "c_m_s": 1480.0,
    }  # fmt: skip
    return values | change


def test_the_folder_gives_the_film(kit: Path) -> None:
    recording = Recording.load(kit)
    assert (recording.name, recording.frames) == ("film_rf_int16.npz", 70)
    assert recording.frame(0).samples.shape == (64, 1689)
    assert recording.geometry == Geometry.sector(64, 57.0)
    sampling = recording.sampling
    assert (sampling.rate_hz, sampling.first_sample_ns) == (15_625_000, 108_108)
    assert sampling.range_mm(0, 1480) == pytest.approx(80, abs=0.001)
    assert sampling.range_mm(1688, 1480) == pytest.approx(160, abs=0.1)


def test_a_frame_is_real_probe_data(kit: Path) -> None:
    frame = Recording.load(kit / "film_rf_int16.npz").frame(60)
    assert frame.format is SampleFormat.RF_I16
    assert frame.number == 60
    assert frame.samples.shape == (64, 1689)
    assert not frame.missing.any()
    made = frame.provenance
    assert (made.model, made.simulated, made.calibration) == ("echOpen kit (recording)", False, None)
    assert made.sound_speed_m_s == 1480
    assert 40 < frame.samples.mean() < 60
    assert not frame.samples.flags.writeable
    assert frame.settings.frame_interval_us == pytest.approx(797_000, abs=5_000)


def test_a_text_is_the_same_frame_as_in_the_film(kit: Path) -> None:
    text = Recording.load(kit / "film_int40.txt")
    film = Recording.load(kit)
    assert np.array_equal(text.frame(0).samples, film.frame(40).samples)
    assert (text.geometry, text.sampling) == (film.geometry, film.sampling)


def test_what_the_kit_was_told_wins_over_the_wrong_header(tmp_path: Path) -> None:
    path = write_text(tmp_path, angle=80.0)
    assert Recording.load(path).geometry == Geometry.sector(LINES, 80.0)
    (tmp_path / "x_settings.txt").write_text("80\n160\n8\n64\n57\n0\n")
    assert Recording.load(path).geometry == Geometry.sector(LINES, 57.0)


def test_a_folder_without_film_gives_its_text(tmp_path: Path) -> None:
    write_text(tmp_path)
    (tmp_path / "x_settings.txt").write_text("80\n160\n8\n64\n57\n0\n")
    recording = Recording.load(tmp_path)
    assert recording.name == "x_x.txt"
    assert recording.frame(0).samples[1, :3].tolist() == [100, 101, 102]


def test_dead_lines_are_masked(tmp_path: Path) -> None:
    rf = np.arange(2 * LINES * SAMPLES, dtype=np.int16).reshape(2, LINES, SAMPLES)
    rf[1, 2] = 7
    np.savez(tmp_path / "f.npz", **film(rf=rf))
    recording = Recording.load(tmp_path)
    assert recording.frame(0).missing.tolist() == [False] * LINES
    frame = recording.frame(1)
    assert frame.missing.tolist() == [False, False, True, False]
    assert not frame.samples[2].any()
    assert np.array_equal(frame.samples[0], rf[1, 0])


@pytest.mark.parametrize("index", [-1, 70])
def test_a_frame_that_is_not_there_is_a_sentence(kit: Path, index: int) -> None:
    with pytest.raises(RecordingError, match=r"has no frame .* Choose one from 0 to 69\."):
        Recording.load(kit).frame(index)


@pytest.mark.parametrize("keep", [0, 10, 1000, 0.5, 0.999])
def test_a_film_cut_short_is_a_sentence(kit: Path, tmp_path: Path, keep: float) -> None:
    data = (kit / "film_rf_int16.npz").read_bytes()
    path = tmp_path / "cut.npz"
    path.write_bytes(data[: int(keep if keep > 1 else keep * len(data))])
    with pytest.raises(RecordingError, match=r"cut\.npz is damaged or cut short\. Copy it again\."):
        Recording.load(path)


def test_a_damaged_byte_in_a_film_is_a_sentence(kit: Path, tmp_path: Path) -> None:
    data = bytearray((kit / "film_rf_int16.npz").read_bytes())
    data[len(data) // 2] ^= 0x10
    path = tmp_path / "bent.npz"
    path.write_bytes(data)
    with pytest.raises(RecordingError, match="damaged"):
        Recording.load(path)


@pytest.mark.parametrize(
    "change",
    [
        {"rf": np.zeros((2, 3), np.int16)},
        {"rf": np.zeros((2, 3, 4), np.float32)},
        {"rf": np.zeros((0, 3, 4), np.int16)},
        {"rf": np.zeros((3, 3, 4), np.int16)},
        {"fs_hz": np.nan},
        {"c_m_s": 0.0},
        {"sector_deg": np.array([1.0, 2.0])},
        {"unix_time": np.array("yesterday")},
        {"rf": np.array([{}], dtype=object)},
    ],
)
def test_a_film_of_other_things_is_a_sentence(tmp_path: Path, change: dict[str, object]) -> None:
    np.savez(tmp_path / "f.npz", **film(**change))
    with pytest.raises(RecordingError):
        Recording.load(tmp_path)


def test_an_archive_of_something_else_says_what_it_lacks(tmp_path: Path) -> None:
    np.savez(tmp_path / "f.npz", env=np.zeros(3))
    with pytest.raises(RecordingError, match="is of no kind that Sauti reads"):
        Recording.load(tmp_path / "f.npz")
    np.savez(tmp_path / "f.npz", rf=np.zeros(3), unix_time=np.zeros(3), r0_mm=80.0)
    with pytest.raises(RecordingError, match="is no RF film: it lacks fs_hz, f0_hz"):
        Recording.load(tmp_path / "f.npz")


def test_a_text_cut_short_is_a_sentence(kit: Path, tmp_path: Path) -> None:
    whole = (kit / "hand_hand.txt").read_text()
    for part in (0.3, 0.9, 0.9999):
        path = tmp_path / "hand_hand.txt"
        path.write_text(whole[: int(part * len(whole))])
        with pytest.raises(RecordingError, match="damaged or cut short"):
            Recording.load(path)


@pytest.mark.parametrize("content", [b"", b"hello", b"\xff\xfe\x00", b"#lines:x\n#length:2\n1 2\n", b"%PDF-1.7"])
def test_a_text_of_another_kind_is_a_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "note.txt"
    path.write_bytes(content)
    with pytest.raises(RecordingError, match=r"note\.txt is (no lab tool recording|of no kind that Sauti reads)"):
        Recording.load(path)


def test_an_envelope_in_text_is_not_taken_for_rf(tmp_path: Path) -> None:
    path = write_text(tmp_path)
    (tmp_path / "x_settings.txt").write_text("80 160 8 64 57 1")
    with pytest.raises(RecordingError, match="no lab tool recording"):
        Recording.load(path)


def test_nothing_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="There is no recording at"):
        Recording.load(tmp_path / "gone.npz")
    with pytest.raises(RecordingError, match="There is no recording in"):
        Recording.load(tmp_path)


def test_a_recording_is_never_written(kit: Path, tmp_path: Path) -> None:
    shutil.copy(kit / "film_int40.txt", tmp_path)
    recording = Recording.load(tmp_path)
    with pytest.raises(ValueError, match="read-only"):
        recording.frame(0).samples[0, 0] = 1


HOSTILE_SETTINGS = [
    "80 160 0 64 57 0",
    "80 160 8 64 57",
    "nan 160 8 64 57 0",
    "80 160 1e999 64 57 0",
    "\x00",
    "80 160 -8 64 57 0",
]


@pytest.mark.parametrize("settings", HOSTILE_SETTINGS)
def test_settings_that_no_kit_was_told_are_a_sentence(tmp_path: Path, settings: str) -> None:
    path = write_text(tmp_path)
    (tmp_path / "x_settings.txt").write_text(settings)
    with pytest.raises(RecordingError):
        Recording.load(path)


@pytest.mark.parametrize("key", ["unix_time", "fs_hz", "f0_hz", "sector_deg", "r0_mm", "c_m_s"])
@pytest.mark.parametrize(
    "value",
    ["x", 1j, [], [1.0], [[1], [2]], [float("nan"), 1], [0, 10**18], float("inf"), b"1", True, np.datetime64("2020")],
)
def test_numbers_that_are_none_are_a_sentence(tmp_path: Path, key: str, value: object) -> None:
    np.savez(tmp_path / "f.npz", **film(**{key: np.asarray(value)}))
    with pytest.raises(RecordingError):
        Recording.load(tmp_path)


def test_a_film_is_whole_or_a_sentence_whatever_was_done_to_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "f.npz"
    np.savez(path, **film())
    whole, dice = path.read_bytes(), np.random.default_rng(1)
    for _ in range(300):
        data = bytearray(whole)
        for at in dice.integers(len(data), size=dice.integers(1, 6)):
            data[at] = dice.integers(256)
        path.write_bytes(data[: dice.integers(len(data) // 2, len(data) + 1)])
        try:
            recording = Recording.load(path)
        except RecordingError:
            continue
        assert recording.frame(0).lines == LINES
