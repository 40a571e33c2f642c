"""Calibration: errors of known size are found on wires and plates, and distances are right after it."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from probe.calibration.correction import Correction, InForce, corrected
from probe.calibration.fit import ANGLE, LAG, SCALE, SHARED, ZERO, Fit, Plate, fit
from probe.calibration.matching import match
from probe.calibration.sightings import Sighting, amplitude, plate_sightings, point_sightings
from probe.capabilities import Calibration
from probe.driver import FrameReceived, Identified
from probe.drivers.calibrated import CalibratedDriver
from probe.drivers.eop1 import Eop1Driver
from probe.emulators.eop1 import Eop1Device
from probe.errors import ProbeRefused
from probe.recording import Recording
from probe.settings import SampleFormat, Settings
from tests.probe.distortions import WIRES, Errors, SectorProbe, laid

C = 1480.0
BOTH = (1, -1)
CASES = [
    Errors(),
    Errors(scale=1.05, zero_us=2.0, sector=1.25, lag_deg=3.0),
    Errors(scale=0.95, zero_us=-2.0, sector=0.75, lag_deg=-3.0),
    Errors(scale=1.02, zero_us=-1.0, sector=57 / 80, lag_deg=0.5),
    Errors(scale=0.98, zero_us=1.5, sector=1.0, lag_deg=-1.2),
]
POSES = [(0.0, 0.0, 20.0), (7.0, -5.0, 30.0), (-6.0, 4.0, 16.0)]


def worst_distance_error(probe: SectorProbe, correction: Correction, places: list[tuple[float, float]]) -> float:
    """Largest relative error of any distance of 10 mm or more, measured as a caliper would after the correction."""
    seen = []
    for x, z in places:
        for direction in BOTH:
            told_us = (2000 / probe.c * math.hypot(x, z) - probe.errors.zero_us) / probe.errors.scale
            angle = (math.degrees(math.atan2(x, z)) + direction * probe.errors.lag_deg / 2) / probe.errors.sector
            us = told_us * correction.range_scale_ppm / 1e6 + correction.time_zero_ns / 1000
            at = math.radians(angle * correction.sector_scale_ppm / 1e6 - direction * correction.sweep_lag_mdeg / 2000)
            seen.append(((x, z), (probe.c / 2000 * us * math.sin(at), probe.c / 2000 * us * math.cos(at))))
    pairs = [(a, b) for a, b in itertools.combinations(seen, 2) if math.dist(a[0], b[0]) >= 10]
    return max(abs(math.dist(a[1], b[1]) / math.dist(a[0], b[0]) - 1) for a, b in pairs)


def on_wires(probe: SectorProbe, pose: tuple[float, float, float], directions: tuple[int, ...] = BOTH) -> Fit:
    frames = [probe.wires(WIRES, pose, number, direction) for number, direction in enumerate(directions * 2)]
    return fit([match(point_sightings(frames, 2 * len(WIRES)), WIRES, C)], C)


def on_plates(probe: SectorProbe, distances: tuple[float, ...], tilts: tuple[float, ...]) -> Fit:
    plates = []
    for distance, tilt in zip(distances, tilts, strict=True):
        frames = [probe.plate(distance, tilt, number, direction) for number, direction in enumerate(BOTH)]
        plates.append(Plate(distance, tuple(plate_sightings(frames))))
    return fit(plates, C)


@pytest.mark.parametrize(("errors", "pose"), [*zip(CASES, [*POSES, *POSES[:2]], strict=True)])
def test_on_wires_every_distance_is_right_to_a_percent(errors: Errors, pose: tuple[float, float, float]) -> None:
    probe = SectorProbe(errors)
    found = on_wires(probe, pose)
    assert found.found == SHARED
    assert found.residual_um < 100
    assert found.used + found.left_out == 2 * 2 * len(WIRES)
    assert worst_distance_error(probe, found.correction, laid(WIRES, pose)) < 0.002
    assert found.correction.sweep_lag_mdeg == pytest.approx(1000 * errors.lag_deg, abs=20)
    assert found.correction.sector_scale_ppm == pytest.approx(1e6 * errors.sector, rel=0.003)
    assert found.correction.range_scale_ppm == pytest.approx(1e6 * errors.scale, rel=0.002)
    assert found.correction.time_zero_ns == pytest.approx(1000 * errors.zero_us, abs=300)


@pytest.mark.parametrize("errors", CASES)
def test_on_two_plates_every_distance_is_right_to_a_percent(errors: Errors) -> None:
    probe = SectorProbe(errors)
    found = on_plates(probe, (60.0, 110.0), (4.0, -6.0))
    assert found.found == SHARED
    assert found.residual_um < 100
    assert worst_distance_error(probe, found.correction, laid(WIRES, POSES[0])) < 0.005
    assert found.correction.sweep_lag_mdeg == pytest.approx(1000 * errors.lag_deg, abs=50)


def test_without_a_calibration_the_distances_of_these_probes_are_wrong() -> None:
    """What the tests above would accept must not be what there was before."""
    wrong = [worst_distance_error(SectorProbe(errors), Correction(), laid(WIRES, POSES[0])) for errors in CASES]
    assert wrong[0] < 1e-9
    assert min(wrong[1:]) > 0.02


def test_a_target_tells_only_what_it_can() -> None:
    probe = SectorProbe(Errors(zero_us=1.0, sector=1.1))
    assert on_plates(probe, (80.0,), (3.0,)).found == (ZERO, ANGLE, LAG)
    frames = [probe.plate(80.0, 3.0)]
    seen = tuple(plate_sightings(frames))
    assert fit([Plate(80.0, seen)], C).found == (ZERO, ANGLE)
    unknown = fit([Plate(None, seen)], C)
    assert unknown.found == (ANGLE,)
    assert unknown.correction.sector_scale_ppm == pytest.approx(1.1e6, rel=0.02)
    assert on_wires(probe, POSES[0], directions=(1, 1)).found == (SCALE, ZERO, ANGLE)


def test_the_plate_recording_tells_the_sector_that_its_own_header_gets_wrong(recordings: Path) -> None:
    """The text's header says 80 degrees, the kit was told 57: only with 57 is the plate flat."""
    recording = Recording.load(recordings / "echopen_labtool" / "plate_plate.txt")
    seen = tuple(plate_sightings([recording.frame(0)]))
    assert 20 <= len(seen) <= 30
    found = fit([Plate(None, seen)], C)
    assert found.residual_um < 100
    assert found.correction.sector_scale_ppm * 57 / 1e6 == pytest.approx(57, abs=1)
    known = fit([Plate(121.8, seen)], C)
    assert known.found == (ZERO, ANGLE)
    assert abs(known.correction.time_zero_ns) < 200
    as_header_says = tuple(replace(sighting, angle_deg=sighting.angle_deg * 80 / 57) for sighting in seen)
    assert fit([Plate(None, as_header_says)], C).correction.sector_scale_ppm * 80 / 1e6 == pytest.approx(57, abs=1)


