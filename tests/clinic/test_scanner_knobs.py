"""The knobs in the imaging thread: on live pictures and on the frozen loop, refused whole, forgotten with the exam."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from clinic.knobs import AT_REST, Knobs
from clinic.scanner import Turned, window_to
from imaging.errors import BadPreset, CannotImage
from imaging.preset import Preset
from probe.settings import Sampling
from tests.clinic.scanner_bench import Bench, Sweeps, frozen_bench, frozen_of


def test_gain_is_turned_live_and_on_the_frozen_loop(sweeps: Sweeps) -> None:
    live, _ = sweeps
    bench, frozen = frozen_bench(live)
    before = frozen.picture
    turned = bench.scanner.ask_turn(Knobs(gain_db=10))
    bench.step()
    answer = turned.wait(0)
    assert answer.knobs == Knobs(gain_db=10)
    assert answer.frozen is not None
    assert answer.frozen.frame is frozen.frame
    assert answer.frozen.picture.pixels.mean() > before.pixels.mean() + 5
    assert answer.frozen.picture.digest != before.digest, "the record tells how a picture was made"
    assert (answer.frozen.picture.pixel_um, answer.frozen.picture.origin_z_um) == (before.pixel_um, before.origin_z_um)
    stepped = bench.scanner.ask_step(0)
    bench.step()
    assert frozen_of(stepped).picture.digest == answer.frozen.picture.digest
    back = bench.scanner.ask_turn(AT_REST)
    bench.step()
    assert back.wait(0).frozen.frame is live[0]
    last = bench.scanner.ask_step(99)
    bench.step()
    assert np.array_equal(frozen_of(last).picture.pixels, before.pixels)


def test_gain_has_a_limit_and_ends_with_the_exam(sweeps: Sweeps) -> None:
    bench = Bench()
    bench.see(sweeps[0][0])
    far = bench.scanner.ask_turn(Knobs(gain_db=99))
    bench.step()
    assert far.wait(0) == Turned(Knobs(gain_db=30), None)
    bench.see(sweeps[0][1])
    assert bench.shown[1].pixels.mean() > bench.shown[0].pixels.mean()
    bench.scanner.ask_next_exam()
    bench.scanner.ask_live()
    bench.step()
    bench.see(sweeps[0][0])
    assert np.array_equal(bench.shown[2].pixels, bench.shown[0].pixels)


@pytest.mark.parametrize("preset", ["abdomen", "small_parts"], ids=["by tables alone", "by a new plan"])
def test_every_knob_turns_the_frozen_loop_and_is_forgotten(sweeps: Sweeps, preset: str) -> None:
    bench, frozen = frozen_bench(sweeps[0])
    before = frozen.picture
    asked = Knobs(preset=preset, dynamic_range_db=-10, depth_mm=60, mirrored=True, upside_down=True)
    turned = bench.scanner.ask_turn(asked)
    bench.step()
    answer = turned.wait(0)
    picture = answer.frozen.picture
    chosen = Preset.load(preset)
    assert answer.knobs == asked
    assert (picture.preset_name, picture.dynamic_range_db) == (preset, chosen.dynamic_range_db - 10)
    assert (picture.mirrored, picture.upside_down, picture.gain_db) == (True, True, chosen.gain_db)
    assert picture.pixel_um < before.pixel_um
    at = before.to_mm(70, 40)
    assert picture.to_mm(*picture.to_pixel(*at)) == pytest.approx(at)
    back = bench.scanner.ask_turn(AT_REST)
    bench.step()
    assert back.wait(0).frozen.picture.digest == before.digest
    bench.scanner.ask_turn(asked)
    bench.scanner.ask_next_exam()
    bench.scanner.ask_live()
    bench.step()
    bench.see(sweeps[0][0])
    assert (bench.shown[-1].digest, bench.shown[-1].mirrored) == (before.digest, False)


def test_the_probe_is_asked_for_the_depth_that_is_shown_while_it_is_live(sweeps: Sweeps) -> None:
    live, _ = sweeps
    bench = Bench(can_fetch=False)
    bench.scanner.ask_turn(Knobs(depth_mm=100))
    bench.step()
    bench.step()
    assert bench.windows == [], "nobody knows yet how the probe samples"
    bench.see(live[0])
    assert len(bench.windows) == 1
    bench.windows.clear()
    for depth_mm in (60, 60, 80):
        bench.scanner.ask_turn(Knobs(depth_mm=depth_mm))
        bench.step()
        bench.step()
    assert [window.samples for window in bench.windows] == 2 * [live[0].sampling.samples]
    assert bench.windows[0].rate_hz > bench.windows[1].rate_hz > live[0].sampling.rate_hz, "finer where it is less deep"
    for window, depth_mm in zip(bench.windows, (60, 80), strict=True):
        spacing_mm = window.spacing_mm(1540)
        assert window.first_sample_ns <= live[0].sampling.first_sample_ns
        assert depth_mm - 2 * spacing_mm < window.range_mm(window.samples - 1, 1540) <= depth_mm + spacing_mm
    bench.see(live[1])
    bench.scanner.ask_freeze()
    bench.scanner.probe_stopped()
    bench.step()
    bench.scanner.ask_turn(Knobs(depth_mm=40))
    bench.step()
    bench.step()
    assert len(bench.windows) == 2, "a frozen probe is left alone"
    bench.scanner.ask_live()
    bench.step()
    bench.step()
    assert len(bench.windows) == 3
    bench.scanner.ask_next_exam()
    bench.step()
    assert bench.windows[3] is None, "the next patient's depth is the probe's own"


def test_what_an_earlier_probe_gave_refuses_no_knob(sweeps: Sweeps) -> None:
    """A probe that shows nothing above 90 mm was at this plug; with the one that is there now 60 mm are possible."""
    live, rf = sweeps
    deep = replace(
        rf, provenance=replace(rf.provenance, serial="another"),
        sampling=replace(rf.sampling, first_sample_ns=118_000),
    )  # fmt: skip
    bench = Bench()
    bench.see(deep)
    refused = bench.scanner.ask_turn(Knobs(depth_mm=60))
    bench.step()
    with pytest.raises(CannotImage, match="nothing within 60 mm"):
        refused.wait(0)
    bench.see(live[0])
    turned = bench.scanner.ask_turn(Knobs(depth_mm=60))
    bench.step()
    assert turned.wait(0).knobs == Knobs(depth_mm=60)


def test_knobs_that_give_no_picture_are_refused_and_change_nothing(sweeps: Sweeps) -> None:
    bench, frozen = frozen_bench(sweeps[0])
    for wrong, named in (
        (Knobs(preset="nonsense"), "no preset 'nonsense'"),
        (Knobs(preset="vascular", depth_mm=1), ""),
    ):
        refused = bench.scanner.ask_turn(replace(wrong, mirrored=True))
        bench.step()
        if named:
            with pytest.raises(BadPreset, match=named):
                refused.wait(0)
            assert bench.scanner._looks._imager.knobs == AT_REST
        else:
            assert refused.wait(0).knobs.depth_mm == 20, "the nearest that can be set"
    back = bench.scanner.ask_turn(AT_REST)
    bench.step()
    assert np.array_equal(back.wait(0).frozen.picture.pixels, frozen.picture.pixels)


def test_more_depth_never_folds_the_band_of_rf() -> None:
    own = Sampling(2048, 20_000_000, 0)
    deep, deep_rf = window_to(300, own, 1540), window_to(300, own, 1540, phase=True)
    assert (deep.samples, deep.rate_hz) == (2048, 5_253_971)
    assert deep_rf.rate_hz == own.rate_hz
    assert deep_rf.range_mm(deep_rf.samples - 1, 1540) == pytest.approx(300, abs=0.1)
    assert window_to(50, own, 1540, phase=True) == window_to(50, own, 1540), "less depth is finer in every format"


def test_the_first_picture_after_a_freeze_holds_nothing_of_before(sweeps: Sweeps) -> None:
    live, _ = sweeps
    bench = Bench(can_fetch=False)
    bench.scanner.ask_turn(Knobs(preset="abdomen"))
    bench.step()
    assert Preset.load("abdomen").persistence_frames > 1
    bench.see(*live[:3])
    assert bench.shown[-1].mixed_frames
    bench.scanner.ask_freeze()
    bench.scanner.probe_stopped()
    bench.scanner.ask_live()
    bench.step()
    bench.see(live[3])
    assert bench.shown[-1].frame_number == live[3].number
    assert bench.shown[-1].mixed_frames == ()
