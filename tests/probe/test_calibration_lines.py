"""Calibration of all but sectors: single lines, linear and convex arrays, rocking heads; known errors are found."""

from __future__ import annotations

import contextlib
import itertools
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from probe.calibration.correction import Correction, InForce, corrected
from probe.calibration.fit import ANGLE, LAG, LATERAL, SCALE, ZERO, Block, Fit, Plate, fit
from probe.calibration.layout import Motion, layout_of
from probe.calibration.matching import match
from probe.calibration.sightings import echo_sightings, echo_spacings, plate_sightings, point_sightings
from probe.errors import ProbeRefused
from probe.geometry import Geometry
from probe.recording import Recording
from tests.probe.distortions import laid
from tests.probe.lines_distorted import LinesProbe, shown

C = 1480.0
BOTH = (1, -1)
WIRES = (
    (0.0, 20.0), (0.0, 45.0), (0.0, 70.0), (0.0, 95.0), (-12.0, 50.0), (15.0, 58.0), (-14.0, 80.0), (11.0, 30.0),
    (-9.0, 26.0),
)  # fmt: skip
LINEAR = Geometry.linear(96, 420)
CONVEX = Geometry.convex(96, 60.0, 60.0)
LOUNGER = Geometry.lounger(96, travel_mm=9.0, crank_mm=9.0, radius_mm=8.0, offset_mm=1.5, tilt_deg=3.0)
# a phased fan whose lines start along a flat face: they turn about no one point
TRAPEZE = Geometry(
    tuple(round(1000 * a) for a in np.linspace(-20, 20, 96)),
    tuple(round(420 * (i - 47.5)) for i in range(96)),
    (0,) * 96,
)


def swung(geometry: Geometry, scale: float, shift_deg: float = 0.0) -> Geometry:
    """All lines turned about (0, 0) as a whole: the true place of a head that swings further, or lags."""
    angles = np.asarray(geometry.angle_mdeg) / 1000
    middle = (angles[0] + angles[-1]) / 2
    rows = []
    for angle, (x, z) in zip(angles, geometry.origins_mm(), strict=True):
        by = math.radians((scale - 1) * (angle - middle) + shift_deg)
        rows.append((
            round(1000 * (angle + math.degrees(by))),
            round(1000 * (x * math.cos(by) + z * math.sin(by))),
            round(1000 * (z * math.cos(by) - x * math.sin(by))),
        ))  # fmt: skip
    return Geometry.from_table(rows)


def fanned(geometry: Geometry, scale: float) -> Geometry:
    return replace(geometry, angle_mdeg=tuple(round(scale * a) for a in geometry.angle_mdeg))


PROBES = {
    "linear": LinesProbe(LINEAR, LINEAR),
    "linear, wrong": LinesProbe(LINEAR, Geometry.linear(96, 420 * 1.15), scale=1.04, zero_us=1.2),
    "linear, narrow": LinesProbe(LINEAR, Geometry.linear(96, 420 * 0.85), scale=0.96, zero_us=-0.8),
    "convex": LinesProbe(CONVEX, CONVEX),
    "convex, wrong": LinesProbe(CONVEX, Geometry.convex(96, 60 * 1.15, 60.0), scale=1.04, zero_us=1.2),
    "convex, narrow": LinesProbe(CONVEX, Geometry.convex(96, 60 * 0.85, 60.0), scale=0.96, zero_us=-0.8),
    "lounger": LinesProbe(LOUNGER, LOUNGER),
    "lounger, wrong": LinesProbe(
        LOUNGER, swung(LOUNGER, 1.15, -1.0), scale=1.04, zero_us=1.2, true_backward=swung(LOUNGER, 1.15, 1.0)
    ),
    "lounger, narrow": LinesProbe(
        LOUNGER, swung(LOUNGER, 0.85, 0.5), scale=0.96, zero_us=-0.8, true_backward=swung(LOUNGER, 0.85, -0.5)
    ),
    "trapeze, wrong": LinesProbe(TRAPEZE, fanned(TRAPEZE, 1.2), scale=1.03, zero_us=0.7),
}
TURNING = [name for name in PROBES if "linear" not in name]
WRONG = [name for name in PROBES if "," in name]


def worst_distance_error(probe: LinesProbe, correction: Correction, places: list[tuple[float, float]]) -> float:
    """Largest relative error of any distance of 10 mm or more in corrected pictures, of both directions."""
    seen = []
    for place, direction in itertools.product(places, directions(probe)):
        line, us = probe.told_place(place, direction)
        true_us = us * correction.range_scale_ppm / 1e6 + correction.time_zero_ns / 1000
        seen.append((place, shown(correction.geometry(probe.told, direction), line, true_us, probe.c)))
    pairs = [(a, b) for a, b in itertools.combinations(seen, 2) if math.dist(a[0], b[0]) >= 10]
    return max(abs(math.dist(a[1], b[1]) / math.dist(a[0], b[0]) - 1) for a, b in pairs)


