"""The imaging thread's states, step by step: real frames and chains, no thread, and a clock of the test's own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from clinic.errors import NoPicture
from clinic.scanner import ScanState
from imaging.advice import Remark
from imaging.preset import Preset
from probe.settings import SampleFormat
from tests.clinic.scanner_bench import Bench, Sweeps, frozen_bench, frozen_of


def test_live_frames_are_shown_and_held(sweeps: Sweeps) -> None:
    bench = Bench()
    bench.see(*sweeps[0])
    assert [picture.frame_number for picture in bench.shown] == [frame.number for frame in sweeps[0]]
    assert bench.scanner.state is ScanState.LIVE


def test_a_freeze_waits_for_the_probe_and_then_for_the_rf(sweeps: Sweeps) -> None:
    live, rf = sweeps
    bench = Bench()
    bench.see(*live)
    receipt = bench.scanner.ask_freeze()
    bench.step()
    assert (bench.scanner.state, receipt.done) == (ScanState.STOPPING, False)
    bench.scanner.probe_stopped()
    bench.step()
    assert (bench.scanner.state, bench.asked) == (ScanState.FETCHING, [live[-1].number])
    bench.scanner.frame_fetched(rf)
    bench.step()
    frozen = frozen_of(receipt)
    assert frozen.frame is rf
    assert frozen.loop.frames == live
    assert frozen.picture.frame_number == live[-1].number
    assert bench.scanner.state is ScanState.FROZEN


def test_frames_that_come_while_stopping_belong_to_the_loop(sweeps: Sweeps) -> None:
    live, _ = sweeps
    bench = Bench(can_fetch=False)
    bench.see(*live[:2])
    receipt = bench.scanner.ask_freeze()
    bench.step()
    bench.slot.put(live[2])
    bench.scanner.probe_stopped()
    bench.step()
    assert frozen_of(receipt).loop.frames == live[:3]


@pytest.mark.parametrize("how", ["cannot", "refused", "late", "another frame"])
def test_without_rf_the_live_frame_is_the_picture(sweeps: Sweeps, how: str) -> None:
    live, rf = sweeps
    bench = Bench(can_fetch=how != "cannot")
    bench.see(*live)
    receipt = bench.scanner.ask_freeze()
    bench.step()
    bench.scanner.probe_stopped()
    bench.step()
    if how == "refused":
        bench.scanner.fetch_refused()
    if how == "another frame":
        bench.scanner.frame_fetched(replace(rf, number=rf.number - 1))
        bench.step()
        assert not receipt.done
    if how in ("late", "another frame"):
        bench.now_ns = 6_000_000_000
    bench.step()
    assert frozen_of(receipt).frame is live[-1]
    bench.scanner.frame_fetched(rf)
    bench.step()
    assert bench.scanner.state is ScanState.FROZEN, "an answer after the end changes nothing"


def test_nothing_seen_is_nothing_to_freeze() -> None:
    bench = Bench()
    receipt = bench.scanner.ask_freeze()
    bench.scanner.probe_stopped()
    bench.step()
    with pytest.raises(NoPicture, match="no picture to freeze"):
        receipt.wait(0)
    assert bench.scanner.state is ScanState.LIVE


def test_a_second_freeze_is_refused_and_live_lets_go(sweeps: Sweeps) -> None:
    bench = Bench(can_fetch=False)
    bench.see(*sweeps[0][:2])
    first = bench.scanner.ask_freeze()
    bench.scanner.probe_stopped()
    bench.step()
    loop = frozen_of(first).loop
    second = bench.scanner.ask_freeze()
    bench.step()
    with pytest.raises(NoPicture, match="already frozen"):
        second.wait(0)
    bench.scanner.ask_live()
    bench.step()
    bench.see(*sweeps[0][2:])
    assert bench.scanner.state is ScanState.LIVE
    assert len(loop.frames) == 2, "a loop that was given out does not change"


def test_a_loop_is_of_one_probe(sweeps: Sweeps) -> None:
    live, _ = sweeps
    other = [replace(frame, provenance=replace(frame.provenance, serial="another")) for frame in live[2:]]
    bench = Bench(can_fetch=False)
    bench.see(*live[:2], *other)
    receipt = bench.scanner.ask_freeze()
    bench.scanner.probe_stopped()
    bench.step()
    assert frozen_of(receipt).loop.frames == tuple(other)


def test_strange_frames_are_counted_and_skipped(sweeps: Sweeps) -> None:
    frame = sweeps[0][0]
    strange = [
        replace(frame, samples=frame.samples[:, :5]),
        replace(frame, format=SampleFormat.IQ_I8),
        replace(frame, missing=np.ones(frame.lines, dtype=np.bool_)),
        replace(frame, settings=replace(frame.settings, log_range_db=0)),
    ]
    bench = Bench()
    bench.see(*strange, frame)
    assert bench.scanner.unusable_frames == len(strange)
    assert [picture.frame_number for picture in bench.shown] == [frame.number]
    assert not bench.deaths


def test_the_thread_tells_why_it_died_and_fails_a_waiting_freeze(sweeps: Sweeps) -> None:
    bench = Bench()
    bench.see(sweeps[0][0])
    bench.scanner._show = lambda picture, advice: 1 // 0  # type: ignore[assignment,return-value]
    receipt = bench.scanner.ask_freeze()
    bench.step()
    bench.slot.put(sweeps[0][1])
    bench.scanner.start()
    bench.scanner._thread.join(10)
    assert isinstance(bench.deaths[0], ZeroDivisionError)
    with pytest.raises(ZeroDivisionError):
        receipt.wait(0)


def test_a_step_shows_another_frame_of_the_loop(sweeps: Sweeps) -> None:
    live, _ = sweeps
    bench, frozen = frozen_bench(live)
    receipt = bench.scanner.ask_step(1)
    bench.step()
    earlier = frozen_of(receipt)
    assert earlier.picture.frame_number == live[1].number
    assert earlier.frame is live[1]
    assert earlier.loop.frames == live[:2]
    back = bench.scanner.ask_step(99)
    bench.step()
    assert frozen_of(back) is frozen
    first = bench.scanner.ask_step(-5)
    bench.step()
    assert frozen_of(first).picture.frame_number == live[0].number
    assert bench.scanner.state is ScanState.FROZEN


def test_nothing_is_stepped_through_while_live(sweeps: Sweeps) -> None:
    bench = Bench()
    bench.see(*sweeps[0])
    receipt = bench.scanner.ask_step(0)
    bench.step()
    with pytest.raises(NoPicture, match="no frozen loop"):
        receipt.wait(0)


@pytest.mark.parametrize("stopped", [False, True])
def test_going_live_takes_a_freeze_back(sweeps: Sweeps, stopped: bool) -> None:
    """Before the probe has stopped, or while its RF is awaited: the picture must not stay dead."""
    bench = Bench()
    bench.see(*sweeps[0])
    receipt = bench.scanner.ask_freeze()
    if stopped:
        bench.scanner.probe_stopped()
    bench.step()
    bench.scanner.ask_live()
    bench.step()
    assert bench.scanner.state is ScanState.LIVE
    with pytest.raises(NoPicture, match="went live again"):
        receipt.wait(0)
    bench.scanner.probe_stopped()
    bench.scanner.frame_fetched(sweeps[1])
    bench.step()
    assert bench.scanner.state is ScanState.LIVE


def test_the_next_exam_has_no_frame_of_the_one_before(sweeps: Sweeps) -> None:
    live, _ = sweeps
    bench = Bench(can_fetch=False)
    bench.see(*live[:3])
    bench.scanner.ask_next_exam()
    bench.step()
    shown = len(bench.shown)
    bench.see(live[2])  # a straggler
    assert len(bench.shown) == shown
    assert bench.scanner.state is ScanState.IDLE
    bench.slot.put(live[2])
    bench.scanner.ask_live()
    bench.step()
    bench.see(live[3])
    receipt = bench.scanner.ask_freeze()
    bench.scanner.probe_stopped()
    bench.step()
    assert frozen_of(receipt).loop.frames == live[3:]


def test_a_picture_without_contact_is_said_to_be_one(sweeps: Sweeps) -> None:
    """Noise alone, for longer than one frame: the nurse is told to use more gel."""
    frame, rng = sweeps[0][0], np.random.default_rng(4)
    bench = Bench()
    for number in range(1, 12):
        noise = rng.integers(60, 120, frame.samples.shape).astype(frame.samples.dtype)
        bench.see(replace(frame, number=frame.number + number, samples=noise))
    assert bench.advice == (Remark.CONTACT_LOST.value,)
    for number in range(12, 24):
        bench.see(replace(frame, number=frame.number + number))
    assert Remark.CONTACT_LOST.value not in bench.advice


def test_persistence_mixes_the_loop_and_never_another_patient(sweeps: Sweeps) -> None:
    """With a preset that mixes frames: a step looks as it looked live, and the next exam begins with its own frames."""
    live, _ = sweeps
    mixing = replace(Preset.load("obstetric"), persistence_frames=3)
    bench = Bench(can_fetch=False)
    bench.scanner._looks._imager._choose_preset = lambda frame: mixing
    bench.see(*live)
    seen = list(bench.shown)
    receipt = bench.scanner.ask_freeze()
    bench.scanner.probe_stopped()
    bench.step()
    assert np.array_equal(frozen_of(receipt).picture.pixels, seen[-1].pixels)
    stepped = bench.scanner.ask_step(1)
    bench.step()
    assert np.array_equal(frozen_of(stepped).picture.pixels, seen[1].pixels)
    bench.scanner.ask_next_exam()
    bench.scanner.ask_live()
    bench.step()
    bench.see(live[0])
    assert np.array_equal(bench.shown[-1].pixels, seen[0].pixels)
