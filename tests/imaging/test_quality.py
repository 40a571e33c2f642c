"""Quality measures against distributions and profiles whose answer is known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from imaging import quality
from imaging.errors import CannotMeasure


@pytest.mark.parametrize("centre", [20.0, 20.3, 20.5])
def test_the_width_of_a_gaussian(centre: float) -> None:
    profile = np.exp(-(((np.arange(41) - centre) / 5) ** 2))
    assert quality.half_width(profile, 0.1) == pytest.approx(2 * 5 * math.sqrt(math.log(2)) * 0.1, rel=0.01)


def test_the_width_of_a_triangle_is_exact() -> None:
    assert quality.half_width(np.array([0, 0, 0.25, 0.5, 0.75, 1, 0.6, 0.2, 0]), 2.0) == pytest.approx(2 * (6.25 - 3))


def test_the_width_is_that_of_the_peak_and_not_of_its_neighbour() -> None:
    profile = np.array([0.0, 0.8, 0.1, 0.4, 1.0, 0.4, 0.1, 0.9, 0.0])
    assert quality.half_width(profile, 1.0) == pytest.approx(5 / 3)


@pytest.mark.parametrize("profile", [[], [1.0, 2.0], [0.0, 0.0, 0.0], [0.6, 1.0, 0.1], [0.1, 1.0, 0.6]])
def test_a_profile_without_both_flanks_is_refused(profile: list[float]) -> None:
    with pytest.raises(CannotMeasure) as caught:
        quality.half_width(np.array(profile), 1.0)
    assert caught.value.advice


def test_the_place_of_a_paraboloid_is_exact() -> None:
    row, column = np.mgrid[0:9, 0:11]
    found = quality.peak_place(100 - 2 * (row - 4.3) ** 2 - 3 * (column - 6.7) ** 2)
    assert found == pytest.approx((4.3, 6.7))
    with pytest.raises(CannotMeasure, match="rim"):
        quality.peak_place(np.arange(5.0))
    with pytest.raises(CannotMeasure, match="rim"):
        quality.peak_place(np.array([[0, 0, 0], [1, 2, 1]]))


def _rayleigh(rng: np.random.Generator, scale: float) -> np.ndarray:
    return np.abs(rng.normal(0, scale, 200_000) + 1j * rng.normal(0, scale, 200_000))


def test_rayleigh_speckle(rng: np.random.Generator) -> None:
    """Two Rayleigh regions: every measure has a closed form (the densities cross once)."""
    inside, outside = _rayleigh(rng, 1.0), _rayleigh(rng, 3.0)
    assert quality.speckle_snr(inside) == pytest.approx(math.sqrt(math.pi / (4 - math.pi)), rel=0.01)
    assert quality.contrast_db(inside, outside) == pytest.approx(20 * math.log10(1 / 3), abs=0.05)
    mean, variance = math.sqrt(math.pi / 2), (4 - math.pi) / 2
    expected = 2 * mean / math.sqrt(variance * (1 + 9) / 2)
    assert quality.contrast_to_noise(inside, outside) == pytest.approx(expected, rel=0.01)
    crossing = math.sqrt(2 * math.log(9) / (1 - 1 / 9))
    apart = math.exp(-(crossing**2) / 18) - math.exp(-(crossing**2) / 2)
    decibel = 20 * np.log10(inside), 20 * np.log10(outside)
    assert quality.gcnr(*decibel) == pytest.approx(apart, abs=0.01)
    assert quality.gcnr(*decibel, bins=100) == pytest.approx(apart, abs=0.01)
    assert quality.gcnr_of_threshold(inside, outside) == pytest.approx(apart, abs=0.005)
    assert quality.gcnr_of_threshold(*decibel) == quality.gcnr_of_threshold(inside, outside)


def test_the_two_definitions_differ_where_one_region_lies_on_both_sides(rng: np.random.Generator) -> None:
    middle, sides = rng.uniform(1, 2, 10_000), np.concatenate([rng.uniform(0, 1, 5000), rng.uniform(2, 3, 5000)])
    assert quality.gcnr(middle, sides) > 0.98
    assert quality.gcnr_of_threshold(middle, sides) == pytest.approx(0.5, abs=0.02)


def test_same_and_apart(rng: np.random.Generator) -> None:
    values = rng.normal(10, 1, 5000)
    assert quality.gcnr(values, values) == 0
    assert quality.gcnr_of_threshold(values, values) == 0
    assert quality.gcnr(values, values + 100) == pytest.approx(1)
    assert quality.gcnr_of_threshold(values, values + 100) == 1
    assert quality.gcnr(np.ones(3), np.ones(3)) == 0


@pytest.mark.parametrize("region", [[], [1.0], [1.0, np.nan], [1.0, np.inf], [0.0, 0.0]])
def test_a_region_without_content_is_refused(region: list[float]) -> None:
    values, good = np.array(region), np.array([1.0, 2.0, 3.0])
    with pytest.raises(CannotMeasure):
        quality.speckle_snr(values)
    with pytest.raises(CannotMeasure):
        quality.contrast_db(values, good)
    with pytest.raises(CannotMeasure):
        quality.contrast_to_noise(np.array([2.0, 2.0]), np.array([2.0, 2.0]))
