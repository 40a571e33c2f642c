"""The chain: one answer per frame, whatever came before, whoever runs it; bad frames get a status."""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from imaging import compiled, native
from imaging.chain import Chain, Status, picture_of
from imaging.errors import CannotImage, NoPictureYet
from imaging.preset import Preset
from probe.frame import Frame
from probe.geometry import Geometry
from probe.settings import SampleFormat, Sampling
from tests.imaging.sweeps import frame_of, speckle

SIZE = (320, 240)


def _pixels(chain: Chain, frame: Frame) -> np.ndarray:
    assert chain.run(frame) is Status.OK
    return chain.picture().pixels


def test_a_picture_says_what_it_is(speckle_frame: Frame, obstetric: Preset) -> None:
    picture = picture_of(speckle_frame, obstetric, *SIZE)
    assert picture.pixels.shape == (240, 320)
    assert not picture.pixels.flags.writeable
    assert not picture.inside.flags.writeable
    assert (picture.pixels[~picture.inside] == 0).all()
    assert (picture.frame_number, picture.preset_name, picture.sound_speed_m_s) == (7, "obstetric", 1540)
    assert picture.provenance is speckle_frame.provenance
    assert picture.simulated
    assert not picture.calibrated
    assert picture.missing_lines == ()


def test_the_same_frame_gives_the_same_bytes_whatever_came_before(obstetric: Preset) -> None:
    frames = [frame_of(speckle(seed=seed) * gain) for seed, gain in ((1, 1), (2, 9), (3, 0.05))]
    chain = Chain.plan(frames[0], obstetric, *SIZE)
    alone = [picture_of(frame, obstetric, *SIZE).pixels for frame in frames]
    for index in (2, 0, 1, 1, 0, 2):
        np.testing.assert_array_equal(_pixels(chain, frames[index]), alone[index])


@pytest.mark.parametrize("parts", [2, 3])
def test_threads_change_no_bit(speckle_frame: Frame, obstetric: Preset, parts: int) -> None:
    with ThreadPoolExecutor(parts) as executor:
        chain = Chain.plan(speckle_frame, obstetric, *SIZE, executor=executor, parts=parts)
        threaded = [_pixels(chain, speckle_frame) for _ in range(3)]
    alone = picture_of(speckle_frame, obstetric, *SIZE)
    assert chain.digest == alone.digest
    for pixels in threaded:
        np.testing.assert_array_equal(pixels, alone.pixels)


def test_processor_levels_agree(
    speckle_frame: Frame, obstetric: Preset, jit: compiled.Kernels, library: native.NativeKernels
) -> None:
    ahead = _pixels(Chain.plan(speckle_frame, obstetric, *SIZE, kernels=library), speckle_frame)
    fast = _pixels(Chain.plan(speckle_frame, obstetric, *SIZE, kernels=jit), speckle_frame)
    differ = np.abs(ahead.astype(int) - fast)
    assert differ.max() <= 1
    assert (differ > 0).sum() <= 10


def test_plain_python_does_the_same(obstetric: Preset) -> None:
    frame = frame_of(speckle(6, 120))
    python = Chain.plan(frame, obstetric, 40, 30, kernels=compiled.kernels("python"))
    differ = np.abs(_pixels(python, frame).astype(int) - picture_of(frame, obstetric, 40, 30).pixels)
    assert differ.max() <= 1
    assert (differ > 0).sum() <= 2


def test_missing_and_silent_lines_are_black_and_named(obstetric: Preset) -> None:
    samples = speckle(40)
    samples[20] = 52
    frame = frame_of(samples, missing=(3, 4))
    picture = picture_of(frame, obstetric, *SIZE)
    whole = picture_of(frame_of(speckle(40)), obstetric, *SIZE)
    assert picture.missing_lines == (3, 4, 20)
    x, z = picture.to_mm(*np.meshgrid(np.arange(320), np.arange(240)))
    line = (np.degrees(np.arctan2(x, z)) + 30) / 60 * 39
    dark = ((line > 2.01) & (line < 4.99)) | ((line > 19.01) & (line < 20.99))
    away = ((line < 1.99) | (line > 5.01)) & ((line < 18.99) | (line > 21.01))
    assert (picture.pixels[dark & picture.inside] == 0).all()
    np.testing.assert_array_equal(picture.pixels[away], whole.pixels[away])