def directions(probe: LinesProbe) -> tuple[int, ...]:
    return BOTH if probe.true_backward is not None else (1,)


def on_wires(probe: LinesProbe, surface_mm: float | None = None, pose: tuple[float, float, float] = (0, 1, 2)) -> Fit:
    places, layout = laid(WIRES, pose), layout_of(probe.told)
    frames = [probe.wires(places, number, way) for number, way in enumerate(directions(probe) * 2)]
    return fit([match(point_sightings(frames, 2 * len(WIRES)), WIRES, C, layout, surface_mm)], C, layout)


def on_plates(probe: LinesProbe, plates: tuple[tuple[float, float], ...]) -> Fit:
    targets = []
    for distance, tilt in plates:
        frames = [probe.plate(distance, tilt, number, way) for number, way in enumerate(directions(probe))]
        targets.append(Plate(distance, tuple(plate_sightings(frames))))
    return fit(targets, C, layout_of(probe.told))


def test_a_table_of_lines_shows_how_they_move() -> None:
    assert layout_of(Geometry((0,), (0,), (0,))).motion is Motion.ONE_LINE
    assert layout_of(LINEAR).motion is Motion.PARALLEL
    assert layout_of(TRAPEZE).motion is Motion.EACH_FOR_ITSELF
    for geometry, centre in ((CONVEX, (0, -60)), (LOUNGER, (0, 0)), (Geometry.sector(64, 60.0), (0, 0))):
        layout = layout_of(geometry)
        assert layout.motion is Motion.ABOUT_A_POINT
        assert layout.centre_mm == pytest.approx(centre, abs=0.05)


@pytest.mark.parametrize("name", PROBES)
def test_on_wires_every_distance_is_right_to_a_percent(name: str) -> None:
    probe = PROBES[name]
    found = on_wires(probe, surface_mm=-2.0)
    assert found.untold == ()
    assert found.residual_um < 150
    assert worst_distance_error(probe, found.correction, laid(WIRES, (0, 1, 2))) < 0.005
    assert found.correction.range_scale_ppm == pytest.approx(1e6 * probe.scale, rel=0.003)
    assert found.correction.time_zero_ns == pytest.approx(1000 * probe.zero_us, abs=300)


@pytest.mark.parametrize("name", TURNING)
def test_on_two_plates_every_distance_is_right_to_a_percent(name: str) -> None:
    probe = PROBES[name]
    found = on_plates(probe, ((40.0, 3.0), (100.0, -4.0)))
    assert found.untold == ()
    assert (LAG in found.found) == (probe.true_backward is not None)
    assert found.residual_um < 150
    assert worst_distance_error(probe, found.correction, laid(WIRES, (0, 1, 2))) < 0.01


@pytest.mark.parametrize("name", WRONG)
def test_without_a_calibration_these_distances_are_wrong(name: str) -> None:
    assert worst_distance_error(PROBES[name], Correction(), laid(WIRES, (0, 1, 2))) > 0.02


def test_parallel_lines_are_told_what_they_can_be() -> None:
    """A plate knows nothing of a width; wires that lie anywhere in the depth know no time zero."""
    probe = PROBES["linear, wrong"]
    plates = on_plates(probe, ((40.0, 2.0), (100.0, 0.0)))
    assert (plates.found, plates.untold) == ((SCALE, ZERO), (LATERAL,))
    assert plates.correction.range_scale_ppm == pytest.approx(1e6 * probe.scale, rel=0.003)
    assert plates.correction.time_zero_ns == pytest.approx(1000 * probe.zero_us, abs=400)
    assert plates.correction.lateral_scale_ppm == 1_000_000
    wires = on_wires(probe, pose=(5, 1, 4))
    assert (wires.found, wires.untold) == ((SCALE, LATERAL), (ZERO,))
    assert wires.correction.lateral_scale_ppm == pytest.approx(1.15e6, rel=0.005)
    assert worst_distance_error(probe, wires.correction, laid(WIRES, (5, 1, 4))) < 0.005


def test_one_plate_tells_a_convex_probe_no_scale() -> None:
    found = on_plates(PROBES["convex, wrong"], ((60.0, 0.0),))
    assert (found.found, found.untold) == ((ZERO, ANGLE), (SCALE,))


def test_a_corrected_frame_lies_where_it_truly_lies() -> None:
    for name in ("linear, wrong", "convex, wrong", "lounger, wrong"):
        probe = PROBES[name]
        found = on_wires(probe, surface_mm=-2.0)
        frame = corrected(probe.plate(60.0), InForce(None, found.correction))
        assert np.allclose(frame.geometry.origins_mm(), probe.true.origins_mm(), atol=0.15)
        assert np.allclose(frame.geometry.angles_rad(), probe.true.angles_rad(), atol=math.radians(0.15))


