"""Persistence, speckle reduction and the other knobs: live and on a frozen loop, without allocating, in any way."""

from __future__ import annotations

import dataclasses
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from imaging import compiled, native
from imaging.chain import Chain, Status, picture_of
from imaging.cine import Cine
from imaging.errors import CannotImage, NoPictureYet
from imaging.layout import View
from imaging.picture import Picture
from imaging.preset import Preset
from probe.frame import Frame
from probe.settings import SampleFormat
from tests.imaging.sweeps import frame_of, speckle

SIZE = (320, 240)


@pytest.fixture(scope="module")
def film(fast: None) -> list[Frame]:
    """Ten frames in a row, speckle that changes a little."""
    still = speckle(seed=1)
    return [frame_of(still + 0.6 * speckle(seed=2 + n), number=100 + n, missing=(5,)) for n in range(10)]


def _run(chain: Chain, frames: list[Frame]) -> Picture:
    for frame in frames:
        assert chain.run(frame) is Status.OK
    return chain.picture()


def test_persistence_mixes_the_last_frames_alone(film: list[Frame], obstetric: Preset) -> None:
    preset = dataclasses.replace(obstetric, persistence_frames=3)
    picture = _run(Chain.plan(film[0], preset, *SIZE), film)
    assert picture.mixed_frames == (107, 108)
    again = _run(Chain.plan(film[0], preset, *SIZE), film[7:])
    np.testing.assert_array_equal(picture.pixels, again.pixels)
    assert picture.digest == again.digest
    loop = Chain.plan(film[0], preset, *SIZE)
    _run(loop, film[:4])
    assert loop.run_loop(film) is Status.OK
    np.testing.assert_array_equal(loop.picture().pixels, picture.pixels)
    assert loop.run_loop([]) is Status.NO_LINES


def test_persistence_does_not_reach_over_a_pause(film: list[Frame], obstetric: Preset) -> None:
    """A probe that was frozen meanwhile goes on with the next number; so does the loop that holds both."""
    timed = [dataclasses.replace(frame, device_us=100_000 * n + 5_000_000 * (n > 6)) for n, frame in enumerate(film)]
    chain = Chain.plan(film[0], dataclasses.replace(obstetric, persistence_frames=4), *SIZE)
    assert _run(chain, timed[:7]).mixed_frames == (103, 104, 105)
    assert _run(chain, timed[7:8]).mixed_frames == ()
    assert chain.run_loop(timed[:9]) is Status.OK
    assert chain.picture().mixed_frames == (107,)


def test_persistence_quietens_what_changes(film: list[Frame], obstetric: Preset) -> None:
    def flicker(preset: Preset) -> float:
        chain = Chain.plan(film[0], preset, *SIZE)
        pictures = [_run(chain, [frame]).pixels.astype(float) for frame in film]
        return float(np.abs(np.diff(pictures[4:], axis=0)).mean())

    assert flicker(dataclasses.replace(obstetric, persistence_frames=4)) < 0.5 * flicker(obstetric)


@pytest.mark.parametrize("numbers", [(100, 120), (120, 100), (100, 100)])
def test_a_gap_begins_anew(film: list[Frame], obstetric: Preset, numbers: tuple[int, int]) -> None:
    preset = dataclasses.replace(obstetric, persistence_frames=3)
    first, second = (dataclasses.replace(film[n], number=number) for n, number in enumerate(numbers))
    picture = _run(Chain.plan(first, preset, *SIZE), [first, second])
    assert picture.mixed_frames == ()
    np.testing.assert_array_equal(picture.pixels, picture_of(second, preset, *SIZE).pixels)


def test_a_line_that_was_missing_before_does_not_darken(obstetric: Preset) -> None:
    preset = dataclasses.replace(obstetric, persistence_frames=2)
    holed = frame_of(speckle(), number=99, missing=(20, 21, 22))
    whole = frame_of(speckle(), number=100)
    picture = _run(Chain.plan(whole, preset, *SIZE), [holed, whole])
    assert np.abs(picture.pixels.astype(int) - picture_of(whole, preset, *SIZE).pixels).max() <= 1
    assert picture.missing_lines == ()