def test_a_frame_without_any_echo_keeps_the_last_picture(speckle_frame: Frame, obstetric: Preset) -> None:
    chain = Chain.plan(speckle_frame, obstetric, *SIZE)
    nothing = frame_of(np.zeros((64, 1200)), missing=(1,))
    assert chain.run(nothing) is Status.NO_LINES
    with pytest.raises(NoPictureYet):
        chain.picture()
    before = _pixels(chain, speckle_frame)
    assert chain.run(nothing) is Status.NO_LINES
    np.testing.assert_array_equal(chain.picture().pixels, before)
    assert chain.missing_lines == ()


BAD = {
    "geometry": {"geometry": Geometry.sector(64, 61.0)},
    "window": {"sampling": Sampling(1200, 15_625_000, 0)},
    "format": {"format": SampleFormat.ENVELOPE_U8_LOG},
    "shape": {"samples": np.zeros((64, 1199), np.int16)},
    "type": {"samples": np.zeros((64, 1200), np.int32)},
    "byte order": {"samples": np.zeros((64, 1200), ">i2")},
    "no array": {"samples": None},
    "mask": {"missing": np.zeros(63, bool)},
    "mask type": {"missing": np.zeros(64, np.int8)},
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_frame_gets_a_status(speckle_frame: Frame, obstetric: Preset, name: str) -> None:
    chain = Chain.plan(speckle_frame, obstetric, *SIZE)
    before = _pixels(chain, speckle_frame)
    assert chain.run(dataclasses.replace(speckle_frame, **BAD[name])) in (Status.OTHER_PLAN, Status.BAD_SAMPLES)
    np.testing.assert_array_equal(chain.picture().pixels, before)


def test_a_frame_that_made_a_stage_fail_spoils_no_other(speckle_frame: Frame, obstetric: Preset) -> None:
    mixing = dataclasses.replace(obstetric, persistence_frames=3)
    chain = Chain.plan(speckle_frame, mixing, *SIZE)
    alone = _pixels(chain, speckle_frame)
    assert chain.run(dataclasses.replace(speckle_frame, number=None)) is Status.STAGE_FAILED
    with pytest.raises(NoPictureYet):
        chain.picture()
    np.testing.assert_array_equal(_pixels(chain, speckle_frame), alone)


def test_a_frame_with_strides_is_taken_as_it_is(speckle_frame: Frame, obstetric: Preset) -> None:
    wide = np.zeros((64, 2400), np.int16)
    wide[:, ::2] = speckle_frame.samples
    strided = dataclasses.replace(speckle_frame, samples=wide[:, ::2])
    np.testing.assert_array_equal(
        picture_of(strided, obstetric, *SIZE).pixels, picture_of(speckle_frame, obstetric, *SIZE).pixels
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"geometry": Geometry.sector(1, 0.0)},
        {"sampling": Sampling(1, 15_625_000, 0)},
        {"sampling": Sampling(20, 15_625_000, 0)},
        {"sampling": Sampling(1200, 0, 0)},
        {"sampling": Sampling(1200, 3_500_000, 0)},
        {"geometry": Geometry((0,) * 64, (0,) * 64, (0,) * 64), "sampling": Sampling(1200, 2**50, 0)},
        {"geometry": Geometry((0,) * 64, (0,) * 64, (0,) * 64)},
        {"geometry": Geometry((0,) * 64, (*(0,) * 63, 2**40), (0,) * 64)},
        {"format": SampleFormat.RF_12_PACKED},
    ],
)
def test_what_makes_no_picture_is_refused_at_planning(
    speckle_frame: Frame, obstetric: Preset, changes: dict[str, object]
) -> None:
    with pytest.raises(CannotImage) as caught:
        Chain.plan(dataclasses.replace(speckle_frame, **changes), obstetric, *SIZE)
    assert caught.value.title
    assert caught.value.advice


