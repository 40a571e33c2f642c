"""Credits: one picture on its way, late and lost answers told apart, quality that follows the terminal."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.terminal.pacing import DEAF_PERIOD_NS, TIMEOUT_NS, Pacer

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


def lose(pacer: Pacer, now: int, times: int) -> int:
    """Pictures whose reports never come; when the last of them was given up."""
    for _ in range(times):
        pacer.written(now)
        while not pacer.may_write(now):
            now += MS
    return now


def test_a_deaf_terminal_gets_pictures_more_often_and_an_answer_ends_that() -> None:
    pacer = Pacer(LADDER, 33 * MS)
    now = lose(pacer, 0, 3)
    assert now == 3 * TIMEOUT_NS
    assert lose(pacer, now, 10) == now + 10 * DEAF_PERIOD_NS
    assert pacer.timeouts == 13
    now = 10 * TIMEOUT_NS
    tag = pacer.written(now)
    assert pacer.reported(tag, now + 20 * MS)
    assert lose(pacer, now + 20 * MS, 1) == now + 20 * MS + TIMEOUT_NS, "patient again"


def test_a_slow_terminal_is_not_deaf() -> None:
    """Reports that come after their time give no credit, but they show that somebody is there."""
    pacer, now = Pacer(LADDER, 33 * MS), 0
    for _ in range(10):
        tag = pacer.written(now)
        assert pacer.may_write(now + TIMEOUT_NS)
        assert not pacer.reported(tag, now + TIMEOUT_NS + 100 * MS), "too late"
        now += TIMEOUT_NS + 100 * MS
    assert lose(pacer, now, 1) == now + TIMEOUT_NS


def test_a_report_counts_once() -> None:
    pacer = Pacer(LADDER, 33 * MS)
    tag = pacer.written(0)
    assert pacer.reported(tag, 5 * MS)
    assert not pacer.reported(tag, 6 * MS)
    following = pacer.written(7 * MS)
    assert not pacer.reported(tag, 8 * MS), "the same answer again does not acknowledge the next picture"
    assert not pacer.may_write(9 * MS)
    assert pacer.reported(following, 10 * MS)


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(("wait", "write", "report")), st.integers(0, 60)), max_size=200))
def test_never_two_credits(steps: list[tuple[str, int]]) -> None:
    """Whatever a terminal answers, in whatever order: no second picture while the first has time left."""
    pacer, now, sent, tags = Pacer(LADDER, 33 * MS), 0, None, [0]
    for what, number in steps:
        now += number * MS
        if what == "write" and pacer.may_write(now):
            assert sent is None or now - sent >= DEAF_PERIOD_NS
            tags.append(pacer.written(now))
            sent = now
        elif what == "report":
            tag = tags[-1 - number % len(tags)]
            if pacer.reported(tag, now):
                assert tag == tags[-1], "only the picture on its way gives its credit back"
                sent = None
        assert pacer.quality in LADDER