@pytest.mark.parametrize("speckle_filter", ["guided", "srad"])
def test_speckle_is_halved_and_edges_stay(speckle_frame: Frame, obstetric: Preset, speckle_filter: str) -> None:
    """Spread of grey in a homogeneous part, and the step into the bright block."""
    preset = dataclasses.replace(obstetric, speckle=speckle_filter, speckle_strength=5)
    plain, smooth = (picture_of(speckle_frame, each, 640, 480) for each in (obstetric, preset))

    def spread(picture: Picture) -> float:
        column, row = (round(at) for at in picture.to_pixel(-8.0, 74.0))
        return float(picture.pixels[row - 20 : row + 20, column - 25 : column + 25].std())

    def contrast(picture: Picture) -> float:
        """The dark region of the first lines against its surroundings."""
        inside = picture.pixels[tuple(_box(picture, -27.0, 50.0))].mean()
        outside = picture.pixels[tuple(_box(picture, -11.0, 60.0))].mean()
        return float(outside - inside)

    assert spread(smooth) < 0.5 * spread(plain)
    assert contrast(smooth) > 0.9 * contrast(plain)
    assert abs(smooth.pixels[smooth.inside].mean() - plain.pixels[plain.inside].mean()) < 12


def _box(picture: Picture, x_mm: float, z_mm: float) -> tuple[slice, slice]:
    column, row = (round(at) for at in picture.to_pixel(x_mm, z_mm))
    return slice(row - 8, row + 8), slice(column - 8, column + 8)


KNOBS = [
    {"persistence_frames": 4},
    {"speckle": "guided", "speckle_strength": 4},
    {"speckle": "srad", "speckle_strength": 2},
    {"grey_map": "contrast", "tgc_curve_db": (0, 10, -5), "depth_mm": 120, "gain_db": 7, "dynamic_range_db": 50},
    {"speckle": "guided", "speckle_strength": 0},
]


@pytest.mark.usefixtures("fast")
@pytest.mark.parametrize("knobs", KNOBS)
@pytest.mark.parametrize("format", [SampleFormat.RF_I16, SampleFormat.ENVELOPE_U8_ALAW, SampleFormat.IQ_I8])
def test_knobs_work_on_a_frozen_loop(obstetric: Preset, knobs: dict[str, object], format: SampleFormat) -> None:
    cine = Cine(1 << 26)
    for number in range(6):
        samples = np.abs(speckle(32, 600, seed=number)) % 120
        samples = np.stack([samples, samples[::-1]], axis=2) if format is SampleFormat.IQ_I8 else samples
        cine.append(frame_of(samples, number=number, format=format))
    frames = cine.freeze().frames
    chain = Chain.plan(frames[0], obstetric, *SIZE)
    for frame in frames:
        assert chain.run(frame) is Status.OK
    before = chain.picture()
    chain.retune(dataclasses.replace(obstetric, **knobs))
    assert chain.run_loop(frames) is Status.OK
    fresh = Chain.plan(frames[0], dataclasses.replace(obstetric, **knobs), *SIZE)
    assert fresh.run_loop(frames) is Status.OK
    np.testing.assert_array_equal(chain.picture().pixels, fresh.picture().pixels)
    assert chain.digest == fresh.digest != before.digest
    chain.retune(obstetric)
    assert chain.run_loop(frames) is Status.OK
    np.testing.assert_array_equal(chain.picture().pixels, before.pixels)


EVERYTHING = {"persistence_frames": 3, "speckle": "guided", "speckle_strength": 5, "frequency_bands": 2}
DIFFUSED = {"persistence_frames": 2, "speckle": "srad", "speckle_strength": 3, "grey_map": "bright"}
FOCUSED = {"aperture_lines": 8, "focus_mm": 40, "element_mm": 12, "coherence_percent": 50}


