"""Spatial compounding: directions that differ are averaged, and sweeps that do not are refused."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from imaging.chain import Status, picture_of
from imaging.compound import Compound
from imaging.errors import CannotImage, NoPictureYet
from imaging.preset import Preset
from probe.frame import Frame
from probe.geometry import Geometry
from tests.imaging.sweeps import frame_of, points, speckle

pytestmark = pytest.mark.usefixtures("fast")

RATE_HZ, FIRST_NS, SAMPLES = 20_000_000, 13_000, 1400
WIRE = (2.0, 40.0)


def _steered(degrees: float, samples: np.ndarray | None = None, number: int = 1, **changes: object) -> Frame:
    """A linear array of 90 lines, all turned by an angle."""
    geometry = Geometry((round(1000 * degrees),) * 90, tuple(range(-18_000, 18_000, 400)), (0,) * 90)
    echoes = points(geometry, [WIRE], SAMPLES, FIRST_NS, RATE_HZ, 1540) if samples is None else samples
    return frame_of(
        echoes, geometry, rate_hz=RATE_HZ, first_sample_ns=FIRST_NS, number=number, **changes
    )  # fmt: skip


DIRECTIONS = (-8.0, 0.0, 8.0)


def test_speckle_is_averaged(obstetric: Preset) -> None:
    frames = [
        _steered(degrees, 200 * speckle(90, SAMPLES, seed=n) / 1200, number=n)
        for n, degrees in enumerate(DIRECTIONS, start=1)
    ]
    compound = Compound(frames, obstetric, 300, 300)
    for frame in frames:
        assert compound.run(frame) is Status.OK
    mixed, single = compound.picture(), picture_of(frames[1], obstetric, 300, 300)
    middle = tuple(round(at) for at in mixed.to_pixel(-6.0, 52.0))
    alone = tuple(round(at) for at in single.to_pixel(-6.0, 52.0))

    def spread(pixels: np.ndarray, at: tuple[int, ...]) -> float:
        return float(pixels[at[1] - 12 : at[1] + 12, at[0] - 12 : at[0] + 12].std())

    assert spread(mixed.pixels, middle) < 0.75 * spread(single.pixels, alone)
    assert mixed.mixed_frames == (1, 2)
    assert mixed.frame_number == 3
    assert mixed.inside.sum() > single.inside.sum() * (single.pixel_um / mixed.pixel_um) ** 2


def test_wires_stay_where_they_are(obstetric: Preset) -> None:
    frames = [_steered(degrees, number=n) for n, degrees in enumerate(DIRECTIONS)]
    compound = Compound(frames, dataclasses.replace(obstetric, tgc_db_m=0), 400, 400)
    for frame in frames:
        assert compound.run(frame) is Status.OK
    picture = compound.picture()
    row, column = np.unravel_index(picture.pixels.argmax(), picture.pixels.shape)
    assert picture.to_mm(float(column), float(row)) == pytest.approx(WIRE, abs=0.5)


def test_what_one_direction_lacks_the_others_give(obstetric: Preset) -> None:
    echoes = speckle(90, SAMPLES)
    frames = [_steered(0.0, echoes, number=1, missing=(40, 41)), _steered(6.0, echoes, number=2)]
    compound = Compound(frames, obstetric, 300, 300)
    for frame in frames:
        assert compound.run(frame) is Status.OK
    picture = compound.picture()
    column, row = (round(at) for at in picture.to_pixel(-2.0, 40.0))
    assert (picture.pixels[row - 10 : row + 10, column] > 0).all()


def test_turning_and_forgetting(obstetric: Preset) -> None:
    frames = [_steered(degrees, number=n) for n, degrees in enumerate(DIRECTIONS)]
    compound = Compound(frames, obstetric, 200, 200)
    assert compound.run(_steered(3.0)) is Status.OTHER_PLAN
    with pytest.raises(NoPictureYet):
        compound.picture()
    assert compound.run(frames[0]) is Status.OK
    before = compound.picture()
    compound.retune(dataclasses.replace(obstetric, gain_db=10))
    with pytest.raises(NoPictureYet):
        compound.picture()
    assert compound.run(frames[0]) is Status.OK
    assert compound.picture().digest != before.digest


def test_a_swinging_element_is_refused(obstetric: Preset) -> None:
    sweeps = [frame_of(speckle(), number=n) for n in range(2)]
    with pytest.raises(CannotImage, match="one side") as caught:
        Compound(sweeps, obstetric, 200, 200)
    assert caught.value.advice
    wider = frame_of(speckle(), Geometry.sector(64, 70.0))
    with pytest.raises(CannotImage, match="one side"):
        Compound([sweeps[0], wider], obstetric, 200, 200)
    with pytest.raises(CannotImage, match="more than one"):
        Compound(sweeps[:1], obstetric, 200, 200)