# one line

ONE = Geometry((0,), (0,), (0,))


def fits(targets: list[Plate | Block], speed: float) -> bool:
    """Whether ``sauti calibrate`` would take it: it refuses what leaves more than a millimetre."""
    try:
        return fit(targets, speed, layout_of(ONE)).residual_um <= 1000
    except ProbeRefused:
        return False


def on_blocks(probe: LinesProbe, distances: tuple[float, ...], frames: int = 8) -> Fit:
    targets = []
    for distance in distances:
        seen = [probe.plate(distance, 0.0, number) for number in range(frames)]
        targets.append(Plate(distance, tuple(echo_sightings(seen, 2000 * distance / C))))
    return fit(targets, C, layout_of(probe.told))


@pytest.mark.parametrize(("scale", "zero_us"), [(1.0, 0.0), (1.05, 2.0), (0.95, -1.5), (1.02, 0.3)])
@pytest.mark.parametrize("distances", [(20.0, 100.0), (15.0, 60.0, 110.0)])
def test_plates_calibrate_a_single_line(scale: float, zero_us: float, distances: tuple[float, ...]) -> None:
    found = on_blocks(LinesProbe(ONE, ONE, scale=scale, zero_us=zero_us), distances)
    assert (found.found, found.untold) == ((SCALE, ZERO), ())
    assert found.residual_um < 50
    assert found.correction.range_scale_ppm == pytest.approx(1e6 * scale, rel=0.002)
    assert found.correction.time_zero_ns == pytest.approx(1000 * zero_us, abs=400)
    assert corrected(LinesProbe(ONE, ONE).plate(50.0), InForce(None, found.correction)).geometry == ONE


def test_one_plate_tells_a_single_line_no_scale() -> None:
    found = on_blocks(LinesProbe(ONE, ONE, zero_us=1.0), (50.0,))
    assert (found.found, found.untold) == ((ZERO,), (SCALE,))


def test_a_single_line_without_an_echo_at_the_distance_is_refused() -> None:
    noise = LinesProbe(ONE, ONE).frame([], 0, 1)
    with pytest.raises(ProbeRefused, match="No plate is seen at its distance"):
        echo_sightings([noise], 60.0)


def test_a_plate_at_a_wrong_distance_is_refused() -> None:
    probe = LinesProbe(ONE, ONE)
    targets = []
    for distance, said in ((20.0, 20.0), (60.0, 66.0), (100.0, 100.0)):
        seen = [probe.plate(distance, 0.0, number) for number in range(8)]
        targets.append(Plate(said, tuple(echo_sightings(seen, 2000 * said / C))))
    assert not fits(targets, C)
    assert fits(
        [replace(target, distance_mm=true) for target, true in zip(targets, (20.0, 60.0, 100.0), strict=True)], C
    )


STEEL = 5900.0


def steel(path: Path, label: str, thickness_mm: float) -> tuple[float, ...]:
    """Echo spacings, as in a block of that thickness, of the lines with a label; faint lines tell none."""
    recording, labels = Recording.load(path), [str(text) for text in np.load(path)["target"]]
    found: list[float] = []
    for index, text in enumerate(labels):
        if text.endswith(f"~{label}mm"):
            with contextlib.suppress(ProbeRefused):
                found += echo_spacings([recording.frame(index)], 2000 * thickness_mm / STEEL)
    return tuple(found)


def test_the_steel_blocks_tell_one_scale_and_that_a_label_is_wrong(recordings: Path) -> None:
    """Steps of 10 and 15 mm agree within 0.03 mm at 5 900 m/s; the lines labelled 20.0 mm are of the step of 15."""
    path = recordings / "pic0rick" / "steel_block_adc_u16.npz"
    ten, fifteen = steel(path, "10.0", 10.0), steel(path, "15.0", 15.0)
    assert (len(ten), len(fifteen)) == (6, 1)
    found = fit([Block(10.0, ten), Block(15.0, fifteen)], STEEL, layout_of(ONE))
    assert (found.found, found.untold, found.left_out) == ((SCALE,), (ZERO,), 0)
    assert found.residual_um < 30
    assert found.correction.range_scale_ppm == pytest.approx(1_007_600, abs=1_000)
    mislabelled = steel(path, "20.0", 15.0)
    assert len(mislabelled) == 2
    assert fit([Block(10.0, ten), Block(15.0, mislabelled)], STEEL, layout_of(ONE)).residual_um < 100
    assert not fits([Block(10.0, ten), Block(20.0, mislabelled)], STEEL)
