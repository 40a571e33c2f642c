"""Faults happen at the bytes they were asked for, to as many as they were asked for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.emulators.faults import Fault, FaultKind, FaultyLink, Injector, scatter
from probe.errors import LinkLost

STREAM = bytes(range(100))


def through(faults: list[Fault], chunk: int = 7, now_ns: int = 0) -> bytes:
    injector = Injector(faults)
    return b"".join(injector.pass_on(STREAM[i : i + chunk], now_ns) for i in range(0, 100, chunk))


@given(st.integers(1, 120))
def test_without_faults_nothing_changes(chunk: int) -> None:
    assert through([], chunk) == STREAM


@given(st.integers(1, 120), st.integers(0, 90), st.integers(1, 10))
def test_each_kind_does_what_it_says(chunk: int, at: int, count: int) -> None:
    assert through([Fault(FaultKind.DROP, at, count)], chunk) == STREAM[:at] + STREAM[at + count :]
    again = STREAM[max(0, at - count) : at]
    assert through([Fault(FaultKind.DUPLICATE, at, count)], chunk) == STREAM[:at] + again + STREAM[at:]
    assert through([Fault(FaultKind.TRUNCATE, at)], chunk) == STREAM[:at]
    flipped = through([Fault(FaultKind.FLIP, at, count)], chunk)
    wrong = [i for i in range(100) if flipped[i] != STREAM[i]]
    assert wrong == list(range(at, at + count))
    foreign = through([Fault(FaultKind.GARBAGE, at, count)], chunk)
    assert (foreign[:at], foreign[at + count :]) == (STREAM[:at], STREAM[at:])


def test_a_stall_holds_bytes_back_for_its_time() -> None:
    injector = Injector([Fault(FaultKind.STALL, 10, 50)])
    assert injector.pass_on(STREAM, 0) == STREAM[:10]
    assert injector.pass_on(b"", 49_000_000) == b""
    assert injector.pass_on(b"", 50_000_000) == STREAM[10:]


def test_unplugging_passes_on_what_came_before() -> None:
    injector = Injector([Fault(FaultKind.UNPLUG, 10)])
    assert injector.pass_on(STREAM, 0) == STREAM[:10]
    for _ in range(2):
        with pytest.raises(LinkLost):
            injector.pass_on(b"more", 0)


def test_the_same_seed_is_the_same_damage() -> None:
    kinds = list(FaultKind)
    assert scatter(4, 50, 1000, kinds) == scatter(4, 50, 1000, kinds)
    assert scatter(4, 50, 1000, kinds) != scatter(5, 50, 1000, kinds)
    assert through(list(scatter(1, 5, 100, [FaultKind.GARBAGE]))) == through(
        list(scatter(1, 5, 100, [FaultKind.GARBAGE]))
    )


class Echo:
    name = "echo"

    def __init__(self) -> None:
        self.written = b""

    def read(self, timeout_s: float) -> bytes:
        data, self.written = self.written, b""
        return data

    def write(self, data: bytes) -> None:
        self.written += data

    def close(self) -> None:
        self.written = b"closed"


def test_a_link_suffers_both_ways_and_comes_in_chunks() -> None:
    inner = Echo()
    link = FaultyLink(inner, lambda: 0, received=[Fault(FaultKind.DROP, 2)], sent=[Fault(FaultKind.DROP, 0)], chunk=2)
    link.write(b"xabcdef")
    assert [link.read(0) for _ in range(4)] == [b"ab", b"de", b"f", b""]
    assert link.name == "echo"
    link.close()
    assert inner.written == b"closed"
