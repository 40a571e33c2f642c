"""The imaging thread's modes, step by step: live, frozen, refused at the wrong moment, and forgotten."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from clinic.errors import NoPicture
from clinic.scanner import Looking, ScanState
from imaging.beam_view import BeamView
from imaging.modes import Mode
from imaging.picture import Picture
from tests.clinic.scanner_bench import Bench, Sweeps, frozen_of


def look(bench: Bench, mode: Mode) -> Looking:
    receipt = bench.scanner.ask_mode(mode)
    bench.step()
    return receipt.wait(0)


def freeze(bench: Bench):  # type: ignore[no-untyped-def]
    receipt = bench.scanner.ask_freeze()
    bench.step()
    bench.scanner.probe_stopped()
    bench.step()
    return receipt


def test_a_strip_is_frozen_without_asking_for_rf_and_stepped_back(sweeps: Sweeps) -> None:
    live, _ = sweeps
    bench = Bench()
    bench.see(*live[:2])
    looking = look(bench, Mode.M)
    assert (looking.mode, looking.beam.line, looking.frozen) == (Mode.M, 48, None)
    bench.see(*live[2:])
    frozen = frozen_of(freeze(bench))
    assert bench.asked == []
    assert bench.scanner.state is ScanState.FROZEN
    assert frozen.frame is live[-1]
    np.testing.assert_array_equal(frozen.picture.pixels, bench.shown[-1].pixels)
    stepped = bench.scanner.ask_step(1)
    bench.step()
    earlier = frozen_of(stepped)
    assert earlier.picture.frame_number == live[1].number
    assert earlier.picture.strip.filled.sum() < frozen.picture.strip.filled.sum()
    assert isinstance(look(bench, Mode.B).frozen.picture, Picture), "the frame that was stepped to, as a picture"
    last = bench.scanner.ask_step(99)
    bench.step()
    assert frozen_of(last).picture.frame_number == live[-1].number


def test_a_loop_that_was_frozen_as_pictures_is_looked_at_along_a_beam(sweeps: Sweeps) -> None:
    live, rf = sweeps
    bench = Bench()
    bench.see(*live)
    receipt = freeze(bench)
    bench.scanner.frame_fetched(rf)
    bench.step()
    assert frozen_of(receipt).frame is rf
    strip = look(bench, Mode.M).frozen.picture
    assert isinstance(strip, BeamView)
    assert strip.strip.filled.sum() > len(live), "the sweeps before it are in the strip"
    moved = bench.scanner.ask_beam(-30)
    bench.step()
    assert moved.wait(0).frozen.picture.line == 18
    assert look(bench, Mode.B).frozen.picture.digest == frozen_of(receipt).picture.digest


def test_no_mode_is_chosen_before_there_is_a_frame_or_while_one_is_held(sweeps: Sweeps) -> None:
    bench = Bench()
    with pytest.raises(NoPicture, match="no picture yet"):
        look(bench, Mode.M)
    bench.see(sweeps[0][0])
    bench.scanner.ask_freeze()
    bench.step()
    with pytest.raises(NoPicture, match="being held"):
        look(bench, Mode.M)


def test_another_probe_at_the_plug_begins_an_empty_strip(sweeps: Sweeps) -> None:
    live, _ = sweeps
    bench = Bench()
    bench.see(live[0])
    look(bench, Mode.M)
    bench.see(*live[1:3])
    filled = bench.shown[-1].strip.filled.sum()
    other = replace(live[3], provenance=replace(live[3].provenance, serial="another"))
    bench.see(other)
    assert bench.shown[-1].provenance.serial == "another"
    assert bench.shown[-1].strip.filled.sum() < filled


def test_the_next_exam_begins_with_the_picture(sweeps: Sweeps) -> None:
    live, _ = sweeps
    bench = Bench()
    bench.see(live[0])
    look(bench, Mode.A)
    bench.see(live[1])
    assert bench.shown[-1].mode is Mode.A
    bench.scanner.ask_next_exam()
    bench.scanner.ask_live()
    bench.step()
    bench.see(live[2])
    assert isinstance(bench.shown[-1], Picture)
