"""What a link carries: measured from the traffic there is, remembered per probe and port, tested on request."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from probe.driver import Applied, LinkTested, Refused
from probe.drivers.eop1 import Eop1Driver
from probe.emulators.eop1 import Eop1Device
from probe.geometry import Geometry
from probe.linkmeter import LinkMeter
from probe.linkrates import MOST_REMEMBERED, LinkRates
from probe.negotiation import better, link_interval_us
from probe.pattern import ramp
from probe.settings import SampleFormat, Sampling, Settings
from probe.wire import HEADER_SIZE, SYNC

RF = SampleFormat.RF_I16
SECOND = 1_000_000_000


class Wide:
    """128 lines of 512 samples: a real frame's size."""

    model, serial = "wide", "W1"
    centre_hz, sound_speed_m_s, full_scale, loop = 3_000_000, 1540, 400, 2
    geometry, sampling = Geometry.sector(128, 60.0), Sampling(512, 12_000_000, 5_000)

    def rf(self, index: int) -> np.ndarray:
        return np.random.default_rng(index).integers(-400, 400, (128, 512)).astype(np.int16)

    def dead(self, index: int) -> tuple[int, ...]:
        return ()


def learning(pair, rates: LinkRates, rate: int, claimed: int = 800_000, port: str = "port-a"):
    driver = Eop1Driver()
    driver.learn_link(rates, port)
    return pair(Eop1Device(Wide(), link_rate_bytes_s=claimed), driver, rate=rate)


def applied(joined) -> Settings:
    return [event for event in joined.events if isinstance(event, Applied)][-1].settings


def test_a_fetch_measures_the_link(pair) -> None:
    rates = LinkRates()
    joined = learning(pair, rates, rate=300_000).connect(start=True)
    joined.run(0.4)
    joined.ask(joined.driver.stop(joined.now_ns), 0.5)
    joined.ask(joined.driver.fetch(0, RF, joined.now_ns), 1.0)
    assert joined.fetched()
    assert rates.recall("W1", "port-a") == pytest.approx(300_000, rel=0.1)
    assert rates.recall("W1", "port-b") is None


def test_dropped_frames_measure_the_link(pair) -> None:
    rates = LinkRates()
    joined = learning(pair, rates, rate=200_000).connect(Settings(frame_interval_us=20_000), start=True)
    joined.run(4)
    assert rates.recall("W1", "port-a") == pytest.approx(200_000, rel=0.1)


def test_a_stream_with_pauses_measures_nothing(pair) -> None:
    rates = LinkRates()
    learning(pair, rates, rate=5_000_000).connect(Settings(frame_interval_us=200_000), start=True).run(4)
    assert rates.recall("W1", "port-a") is None


def test_what_was_measured_is_used_at_the_next_meeting(pair) -> None:
    rates = LinkRates()
    rates.remember("W1", "port-a", 200_000)
    joined = learning(pair, rates, rate=200_000).connect(Settings(format=RF), start=True)
    joined.run(4)
    got = applied(joined)
    assert got.format is RF
    assert (got.frame_interval_us or 0) >= link_interval_us(got, 200_000) > 800_000
    assert sum(frame.dropped_before for frame in joined.frames()) == 0
    assert len(joined.frames()) >= 3
    other = learning(pair, rates, rate=800_000, port="port-b").connect(Settings(format=RF))
    assert (applied(other).frame_interval_us or 0) < (got.frame_interval_us or 0) / 3


def test_a_figure_near_the_declared_one_is_the_declared_one(pair) -> None:
    rates = LinkRates()
    rates.remember("W1", "port-a", 760_000)
    near, fresh = learning(pair, rates, 800_000).connect(), learning(pair, LinkRates(), 800_000).connect()
    assert applied(near) == applied(fresh)


class Stubborn(Eop1Device):
    """A device that fits nothing to its link: it does what the first SET says, or all that it can."""

    def __init__(self) -> None:
        super().__init__(Wide(), link_rate_bytes_s=10**9, frame_interval_us=20_000)

    @property
    def capabilities(self):
        best_first = (SampleFormat.ENVELOPE_U16, SampleFormat.ENVELOPE_U8_LOG)
        return replace(super().capabilities, link_bytes_s=400_000, formats=best_first)


