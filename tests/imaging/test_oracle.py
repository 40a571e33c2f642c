"""The whole chain against its slow float64 twin.

Criterion: at most 2 grey, 0.35 on average, over every pixel inside the scan, nulls included.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from imaging.chain import Chain, Status
from imaging.grey import a_law
from imaging.preset import Preset
from probe.frame import Frame
from probe.geometry import Geometry
from probe.settings import SampleFormat
from tests.imaging import naive
from tests.imaging.sweeps import frame_of, speckle

MOST, MEAN = 2.0, 0.35


def _errors(frame: Frame, preset: Preset, size: tuple[int, int]) -> tuple[float, float]:
    chain = Chain.plan(frame, preset, *size)
    assert chain.run(frame) is Status.OK
    picture = chain.picture()
    expected = naive.picture(frame, preset, *size)
    assert (np.isnan(expected) == ~picture.inside).all()
    compared = picture.inside & ~naive.on_the_brink(frame, preset, *size)
    assert compared.sum() > 0.97 * picture.inside.sum()
    errors = np.abs(picture.pixels[compared] - expected[compared])
    return float(errors.max()), float(errors.mean())


def test_real_film(film_frame: Frame, water: Preset) -> None:
    most, mean = _errors(film_frame, water, (640, 480))
    assert most <= MOST
    assert mean <= MEAN


@pytest.mark.parametrize("dynamic_range_db", [40, 60, 90])
@pytest.mark.parametrize("tgc_db_m", [0, 300])
def test_synthetic_speckle(speckle_frame: Frame, obstetric: Preset, dynamic_range_db: int, tgc_db_m: int) -> None:
    preset = dataclasses.replace(obstetric, dynamic_range_db=dynamic_range_db, tgc_db_m=tgc_db_m)
    most, mean = _errors(speckle_frame, preset, (320, 240))
    assert most <= MOST
    assert mean <= MEAN


@pytest.mark.parametrize("rate_hz", [9_000_000, 12_500_000, 20_000_000, 40_000_000, 125_000_000])
def test_any_sampling_rate(obstetric: Preset, rate_hz: int) -> None:
    frame = frame_of(speckle(24, 2001, rate_hz=rate_hz), rate_hz=rate_hz)
    most, mean = _errors(frame, obstetric, (200, 160))
    assert most <= MOST
    assert mean <= MEAN


def test_an_uneven_angle_table_and_missing_lines(obstetric: Preset) -> None:
    angles = tuple(int(30_000 * np.sin(x)) for x in np.linspace(-1.4, 1.4, 40))
    frame = frame_of(speckle(40), Geometry(angles, (2000,) * 40, (-5000,) * 40), missing=(0, 11, 12, 39))
    most, mean = _errors(frame, obstetric, (300, 200))
    assert most <= MOST
    assert mean <= MEAN


@pytest.mark.parametrize(
    "knobs",
    [
        {"grey_map": "bright"},
        {"grey_map": "contrast", "gain_db": 5},
        {"tgc_curve_db": (-10, 0, 12, 3, 20), "depth_mm": 70},
        {"tgc_curve_db": (6, -6), "tgc_db_m": 100},
        {"frequency_bands": 2},
        {"frequency_bands": 4, "grey_map": "contrast"},
        {"speckle": "guided", "speckle_strength": 3},
        {"speckle": "srad", "speckle_strength": 3},
    ],
)
def test_knobs(speckle_frame: Frame, obstetric: Preset, knobs: dict[str, object]) -> None:
    most, mean = _errors(speckle_frame, dataclasses.replace(obstetric, **knobs), (320, 240))
    assert most <= MOST
    assert mean <= MEAN


@pytest.mark.parametrize("name", Preset.names())
def test_presets(name: str) -> None:
    frame = frame_of(speckle(24, 1000, rate_hz=40_000_000), rate_hz=40_000_000, missing=(7,))
    most, mean = _errors(frame, Preset.load(name), (160, 120))
    assert most <= MOST
    assert mean <= MEAN


@pytest.mark.parametrize("format", [SampleFormat.IQ_I16, SampleFormat.IQ_I8])
def test_iq(obstetric: Preset, format: SampleFormat) -> None:
    most_count = 30000 if format is SampleFormat.IQ_I16 else 127
    values = np.stack([speckle(32, 600, seed=seed) for seed in (1, 2)], axis=2)
    frame = frame_of(np.clip(values, -most_count, most_count), format=format, rate_hz=4_000_000, missing=(20,))
    preset = dataclasses.replace(obstetric, tgc_db_m=80, gain_db=3)
    most, mean = _errors(frame, preset, (320, 240))
    assert most <= MOST
    assert mean <= MEAN


@pytest.mark.parametrize(
    "format",
    [
        SampleFormat.ENVELOPE_U8_LINEAR, SampleFormat.ENVELOPE_U8_LOG, SampleFormat.ENVELOPE_U8_ALAW,
        SampleFormat.ENVELOPE_U16,
    ],
)  # fmt: skip
@pytest.mark.parametrize("tgc_db_m", [0, 200])
def test_envelopes(obstetric: Preset, format: SampleFormat, tgc_db_m: int, rng: np.random.Generator) -> None:
    most_code = 65535 if format is SampleFormat.ENVELOPE_U16 else 255
    codes = np.repeat(np.repeat(rng.integers(0, most_code + 1, (16, 100)), 2, axis=0), 3, axis=1)
    frame = frame_of(codes, format=format, rate_hz=4_000_000, missing=(5,))
    preset = dataclasses.replace(
        obstetric, tgc_db_m=tgc_db_m, gain_db=-6, grey_map="contrast" if tgc_db_m else "linear"
    )
    most, mean = _errors(frame, preset, (320, 240))
    assert most <= MOST
    assert mean <= MEAN


def test_a_law_is_what_a_real_probe_sends(recordings: Path) -> None:
    """The self-test of a pic0rick: what it coded, and what it says that it meant."""
    coded = np.load(recordings / "pic0rick" / "selftest_alaw.npy")
    meant = np.load(recordings / "pic0rick" / "selftest_alaw_decoded.npy").astype(float)
    compared = 0
    for codes, amplitudes in zip(coded, meant, strict=True):
        if not codes.any():
            continue
        reference = amplitudes.max() / a_law(codes.max() / 255.0)
        np.testing.assert_allclose(a_law(codes / 255.0) * reference, amplitudes, atol=1e-6 * reference)
        compared += 1
    assert compared >= 4
