"""``sauti image`` on every real recording: a picture where lines lie side by side, else a curve, and what is wrong."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from clinic import cli

# file -> which frame to show, and what must be said of it
PICTURES = {
    "echopen_app/probe_v1_3_5MHz_frame0.txt": (0, "It is synthetic."),
    "echopen_app/probe_v1_5MHz_frame0.txt": (0, "the clock is used"),
    "echopen_dataquarium/gelpad_env_u8.npz": (3, "unverified"),
    "echopen_dataquarium/hand_env_u8.npz": (7, "unverified"),
    "echopen_dataquarium/raw_hand_rf_int16.npz": (0, "16 dead lines"),
    "echopen_dataquarium/sponge_env_u8.npz": (0, "unverified"),
    "echopen_labtool/film_int40.txt": (0, "The header says 80 degrees, the kit was told 57"),
    "echopen_labtool/film_rf_int16.npz": (60, "preset water_tank (1480 m/s)"),
    "echopen_labtool/hand_hand.txt": (0, "The header says 80 degrees"),
    "echopen_labtool/plate_plate.txt": (0, "The header says 80 degrees"),
    "echopen_raw128/screen_envelope.npz": (0, "unverified"),
    "echopen_raw128/screen_raw_rf.npz": (0, "unverified"),
    "uprobe1/20170404-potatoes.frames00-11.stream.bin": (6, "Its depth and angle are assumed."),
}
CURVES = {
    "pic0rick/selftest_P0RK_frames.bin": (9, "A-mode"),
    "pic0rick/steel_block_adc_u16.npz": (27, "the label is wrong"),
    "un0rick/20180516a-1.json": (0, "time zero"),
    "un0rick/20180516a-3.json": (0, "time zero"),
    "un0rick/20210117173109.npz": (31, "half a clock later"),
    "un0rick/20240208182809_ndt.npz": (0, "half a clock later"),
    "wulpus/data_0.npz": (99, "A-mode"),
}


def image(recordings: Path, tmp_path: Path, name: str, frame: int) -> np.ndarray:
    target = tmp_path / "picture.png"
    assert cli.run(["image", str(recordings / name), "--frame", str(frame), "--plain", "-o", str(target)]) == 0
    return np.asarray(Image.open(target))


@pytest.mark.parametrize("name", PICTURES)
def test_lines_side_by_side_are_a_picture(
    recordings: Path, tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    frame, remark = PICTURES[name]
    pixels = image(recordings, tmp_path, name, frame)
    said = capsys.readouterr().out
    assert "mm per pixel" in said
    assert remark in said
    assert pixels.shape == (480, 640)
    assert pixels.max() > 200, "the brightest echo is white"
    assert (pixels == 0).mean() > 0.1, "outside the scan is black"


@pytest.mark.parametrize("name", CURVES)
def test_single_lines_are_a_curve(
    recordings: Path, tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    frame, remark = CURVES[name]
    pixels = image(recordings, tmp_path, name, frame)
    said = capsys.readouterr().out
    assert "A-mode (1480 m/s)" in said
    assert remark in said
    assert "mm per pixel" not in said
    assert (pixels == 235).sum() > 500


def test_dead_lines_are_black_and_their_neighbours_are_not(recordings: Path, tmp_path: Path) -> None:
    """Lines 1 to 16 of 64 are dead: their part of the fan holds nothing, whatever is beside it."""
    pixels = image(recordings, tmp_path, "echopen_dataquarium/raw_hand_rf_int16.npz", 0)
    whole = image(recordings, tmp_path, "echopen_labtool/plate_plate.txt", 0)
    left, right = pixels[:, :200], pixels[:, -200:]
    assert (left > 0).mean() < 0.2 * (whole[:, :200] > 0).mean()
    assert (right > 0).mean() > 0.5 * (whole[:, -200:] > 0).mean()


def test_a_line_without_echoes_and_a_frame_that_is_not_there_are_sentences(
    recordings: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(recordings / "pic0rick" / "selftest_P0RK_frames.bin")
    assert cli.run(["image", path, "--frame", "0", "-o", str(tmp_path / "x.png")]) == 1
    assert "The line holds no echo" in capsys.readouterr().err
    assert cli.run(["image", path, "--frame", "21", "-o", str(tmp_path / "x.png")]) == 1
    assert "has no frame 21. Choose one from 0 to 20." in capsys.readouterr().err
    assert not (tmp_path / "x.png").exists()


def test_every_recording_is_shown_without_saying_which_frame(recordings: Path, tmp_path: Path, capsys) -> None:  # type: ignore[no-untyped-def]
    """A self-test's first lines hold no echo: the first one that does is shown, and named."""
    path = str(recordings / "pic0rick" / "selftest_P0RK_frames.bin")
    assert cli.run(["image", path, "-o", str(tmp_path / "x.png")]) == 0
    assert "P0RK stream, A-lines, frame 6, A-mode" in capsys.readouterr().out
