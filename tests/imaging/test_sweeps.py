"""What a swept single element needs: forward and backward sweeps made one, and lines focused together."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from imaging.chain import Chain, Status, picture_of
from imaging.detection import job_for, plan_detection
from imaging.errors import CannotImage
from imaging.layout import fit
from imaging.preset import Preset
from imaging.registration import Registration, amplitude, comb, grey_lines, register, resampled
from probe.frame import Frame
from probe.geometry import Geometry
from tests.imaging.sweeps import as_iq, frame_of
from tests.imaging.wires import counts, wires

pytestmark = pytest.mark.usefixtures("fast")

SECTOR = Geometry.sector(96, 60)
NOMINAL_DEG = np.asarray(SECTOR.angle_mdeg) / 1000
# more than a line, and not the same everywhere: what a motor with backlash does
LAG_DEG = 1.1 + 0.25 * (NOMINAL_DEG / 30) ** 2 + 0.1 * NOMINAL_DEG / 30


def _tissue(samples: int = 1200, rate_hz: int = 15_625_000) -> tuple[np.ndarray, np.ndarray]:
    """Rays in degrees and their echoes: speckle with dark and bright bodies."""
    rng = np.random.default_rng(3)
    rays = np.arange(-40, 40.01, 0.1)
    scatter, depth = rng.standard_normal((len(rays), samples)), np.arange(samples)
    for _ in range(12):
        angle, at, width, height = rng.uniform((-30, 100, 3, 40), (30, 1100, 7, 120))
        body = ((rays[:, None] - angle) / width) ** 2 + ((depth - at) / height) ** 2 < 1
        scatter[body] *= rng.choice([0.05, 4])
    hz = np.fft.rfftfreq(samples, 1 / rate_hz)
    echoes = np.fft.irfft(np.fft.rfft(scatter, axis=1) * np.exp(-(((hz - 3.5e6) / 1e6) ** 2)), samples, axis=1)
    return rays, echoes * 800 / echoes.std()


@pytest.fixture(scope="module")
def to_and_fro() -> list[Frame]:
    """Eight sweeps whose lines really lie half a lag to either side of where the probe says, with a little jitter."""
    rays, echoes = _tissue()
    rng = np.random.default_rng(1)
    frames = []
    for number in range(8):
        direction = 1 if number % 2 == 0 else -1
        true_deg = NOMINAL_DEG + direction * LAG_DEG / 2 + rng.normal(0, 0.02)
        beam = np.exp(-(((true_deg[:, None] - rays) / 1.2) ** 2))
        lines = (beam / np.sqrt((beam**2).sum(axis=1, keepdims=True))) @ echoes
        lines += rng.normal(0, 3, lines.shape)
        frames.append(frame_of(lines, SECTOR, number=number, direction=direction))
    return frames


def test_the_lag_is_found(to_and_fro: list[Frame], obstetric: Preset) -> None:
    found = register(to_and_fro, obstetric).lag_mdeg
    wanted = 1000 * np.interp(np.linspace(0, 95, len(found)), np.arange(96), LAG_DEG)
    assert np.abs(np.array(found) - wanted).max() < 100  # a sixth of a line


def test_the_comb_is_cut_ten_times(to_and_fro: list[Frame], obstetric: Preset) -> None:
    forward, backward = (amplitude(grey_lines(frame, obstetric), obstetric) for frame in to_and_fro[2:4])
    before = comb(forward, backward)
    lies_forward, lies_backward = register(to_and_fro, obstetric).geometries(SECTOR)
    inner = slice(3, -3)  # at the ends one direction saw what the other did not
    after = comb(
        resampled(forward, lies_forward, SECTOR)[inner], resampled(backward, lies_backward, SECTOR)[inner]
    )  # fmt: skip
    assert before > 0.03
    assert after < before / 10
    assert after < 1.5 * comb(forward, forward)  # what is left is the picture's own


def test_comb_knows_its_extremes() -> None:
    smooth = np.sin(np.arange(64) / 9)[:, None] * np.ones(20)
    assert comb(smooth, smooth) < 1e-3
    assert comb(np.ones((64, 20)), np.zeros((64, 20))) > 0.5
    assert comb(np.ones((64, 20)), np.ones((64, 20))) == 0


def test_both_directions_give_the_same_picture(to_and_fro: list[Frame], obstetric: Preset) -> None:
    def difference(registration: Registration | None) -> float:
        chain = Chain.plan(to_and_fro[0], obstetric, 400, 300, registration=registration)
        pictures = []
        for frame in to_and_fro[2:4]:
            assert chain.run(frame) is Status.OK
            pictures.append(chain.picture())
        shared = pictures[0].inside & pictures[1].inside
        assert (pictures[1].pixels[~pictures[1].inside] == 0).all()
        return float(np.abs(pictures[0].pixels[shared].astype(float) - pictures[1].pixels[shared]).mean())

    assert difference(register(to_and_fro, obstetric)) < 0.25 * difference(None)


def test_a_registered_chain_says_so_and_leaves_the_turn_out(to_and_fro: list[Frame], obstetric: Preset) -> None:
    frame = to_and_fro[1]
    plain = Chain.plan(frame, obstetric, 400, 300)
    turned = Chain.plan(frame, obstetric, 400, 300, registration=Registration((0, 0), turning_lines=4))
    assert turned.run(frame) is plain.run(frame) is Status.OK
    assert turned.digest != plain.digest
    assert turned.missing_lines == (0, 1, 2, 3, 92, 93, 94, 95)
    moved = Chain.plan(frame, obstetric, 400, 300, registration=Registration((500, 500)))
    assert moved.digest not in (plain.digest, turned.digest)


def test_what_cannot_be_registered_is_refused(to_and_fro: list[Frame], obstetric: Preset) -> None:
    with pytest.raises(CannotImage, match="to and fro"):
        register(to_and_fro[::2], obstetric)
    rng = np.random.default_rng(5)
    strangers = [frame_of(rng.normal(0, 500, (96, 1200)), SECTOR, direction=d, number=d + 1) for d in (1, -1)]
    with pytest.raises(CannotImage, match="same thing"):
        register(strangers, obstetric)
    for wrong in ({"lag_mdeg": ()}, {"lag_mdeg": (0,), "turning_lines": -1}):
        with pytest.raises(ValueError, match="registration"):
            Registration(**wrong)
    with pytest.raises(CannotImage, match="does not fit"):
        Registration((0, 90_000, 0)).geometries(SECTOR)
    with pytest.raises(CannotImage, match="damaged"):
        grey_lines(dataclasses.replace(to_and_fro[0], samples=np.zeros((3, 3), np.int16)), obstetric)


FOCUS_MM, ELEMENT_MM = 35, 12
FINE = Geometry.sector(161, 40.0)
DEPTHS_MM = (60.0, 80.0, 100.0)


@pytest.fixture(scope="module")
def wire_frame() -> Frame:
    echoes = wires(FINE, [(0.0, z) for z in DEPTHS_MM], 3000, 13_000, 20_000_000, FOCUS_MM, ELEMENT_MM)
    return frame_of(counts(echoes, 8000, 3), FINE, rate_hz=20_000_000, first_sample_ns=13_000)


def _lines(frame: Frame, preset: Preset) -> tuple[np.ndarray, np.ndarray]:
    """(lines, m) decibels, and (m,) ranges."""
    job = job_for(frame, preset, fit(frame.geometry, frame.sampling, 1540, 1200, 1600))
    step = plan_detection(job)
    step.run(frame.samples, 0, step.rows, 0)
    return step.output / 255.0 * preset.dynamic_range_db, step.axis.ranges_mm(frame.sampling, 1540)


def _width_mm(decibel: np.ndarray, ranges: np.ndarray, z_mm: float, degrees_per_line: float) -> float:
    """Full width at half of the peak amplitude, linear between lines, through the strongest echo near a depth."""
    profile = decibel[:, np.abs(ranges - z_mm) < 1.2].max(axis=1)
    peak, half = int(profile.argmax()), profile.max() - 20 * math.log10(2)
    left = next(n for n in range(peak, -1, -1) if profile[n] < half)
    right = next(n for n in range(peak, len(profile)) if profile[n] < half)
    begin = left + (half - profile[left]) / (profile[left + 1] - profile[left])
    end = right - (half - profile[right]) / (profile[right - 1] - profile[right])
    return (end - begin) * math.radians(degrees_per_line) * z_mm


@pytest.mark.parametrize("coherence_percent", [0, 50, 100])
@pytest.mark.parametrize("aperture_lines", [16, 24])
def test_focusing_narrows_what_lies_below_the_focus(
    wire_frame: Frame, obstetric: Preset, aperture_lines: int, coherence_percent: int
) -> None:
    plain = dataclasses.replace(obstetric, tgc_db_m=0, gain_db=-3)
    focused = dataclasses.replace(
        plain, aperture_lines=aperture_lines, focus_mm=FOCUS_MM, element_mm=ELEMENT_MM,
        coherence_percent=coherence_percent,
    )  # fmt: skip
    before, after = _lines(wire_frame, plain), _lines(wire_frame, focused)
    for z_mm in DEPTHS_MM:
        assert _width_mm(*after, z_mm, 0.25) <= 0.75 * _width_mm(*before, z_mm, 0.25)


def test_iq_is_focused_as_well(wire_frame: Frame, obstetric: Preset) -> None:
    """As narrow as RF, and on the same millimetre."""
    plain = dataclasses.replace(obstetric, tgc_db_m=0, gain_db=-3)
    focused = dataclasses.replace(plain, aperture_lines=16, focus_mm=FOCUS_MM, element_mm=ELEMENT_MM)
    iq_frame = as_iq(wire_frame, 4)
    before, after, from_rf = _lines(iq_frame, plain), _lines(iq_frame, focused), _lines(wire_frame, focused)
    for z_mm in DEPTHS_MM:
        width = _width_mm(*after, z_mm, 0.25)
        assert width <= 0.75 * _width_mm(*before, z_mm, 0.25)
        assert width == pytest.approx(_width_mm(*from_rf, z_mm, 0.25), rel=0.05)
        tops = [
            ranges[np.abs(ranges - z_mm) < 1.2][decibel[80, np.abs(ranges - z_mm) < 1.2].argmax()]
            for decibel, ranges in (after, from_rf)
        ]
        assert abs(tops[0] - tops[1]) < 0.11  # a quarter of a wave


def test_iq_of_an_unknown_frequency_is_not_focused(wire_frame: Frame, obstetric: Preset) -> None:
    preset = dataclasses.replace(obstetric, aperture_lines=16, focus_mm=FOCUS_MM, element_mm=ELEMENT_MM)
    frame = as_iq(wire_frame, 4)
    unsaid = dataclasses.replace(frame, settings=dataclasses.replace(frame.settings, centre_hz=0))
    with pytest.raises(CannotImage, match="frequency"):
        Chain.plan(unsaid, preset, 400, 300)


def test_focused_wires_stay_where_they_are(wire_frame: Frame, obstetric: Preset) -> None:
    preset = dataclasses.replace(
        obstetric, tgc_db_m=0, gain_db=-3, aperture_lines=16, focus_mm=FOCUS_MM, element_mm=ELEMENT_MM
    )
    decibel, ranges = _lines(wire_frame, preset)
    quarter_wave_mm = 1540 / 3500 / 4
    for z_mm in DEPTHS_MM:
        near = np.flatnonzero(np.abs(ranges - z_mm) < 1.2)
        line, sample = np.unravel_index(decibel[:, near].argmax(), (161, len(near)))
        assert abs(line - 80) * math.radians(0.25) * z_mm < 0.5
        assert abs(ranges[near[sample]] - z_mm) < quarter_wave_mm + 0.1  # and half a polar sample
    picture = picture_of(wire_frame, preset, 640, 480)
    assert picture.pixels[picture.inside].any()