def test_outliers_are_left_out() -> None:
    probe = SectorProbe(Errors(sector=1.05))
    seen = plate_sightings([probe.plate(80.0, 0.0)])
    spoilt = [replace(s, time_us=s.time_us + (20.0 if index % 9 == 4 else 0.0)) for index, s in enumerate(seen)]
    found = fit([Plate(80.0, tuple(spoilt))], C)
    assert found.left_out == len(seen[4::9])
    assert found.correction.sector_scale_ppm == pytest.approx(1.05e6, rel=0.01)
    assert found.residual_um < 100


@pytest.mark.parametrize("number", [0, 1, 2])
def test_noise_is_no_target(number: int) -> None:
    noise = SectorProbe(Errors())._frame([], number, 1)
    with pytest.raises(ProbeRefused, match="No plate is seen"):
        plate_sightings([noise])
    with pytest.raises(ProbeRefused, match="wires are recognised"):
        match(point_sightings([noise], 18), WIRES, C)


def test_points_that_are_no_wires_are_not_forced_to_be() -> None:
    random = np.random.default_rng(5)
    points = [Sighting(float(a), float(t), 1) for a, t in random.uniform((-28, 40), (28, 170), (14, 2))]
    with pytest.raises(ProbeRefused):
        fit([match(points, WIRES, C)], C)


def test_every_format_gives_the_echo_its_place() -> None:
    rf = SectorProbe(Errors(), noise=0.0).plate(80.0, 0.0)
    truth = amplitude(rf)
    part = truth / truth.max()
    forms = {
        SampleFormat.ENVELOPE_U8_LINEAR: np.rint(part * 255).astype(np.uint8),
        SampleFormat.ENVELOPE_U16: np.rint(part * 65535).astype(np.uint16),
        SampleFormat.ENVELOPE_U8_LOG: np.clip(
            np.rint(255 + 20 * np.log10(np.maximum(part, 1e-9)) * 254 / 60), 0, 255
        ).astype(np.uint8),
        SampleFormat.ENVELOPE_U8_ALAW: _a_law(part),
        SampleFormat.IQ_I16: np.stack([np.rint(part * 3000), np.rint(part * 4000)], axis=2).astype(np.int16),
    }
    for kind, samples in forms.items():
        frame = replace(rf, format=kind, samples=samples, settings=replace(rf.settings, log_range_db=60))
        got = amplitude(frame)
        assert np.allclose(got / got.max(), part, atol=0.02), kind
        missing = rf.missing.copy()
        missing[5] = True
        assert not amplitude(replace(frame, missing=missing))[5].any()