@pytest.mark.parametrize("knobs", [EVERYTHING, DIFFUSED, FOCUSED])
def test_threads_change_no_bit(film: list[Frame], obstetric: Preset, knobs: dict[str, object]) -> None:
    preset = dataclasses.replace(obstetric, **knobs)
    alone = _run(Chain.plan(film[0], preset, *SIZE), film)
    for parts in (2, 3):
        with ThreadPoolExecutor(parts) as executor:
            shared = _run(Chain.plan(film[0], preset, *SIZE, executor=executor, parts=parts), film)
        np.testing.assert_array_equal(alone.pixels, shared.pixels)
        assert alone.digest == shared.digest


@pytest.mark.parametrize("knobs", [EVERYTHING, DIFFUSED, FOCUSED])
def test_processor_levels_agree(
    film: list[Frame], obstetric: Preset, jit: compiled.Kernels, library: native.NativeKernels, knobs: dict[str, object]
) -> None:
    preset = dataclasses.replace(obstetric, **knobs)
    fast = _run(Chain.plan(film[0], preset, *SIZE, kernels=jit), film).pixels.astype(int)
    ahead = _run(Chain.plan(film[0], preset, *SIZE, kernels=library), film).pixels
    assert np.abs(ahead - fast).max() <= 1
    assert (ahead != fast).sum() <= 20


@pytest.mark.parametrize("knobs", [EVERYTHING, DIFFUSED, FOCUSED])
def test_plain_python_does_the_same(obstetric: Preset, knobs: dict[str, object], jit: compiled.Kernels) -> None:
    preset = dataclasses.replace(obstetric, **knobs)
    frames = [frame_of(speckle(10, 160, seed=n), number=n, missing=(4,)) for n in range(3)]
    python = _run(Chain.plan(frames[0], preset, 60, 40, kernels=compiled.kernels("python")), frames)
    fast = _run(Chain.plan(frames[0], preset, 60, 40, kernels=jit), frames)
    differ = np.abs(python.pixels.astype(int) - fast.pixels)
    assert differ.max() <= 1
    assert (differ > 0).sum() <= 4
    assert python.mixed_frames == fast.mixed_frames


@pytest.mark.parametrize("knobs", [{}, EVERYTHING, DIFFUSED, FOCUSED])
def test_a_frame_allocates_no_array(film: list[Frame], obstetric: Preset, knobs: dict[str, object]) -> None:
    """Nothing as large as a line: what is left is Python's own small change."""
    chain = Chain.plan(film[0], dataclasses.replace(obstetric, **knobs), *SIZE)
    _run(chain, film[:4])
    tracemalloc.start()
    try:
        for frame in film[4:]:
            tracemalloc.reset_peak()
            before = tracemalloc.get_traced_memory()[0]
            assert chain.run(frame) is Status.OK
            assert tracemalloc.get_traced_memory()[1] - before < 6000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("changes", "format", "named"),
    [
        ({"aperture_lines": 8}, SampleFormat.RF_I16, "focus"),
        ({"aperture_lines": 8, "focus_mm": 40, "element_mm": 10}, SampleFormat.ENVELOPE_U16, "phase"),
        ({"frequency_bands": 4, "bandwidth_percent": 12}, SampleFormat.RF_I16, "bands"),
        ({"stages": ("speckle",)}, SampleFormat.RF_I16, "speckle"),
    ],
)
def test_what_the_data_cannot_give_is_refused(
    obstetric: Preset, changes: dict[str, object], format: SampleFormat, named: str
) -> None:
    with pytest.raises(CannotImage, match=named) as caught:
        Chain.plan(frame_of(np.ones((16, 600)), format=format), dataclasses.replace(obstetric, **changes), *SIZE)
    assert caught.value.advice


def test_flips_are_exact_and_keep_their_millimetres(speckle_frame: Frame, obstetric: Preset) -> None:
    plain = picture_of(speckle_frame, obstetric, *SIZE)
    for mirrored, upside_down in ((True, False), (False, True), (True, True)):
        view = View(mirrored=mirrored, upside_down=upside_down)
        chain = Chain.plan(speckle_frame, obstetric, *SIZE, view=view)
        turned = _run(chain, [speckle_frame])
        wanted = plain.pixels[:: -1 if upside_down else 1, :: -1 if mirrored else 1]
        np.testing.assert_array_equal(turned.pixels, wanted)
        assert turned.digest != plain.digest
        column, row = turned.to_pixel(*plain.to_mm(40, 100))
        assert (round(column), round(row)) == (319 - 40 if mirrored else 40, 239 - 100 if upside_down else 100)


