"""Recorded channel data with known answers: where points are, how wide, and how well the waves agree."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from imaging.beamform.das import Beamformer
from imaging.beamform.lines import Lines
from imaging.beamform.receive import Receive
from imaging.beamform.sampling import ChannelSampling
from imaging.beamform.sound_speed import best_sound_speed
from imaging.quality import contrast_db, gcnr, gcnr_of_threshold, half_width, peak_place, speckle_snr
from tests.imaging import channel_files, naive_beam
from tests.imaging.channel_files import Recorded

pytestmark = pytest.mark.usefixtures("fast")
Signals = Callable[[np.ndarray, ChannelSampling], np.ndarray]
F_NUMBER, STEP_MM = 1.5, 0.05
TRUTH_MM = (10.35, 22.18, 34.00, 45.83)
# the set's own time shift is so much short of the envelope's peak; without the band's low frequencies 0.17
TOO_DEEP_MM, UNFILTERED_TOO_DEEP_MM = 0.105, 0.17
# of the centre: the widest band there is, nearly all that was received
ALL_PERCENT = 190
# elsewhere the dip between two crests lies just at half amplitude, and the width is that of one or of two
PARTED_MM = 22.18
WIRES_MM = (42.2, 61.6, 81.3)


@pytest.fixture(scope="session")
def folder(recordings: Path) -> Path:
    path = recordings / "channel_data"
    if not path.is_dir():
        pytest.skip(f"no channel data at {path}")
    return path


@pytest.fixture(scope="session")
def points(folder: Path) -> Recorded:
    return channel_files.points(folder)


@pytest.fixture(scope="session")
def wires(folder: Path) -> Recorded:
    return channel_files.wires(folder)


def _image(recorded: Recorded, lines: Lines) -> np.ndarray:
    beamformer = Beamformer(lines, recorded.waves, recorded.sampling, recorded.sound_speed_m_s, Receive(F_NUMBER))
    assert beamformer.run(recorded.samples)
    return beamformer.envelope


def _references(recorded: Recorded, targets: list[Lines], signals_of: Signals) -> list[np.ndarray]:
    """The float64 twin, oversampled 16 times."""
    sampling = recorded.sampling
    images: list[np.ndarray] = [np.zeros((lines.rows, lines.lines), complex) for lines in targets]
    for wave, samples, first in zip(recorded.waves, recorded.samples, sampling.first_sample_s, strict=True):
        signals = signals_of(samples.astype(float), sampling)
        for image, lines in zip(images, targets, strict=True):
            x, z = lines.points_m()
            image += naive_beam.heard(
                signals, recorded.aperture, wave, sampling, first, recorded.sound_speed_m_s, x, z, F_NUMBER
            ).sum(axis=0)
    return [np.abs(image) for image in images]


def _window(recorded: Recorded, depth_mm: float, half_mm: float, lines: int) -> Lines:
    rows = round(2 * half_mm / STEP_MM) + 1
    return Lines(recorded.aperture, rows, depth_mm - half_mm, STEP_MM, 4, lines)


def _widths(image: np.ndarray, lines: Lines, within_mm: float) -> tuple[float, float, float]:
    """Lateral and axial width in mm, and the row of the brightest point near the middle."""
    middle, reach = image.shape[0] // 2, round(within_mm / STEP_MM)
    near = image[middle - reach : middle + reach + 1]
    row, column = np.unravel_index(np.argmax(near), near.shape)
    row += middle - reach
    across = half_width(image[row], lines.aperture.pitch_mm / lines.per_element)
    return across, half_width(image[:, column], STEP_MM), row + peak_place(image[row - 1 : row + 2, column])[0] - 1


def _width_of_pulse(image: np.ndarray, lines: Lines) -> float:
    """Lateral width of the root of the power over the pulse's rows."""
    middle, reach = image.shape[0] // 2, round(0.35 / STEP_MM)
    power = np.square(image[middle - reach : middle + reach + 1].astype(float)).sum(axis=0)
    return half_width(np.sqrt(power), lines.aperture.pitch_mm / lines.per_element)


def test_points_in_one_wave(points: Recorded) -> None:
    recorded = points.only(1)
    targets = [_window(recorded, depth_mm + TOO_DEEP_MM, 1.5, 80) for depth_mm in TRUTH_MM]
    same = _references(recorded, targets, naive_beam.baseband)
    for depth_mm, lines, banded in zip(TRUTH_MM, targets, same, strict=True):
        lateral, axial, row = _widths(_image(recorded, lines), lines, 0.3)
        assert (lateral, axial, row) == pytest.approx(_widths(banded, lines, 0.3), rel=0.01)
        assert abs(lines.nearest_mm + STEP_MM * row - depth_mm - TOO_DEEP_MM) < 0.02