def _a_law(part: np.ndarray) -> np.ndarray:
    a = 87.6
    low, high = a * part / (1 + math.log(a)), (1 + np.log(np.maximum(a * part, 1e-9))) / (1 + math.log(a))
    return np.floor(255 * np.where(part < 1 / a, low, high) + 0.5).astype(np.uint8)


CORRECTION = Correction(time_zero_ns=-500, range_scale_ppm=1_010_000, sector_scale_ppm=900_000, sweep_lag_mdeg=400)
MADE = Calibration("2026-01-01", "2027-01-01", "Amina", 80)


def test_a_frame_is_corrected_in_time_and_angle_and_says_by_what() -> None:
    told = SectorProbe(Errors()).plate(80.0, 0.0)
    forward = corrected(told, InForce(MADE, CORRECTION))
    assert forward.sampling.first_sample_ns == round(27_000 * 1.01) - 500
    assert forward.sampling.rate_hz == round(15_625_000 / 1.01)
    assert forward.geometry.angle_mdeg[0] == -30_000 * 0.9 - 200
    assert forward.provenance.calibration == MADE
    assert forward.samples is told.samples
    backward = corrected(replace(told, direction=-1), InForce(MADE, CORRECTION))
    assert backward.geometry.angle_mdeg[0] == -30_000 * 0.9 + 200
    assert corrected(told, InForce(MADE, CORRECTION)).geometry is forward.geometry


def test_without_one_in_force_a_frame_stays_and_says_so() -> None:
    told = SectorProbe(Errors()).plate(80.0, 0.0)
    claimed = replace(told, provenance=replace(told.provenance, calibration=MADE))
    plain = corrected(claimed, InForce(None))
    assert plain.provenance.calibration is None
    assert (plain.sampling, plain.geometry) == (told.sampling, told.geometry)


def test_a_corrected_probe_measures_true() -> None:
    """The whole way: calibrate a distorted probe, correct its frames, calibrate again: nothing is left to correct."""
    probe = SectorProbe(CASES[1])
    found = on_wires(probe, POSES[1])
    frames = [
        corrected(probe.wires(WIRES, POSES[1], number, direction), InForce(MADE, found.correction))
        for number, direction in enumerate(BOTH * 2)
    ]
    again = fit([match(point_sightings(frames, 18), WIRES, C)], C).correction
    assert again.range_scale_ppm == pytest.approx(1e6, rel=0.002)
    assert again.sector_scale_ppm == pytest.approx(1e6, rel=0.002)
    assert again.sweep_lag_mdeg == pytest.approx(0, abs=20)
    assert again.time_zero_ns == pytest.approx(0, abs=200)


def test_the_driver_corrects_what_it_passes_on(pair, tiny_source) -> None:  # type: ignore[no-untyped-def]
    asked = []

    def lookup(capabilities):  # type: ignore[no-untyped-def]
        asked.append(capabilities.serial)
        return InForce(MADE, CORRECTION)

    session = pair(Eop1Device(tiny_source()), CalibratedDriver(Eop1Driver(), lookup)).connect(start=True)
    session.run(0.5)
    session.ask(session.driver.stop(session.now_ns))
    session.ask(session.driver.fetch(1, SampleFormat.RF_I16, session.now_ns), 0.5)
    [identified] = [event for event in session.events if isinstance(event, Identified)]
    assert identified.capabilities.calibration == MADE
    assert asked == ["T1"]
    live = [event.frame for event in session.events if isinstance(event, FrameReceived)]
    [fetched] = session.fetched()
    for frame in (*live, fetched):
        assert frame.provenance.calibration == MADE
        shift = -frame.direction * 200
        assert frame.geometry.angle_mdeg[0] == round(-20_000 * 0.9 + shift)
    assert fetched.sampling.first_sample_ns == round(5_000 * 1.01) - 500
    assert session.driver.counters.frames == len(live)
    assert session.driver.name == "eop1"
    session.connect(Settings(lines=8))


def test_too_little_is_refused() -> None:
    seen = tuple(Sighting(float(a), 100.0, 1) for a in range(3))
    with pytest.raises(ProbeRefused, match="does not fit the target"):
        fit([Plate(None, seen)], C)
