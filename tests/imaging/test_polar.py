"""Kernels that work on lines against their slow float64 twins."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from imaging import band, compiled, grey
from imaging.detection import job_for, plan_detection
from imaging.layout import fit
from imaging.preset import Preset
from imaging.stages.analytic import half_sample_taps
from imaging.stages.saft import routes_of
from imaging.stages.speckle import expected
from probe.frame import Frame
from probe.geometry import Geometry
from probe.settings import SampleFormat
from tests.imaging import naive, naive_polar
from tests.imaging.sweeps import CENTRE_HZ, as_iq, frame_of, speckle

LINES, SAMPLES = 24, 90


@pytest.fixture
def polar(rng: np.random.Generator) -> np.ndarray:
    """Speckle with an edge and a black hole."""
    smooth = np.cumsum(rng.normal(0, 18, (LINES, SAMPLES)), axis=1) * 0.4 + rng.normal(120, 25, (LINES, SAMPLES))
    smooth[8:14, 30:50] = 0
    smooth[:, 70:] += 90
    return np.clip(np.rint(smooth), 0, 255).astype(np.uint8)


@pytest.fixture
def dead() -> np.ndarray:
    dead = np.zeros(LINES, np.uint8)
    dead[[0, 9, 10]] = 1
    return dead


def test_blend(polar: np.ndarray, rng: np.random.Generator, jit: compiled.Kernels) -> None:
    stack = np.concatenate([polar, polar[::-1], rng.integers(0, 256, polar.shape).astype(np.uint8)])
    alive = np.ones((3, LINES), np.uint8)
    alive[0, 3:6] = alive[1, 5] = alive[2, 5] = 0
    weights = np.array([5, 2, 1], np.int32)
    mixed = np.zeros_like(polar)
    jit.call("blend")(stack, weights, alive, np.zeros((2, SAMPLES), np.uint16), mixed, 0, LINES)
    wanted = naive_polar.blend(list(stack.reshape(3, LINES, SAMPLES)), weights.tolist(), list(alive))
    assert np.abs(mixed - wanted).max() <= 0.501
    assert (mixed[5] == 0).all()


@pytest.mark.parametrize("strength", [1, 5, 10])
def test_srad(polar: np.ndarray, dead: np.ndarray, obstetric: Preset, jit: compiled.Kernels, strength: int) -> None:
    powers, steps, smooth = grey.powers_of_grey(obstetric), expected(strength), np.zeros_like(polar)
    image, flow = np.zeros((2 * LINES, SAMPLES + 2), np.float32), np.zeros((LINES, SAMPLES + 2), np.float32)
    table = grey.power_table(obstetric)
    jit.call("smooth_srad")(polar, powers, steps, table, dead, image, flow, smooth, 0, 1)
    slow = naive_polar.srad(10 ** ((polar / 255.0 - 1) * obstetric.dynamic_range_db / 10), steps, dead)
    wanted = np.clip(255 * (1 + 10 * np.log10(slow) / obstetric.dynamic_range_db), 0, 255)
    errors = np.abs(smooth - wanted)
    assert errors.max() <= 1.0
    assert errors.mean() <= 0.35
    assert (smooth != polar).mean() > 0.5


def test_guided(polar: np.ndarray, dead: np.ndarray, jit: compiled.Kernels) -> None:
    smooth = np.zeros_like(polar)
    scratch = np.zeros((2, SAMPLES + 4), np.int32), np.zeros((10, SAMPLES + 4), np.float32)
    jit.call("smooth_guided")(polar, np.array([625 * 400.0], np.float32), dead, *scratch, smooth, 0, LINES)
    wanted = naive_polar.guided(polar, 400.0, dead)
    alive = dead == 0
    assert np.abs(smooth[alive] - wanted[alive]).max() <= 0.51


def test_mean_seen(rng: np.random.Generator, jit: compiled.Kernels) -> None:
    pictures = rng.integers(0, 256, (3, 20, 30)).astype(np.uint8)
    seen = rng.integers(0, 2, (3, 20, 30)).astype(np.uint8)
    mean = np.full((20, 30), 7, np.uint8)
    jit.call("mean_seen")(pictures.reshape(60, 30), seen.reshape(60, 30), mean, 0, 20)
    assert np.abs(mean - naive_polar.mean_seen(pictures, seen)).max() <= 0.501


def test_survey(polar: np.ndarray, rng: np.random.Generator, jit: compiled.Kernels) -> None:
    earlier = rng.integers(0, 256, polar.shape).astype(np.uint8)
    bounds = np.array([0, 4, 33, 90], np.int32)
    sums = np.zeros((LINES, 18), np.int32)
    jit.call("survey")(polar, earlier, bounds, sums, 0, LINES)
    np.testing.assert_array_equal(sums.reshape(LINES, 3, 6), naive_polar.survey(polar, earlier, bounds))


def test_draw_columns(polar: np.ndarray, jit: compiled.Kernels) -> None:
    samples = np.concatenate([[np.nan, np.nan], np.linspace(0, SAMPLES - 1.01, 40)])
    cells = np.where(np.isnan(samples), -1, np.nan_to_num(samples).astype(int)).astype(np.int32)
    weights = np.rint(256 * (np.nan_to_num(samples) - np.maximum(cells, 0))).astype(np.int32)
    picture = np.full((42, 9), 7, np.uint8)
    jit.call("draw_columns")(polar, cells, weights, np.array([4, 2, 5]), picture, 0, 42)
    wanted = naive_polar.columns(polar[4], samples)
    assert np.abs(picture[:, 2:5] - wanted[:, None]).max() <= 0.5 + 255 / 512
    assert (picture[:, [0, 1, 5, 6, 7, 8]] == 7).all()


def _focused(preset: Preset, frame: Frame) -> tuple[np.ndarray, np.ndarray]:
    """Grey of the product, and of the slow twin."""
    layout = fit(frame.geometry, frame.sampling, preset.sound_speed_m_s, 320, 240)
    job = job_for(frame, preset, layout)
    step = plan_detection(job)
    step.run(frame.samples, 0, 1, 0)
    if frame.format is SampleFormat.RF_I16:
        passed = band.finer(band.design(frame.sampling, frame.settings, preset), frame.sampling)
        decimation, turn = passed.decimation, 2 * np.pi * passed.centre_hz * passed.decimation / frame.sampling.rate_hz
        analytic = naive.analytic(frame.samples, passed.taps, decimation)
    else:
        decimation, turn = 0.5, np.pi * CENTRE_HZ / frame.sampling.rate_hz
        doubled = naive_polar.doubled(frame.samples[..., 0] + 1j * frame.samples[..., 1], half_sample_taps())
        analytic = doubled * np.exp(1j * turn * np.arange(doubled.shape[1]))
    every = naive.range_mm(frame, preset, decimation * np.arange(analytic.shape[1]))
    power = naive_polar.synthetic_aperture(
        analytic, frame.geometry.angles_rad(), every, turn, preset.aperture_lines // 2, preset.focus_mm,
        preset.element_mm, preset.coherence_percent / 100,
    )  # fmt: skip
    average = naive.average_of(frame, preset, decimation, layout)
    power = naive.mean_power(power, average)
    ranges = naive.averaged_range_mm(frame, preset, decimation, average, power.shape[1])
    white = 127 if frame.format is SampleFormat.IQ_I8 else preset.white_counts
    return step.output, naive.grey_of_power(power / white**2, ranges, preset)


@pytest.mark.parametrize("coherence_percent", [0, 60, 100])
def test_synthetic_aperture(obstetric: Preset, coherence_percent: int) -> None:
    preset = dataclasses.replace(
        obstetric, aperture_lines=9, focus_mm=35, element_mm=12, coherence_percent=coherence_percent, grey_map="linear"
    )
    geometry = Geometry.sector(25, 24.0)  # steps of exactly one degree
    grey_fast, grey_slow = _focused(preset, frame_of(speckle(25, 800), geometry))
    errors = np.abs(grey_fast - grey_slow)
    assert errors.max() <= 2
    assert errors.mean() <= 0.35


@pytest.mark.parametrize("format", [SampleFormat.IQ_I16, SampleFormat.IQ_I8])
def test_synthetic_aperture_of_iq(obstetric: Preset, format: SampleFormat) -> None:
    preset = dataclasses.replace(
        obstetric, aperture_lines=9, focus_mm=35, element_mm=12, coherence_percent=60, grey_map="linear"
    )
    frame = as_iq(frame_of(speckle(25, 1200), Geometry.sector(25, 24.0)), 3, format)
    grey_fast, grey_slow = _focused(preset, frame)
    errors = np.abs(grey_fast - grey_slow)
    assert errors.max() <= 2
    assert errors.mean() <= 0.35
    assert 20 < grey_slow.mean() < 250


def test_an_uneven_sector_is_focused_as_well(obstetric: Preset) -> None:
    """Angles that differ by less than 10 thousandths of a degree share a table, so this is a little less exact."""
    preset = dataclasses.replace(obstetric, aperture_lines=9, focus_mm=35, element_mm=12)
    angles = tuple(int(12_000 * np.sin(x)) for x in np.linspace(-1.2, 1.2, 25))
    grey_fast, grey_slow = _focused(preset, frame_of(speckle(25, 800), Geometry(angles, (0,) * 25, (0,) * 25)))
    errors = np.abs(grey_fast - grey_slow)
    assert errors.mean() <= 0.5
    assert np.quantile(errors, 0.999) <= 4


def test_a_line_by_itself_hears_itself(obstetric: Preset) -> None:
    preset = dataclasses.replace(obstetric, aperture_lines=1, focus_mm=35, element_mm=12)
    frame = frame_of(speckle(8, 800))
    layout = fit(frame.geometry, frame.sampling, preset.sound_speed_m_s, 320, 240)
    routes = routes_of(job_for(frame, preset, layout), 2, 400)
    assert routes.neighbours.tolist() == [[line] for line in range(8)]
    np.testing.assert_allclose(routes.samples[0], np.arange(400), atol=1e-9)
    assert (routes.shares[0] == 1).all()
