"""What real sweeps say of registration and of synthetic aperture: the film was swept to and fro, and its lines lie too
far apart to be focused together."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from imaging import band
from imaging.preset import Preset
from imaging.registration import amplitude, comb, grey_lines, register, resampled
from probe.frame import Frame
from probe.recording import Recording
from tests.imaging import naive

pytestmark = pytest.mark.usefixtures("fast")
# in the film a fingertip is nearly still from 38 to 46; the others are pairs in which both sweeps show something
STILL, OTHERS = range(38, 46), (6, 7, 8, 20, 59, 60)
REACH = 6


@pytest.fixture(scope="module")
def sweeps(film: Recording) -> list[Frame]:
    """The film's frames; the file does not say which way each was swept, so every other one is called backward."""
    return [dataclasses.replace(frame, direction=1 - 2 * (n % 2)) for n, frame in enumerate(film.all[:62])]


@pytest.fixture(scope="module")
def polars(sweeps: list[Frame], water: Preset) -> dict[int, np.ndarray]:
    wanted = {n + later for n in (*STILL, *OTHERS) for later in (0, 1, 2)}
    return {n: grey_lines(sweeps[n], water) for n in wanted if n < len(sweeps)}


def _likeness(one: np.ndarray, other: np.ndarray) -> float:
    a, b = one - one.mean(axis=0), other - other.mean(axis=0)
    return float((a * b).sum() / np.sqrt((a**2).sum() * (b**2).sum()))


def _lag(one: np.ndarray, other: np.ndarray) -> float:
    """In lines, where two sweeps are most alike."""
    inner = one[REACH:-REACH]
    likeness = [_likeness(inner, other[REACH + lag :][: len(inner)]) for lag in range(-REACH, REACH + 1)]
    best = int(np.argmax(likeness))
    left, middle, right = likeness[max(best - 1, 0)], likeness[best], likeness[min(best + 1, 2 * REACH)]
    return best - REACH + 0.5 * (left - right) / min(left - 2 * middle + right, -1e-9)


def test_the_film_was_swept_to_and_fro(polars: dict[int, np.ndarray]) -> None:
    """Two lines one way, two lines back, and none between every other frame: backlash, not a hand that moves."""
    lags = np.array([_lag(polars[n], polars[n + 1]) for n in STILL])
    assert np.abs(lags[0::2] - 2).max() < 0.6
    assert np.abs(lags[1::2] + 2).max() < 0.6
    every_other = [_lag(polars[n], polars[n + 2]) for n in STILL]
    assert abs(np.median(every_other)) < 0.2


def test_real_sweeps_are_registered(sweeps: list[Frame], polars: dict[int, np.ndarray], water: Preset) -> None:
    geometry, inner = sweeps[0].geometry, slice(4, -4)
    registration = register(sweeps[38:47], water)
    lies = registration.geometries(geometry)
    assert 1400 < np.mean(registration.lag_mdeg) < 2000  # of 905 a line

    def pair(n: int) -> tuple[np.ndarray, np.ndarray]:
        one, other = (n, n + 1) if n % 2 == 0 else (n + 1, n)
        return amplitude(polars[one], water), amplitude(polars[other], water)

    def moved(one: np.ndarray, other: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return resampled(one, lies[0], geometry)[inner], resampled(other, lies[1], geometry)[inner]

    def before(n: int) -> tuple[np.ndarray, np.ndarray]:
        one, other = pair(n)
        return one[inner], other[inner]

    for n in (*STILL, *OTHERS):  # the last were not used to find it
        assert _likeness(*moved(*pair(n))) > _likeness(*before(n))
    # a living hand differs from sweep to sweep: what registration can take away is what sweeps of one direction lack
    least = np.median([comb(amplitude(polars[n], water)[inner], amplitude(polars[n + 2], water)[inner]) for n in STILL])
    raw = np.median([comb(*before(n)) for n in STILL])
    registered = np.median([comb(*moved(*pair(n))) for n in STILL])
    assert registered - least < 0.5 * (raw - least)


def _coherence(frame: Frame, preset: Preset, apart: int) -> float:
    """Of lines so far apart, in windows of 24 samples, the middle one of those in which they hear echoes; 0 to 1."""
    passed = band.design(frame.sampling, frame.settings, preset)
    lines = naive.analytic(frame.samples, passed.taps, 1)
    count = lines.shape[1] // 24 * 24
    parts = lines[:, :count].reshape(len(lines), -1, 24)
    power = (np.abs(parts) ** 2).sum(axis=2)
    one, other = parts[:-apart], parts[apart:]
    both = power[:-apart] * power[apart:]
    heard = (np.maximum(power[:-apart], power[apart:]) > np.quantile(power, 0.985)) & (both > 0)
    together = np.abs((one * other.conj()).sum(axis=2)[heard]) / np.sqrt(both[heard])
    return float(np.median(together))


def test_which_real_lines_could_be_focused_together(recordings: Path, film_frame: Frame, water: Preset) -> None:
    """Synthetic aperture sums neighbours by phase: the film's, 0.9 degrees apart, have lost it after two lines."""
    raw128 = Recording.load(recordings / "echopen_raw128" / "screen_raw_rf.npz").frame(0)
    assert _coherence(film_frame, water, 2) < 0.6
    assert _coherence(raw128, water, 2) > 0.9
