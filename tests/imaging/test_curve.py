"""A-mode: a curve whose echoes lie where they are, and which says what it is not."""

from __future__ import annotations

import numpy as np
import pytest

from imaging import curve
from imaging.errors import CannotImage
from probe.drivers.alines import GEOMETRY
from tests.imaging.sweeps import frame_of

WIDTH, HEIGHT = 640, 480


def line_with_echo(at: int, count: int = 4000, missing: tuple[int, ...] = ()):
    line = np.zeros((1, count))
    line[0, at : at + 3] = 300
    line[0, 5] = -300
    return frame_of(line, GEOMETRY, rate_hz=60_000_000, first_sample_ns=0, missing=missing)


def column_of_top(pixels: np.ndarray) -> float:
    """Where the curve reaches its highest count."""
    return float(np.mean(np.flatnonzero(pixels[41] == 235)))


def test_an_echo_lies_at_its_time() -> None:
    room = WIDTH - 44 - 12 - 1
    for at in (400, 2000, 3900):
        pixels = curve.draw(line_with_echo(at), 1540, WIDTH, HEIGHT)
        assert column_of_top(pixels) == pytest.approx(44 + room * (at + 1) / 3999, abs=1.5)


def test_no_echo_is_lost_however_small_the_picture() -> None:
    for at in range(100, 3900, 331):
        pixels = curve.draw(line_with_echo(at), 1540, 160, 160)
        assert (pixels[41] == 235).any()


def test_depth_follows_the_sound_speed() -> None:
    frame = line_with_echo(400)
    assert not np.array_equal(curve.draw(frame, 1540, WIDTH, HEIGHT), curve.draw(frame, 5900, WIDTH, HEIGHT))


def test_what_cannot_be_drawn_is_a_sentence() -> None:
    with pytest.raises(CannotImage, match="holds no echo"):
        curve.draw(line_with_echo(400, missing=(0,)), 1540, WIDTH, HEIGHT)
    with pytest.raises(CannotImage, match="holds no echo"):
        curve.draw(line_with_echo(400), 1540, WIDTH, HEIGHT, line=1)
    with pytest.raises(CannotImage, match="needs 160 pixels"):
        curve.draw(line_with_echo(400), 1540, 100, HEIGHT)


@pytest.mark.parametrize("samples", [2, 3, 50, 70_000])
def test_lines_of_any_length_are_drawn(samples: int) -> None:
    frame = frame_of(np.arange(samples)[None] % 100, GEOMETRY, rate_hz=1_000_000, first_sample_ns=0)
    assert curve.draw(frame, 1540, WIDTH, HEIGHT).shape == (HEIGHT, WIDTH)
