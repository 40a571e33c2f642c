"""The spectrum of a gate: tones where they belong, powers that add up, refusals in a sentence."""

from __future__ import annotations

import numpy as np
import pytest

from imaging.doppler.spectrum import Gate, Spectrum
from imaging.errors import CannotImage

SPECTRUM = Spectrum(5000.0, 4e6, 1540.0, length=64, step=16)


def _tone(velocity_m_s: float, pulses: int = 512) -> np.ndarray:
    """Towards the probe the echo's phase rises, 2 pi * 2 v f / c a second."""
    return np.exp(2j * np.pi * 2 * velocity_m_s * 4e6 / 1540.0 * np.arange(pulses) / 5000.0)


@pytest.mark.parametrize("velocity", [-0.4, -0.111, 0.0, 0.05, 0.3])
def test_a_tone_is_where_it_belongs(velocity: float) -> None:
    power = SPECTRUM.power(_tone(velocity))
    velocities = SPECTRUM.velocities_m_s()
    assert np.abs(velocities[power.argmax(axis=0)] - velocity).max() <= SPECTRUM.nyquist_m_s / 64
    assert SPECTRUM.mean_m_s(power) == pytest.approx(np.full(power.shape[1], velocity), abs=1e-5)
    assert power.shape == (64, len(SPECTRUM.times_s(512)))
    assert (np.diff(velocities) > 0).all()


def test_beyond_nyquist_it_folds_over() -> None:
    power = SPECTRUM.power(_tone(1.2 * SPECTRUM.nyquist_m_s))
    assert SPECTRUM.mean_m_s(power) == pytest.approx(
        np.full(power.shape[1], -0.8 * SPECTRUM.nyquist_m_s), abs=0.02 * SPECTRUM.nyquist_m_s
    )


def test_a_columns_sum_is_the_mean_power(rng: np.random.Generator) -> None:
    noise = rng.normal(0, 2, 100_000) + 1j * rng.normal(0, 2, 100_000)
    assert SPECTRUM.power(noise).sum(axis=0).mean() == pytest.approx(8, rel=0.02)
    assert SPECTRUM.power(3 * _tone(0.2)).sum(axis=0) == pytest.approx(np.full(29, 9.0))


def test_a_velocity_that_changes_is_followed() -> None:
    """A pulse of blood: half a metre a second up and down."""
    pulses = 4096
    velocity = 0.2 * (1 - np.cos(2 * np.pi * np.arange(pulses) / 2048))
    signal = np.exp(1j * np.cumsum(2 * np.pi * 2 * velocity * 4e6 / 1540.0 / 5000.0))
    found = SPECTRUM.mean_m_s(SPECTRUM.power(signal))
    middle = np.rint(SPECTRUM.times_s(pulses) * 5000).astype(int)
    assert np.abs(found - velocity[middle]).max() < 0.01


def test_the_wall_filter_takes_out_slow_motion() -> None:
    walled = Spectrum(5000.0, 4e6, 1540.0, 64, 16, wall_m_s=0.06)
    power = walled.power(100 * _tone(0.0) + _tone(0.3))
    assert walled.mean_m_s(power) == pytest.approx(np.full(power.shape[1], 0.3), abs=0.01)
    assert not walled.power(np.zeros(64, complex)).any()
    assert not walled.mean_m_s(walled.power(np.zeros(64, complex))).any()


def test_a_gate_sums_its_samples(rng: np.random.Generator) -> None:
    pulses = rng.normal(size=(100, 40)) + 1j * rng.normal(size=(100, 40))
    np.testing.assert_allclose(Gate(7, 9).signal(pulses), pulses[:, 7] + pulses[:, 8] + pulses[:, 9])


@pytest.mark.parametrize(
    "make",
    [
        lambda: Gate(-1, 3).signal(np.zeros((9, 10), complex)),
        lambda: Gate(3, 10).signal(np.zeros((9, 10), complex)),
        lambda: Gate(4, 3).signal(np.zeros((9, 10), complex)),
        lambda: Spectrum(5000, 4e6, 1540, length=4),
        lambda: Spectrum(5000, 4e6, 1540, step=0),
        lambda: Spectrum(5000, 4e6, 1540, wall_m_s=9.0),
        lambda: SPECTRUM.power(np.zeros(63, complex)),
    ],
)
def test_what_cannot_be_is_one_sentence(make: object) -> None:
    with pytest.raises(CannotImage) as caught:
        make()  # type: ignore[operator]
    assert caught.value.advice
