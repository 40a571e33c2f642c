"""Frame assembly: order, direction, holes, duplicates and counters, for any arrival of blocks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.assembly import Assembler, SweepPlan, Unwrapper
from probe.driver import LinkCounters
from probe.frame import Provenance
from probe.geometry import Geometry
from probe.lines import LineBlock
from probe.settings import SampleFormat, Sampling, Settings

LINES, SAMPLES, STEP = 10, 4, 3
SAMPLING = Sampling(SAMPLES, 1_000_000, 200)
GEOMETRY = Geometry.sector(LINES, 45.0)
FORMAT = SampleFormat.RF_I16
PLAN = SweepPlan(
    Settings(FORMAT, LINES, SAMPLING, 100_000, 0, 3_000_000, 0),
    FORMAT,
    SAMPLING,
    GEOMETRY,
    Provenance("m", "s", "f", True, None, 0),
)


def block(number: int, first: int, backward: bool = False, count: int = STEP) -> LineBlock:
    """Lines of a frame as fired; each holds 1 + its place from the left, so no line is all zero."""
    fired = np.arange(first, min(first + count, LINES))
    place = LINES - 1 - fired if backward else fired
    positions = np.array([[GEOMETRY.angle_mdeg[p], 0, 0] for p in place], dtype=np.int32)
    values = np.repeat((place + 1)[:, None], SAMPLES, axis=1).astype(np.int16)
    return LineBlock(
        number, first, LINES, backward, FORMAT, 200, positions, 5_000 + 10 * fired.astype(np.int64), values
    )


def blocks(number: int, backward: bool = False) -> list[LineBlock]:
    return [block(number, first, backward) for first in range(0, LINES, STEP)]


@given(st.booleans(), st.permutations(range(4)), st.sets(st.integers(0, 3), max_size=3), st.booleans())
def test_a_frame_is_in_order_whatever_came(backward: bool, order: list[int], lost: set[int], twice: bool) -> None:
    counters = LinkCounters()
    assembler = Assembler(PLAN, counters)
    every = blocks(7, backward)
    arriving = [i for i in order if i not in lost] * (2 if twice else 1)
    for i in arriving:
        assert assembler.add(every[i], 1) is None
    frame = assembler.end(7, [], 99)
    assert frame is not None
    gone = {int(line) for i in lost for line in every[i].samples[:, 0] - 1}
    expected = [0 if p in gone else p + 1 for p in range(LINES)]
    assert frame.samples[:, 0].tolist() == expected
    assert frame.missing.tolist() == [value == 0 for value in expected]
    assert frame.geometry is GEOMETRY
    assert (frame.direction, frame.received_ns) == (-1 if backward else 1, 99)
    assert counters.incomplete_frames == bool(lost)
    assert counters.stale_blocks == (len(arriving) // 2 if twice else 0)
    assert counters.frames == 1
    falling = np.diff(frame.line_us[~frame.missing]) < 0
    assert falling.all() if backward else not falling.any()


def test_a_block_of_the_next_frame_delivers_the_one_before() -> None:
    assembler = Assembler(PLAN, LinkCounters())
    assembler.add(block(3, 0), 1)
    frame = assembler.add(block(4, 0), 2)
    assert frame is not None
    assert (frame.number, frame.missing.sum()) == (3, LINES - STEP)


def test_the_end_of_a_later_frame_delivers_the_one_before() -> None:
    assembler = Assembler(PLAN, LinkCounters())
    assembler.add(block(3, 0), 1)
    frame = assembler.end(5, [], 2)
    assert frame is not None
    assert frame.number == 3
    assert assembler.end(5, [], 3) is None


def test_the_end_of_an_earlier_frame_changes_nothing() -> None:
    assembler = Assembler(PLAN, LinkCounters())
    assembler.add(block(3, 0), 1)
    assert assembler.end(2, [0], 2) is None
    frame = assembler.finish(3)
    assert frame is not None
    assert not frame.missing[:STEP].any()


def test_a_frame_that_was_delivered_does_not_come_back() -> None:
    counters = LinkCounters()
    assembler = Assembler(PLAN, counters)
    for part in blocks(3):
        assembler.add(part, 1)
    assembler.end(3, [], 1)
    assert assembler.add(block(3, 0), 2) is None
    assert assembler.add(block(2, 0), 2) is None
    assert assembler.finish(3) is None
    assert counters.stale_blocks == 2


@pytest.mark.parametrize("backward", [False, True])
def test_dead_lines_are_named_in_the_order_of_the_sweep(backward: bool) -> None:
    counters = LinkCounters()
    assembler = Assembler(PLAN, counters)
    for part in blocks(1, backward):
        assembler.add(part, 1)
    frame = assembler.end(1, [0, 2, 500], 2)
    assert frame is not None
    dead = [LINES - 1, LINES - 3] if backward else [0, 2]
    assert np.flatnonzero(frame.missing).tolist() == sorted(dead)
    assert not frame.samples[dead].any()
    assert counters.incomplete_frames == 0


def test_gaps_in_the_numbers_are_lost_frames() -> None:
    assembler = Assembler(PLAN, LinkCounters())
    lost = []
    for number in (4, 5, 9):
        assembler.add(block(number, 0, count=LINES), 1)
        frame = assembler.end(number, [], 1)
        assert frame is not None
        lost.append(frame.dropped_before)
    assert lost == [0, 0, 3]


@pytest.mark.parametrize(
    "change",
    [
        {"format": SampleFormat.ENVELOPE_U8_LOG},
        {"lines_in_frame": LINES + 1},
        {"first": LINES - 1},
        {"first_sample_ns": 201},
        {"samples": np.ones((STEP, SAMPLES + 1), np.int16)},
    ],
)
def test_a_block_of_another_shape_is_counted_and_left_alone(change: dict[str, object]) -> None:
    counters = LinkCounters()
    assembler = Assembler(PLAN, counters)
    assert assembler.add(replace(block(1, 0), **change), 1) is None
    assert assembler.finish(2) is None
    assert counters.stale_blocks == 1


def test_lines_keep_the_place_that_the_device_measured() -> None:
    assembler = Assembler(PLAN, LinkCounters())
    moved = block(1, 0)
    moved.positions[0] = (-23_000, 5, 6)
    assembler.add(moved, 1)
    frame = assembler.end(1, [], 1)
    assert frame is not None
    assert frame.geometry.angle_mdeg[:2] == (-23_000, GEOMETRY.angle_mdeg[1])
    assert (frame.geometry.origin_x_um[0], frame.geometry.origin_z_um[0]) == (5, 6)
    # a missing line stands where the device said that it would
    assert frame.geometry.angle_mdeg[-1] == GEOMETRY.angle_mdeg[-1]


def test_a_frame_cannot_be_changed() -> None:
    assembler = Assembler(PLAN, LinkCounters())
    assembler.add(block(1, 0), 1)
    frame = assembler.finish(1)
    assert frame is not None
    for array in (frame.samples, frame.missing, frame.line_us):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


@given(st.integers(0, 2**32 - 1), st.lists(st.integers(-1000, 2**31 - 1), max_size=30), st.sampled_from([16, 32]))
def test_a_counter_goes_on_through_its_wrap(start: int, steps: list[int], bits: int) -> None:
    modulus = 1 << bits
    unwrapper = Unwrapper(bits)
    true = newest = unwrapper.unwrap(start % modulus)
    for step in steps:
        true = newest + step % (modulus // 2) if step >= 0 else newest + step
        assert unwrapper.unwrap(true % modulus) == true
        newest = max(newest, true)