def test_the_host_asks_again_when_the_probe_does_not_fit_its_link(pair) -> None:
    joined = pair(Stubborn(), rate=400_000).connect(Settings())
    joined.run(0.5)
    got = applied(joined)
    assert len([e for e in joined.events if isinstance(e, Applied)]) == 1  # the operator sees the outcome only
    assert (got.frame_interval_us or 0) >= link_interval_us(got, 400_000)
    joined.ask(joined.driver.start(joined.now_ns), 3)
    assert sum(frame.dropped_before for frame in joined.frames()) <= 1


CAPS = Stubborn().capabilities
BIG = Settings(SampleFormat.ENVELOPE_U16, 128, Sampling(512, 3_000_000, 0), 100_000, 0, 3_000_000, 0)


def test_a_smaller_format_comes_first_then_fewer_lines_then_fewer_frames() -> None:
    first = better(CAPS, Settings(), BIG, 900_000)
    assert first == Settings(format=SampleFormat.ENVELOPE_U8_LOG)
    small = Settings(SampleFormat.ENVELOPE_U8_LOG, 128, Sampling(512, 3_000_000, 0), 100_000, 0, 3_000_000, 60)
    second = better(CAPS, Settings(), small, 700_000)
    assert second is not None
    assert second.format is SampleFormat.ENVELOPE_U8_LOG
    assert 64 <= (second.lines or 0) < 128
    third = better(CAPS, Settings(lines=128), small, 700_000)
    assert third is not None
    assert (third.lines, third.frame_interval_us) == (128, link_interval_us(small, 700_000))


def test_what_the_operator_chose_is_not_taken_away() -> None:
    wish = Settings(format=SampleFormat.ENVELOPE_U16, lines=128)
    again = better(CAPS, wish, BIG, 700_000)
    assert again is not None
    assert (again.format, again.lines) == (wish.format, wish.lines)
    assert better(CAPS, wish, again, 700_000) is None


def test_what_fits_is_left_alone() -> None:
    assert better(CAPS, Settings(), BIG, 5_000_000) is None
    slow = replace(BIG, frame_interval_us=500_000)  # by the probe's own choice
    assert better(CAPS, Settings(), slow, 500_000) is None


def test_the_meter_needs_enough_to_go_by() -> None:
    meter = LinkMeter()
    for count, took_ns, news in ((10_000, SECOND, False), (100_000, 1_000_000, False), (100_000, SECOND // 2, True)):
        meter.burst_begun(0)
        meter.received(count)
        assert meter.burst_ended(took_ns) is news
    assert meter.bytes_s == 200_000
    assert meter.burst_ended(SECOND) is False
    meter.reported(5, 0)
    meter.received(400_000)
    assert meter.reported(5, SECOND) is False
    meter.received(400_000)
    assert meter.reported(6, 2 * SECOND) is True
    assert meter.bytes_s == 300_000
    meter.interrupted()
    meter.received(400_000)
    assert meter.reported(9, 3 * SECOND) is False


def test_rates_outlive_the_program_and_keep_to_their_owner(tmp_path: Path) -> None:
    path = tmp_path / "links.json"
    LinkRates(path).remember("S", "/dev/ttyACM0", 640_000)
    assert LinkRates(path).recall("S", "/dev/ttyACM0") == 640_000
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    rates = LinkRates(path)
    written = path.stat().st_mtime_ns
    rates.remember("S", "/dev/ttyACM0", 645_000)  # no news
    assert (rates.recall("S", "/dev/ttyACM0"), path.stat().st_mtime_ns) == (640_000, written)
    for number in range(MOST_REMEMBERED + 5):
        rates.remember(f"S{number}", "p", 1)
    assert len(json.loads(path.read_text())["rates"]) == MOST_REMEMBERED
    assert LinkRates(path).recall("S7", "p") == 1_000


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"rates":[{}]}', b'{"rates":[{"serial":1,"port":2,"bytes_s":-5}]}', b"\xff"]
)
def test_a_damaged_file_is_as_good_as_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "links.json"
    path.write_bytes(content)
    rates = LinkRates(path)
    assert rates.recall("S", "p") is None
    rates.remember("S", "p", 5_000)
    assert LinkRates(path).recall("S", "p") == 5_000


def test_a_file_that_cannot_be_written_costs_nothing(tmp_path: Path) -> None:
    rates = LinkRates(tmp_path / "absent" / "links.json")
    rates.remember("S", "p", 5_000)
    assert rates.recall("S", "p") == 5_000


