"""What a twin sends live: honest negotiation, and an envelope that shows what the RF shows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.coding import envelope
from probe.emulators.live import LEAST_RATE_HZ, encode_sweep, full_plan, live_formats, negotiate
from probe.geometry import Geometry
from probe.lines import frame_bytes
from probe.negotiation import LINK_SHARE
from probe.settings import SampleFormat, Sampling, Settings

LOG = SampleFormat.ENVELOPE_U8_LOG


class Tone:
    """One line of noise and others with one pulse each, at a known sample."""

    model = serial = "tone"
    centre_hz = 3_500_000
    sound_speed_m_s = 1480
    full_scale = 1000
    loop = 1
    geometry = Geometry.sector(64, 57.0)
    sampling = Sampling(1689, 15_625_000, 108_108)

    def rf(self, index: int) -> np.ndarray:
        t = (np.arange(1689)[None, :] - self.pulse_at()[:, None]) / 15.625e6
        pulses = 1000 * np.exp(-((t * 1.5e6) ** 2)) * np.cos(2 * np.pi * 3.5e6 * t)
        return (pulses + 50).astype(np.int16)

    def pulse_at(self) -> np.ndarray:
        return 100 + 23 * np.arange(64)

    def dead(self, index: int) -> tuple[int, ...]:
        return ()


requests = st.builds(
    Settings,
    format=st.sampled_from([None, *SampleFormat]),
    lines=st.none() | st.integers(1, 1024),
    sampling=st.none()
    | st.builds(Sampling, st.integers(1, 32768), st.integers(1, 10**9), st.integers(-(2**31), 2**31 - 1)),
    frame_interval_us=st.none() | st.integers(1, 2**31 - 1),
    gain_db=st.none() | st.integers(-200, 200),
    log_range_db=st.none() | st.integers(0, 200),
)


@given(requests, st.integers(1_000, 50_000_000))
def test_what_is_applied_fits_the_link_and_the_source(asked: Settings, bytes_s: int) -> None:
    source = Tone()
    plan = negotiate(source, asked, bytes_s, 100_000)
    got = plan.settings
    assert got.format in live_formats(source)
    size = frame_bytes(64, plan.format, plan.sampling.samples)
    assert size * 1e6 / got.frame_interval_us <= LINK_SHARE * bytes_s + 1
    assert plan.start + plan.sampling.samples * plan.decimation <= 1689
    assert encode_sweep(source, plan, 0).shape[:2] == (64, plan.sampling.samples)
    first = 108_108 + (plan.start + (plan.decimation - 1) / 2) / 15.625e6 * 1e9
    assert plan.sampling.first_sample_ns == pytest.approx(first, abs=1)


def test_ten_frames_a_second_of_the_film_fit_a_full_speed_link() -> None:
    plan = negotiate(Tone(), Settings(), 800_000, 100_000)
    assert plan.settings.frame_interval_us == 100_000
    assert plan.settings.format is LOG
    assert plan.sampling.rate_hz >= LEAST_RATE_HZ


def test_what_cannot_fit_comes_less_often_and_says_so() -> None:
    source = Tone()
    fast = negotiate(source, Settings(frame_interval_us=20_000), 800_000, 100_000)
    rf = negotiate(source, Settings(format=SampleFormat.RF_I16, frame_interval_us=20_000), 800_000, 100_000)
    assert fast.settings.frame_interval_us > 20_000
    assert fast.sampling.rate_hz >= LEAST_RATE_HZ
    assert rf.settings.frame_interval_us > 300_000
    assert rf.sampling == source.sampling


def test_a_window_is_cut_where_it_was_asked() -> None:
    source = Tone()
    asked = Sampling(400, 7_812_500, 130_000)
    plan = negotiate(source, Settings(sampling=asked), 800_000, 100_000)
    step_ns = 1e9 / 15.625e6
    assert plan.decimation == 2
    assert 0 <= plan.sampling.first_sample_ns - 130_000 <= 2 * step_ns
    assert plan.sampling.samples in (399, 400)


@pytest.mark.parametrize("decimation_rate", [15_625_000, 7_812_500, 3_906_250])
def test_a_pulse_is_where_it_was_after_averaging(decimation_rate: int) -> None:
    source = Tone()
    asked = Settings(sampling=Sampling(1689, decimation_rate, 108_108), format=SampleFormat.ENVELOPE_U16)
    plan = negotiate(source, asked, 10**8, 100_000)
    picture = encode_sweep(source, plan, 0).astype(float)
    sampling = plan.sampling
    for line in (0, 31, 63):
        near = slice(max(0, picture[line].argmax() - 6), picture[line].argmax() + 7)
        weight = picture[line][near]
        at = float((np.arange(picture.shape[1])[near] * weight).sum() / weight.sum())
        true_mm = source.sampling.range_mm(float(source.pulse_at()[line]), 1480)
        assert sampling.range_mm(at, 1480) == pytest.approx(true_mm, abs=0.05)


def test_the_envelope_is_the_size_of_the_pulse_and_has_no_mean() -> None:
    source = Tone()
    magnitude = envelope(source.rf(0), 15_625_000, 3_500_000)
    assert magnitude.dtype == np.float32
    peaks = magnitude[np.arange(64), source.pulse_at()]
    assert peaks == pytest.approx(np.full(64, 1000), rel=0.05)
    assert magnitude[0, 800:].max() < 5


def test_the_log_code_follows_its_definition() -> None:
    class Level(Tone):
        def rf(self, index: int) -> np.ndarray:
            t = np.arange(1689) / 15.625e6
            level = 1000 * 10 ** (-np.arange(64) / 20)
            return np.rint(level[:, None] * np.cos(2 * np.pi * 3.5e6 * t)).astype(np.int16)

    plan = negotiate(Level(), Settings(log_range_db=60), 800_000, 100_000)
    codes = encode_sweep(Level(), plan, 0)[:, codes_middle(plan.sampling.samples)].astype(float)
    # code 255 is full scale, one code is 60/254 dB; quantisation of the RF limits the faint lines
    assert codes[:30].mean(axis=1) == pytest.approx(255 - np.arange(30) * 254 / 60, abs=1.5)
    louder = negotiate(Level(), Settings(log_range_db=60, gain_db=10), 800_000, 100_000)
    middle = encode_sweep(Level(), louder, 0)[20, codes_middle(plan.sampling.samples)]
    assert middle.mean() == pytest.approx(codes[10].mean(), abs=1)


def codes_middle(samples: int) -> slice:
    return slice(samples // 4, 3 * samples // 4)


def test_fetch_sends_every_sample_with_the_settings_of_its_time() -> None:
    source = Tone()
    live = negotiate(source, Settings(gain_db=6), 800_000, 100_000)
    plan = full_plan(source, live.settings)
    assert np.array_equal(encode_sweep(source, plan, 0), source.rf(0))
    assert (plan.settings.gain_db, plan.settings.format) == (6, SampleFormat.RF_I16)
