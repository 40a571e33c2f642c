"""Colour and power Doppler against their slow twin, motion that is known, and a disc that turned in water."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from imaging import compiled
from imaging.beamform.das import Beamformer
from imaging.beamform.lines import Lines
from imaging.beamform.receive import Receive
from imaging.doppler.colour import ColourDoppler
from imaging.doppler.wall import MEAN, Polynomial, Svd, Wall
from imaging.errors import CannotImage
from tests.imaging import channel_files, naive_beam, naive_doppler

PULSES, ROWS, COLUMNS = 16, 5, 12
RATE_HZ, CENTRE_HZ, SPEED = 4000.0, 5e6, 1540.0
NYQUIST = SPEED * RATE_HZ / (4 * CENTRE_HZ)
WALLS: list[Wall] = [Polynomial(-1), MEAN, Polynomial(1), Polynomial(3), Svd(1), Svd(2)]


def _plan(wall: Wall = MEAN, **how: object) -> ColourDoppler:
    return ColourDoppler(PULSES, ROWS, COLUMNS, RATE_HZ, CENTRE_HZ, SPEED, wall, **how)  # type: ignore[arg-type]


def _flow(rng: np.random.Generator, share: float, clutter: float = 0.0, noise: float = 0.02) -> np.ndarray:
    """(pulses, rows, columns): each point moves at a share of Nyquist, under tissue that stands still."""
    start = rng.normal(size=(2, ROWS, COLUMNS)) + 1j * rng.normal(size=(2, ROWS, COLUMNS))
    pulse = np.arange(PULSES)[:, None, None]
    hiss = rng.normal(size=(2, PULSES, ROWS, COLUMNS))
    return start[0] * np.exp(1j * np.pi * share * pulse) + clutter * start[1] + noise * (hiss[0] + 1j * hiss[1])


def _filled(colour: ColourDoppler, images: np.ndarray) -> ColourDoppler:
    for pulse, image in enumerate(images):
        assert colour.put(pulse, image)
    colour.run()
    return colour


@pytest.mark.parametrize("wall", WALLS, ids=str)
def test_it_is_what_the_slow_twin_says(wall: Wall, rng: np.random.Generator) -> None:
    images = _flow(rng, 0.4, clutter=20.0).astype(np.complex64)
    colour = _filled(_plan(wall), images)
    if isinstance(wall, Svd):
        moving = naive_doppler.without_strongest(images.reshape(PULSES, -1).astype(complex), wall.strongest)
        moving = moving.reshape(images.shape)
    for row in range(ROWS):
        for column in range(COLUMNS):
            course = images[:, row, column].astype(complex)
            if isinstance(wall, Svd):
                course = moving[:, row, column]
            else:
                course = naive_doppler.without_polynomial(course, wall.degree)
            expected = naive_doppler.velocity(course, NYQUIST)
            assert colour.velocity_m_s[row, column] == pytest.approx(expected, abs=0.01 * NYQUIST)
            assert colour.power[row, column] == pytest.approx(naive_doppler.power(course), rel=2e-3)


@pytest.mark.parametrize("share", [-0.9, -0.3, 0.15, 0.5, 0.95])
def test_a_known_velocity(share: float, rng: np.random.Generator) -> None:
    colour = _filled(_plan(Polynomial(-1)), _flow(rng, share))
    assert np.median(colour.velocity_m_s) == pytest.approx(share * NYQUIST, abs=0.01 * NYQUIST)
    assert colour.nyquist_m_s == pytest.approx(NYQUIST)
    assert np.median(colour.spread_m_s()) < 0.1 * NYQUIST


@pytest.mark.parametrize("wall", [MEAN, Polynomial(1), Svd(1)], ids=str)
def test_the_wall_goes_and_the_flow_stays(wall: Wall, rng: np.random.Generator) -> None:
    """Tissue 40 dB above the flow hides it; each filter brings it back."""
    images = _flow(rng, 0.5, clutter=100.0)
    hidden = _filled(_plan(Polynomial(-1)), images)
    assert np.abs(np.median(hidden.velocity_m_s)) < 0.01 * NYQUIST
    assert np.median(_filled(_plan(wall), images).velocity_m_s) == pytest.approx(0.5 * NYQUIST, abs=0.06 * NYQUIST)


def test_what_stands_still_has_no_power(rng: np.random.Generator) -> None:
    still = np.repeat(_flow(rng, 0.0)[:1], PULSES, axis=0)
    colour = _filled(_plan(MEAN), still)
    assert colour.power.max() < 1e-9 * np.abs(still).max() ** 2


def test_threads_change_no_bit(rng: np.random.Generator) -> None:
    images = _flow(rng, 0.3, clutter=5.0)
    one = _filled(_plan(Polynomial(2)), images)
    with ThreadPoolExecutor(2) as executor:
        two = _filled(_plan(Polynomial(2), executor=executor, parts=2), images)
    np.testing.assert_array_equal(one.velocity_m_s, two.velocity_m_s)
    np.testing.assert_array_equal(one.power, two.power)


def test_python_does_what_the_compiler_does(rng: np.random.Generator) -> None:
    images = _flow(rng, 0.3, clutter=5.0)
    fast, slow = (_filled(_plan(MEAN, kernels=compiled.kernels(way)), images) for way in ("jit", "python"))
    np.testing.assert_allclose(fast.velocity_m_s, slow.velocity_m_s, atol=1e-4)


def test_an_image_of_another_size_changes_nothing(rng: np.random.Generator) -> None:
    colour = _filled(_plan(), _flow(rng, 0.3))
    before = colour.ensemble.copy()
    planar = np.concatenate([before[2].reshape(ROWS, COLUMNS), before[3].reshape(ROWS, COLUMNS)], axis=1)
    assert colour.put(1, planar)
    for pulse, image in ((0, np.zeros((ROWS, COLUMNS + 1), complex)), (0, np.zeros((ROWS, COLUMNS))), (PULSES, before)):
        assert not colour.put(pulse, image)
    assert not colour.put(-1, np.zeros((ROWS, COLUMNS), complex))
    np.testing.assert_array_equal(colour.ensemble, before)


@pytest.mark.parametrize(
    "make",
    [
        lambda: ColourDoppler(3, 4, 4, RATE_HZ, CENTRE_HZ, SPEED),
        lambda: _plan(Polynomial(PULSES - 1)),
        lambda: _plan(Svd(PULSES)),
        lambda: Svd(1).basis(None, 8),
    ],
)
def test_too_few_pulses_is_one_sentence(make: object) -> None:
    with pytest.raises(CannotImage) as caught:
        make()  # type: ignore[operator]
    assert caught.value.advice


@pytest.mark.usefixtures("fast")
def test_a_disc_that_turns(recordings: Path) -> None:
    """Real data, sampled below its frequency: equal to the twin within 1 % of Nyquist, and a disc's own field."""
    folder = recordings / "channel_data"
    if not folder.is_dir():
        pytest.skip(f"no channel data at {folder}")
    frames, pulse_rate_hz = channel_files.disc(folder)
    like = frames[0]
    lines = Lines(like.aperture, 126, 10, 0.2, 2, 169)
    x, z = (1000 * part for part in lines.points_m())
    radius = np.hypot(x + 0.75, z - 22.5)
    inside = radius < 9
    beamformer = Beamformer(lines, like.waves, like.sampling, like.sound_speed_m_s, Receive(1.5))
    colour = ColourDoppler(
        len(frames), lines.rows, lines.lines, pulse_rate_hz, like.sampling.centre_hz, like.sound_speed_m_s,
        Polynomial(-1),
    )  # fmt: skip
    expected = np.zeros((len(frames), int(inside.sum())), complex)
    for pulse, frame in enumerate(frames):
        assert beamformer.run(frame.samples)
        assert colour.put(pulse, beamformer.image)
        signals = naive_beam.baseband(frame.samples[0], frame.sampling)
        expected[pulse] = naive_beam.heard(
            signals, frame.aperture, frame.waves[0], frame.sampling, frame.sampling.first_sample_s[0],
            frame.sound_speed_m_s, x[inside] / 1000, z[inside] / 1000, 1.5,
        ).sum(axis=0)  # fmt: skip
    colour.run()
    assert colour.nyquist_m_s == pytest.approx(0.74)
    twin = np.array([naive_doppler.velocity(course, 0.74) for course in expected.T])
    velocity = colour.velocity_m_s[inside]
    assert np.sqrt(np.mean((velocity - twin) ** 2)) < 0.01 * colour.nyquist_m_s
    # v = omega x: the left half moves towards the probe
    slope = np.polyfit(x[inside], velocity, 1)[0] * 1000
    assert slope == pytest.approx(-61.4, rel=0.02)
    residual = velocity - np.polyval(np.polyfit(x[inside], velocity, 1), x[inside])
    assert residual.std() < 0.02