def altered(change: Callable[[bytearray], None], every: int) -> Callable[[bytes], bytes]:
    """Damage to each ``every``th piece that passes."""
    count = iter(range(10**9))

    def alter(data: bytes) -> bytes:
        piece = bytearray(data)
        if len(piece) > 200 and next(count) % every == every - 1:
            change(piece)
        return bytes(piece)

    return alter


def outcome(joined, blocks: int = 64, block_bytes: int = 4096, seconds: float = 4.0) -> LinkTested:
    events = joined.ask(joined.driver.test_link(blocks, block_bytes, joined.now_ns), seconds)
    [result] = [event for event in events if isinstance(event, LinkTested)]
    return result


def test_a_good_link_has_no_bit_errors(tiny_pair) -> None:
    result = outcome(tiny_pair.connect())
    assert (result.blocks, result.lost, result.damaged, result.bit_errors) == (64, 0, 0, 0)
    assert result.bits == 8 * 64 * 4096
    assert result.bytes_s == pytest.approx(800_000, rel=0.1)


def test_a_rate_is_not_made_up_of_bytes_that_came_at_once(tiny_pair) -> None:
    result = outcome(tiny_pair.connect(), blocks=2, block_bytes=16, seconds=1.0)
    assert (result.blocks, result.lost, result.bytes_s) == (2, 0, None)


def test_wrong_bits_are_counted_one_by_one(tiny_pair) -> None:
    tiny_pair.connect()
    flipped = []

    def flip(piece: bytearray) -> None:
        piece[150] ^= 0x81
        flipped.append(2)

    tiny_pair.alter = altered(flip, 9)
    result = outcome(tiny_pair)
    assert result.lost <= 2  # a flip may hit a header
    assert 0 < result.bit_errors <= sum(flipped)
    assert result.bit_errors >= sum(flipped) - 2 * 2
    assert result.damaged >= result.bit_errors // 4


@pytest.mark.parametrize("spoilt", [(0, 1, 4), (9,), (3, 9), tuple(range(10))])
def test_wrong_bits_are_counted_in_whatever_pieces_they_come(tiny_pair, spoilt) -> None:
    """A slow turn may bring the device's word that the pattern is coming, and all of the pattern, as one piece."""
    driver, device, now = tiny_pair.connect().driver, tiny_pair.device, tiny_pair.now_ns
    device.feed(driver.test_link(10, 400, now), now)
    stream = bytearray(device.poll(now, 1 << 20))
    begun = stream.index(SYNC, 1)  # behind the answer
    for block in spoilt:
        stream[begun + block * (HEADER_SIZE + 400) + HEADER_SIZE + 7] ^= 0x10
    [result] = [event for event in driver.feed(bytes(stream), now + 1_000_000) if isinstance(event, LinkTested)]
    assert (result.lost, result.damaged, result.bit_errors) == (0, len(spoilt), len(spoilt))


def test_missing_bytes_are_lost_blocks_and_no_bit_errors(tiny_pair) -> None:
    tiny_pair.connect()
    tiny_pair.alter = altered(lambda piece: piece.__delitem__(slice(100, 103)), 16)
    result = outcome(tiny_pair)
    assert result.lost > 0
    assert result.bit_errors == 0


def test_a_test_that_dries_up_ends(tiny_pair) -> None:
    tiny_pair.connect()
    allowance = iter([100_000])
    left = next(allowance)

    def stop_after(data: bytes) -> bytes:
        nonlocal left
        part, left = data[:left], max(0, left - len(data))
        return part

    tiny_pair.alter = stop_after
    result = outcome(tiny_pair, seconds=2.5)
    assert 35 <= result.lost <= 45


def test_a_device_may_send_less_than_was_asked(tiny_pair) -> None:
    tiny_pair.connect()
    events = tiny_pair.ask(tiny_pair.driver.test_link(65536, 65536, tiny_pair.now_ns), 13)
    [result] = [event for event in events if isinstance(event, LinkTested)]
    assert (result.blocks, result.lost, result.bit_errors) == (128, 0, 0)


def test_no_test_while_streaming(tiny_pair) -> None:
    tiny_pair.connect(start=True).run(0.3)
    events = tiny_pair.ask(tiny_pair.driver.test_link(4, 100, tiny_pair.now_ns), 0.3)
    assert [(e.request, e.code) for e in events if isinstance(e, Refused)] == [("TESTPATTERN", "busy")]


def test_the_ramp_brings_every_byte() -> None:
    assert ramp(0, 256) == bytes(range(256))
    assert ramp(257, 3) == b"\x01\x02\x03"
    assert len(ramp(65535, 65536)) == 65536
