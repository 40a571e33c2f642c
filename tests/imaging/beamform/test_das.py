"""Delay and sum against its float64 twin, and its promises: no allocation, no exception, the same bits with threads.

Criterion: envelope NRMSE at most 2 %, mean error above -40 dB at most 1 grey of 60 dB.
"""

from __future__ import annotations

import dataclasses
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from imaging import compiled
from imaging.beamform.aperture import Aperture
from imaging.beamform.das import Beamformer
from imaging.beamform.lines import Lines
from imaging.beamform.receive import WINDOWS, Receive
from imaging.beamform.sampling import ChannelSampling
from imaging.beamform.summing import Points
from imaging.beamform.wave import DivergingWave, FocusedWave, PlaneWave, Wave
from imaging.errors import CannotImage
from imaging.quality import peak_place
from tests.imaging import naive_beam
from tests.imaging.arrays import channel_data

LARGE = pytest.mark.usefixtures("fast")
SPEED = 1540.0
LINEAR, CONVEX = Aperture(48, 0.3), Aperture(64, 0.47, 60.0)
SAMPLING = ChannelSampling(1200, 20_000_000, 5_000_000, (1e-6,))
SHORT = ChannelSampling(120, 20_000_000, 5_000_000)
PLACES = [(0.0, 20.0), (-3.0, 25.0), (4.0, 31.3), (2.0, 12.0)]
WORST_PERCENT, MEAN_GREY = 2.0, 1.0


def _errors(envelope: np.ndarray, expected: np.ndarray) -> tuple[float, float]:
    """NRMSE in percent and mean grey, after the scale that fits best."""
    envelope = envelope * (envelope * expected).sum() / (envelope**2).sum()
    worst = np.sqrt(((envelope - expected) ** 2).sum() / (expected**2).sum())
    decibel = [20 * np.log10(np.maximum(image, 1e-12) / expected.max()) for image in (envelope, expected)]
    bright = decibel[1] > -40
    return 100 * worst, np.abs(decibel[0] - decibel[1])[bright].mean() * 255 / 60


def _free(lines: Lines) -> Points:
    x, z = lines.points_m()
    return Points(lines.aperture, 1000 * x, 1000 * z)


def _expected(
    lines: Lines, waves: list[Wave], data: np.ndarray, sampling: ChannelSampling, receive: Receive
) -> np.ndarray:
    x, z = lines.points_m()
    image = np.zeros(x.shape, complex)
    for wave, samples, first in zip(waves, data, sampling.first_sample_s, strict=True):
        signals = naive_beam.baseband(samples, sampling)
        heard = naive_beam.heard(
            signals, lines.aperture, wave, sampling, first, SPEED, x, z, receive.f_number, WINDOWS[receive.window]
        )
        image += heard.sum(axis=0) * wave.covers(x, z)
    return image


def _check(
    lines: Lines,
    waves: list[Wave],
    sampling: ChannelSampling = SAMPLING,
    receive: Receive | None = None,
    **scene: float,
) -> None:
    sampling = dataclasses.replace(sampling, first_sample_s=sampling.first_sample_s * len(waves))
    data = np.stack([channel_data(lines.aperture, wave, sampling, PLACES, SPEED, noise=10, **scene) for wave in waves])
    expected = _expected(lines, waves, data, sampling, receive or Receive())
    for target in (lines, _free(lines)):
        beamformer = Beamformer(target, waves, sampling, SPEED, receive)
        assert beamformer.run(data)
        worst, mean = _errors(beamformer.envelope, np.abs(expected))
        assert worst <= WORST_PERCENT
        assert mean <= MEAN_GREY
        # the complex image too, carrier and all: Doppler and compounding need it
        assert np.abs(beamformer.iq() - expected).max() <= 0.03 * np.abs(expected).max()


@LARGE
@pytest.mark.parametrize("per_element", [1, 2, 3])
@pytest.mark.parametrize("degrees", [0.0, 7.0])
def test_plane_waves(per_element: int, degrees: float) -> None:
    _check(Lines(LINEAR, 150, 5, 0.2, per_element, 51), [PlaneWave(np.radians(degrees))])


@LARGE
def test_compounded_plane_waves() -> None:
    _check(Lines(LINEAR, 150, 5, 0.2), [PlaneWave(np.radians(degrees)) for degrees in (-10, 0, 6)])