def test_points_beside_those_of_all_frequencies(points: Recorded) -> None:
    """The pulse has several crests nearly as high as each other; which is the highest depends on the band. Across, the
    root of the power of all of them is measured as well; along the line only where they part."""
    recorded = points.only(1)
    everything = dataclasses.replace(
        recorded, sampling=dataclasses.replace(recorded.sampling, bandwidth_percent=ALL_PERCENT)
    )
    targets = [_window(recorded, depth_mm + UNFILTERED_TOO_DEEP_MM, 1.2, 81) for depth_mm in TRUTH_MM]
    wide = _references(recorded, targets, naive_beam.unfiltered)
    for depth_mm, lines, reference in zip(TRUTH_MM, targets, wide, strict=True):
        by_default, of_all = _image(recorded, lines), _image(everything, lines)
        assert _width_of_pulse(by_default, lines) == pytest.approx(_width_of_pulse(reference, lines), rel=0.05)
        assert _width_of_pulse(of_all, lines) == pytest.approx(_width_of_pulse(reference, lines), rel=0.01)
        lateral, axial, _ = _widths(of_all, lines, 0.1)
        expected_lateral, expected_axial, _ = _widths(reference, lines, 0.1)
        assert lateral == pytest.approx(expected_lateral, rel=0.05)
        if depth_mm == PARTED_MM:
            assert axial == pytest.approx(expected_axial, rel=0.05)


@pytest.mark.parametrize(("depth_mm", "lateral_mm"), list(zip(TRUTH_MM, (0.47, 0.46, 0.46, 0.50), strict=True)))
def test_points_in_three_waves(points: Recorded, depth_mm: float, lateral_mm: float) -> None:
    lines = _window(points, depth_mm + TOO_DEEP_MM, 1.5, 80)
    lateral, _, row = _widths(_image(points, lines), lines, 0.3)
    assert 0.85 * lateral_mm < lateral < 1.05 * lateral_mm
    assert abs(lines.nearest_mm + STEP_MM * row - depth_mm - TOO_DEEP_MM) < 0.02


@pytest.mark.parametrize("depth_mm", TRUTH_MM)
def test_the_waves_agree_on_a_point(points: Recorded, depth_mm: float) -> None:
    """The trap of every plane-wave set: a wrong time zero still gives a plausible picture, but not this."""
    lines = _window(points, depth_mm + TOO_DEEP_MM, 0.5, 9)
    together = _image(points, lines).max()
    single = [_image(points.only(wave), lines) for wave in range(3)]
    assert together / sum(image.max() for image in single) > 0.98


def test_wires_in_one_wave(wires: Recorded) -> None:
    recorded = wires.only(3)
    targets = [_window(recorded, depth_mm, 1.5, 180) for depth_mm in WIRES_MM]
    references = _references(recorded, targets, naive_beam.unfiltered)
    same = _references(recorded, targets, naive_beam.baseband)
    for lines, reference, banded, expected in zip(targets, references, same, (0.70, 0.78, 1.01), strict=True):
        lateral, axial, row = _widths(_image(recorded, lines), lines, 1.0)
        assert (lateral, axial, row) == pytest.approx(_widths(banded, lines, 1.0), rel=0.01)
        expected_lateral, expected_axial, _ = _widths(reference, lines, 1.0)
        assert lateral == pytest.approx(expected_lateral, rel=0.05)
        assert axial == pytest.approx(expected_axial, rel=0.05)
        assert lateral == pytest.approx(expected, rel=0.05)


@pytest.mark.parametrize(("depth_mm", "lateral_mm"), list(zip(WIRES_MM, (0.70, 0.77, 0.99), strict=True)))
def test_wires_in_seven_waves(wires: Recorded, depth_mm: float, lateral_mm: float) -> None:
    lines = _window(wires, depth_mm, 1.5, 180)
    assert _widths(_image(wires, lines), lines, 1.0)[0] == pytest.approx(lateral_mm, rel=0.05)


def test_the_sound_speed_that_made_the_points(points: Recorded) -> None:
    lines = Lines(points.aperture, 400, 8, 0.1)

    def plan(sound_speed_m_s: float) -> Beamformer:
        return Beamformer(lines, points.waves, points.sampling, sound_speed_m_s, coherence=True)

    found = best_sound_speed(plan, points.samples, range(1480, 1601, 20))
    assert found == pytest.approx(1540, abs=5)


def test_contrast_and_speckle_of_a_disc(folder: Path) -> None:
    """Inside a radius of 7 mm against outside 11.5 mm: the twin's figures, and no worse than the recordings' README."""
    frame = channel_files.disc(folder)[0][0]
    lines = Lines(frame.aperture, 126, 10, 0.2, 2, 169)
    (reference,) = _references(frame, [lines], naive_beam.baseband)
    x, z = (1000 * part for part in lines.points_m())
    radius = np.hypot(x + 0.75, z - 22.5)
    figures = []
    for envelope in (_image(frame, lines), reference):
        inside, outside = envelope[radius < 7], envelope[radius > 11.5]
        decibel = 20 * np.log10(inside), 20 * np.log10(outside)
        figures.append((contrast_db(inside, outside), gcnr(*decibel), gcnr_of_threshold(*decibel), speckle_snr(inside)))
    ours, expected = figures
    assert ours[0] == pytest.approx(expected[0], abs=0.1)
    assert ours[1:] == pytest.approx(expected[1:], abs=0.01)
    assert ours[0] > 19.2
    assert ours[1] > 0.898
    assert ours[3] == pytest.approx(1.79, abs=0.1)
