"""Coherence factors and the sound speed, against what their definitions say of signals that are known."""

from __future__ import annotations

import numpy as np
import pytest

from imaging.beamform.aperture import Aperture
from imaging.beamform.coherence import coherence_factor, sign_coherence_factor
from imaging.beamform.das import Beamformer
from imaging.beamform.lines import Lines
from imaging.beamform.sampling import ChannelSampling
from imaging.beamform.sound_speed import best_sound_speed
from imaging.beamform.summing import Points
from imaging.beamform.wave import DivergingWave, PlaneWave
from imaging.errors import CannotImage
from tests.imaging import naive_beam
from tests.imaging.arrays import channel_data

LARGE = pytest.mark.usefixtures("fast")
SPEED = 1540.0
APERTURE = Aperture(48, 0.3)
SAMPLING = ChannelSampling(1200, 20_000_000, 5_000_000)
LINES = Lines(APERTURE, 100, 5, 0.25)
PLACES = [(0.0, 20.0), (-3.0, 25.0), (2.0, 12.0)]


def _run(data: np.ndarray, target: Lines | Points = LINES) -> Beamformer:
    beamformer = Beamformer(target, [PlaneWave()], SAMPLING, SPEED, coherence=True)
    assert beamformer.run(data)
    return beamformer


@pytest.fixture(scope="module")
def scene() -> np.ndarray:
    return channel_data(APERTURE, PlaneWave(), SAMPLING, PLACES, SPEED, noise=30)[None]


@LARGE
@pytest.mark.parametrize("free", [False, True])
def test_the_factors_are_those_of_the_definitions(scene: np.ndarray, free: bool) -> None:
    x, z = LINES.points_m()
    beamformer = _run(scene, Points(APERTURE, 1000 * x, 1000 * z) if free else LINES)
    signals = naive_beam.baseband(scene[0], SAMPLING)
    heard = naive_beam.heard(signals, APERTURE, PlaneWave(), SAMPLING, 0.0, SPEED, x, z, 1.5)
    listening = (heard != 0).sum(axis=0)
    np.testing.assert_array_equal(beamformer.listening, listening)
    factor = np.abs(heard.sum(axis=0)) ** 2 / (listening * (np.abs(heard) ** 2).sum(axis=0))
    assert np.abs(coherence_factor(beamformer) - factor).max() < 0.02
    mean = np.sign(heard.real).sum(axis=0) / listening
    signs = 1 - np.sqrt(1 - mean**2)
    off = np.abs(sign_coherence_factor(beamformer) - signs)
    assert np.quantile(off, 0.95) < 0.1
    np.testing.assert_allclose(
        sign_coherence_factor(beamformer, 2.0), np.square(sign_coherence_factor(beamformer)), atol=1e-6
    )


@LARGE
def test_a_point_agrees_and_noise_does_not(scene: np.ndarray) -> None:
    factor = coherence_factor(_run(scene, Lines(APERTURE, 41, 19, 0.05, 2)))
    assert factor[:, 40:56].max() > 0.9
    noise = np.random.default_rng(3).integers(-500, 500, scene.shape).astype(np.int16)
    of_noise = _run(noise)
    # the mean of the factor of N independent elements is 1 / N
    assert (coherence_factor(of_noise) * of_noise.listening).mean() == pytest.approx(1, abs=0.15)


SMALL = Aperture(6, 0.3)
SHORT = ChannelSampling(120, 20_000_000, 5_000_000)


def _small(sound_speed_m_s: float = SPEED, coherence: bool = True) -> Beamformer:
    return Beamformer(Lines(SMALL, 12, 1.5, 0.15), [PlaneWave()], SHORT, sound_speed_m_s, coherence=coherence)


def test_silence_has_no_coherence() -> None:
    beamformer = _small()
    assert beamformer.run(np.zeros((1, 6, 120), np.int16))
    assert not coherence_factor(beamformer).any()
    assert not sign_coherence_factor(beamformer).any()


def test_factors_lie_between_nothing_and_all() -> None:
    beamformer = _small()
    beamformer.run(np.random.default_rng(2).integers(-900, 900, (1, 6, 120)).astype(np.int16))
    for factor in (coherence_factor(beamformer), sign_coherence_factor(beamformer)):
        assert 0 <= factor.min() < factor.max() <= 1 + 1e-5


def test_a_beamformer_without_coherence_says_so() -> None:
    beamformer = _small(coherence=False)
    beamformer.run(np.zeros((1, 6, 120), np.int16))
    for factor in (coherence_factor, sign_coherence_factor):
        with pytest.raises(CannotImage, match="coherence"):
            factor(beamformer)


@LARGE
@pytest.mark.parametrize("speed", [1455.0, 1540.0, 1607.0])
def test_the_sound_speed_is_found(speed: float) -> None:
    data = channel_data(APERTURE, PlaneWave(), SAMPLING, PLACES, speed, noise=30)[None]
    fine = Lines(APERTURE, 400, 8, 0.06, 2)
    found = best_sound_speed(
        lambda candidate: Beamformer(fine, [PlaneWave()], SAMPLING, candidate, coherence=True), data
    )
    assert found == pytest.approx(speed, abs=10)


def test_a_sound_speed_is_not_guessed() -> None:
    data = channel_data(SMALL, PlaneWave(), SHORT, [(0.0, 2.4)], SPEED)[None]
    for candidates in ((1540,), (1400, 1450, 1470), (300, 310, 320)):
        with pytest.raises(CannotImage) as caught:
            best_sound_speed(_small, data, candidates)
        assert caught.value.advice
    with pytest.raises(CannotImage, match="shape"):
        best_sound_speed(_small, data[:, :4], (1500, 1540, 1580))


def test_a_sound_speed_between_candidates() -> None:
    """Few elements, few samples: between its neighbours, and no more than that."""
    data = channel_data(SMALL, PlaneWave(), SHORT, [(0.0, 2.4), (0.4, 1.8)], SPEED)[None]
    assert 1100 < best_sound_speed(_small, data, (900, 1540, 2180)) < 1980


@LARGE
def test_a_curved_arrays_own_wave_is_aligned() -> None:
    """The fast way and the general way agree on a convex array too."""
    convex = Aperture(64, 0.47, 60.0)
    lines, wave = Lines(convex, 80, 5, 0.5, 2), DivergingWave(0.0, -60.0)
    sampling = ChannelSampling(1600, 20_000_000, 3_500_000, (0.0,), 80)
    data = channel_data(convex, wave, sampling, [(0, 30), (8, 40)], SPEED)[None]
    x, z = lines.points_m()
    images = []
    for target in (lines, Points(convex, 1000 * x, 1000 * z)):
        beamformer = Beamformer(target, [wave], sampling, SPEED, coherence=True)
        beamformer.run(data)
        images.append(beamformer.envelope)
    assert np.abs(images[0] - images[1]).max() < 2e-3 * images[0].max()