@LARGE
@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("f_number", [0.8, 2.5])
def test_windows(window: str, f_number: float) -> None:
    _check(Lines(LINEAR, 120, 5, 0.25), [PlaneWave()], receive=Receive(f_number, window))


@LARGE
@pytest.mark.parametrize(
    ("rate_hz", "centre_hz", "percent"),
    [
        (40_000_000, 5_000_000, 100), (62_500_000, 3_500_000, 80), (20_000_000, 5_000_000, 130),
        (12_500_000, 5_000_000, 90), (6_667_000, 5_000_000, 15),
    ],
)  # fmt: skip
def test_any_rate_and_band(rate_hz: int, centre_hz: int, percent: int) -> None:
    sampling = ChannelSampling(rate_hz * 60 // 1_000_000, rate_hz, centre_hz, (1e-6,), percent)
    _check(Lines(LINEAR, 150, 5, 0.2), [PlaneWave(0.05)], sampling, relative_width=percent / 250)


@LARGE
@pytest.mark.parametrize(
    "wave", [DivergingWave(0, -60), DivergingWave(4, -20), FocusedWave(0, 25, 0, 8, 3), FocusedWave(3, 15, 2, 6, 4)]
)
@pytest.mark.parametrize("aperture", [LINEAR, CONVEX], ids=["linear", "convex"])
def test_other_waves_and_arrays(wave: Wave, aperture: Aperture) -> None:
    sampling = ChannelSampling(1200, 20_000_000, 3_500_000, (0.0,), 80)
    _check(Lines(aperture, 120, 5, 0.25), [wave], sampling)


@LARGE
def test_a_point_is_where_it_is() -> None:
    lines = Lines(LINEAR, 300, 5, 0.1, 2)
    data = channel_data(LINEAR, PlaneWave(), SAMPLING, [(1.3, 17.77)], SPEED)[None]
    beamformer = Beamformer(lines, [PlaneWave()], SAMPLING, SPEED)
    beamformer.run(data)
    row, column = peak_place(beamformer.envelope)
    quarter_wave_mm = 1000 * SPEED / SAMPLING.centre_hz / 4
    assert abs(5 + 0.1 * row - 17.77) < min(0.05, quarter_wave_mm)
    assert abs(0.15 * (column - 47.5) - 1.3) < min(0.075, quarter_wave_mm)


@LARGE
def test_an_offset_of_the_samples_does_not_matter() -> None:
    lines = Lines(LINEAR, 100, 5, 0.3)
    data = channel_data(LINEAR, PlaneWave(), SAMPLING, PLACES, SPEED)[None]
    beamformer = Beamformer(lines, [PlaneWave()], SAMPLING, SPEED)
    beamformer.run(data)
    plain = beamformer.envelope.copy()
    beamformer.run(data + np.int16(128))
    np.testing.assert_allclose(beamformer.envelope, plain, atol=1e-3 * plain.max())


@pytest.mark.parametrize("coherence", [False, True])
@pytest.mark.parametrize("free", [False, True])
def test_threads_change_no_bit(coherence: bool, free: bool) -> None:
    lines = Lines(Aperture(19, 0.3), 13, 1.5, 0.2, 2)
    target = _free(lines) if free else lines
    waves = [PlaneWave(-0.1), PlaneWave(0.1)]
    sampling = dataclasses.replace(SHORT, first_sample_s=(0.0, 1e-7))
    data = np.random.default_rng(1).integers(-32768, 32768, (2, 19, 120)).astype(np.int16)
    one = Beamformer(target, waves, sampling, SPEED, coherence=coherence)
    one.run(data)
    with ThreadPoolExecutor(2) as executor:
        two = Beamformer(target, waves, sampling, SPEED, coherence=coherence, executor=executor, parts=2)
        two.run(data)
        two.run(data)
    np.testing.assert_array_equal(one.image, two.image)
    np.testing.assert_array_equal(one.envelope, two.envelope)
    np.testing.assert_array_equal(one.likeness, two.likeness)
    assert one.envelope.any()


def test_data_of_another_plan_changes_nothing() -> None:
    beamformer = Beamformer(Lines(Aperture(6, 0.3), 8, 2, 0.3), [PlaneWave()], SHORT, SPEED)
    assert beamformer.run(np.random.default_rng(2).integers(-900, 900, (1, 6, 120)).astype(np.int16))
    before = beamformer.envelope.copy()
    for wrong in (
        np.zeros((1, 6, 119), np.int16), np.zeros((2, 6, 120), np.int16), np.zeros((1, 6, 120), np.float32),
        np.zeros((1, 120, 6), np.int16).transpose(0, 2, 1), None,
    ):  # fmt: skip
        assert not beamformer.run(wrong)  # type: ignore[arg-type]
        np.testing.assert_array_equal(beamformer.envelope, before)
    assert before.any()
    assert np.abs(beamformer.iq()).max() == pytest.approx(before.max())


@LARGE
def test_coherence_does_not_change_the_image() -> None:
    lines = Lines(LINEAR, 60, 5, 0.5, 2)
    data = channel_data(LINEAR, PlaneWave(), SAMPLING, PLACES, SPEED)[None]
    images = []
    for coherence in (False, True):
        beamformer = Beamformer(lines, [PlaneWave()], SAMPLING, SPEED, coherence=coherence)
        beamformer.run(data)
        images.append(beamformer.image)
    np.testing.assert_allclose(images[0], images[1], atol=1e-5 * np.abs(images[0]).max())


@LARGE
def test_nothing_is_allocated_per_frame() -> None:
    beamformer = Beamformer(Lines(LINEAR, 100, 5, 0.3), [PlaneWave(0.1)], SAMPLING, SPEED)
    data = np.zeros((1, 48, 1200), np.int16)
    beamformer.run(data)
    tracemalloc.start()
    beamformer.run(data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4096


@LARGE
def test_time_outside_the_recording_is_silence() -> None:
    """Rows before the first sample and behind the last one: no element is heard, nothing else is read."""
    sampling = ChannelSampling(400, 20_000_000, 5_000_000, (20e-6,))
    lines = Lines(LINEAR, 100, 0, 0.5)
    data = np.random.default_rng(1).integers(-1000, 1000, (1, 48, 400)).astype(np.int16)
    for target in (lines, _free(lines)):
        beamformer = Beamformer(target, [PlaneWave()], sampling, SPEED)
        beamformer.run(data)
        assert not beamformer.envelope[:28].any()
        assert beamformer.envelope[35:50].all()
        assert not beamformer.envelope[66:].any()


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize(
    ("radius_mm", "wave"),
    [
        (np.inf, PlaneWave(0.1)), (np.inf, DivergingWave(0.2, -5)), (np.inf, FocusedWave(0.1, 3, 0, 1.5, 0.5)),
        (6.0, DivergingWave(0.0, -6.0)),
    ],
)  # fmt: skip
def test_python_does_what_the_compiler_does(window: str, radius_mm: float, wave: Wave) -> None:
    lines = Lines(Aperture(6, 0.3, radius_mm), 8, 2, 0.3, 2)
    data = np.random.default_rng(2).integers(-900, 900, (1, 6, 120)).astype(np.int16)
    for target in (lines, _free(lines)):
        images = []
        for way in ("jit", "python"):
            beamformer = Beamformer(
                target, [wave], SHORT, SPEED, Receive(1.0, window), kernels=compiled.kernels(way), coherence=True
            )
            beamformer.run(data)
            images.append(beamformer.image)
        assert images[0].any()
        np.testing.assert_allclose(images[0], images[1], atol=1e-4 * np.abs(images[0]).max())


@pytest.mark.parametrize(
    "make",
    [
        lambda: Aperture(1, 0.3),
        lambda: Aperture(64, -0.3),
        lambda: Aperture(128, 0.5, 10.0),
        lambda: Receive(0.0),
        lambda: Receive(1.5, "kaiser"),
        lambda: ChannelSampling(20, 20_000_000, 5_000_000),
        lambda: ChannelSampling(1000, 20_000_000, 0),
        lambda: ChannelSampling(1000, 20_000_000, 10_000_000),
        lambda: Lines(LINEAR, 1, 5, 0.1),
        lambda: Lines(LINEAR, 10, 5, 0.0),
        lambda: Lines(LINEAR, 10, 5, 0.1, 1, 1),
        lambda: Points(LINEAR, np.zeros(3), np.zeros(3)),
        lambda: Beamformer(Lines(LINEAR, 10, 5, 0.1), [PlaneWave()] * 2, SAMPLING, SPEED),
        lambda: Beamformer(Lines(LINEAR, 10, 5, 0.1), [], SAMPLING, SPEED),
    ],
)
def test_what_cannot_be_imaged_is_one_sentence(make: object) -> None:
    with pytest.raises(CannotImage) as caught:
        make()  # type: ignore[operator]
    assert caught.value.title
    assert caught.value.advice
