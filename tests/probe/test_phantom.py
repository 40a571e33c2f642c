"""The practice phantom: equal for equal seeds, and its true sizes are what a caliper finds in its RF."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest

from probe.coding import envelope
from probe.emulators.source import PhantomSource
from probe.phantom import SCENES, SOUND_SPEED_M_S, TRUTH, Phantom


@pytest.fixture(scope="module")
def phantom() -> Phantom:
    return Phantom(1)


@pytest.fixture(scope="module")
def picture(phantom: Phantom) -> np.ndarray:
    """(lines, samples) envelope, averaged over the loop so that the speckle is smooth."""
    frames = [envelope(phantom.rf(i), phantom.sampling.rate_hz, phantom.centre_hz) for i in range(phantom.loop)]
    return np.mean(frames, axis=0)


def ranges_mm(phantom: Phantom) -> np.ndarray:
    first = phantom.sampling.range_mm(0, SOUND_SPEED_M_S)
    return first + phantom.sampling.spacing_mm(SOUND_SPEED_M_S) * np.arange(phantom.sampling.samples)


def along(phantom: Phantom, picture: np.ndarray, x_mm: float, z_mm: float) -> tuple[np.ndarray, float]:
    """The line nearest to a place, and the range of the place."""
    angle = math.degrees(math.atan2(x_mm, z_mm))
    line = int(np.argmin(np.abs(np.asarray(phantom.geometry.angle_mdeg) / 1000 - angle)))
    return picture[line], math.hypot(x_mm, z_mm)


def test_equal_seeds_are_equal_samples() -> None:
    assert np.array_equal(Phantom(5).rf(3), Phantom(5).rf(3))
    assert not np.array_equal(Phantom(5).rf(3), Phantom(6).rf(3))


def test_the_loop_is_of_distinct_frames_that_join(phantom: Phantom) -> None:
    frames = [phantom.rf(i).astype(float).ravel() for i in range(phantom.loop)]
    assert phantom.loop >= 8
    likeness = [np.corrcoef(a, b)[0, 1] for a, b in zip(frames, frames[1:] + frames[:1], strict=True)]
    assert max(likeness) < 0.9999
    assert min(likeness) > 0.95
    assert np.array_equal(phantom.rf(phantom.loop), phantom.rf(0))


def test_the_depth_suits_obstetrics_and_the_rf_fits_a_fetch(phantom: Phantom) -> None:
    assert 155 < ranges_mm(phantom)[-1] < 170
    assert 96 <= phantom.geometry.lines <= 128
    assert phantom.rf(0).nbytes < 800_000
    assert np.abs(phantom.rf(0).astype(int)).max() < 32_000


@pytest.mark.parametrize("wire", TRUTH.wires)
def test_wires_are_where_they_should_be(phantom: Phantom, picture: np.ndarray, wire) -> None:
    line, range_mm = along(phantom, picture, wire.x_mm, wire.z_mm)
    ranges = ranges_mm(phantom)
    near = np.abs(ranges - range_mm) < 2.5
    peak = ranges[near][line[near].argmax()]
    assert peak == pytest.approx(range_mm, abs=0.15)
    assert line[near].max() > 3 * np.median(line[near])


@pytest.mark.parametrize("wire", TRUTH.wires)
def test_wires_are_at_their_angle(phantom: Phantom, picture: np.ndarray, wire) -> None:
    range_mm = math.hypot(wire.x_mm, wire.z_mm)
    sample = int(np.abs(ranges_mm(phantom) - range_mm).argmin())
    angles = np.asarray(phantom.geometry.angle_mdeg) / 1000
    angle = math.degrees(math.atan2(wire.x_mm, wire.z_mm))
    near = np.abs(angles - angle) < 3
    weight = picture[near, sample] ** 2
    assert (angles[near] * weight).sum() / weight.sum() == pytest.approx(angle, abs=0.25)


@pytest.mark.parametrize("cyst", TRUTH.cysts)
def test_cysts_are_empty_and_of_their_size(phantom: Phantom, picture: np.ndarray, cyst) -> None:
    line, range_mm = along(phantom, picture, cyst.x_mm, cyst.z_mm)
    ranges = ranges_mm(phantom)
    inside = np.abs(ranges - range_mm) < cyst.radius_mm - 1
    around = (np.abs(ranges - range_mm) > cyst.radius_mm + 1) & (np.abs(ranges - range_mm) < cyst.radius_mm + 6)
    assert line[inside].mean() < 0.15 * line[around].mean()
    dark = np.flatnonzero((line < 0.3 * line[around].mean()) & (np.abs(ranges - range_mm) < cyst.radius_mm + 2))
    assert ranges[dark[-1]] - ranges[dark[0]] == pytest.approx(2 * cyst.radius_mm, abs=1.0)


def test_the_skull_has_its_height(phantom: Phantom, picture: np.ndarray) -> None:
    middle = picture[phantom.geometry.lines // 2 - 1 : phantom.geometry.lines // 2 + 1].mean(axis=0)
    ranges = ranges_mm(phantom)
    skull = TRUTH.skull
    bright = middle > 0.4 * middle[(ranges > 55) & (ranges < 135)].max()
    top = ranges[bright & (ranges > 55)][0]
    bottom = ranges[bright & (ranges < 135)][-1]
    assert bottom - top == pytest.approx(skull.height_mm, abs=1.0)
    assert top == pytest.approx(skull.z_mm - skull.height_mm / 2, abs=0.5)


def test_the_skull_has_its_width(phantom: Phantom, picture: np.ndarray) -> None:
    """Along x through the centre: sampled from the sector at the nearest line and sample."""
    skull = TRUTH.skull
    xs = np.arange(-60, 60, 0.25)
    angles = np.asarray(phantom.geometry.angle_mdeg) / 1000
    values = []
    for x in xs:
        rows = [
            picture[np.abs(angles - math.degrees(math.atan2(x, z))).argmin()][
                int((math.hypot(x, z) - ranges_mm(phantom)[0]) / phantom.sampling.spacing_mm(SOUND_SPEED_M_S))
            ]
            for z in np.arange(skull.z_mm - 2, skull.z_mm + 2.1, 0.25)
        ]
        values.append(np.mean(rows))
    bright = xs[np.asarray(values) > 0.5 * np.max(values)]
    assert bright[-1] - bright[0] == pytest.approx(skull.width_mm, abs=3.0)


def test_frames_are_made_when_asked_and_fast() -> None:
    began = time.perf_counter()
    source = PhantomSource(3)
    assert time.perf_counter() - began < 0.2
    source.rf(0)
    source.rf(1)
    # generous: about 0.15 s on an idle core
    assert time.perf_counter() - began < 3


@pytest.mark.parametrize("scene", SCENES.values(), ids=SCENES)
def test_each_scene_is_deterministic_and_fits_its_counts(scene) -> None:
    first, again = Phantom(3, scene).rf(2), Phantom(3, scene).rf(2)
    assert np.array_equal(first, again)
    assert 3000 < np.abs(first.astype(int)).max() < 32_000
    assert not first.flags.writeable


@pytest.mark.parametrize("scene", SCENES.values(), ids=SCENES)
def test_bodies_lie_in_the_sector(scene) -> None:
    """What is to be measured is seen whole: in the sector, and above the last sample."""
    chambers = scene.heart.chambers if scene.heart else ()
    for body in (*scene.bodies, *chambers):
        if body.name == "placenta":
            continue  # it lies across the whole width
        turned = np.linspace(0, 2 * math.pi, 60)
        x = body.x_mm + body.width_mm / 2 * np.cos(turned)
        z = body.z_mm + body.height_mm / 2 * np.sin(turned)
        assert np.abs(np.degrees(np.arctan2(x, z))).max() < Phantom.sector_deg / 2
        assert np.hypot(x, z).max() < 161
    for shaft in scene.shafts:
        assert shaft.length_mm == pytest.approx(48.5, abs=0.1)


def test_the_scenes_hold_what_an_obstetric_exam_looks_for() -> None:
    names = {body.name for scene in SCENES.values() for body in scene.bodies}
    assert {"placenta", "fluid pocket", "abdomen", "stomach", "umbilical vein"} <= names
    assert SCENES["head"].skull is TRUTH.skull
    assert SCENES["femur"].shafts
    assert SCENES["heart"].heart is not None
    with pytest.raises(KeyError):
        SCENES["abdomen"].body("tail")


def test_a_beat_comes_round_with_the_loop() -> None:
    scene = SCENES["heart"]
    assert scene.heart is not None
    assert Phantom.loop % scene.heart.beats_per_loop == 0
    full, squeezed, again = (scene.heart.at(phase)[0] for phase in (0.0, 0.5, 1.0))
    assert full == again == scene.heart.chambers[0]
    assert squeezed.height_mm == pytest.approx((1 - scene.heart.squeeze) * full.height_mm)
    phantom = Phantom(1, scene)
    beat = Phantom.loop // scene.heart.beats_per_loop
    line, range_mm = along(phantom, phantom.rf(0), full.x_mm, full.z_mm - 9)  # in the full chamber, not in the squeezed
    there = np.abs(ranges_mm(phantom) - range_mm) < 1
    number = int(np.flatnonzero((phantom.rf(0) == line).all(axis=1))[0])
    heard = [float(np.abs(phantom.rf(n)[number, there].astype(float)).mean()) for n in (0, beat // 2, beat)]
    assert heard[1] > 3 * max(heard[0], heard[2])