@pytest.mark.parametrize("size", [(15, 100), (100, 15), (5000, 100), (0, 0)])
def test_an_impossible_size_is_refused(speckle_frame: Frame, obstetric: Preset, size: tuple[int, int]) -> None:
    with pytest.raises(CannotImage, match="pixels"):
        Chain.plan(speckle_frame, obstetric, *size)


def test_a_log_envelope_without_its_range_is_refused(obstetric: Preset) -> None:
    frame = frame_of(np.ones((8, 100)), format=SampleFormat.ENVELOPE_U8_LOG)
    settings = dataclasses.replace(frame.settings, log_range_db=None)
    with pytest.raises(CannotImage, match="decibels"):
        Chain.plan(dataclasses.replace(frame, settings=settings), obstetric, *SIZE)


def test_picture_of_says_why_there_is_none(obstetric: Preset) -> None:
    with pytest.raises(CannotImage, match="no line"):
        picture_of(frame_of(np.zeros((8, 400))), obstetric, *SIZE)


@pytest.mark.parametrize("format", [SampleFormat.RF_I16, SampleFormat.ENVELOPE_U8_LOG, SampleFormat.ENVELOPE_U16])
def test_turning_knobs_equals_planning_anew(obstetric: Preset, format: SampleFormat) -> None:
    frame = frame_of(speckle(), format=format) if format.is_rf else frame_of(np.abs(speckle()) % 256, format=format)
    louder = dataclasses.replace(obstetric, name="mine", gain_db=9, dynamic_range_db=45, tgc_db_m=20)
    chain = Chain.plan(frame, obstetric, *SIZE)
    first, before = _pixels(chain, frame), chain.digest
    chain.retune(louder)
    fresh = picture_of(frame, louder, *SIZE)
    np.testing.assert_array_equal(_pixels(chain, frame), fresh.pixels)
    assert chain.digest == fresh.digest != before
    assert chain.picture().preset_name == "mine"
    chain.retune(obstetric)
    np.testing.assert_array_equal(_pixels(chain, frame), first)
    assert chain.digest == before


def test_another_speed_of_sound_needs_a_new_plan(speckle_frame: Frame, obstetric: Preset) -> None:
    chain = Chain.plan(speckle_frame, obstetric, *SIZE)
    with pytest.raises(CannotImage, match="sound_speed_m_s"):
        chain.retune(dataclasses.replace(obstetric, sound_speed_m_s=1480))
    assert chain.preset is obstetric


def test_the_digest_knows_everything_but_the_samples(speckle_frame: Frame, obstetric: Preset) -> None:
    def digest(frame: Frame, preset: Preset = obstetric, size: tuple[int, int] = SIZE) -> str:
        return Chain.plan(frame, preset, *size).digest

    same = digest(frame_of(speckle(seed=9), number=1000))
    assert same == digest(speckle_frame)
    others = [
        digest(frame_of(speckle(), Geometry.sector(64, 61.0))),
        digest(frame_of(speckle(), first_sample_ns=26_001)),
        digest(speckle_frame, dataclasses.replace(obstetric, gain_db=1)),
        digest(speckle_frame, dataclasses.replace(obstetric, sound_speed_m_s=1541)),
        digest(speckle_frame, size=(321, 240)),
    ]
    assert len({same, *others}) == 6


def test_the_four_fingers(film_frame: Frame, water: Preset) -> None:
    """Bright blobs along the arc where the fingers lie: four, of about a finger's width, on a darker ground."""
    picture = picture_of(film_frame, water, 640, 480)
    bright = (picture.pixels > 110) & picture.inside
    columns = np.convolve(bright.sum(axis=0), np.ones(9) / 9, mode="same") > 6
    starts = np.flatnonzero(np.diff(columns.astype(int)) == 1)
    stops = np.flatnonzero(np.diff(columns.astype(int)) == -1)
    widths_mm = (stops - starts) * picture.mm_per_pixel
    fingers = widths_mm[(widths_mm > 10) & (widths_mm < 30)]
    assert len(fingers) == 4
    assert (widths_mm < 30).all()
    assert picture.pixels[picture.inside].mean() < 80
    assert film_frame.provenance.sound_speed_m_s == Preset.for_frame(film_frame).sound_speed_m_s == 1480
