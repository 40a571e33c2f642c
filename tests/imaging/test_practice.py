"""What a person measures on the practice probe's pictures is what is there, within 2 %."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from imaging.calipers import distance, ellipse_of_axes, ellipse_of_points, rate
from imaging.chain import picture_of
from imaging.mmode import MModeChain
from imaging.picture import Picture
from imaging.preset import Preset
from probe.frame import Frame
from probe.phantom import SCENES, TRUTH, Phantom, Scene
from tests.imaging.edges import along, place, radial, radius, skull_edge
from tests.imaging.sweeps import frame_of

pytestmark = pytest.mark.usefixtures("fast")

INTERVAL_US = 100_000


def _frames(scene: Scene, count: int = 1) -> list[Frame]:
    phantom = Phantom(1, scene)
    frames = [
        frame_of(
            phantom.rf(n), phantom.geometry, rate_hz=phantom.sampling.rate_hz,
            first_sample_ns=phantom.sampling.first_sample_ns, number=n, device_us=n * INTERVAL_US,
        )
        for n in range(count)
    ]  # fmt: skip
    return [
        dataclasses.replace(frame, settings=dataclasses.replace(frame.settings, frame_interval_us=INTERVAL_US))
        for frame in frames
    ]


def _picture(name: str, preset: Preset) -> Picture:
    return picture_of(_frames(SCENES[name])[0], preset, 640, 480)


def test_the_head_measures_true(obstetric: Preset) -> None:
    picture, skull = _picture("head", obstetric), TRUTH.skull
    around = math.pi * (45 + 35) * (1 + 3 * (1 / 64) / (10 + math.sqrt(4 - 3 / 64)))
    by_axes = ellipse_of_axes(
        picture, (skull_edge(picture, 0), skull_edge(picture, 180)), (skull_edge(picture, 90), skull_edge(picture, 270))
    )
    by_points = ellipse_of_points(picture, [skull_edge(picture, degrees) for degrees in range(0, 360, 24)])
    for measured in (by_axes, by_points):
        assert measured.circumference.mm == pytest.approx(around, rel=0.02)
        assert measured.long.mm == pytest.approx(skull.width_mm, rel=0.02)
        assert measured.short.mm == pytest.approx(skull.height_mm, rel=0.02)


def test_the_abdomen_measures_true(obstetric: Preset) -> None:
    picture, belly = _picture("abdomen", obstetric), SCENES["abdomen"].body("abdomen")
    places = []
    for degrees in [*range(40, 141, 10), *range(220, 321, 10)]:  # where the beam meets the skin squarely
        middle = (belly.x_mm, belly.z_mm)
        radii = radius(belly.width_mm, belly.height_mm, degrees) + np.linspace(-4, 4, 200)
        brightest = radii[radial(picture, middle, degrees, radii).argmax()]
        places.append(place(picture, middle, degrees, brightest))
    measured = ellipse_of_points(picture, places)
    assert measured.circumference.mm == pytest.approx(belly.circumference_mm, rel=0.02)


def test_the_femur_measures_true(obstetric: Preset) -> None:
    picture, (shaft,) = _picture("femur", obstetric), SCENES["femur"].shafts
    way = (shaft.x2_mm - shaft.x1_mm) / shaft.length_mm, (shaft.z2_mm - shaft.z1_mm) / shaft.length_mm
    start = shaft.x1_mm - 10 * way[0], shaft.z1_mm - 10 * way[1]
    end = shaft.x2_mm + 10 * way[0], shaft.z2_mm + 10 * way[1]
    bright = np.flatnonzero(along(picture, start, end, 700) > 205)
    ends = [
        picture.to_pixel(start[0] + (end[0] - start[0]) * at / 699, start[1] + (end[1] - start[1]) * at / 699)
        for at in (bright[0], bright[-1])
    ]
    assert distance(picture, *ends).mm == pytest.approx(shaft.length_mm, rel=0.03)


def test_the_pocket_is_as_deep_as_it_is(obstetric: Preset) -> None:
    picture, pocket = _picture("abdomen", obstetric), SCENES["abdomen"].body("fluid pocket")
    start, end = (pocket.x_mm, pocket.z_mm - 35), (pocket.x_mm, pocket.z_mm + 35)
    dark = np.flatnonzero(along(picture, start, end, 700) < 60)
    depth = (dark[-1] - dark[0]) * 70 / 699
    assert depth == pytest.approx(pocket.height_mm, rel=0.03)


def test_the_heart_beats_at_its_rate(obstetric: Preset) -> None:
    scene = SCENES["heart"]
    assert scene.heart is not None
    chamber = scene.heart.chambers[0]
    frames = _frames(scene, 32)
    angle = 1000 * math.degrees(math.atan2(chamber.x_mm, chamber.z_mm))
    line = int(np.abs(np.asarray(frames[0].geometry.angle_mdeg) - angle).argmin())
    chain = MModeChain.plan(frames[0], obstetric, line, 320, 400, 3200)
    for frame in frames:
        chain.run(frame)
    strip = chain.picture()
    middle = math.hypot(chamber.x_mm, chamber.z_mm)
    rows = (np.array([middle - 14, middle + 14]) * 1000 - strip.first_range_um) / strip.um_per_row
    shown = strip.pixels[int(rows[0]) : int(rows[1]), strip.filled]
    dark = (shown < 60).sum(axis=0) * strip.um_per_row / 1000
    full = np.flatnonzero(np.diff((dark > 0.9 * dark.max()).astype(int)) == 1)
    beats = len(full) - 1
    assert beats >= 5
    truth = 60 * scene.heart.beats_per_loop / (Phantom.loop * INTERVAL_US / 1e6)
    first = int(strip.filled.argmax())
    measured = rate(strip, float(first + full[0]), float(first + full[-1]), beats)
    assert measured.per_minute == pytest.approx(truth, rel=0.02)
    assert abs(measured.per_minute - truth) <= measured.error_per_minute
    assert dark.max() - dark.min() == pytest.approx(scene.heart.squeeze * chamber.height_mm, abs=1.5)
