"""Credits: one picture on its way, late and lost answers told apart, quality that follows the terminal."""

from __future__ import annotations

from itertools import pairwise

from clinic.terminal.pacing import TIMEOUT_NS, Pacer

MS = 1_000_000
LADDER = (64, 32, 24, 16)


def test_one_credit_at_a_time() -> None:
    pacer = Pacer(LADDER, 33 * MS)
    assert pacer.may_write(0)
    tag = pacer.written(0)
    assert not pacer.may_write(1 * MS)
    assert pacer.reported(tag, 5 * MS)
    assert pacer.may_write(5 * MS)
    assert pacer.latency_ms == 5


def test_a_lost_report_is_a_time_out_and_lowers_the_quality() -> None:
    pacer = Pacer(LADDER, 33 * MS)
    before = pacer.quality
    pacer.written(0)
    assert not pacer.may_write(TIMEOUT_NS - 1)
    assert pacer.may_write(TIMEOUT_NS)
    assert pacer.timeouts == 1
    assert pacer.quality < before


def test_a_late_report_of_an_older_picture_gives_nothing_back() -> None:
    pacer = Pacer(LADDER, 33 * MS)
    first = pacer.written(0)
    assert pacer.may_write(TIMEOUT_NS)
    second = pacer.written(TIMEOUT_NS)
    assert not pacer.reported(first, TIMEOUT_NS + MS)
    assert not pacer.may_write(TIMEOUT_NS + 2 * MS)
    assert pacer.reported(second, TIMEOUT_NS + 3 * MS)


def test_reports_nobody_asked_for_are_ignored() -> None:
    assert not Pacer(LADDER, 33 * MS).reported(2, 0)


def run(pacer: Pacer, took_ms: int, pictures: int) -> None:
    now = 0
    for _ in range(pictures):
        tag = pacer.written(now)
        pacer.reported(tag, now + took_ms * MS)
        now += 33 * MS


def test_a_slow_terminal_gets_fewer_greys_and_a_fast_one_more() -> None:
    pacer = Pacer(LADDER, 33 * MS)
    run(pacer, 40, 40)
    assert pacer.quality == 16
    run(pacer, 3, 400)
    assert pacer.quality == 64


def test_tags_are_columns_and_never_the_same_twice_in_a_row() -> None:
    pacer = Pacer(LADDER, 33 * MS)
    tags = []
    for _ in range(100):
        tags.append(pacer.written(0))
        pacer.reported(tags[-1], 1)
    assert all(2 <= tag < 80 for tag in tags)
    assert all(a != b for a, b in pairwise(tags))