def test_a_running_chain_is_turned_round_as_if_it_had_been_planned_so(speckle_frame: Frame, obstetric: Preset) -> None:
    chain = Chain.plan(speckle_frame, obstetric, *SIZE)
    for mirrored, upside_down in ((True, False), (True, True), (False, True), (True, False), (False, False)):
        chain.turn(mirrored, upside_down)
        turned = _run(chain, [speckle_frame])
        planned = Chain.plan(speckle_frame, obstetric, *SIZE, view=View(mirrored=mirrored, upside_down=upside_down))
        wanted = _run(planned, [speckle_frame])
        np.testing.assert_array_equal(turned.pixels, wanted.pixels)
        np.testing.assert_array_equal(turned.inside, wanted.inside)
        assert (turned.digest, turned.mirrored, turned.upside_down) == (wanted.digest, mirrored, upside_down)
        assert turned.to_mm(10, 20) == wanted.to_mm(10, 20)


def test_a_turned_chain_has_no_picture_until_the_next_frame(speckle_frame: Frame, obstetric: Preset) -> None:
    chain = Chain.plan(speckle_frame, obstetric, *SIZE)
    chain.run(speckle_frame)
    chain.turn(True, False)
    with pytest.raises(NoPictureYet):
        chain.picture()


def test_less_depth_shows_less_and_larger(speckle_frame: Frame, obstetric: Preset) -> None:
    plain = picture_of(speckle_frame, obstetric, *SIZE)
    whole_mm = plain.to_mm(0, 239)[1]
    depth_mm = round(whole_mm / 2)
    shown = _run(Chain.plan(speckle_frame, obstetric, *SIZE, view=View(depth_mm=depth_mm)), [speckle_frame])
    assert shown.pixel_um < 0.75 * plain.pixel_um
    deepest_mm = shown.to_mm(0, float(np.flatnonzero(shown.inside.any(axis=1))[-1]))[1]
    assert depth_mm - 2 * shown.mm_per_pixel <= deepest_mm < 0.75 * whole_mm
    more = _run(Chain.plan(speckle_frame, obstetric, *SIZE, view=View(depth_mm=499)), [speckle_frame])
    assert more.digest == plain.digest, "nothing lies deeper than was sampled"
    with pytest.raises(CannotImage, match="nothing within 0 mm"):
        Chain.plan(speckle_frame, obstetric, *SIZE, view=View(depth_mm=0))


def test_zoom_shows_a_part_larger_and_stays_inside(speckle_frame: Frame, obstetric: Preset) -> None:
    plain = picture_of(speckle_frame, obstetric, *SIZE)
    middle = plain.to_mm(200, 150)
    views = [View(200, round(1000 * middle[0]), round(1000 * middle[1])), View(300), View(400, -(10**9), 10**9)]
    for view in views:
        shown = _run(Chain.plan(speckle_frame, obstetric, *SIZE, view=view), [speckle_frame])
        assert shown.pixel_um == pytest.approx(plain.pixel_um * 100 / view.zoom_percent, abs=1)
        corners = (shown.to_mm(0, 0), shown.to_mm(319, 239))
        for corner in corners:
            column, row = plain.to_pixel(*corner)
            assert -1 <= column <= 320
            assert -1 <= row <= 240
    zoomed = _run(Chain.plan(speckle_frame, obstetric, *SIZE, view=views[0]), [speckle_frame])
    assert zoomed.to_mm(159.5, 119.5) == pytest.approx(middle, abs=2 * plain.mm_per_pixel)
    for percent in (99, 1001):
        with pytest.raises(CannotImage, match="zoom"):
            Chain.plan(speckle_frame, obstetric, *SIZE, view=View(percent))
