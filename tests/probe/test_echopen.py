"""The echOpen kit: to and fro without marks, RF and envelope, and a stream that is found again after any loss."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.driver import Acknowledged, Applied, FrameReceived, Identified, Refused
from probe.drivers.echopen import EchopenDriver
from probe.emulators.echopen import EchopenDevice, kit_settings
from probe.emulators.resampling import to_window
from probe.emulators.source import PhantomSource, RecordingSource
from probe.errors import NotUnderstood, ProbeTimeout
from probe.geometry import Geometry
from probe.protocols.echopen import LAG, RUN, KitSettings, LineDecoder, _obeys, pack_line
from probe.recording import Recording
from probe.settings import SampleFormat, Sampling, Settings
from tests.probe.talk import Talk, frames, in_chunks

SETTINGS = KitSettings(80, 90, 8, 16, 57, envelope=False, simulated=True)


class Kit:
    """A source of 16 lines; each line of each sweep has its own noise about the kit's offset of 50 counts."""

    model = serial = "kit"
    centre_hz = 3_500_000
    sound_speed_m_s = 1480
    full_scale = 400
    loop = 6
    geometry = Geometry.sector(16, 57.0)
    sampling = Sampling(211, 15_625_000, 108_108)

    def __init__(self, dead: tuple[int, ...] = ()) -> None:
        self._dead = dead

    def rf(self, index: int) -> np.ndarray:
        noise = np.random.default_rng(index).normal(50, 3, (16, 211)).round().astype(np.int16)
        noise[list(self._dead)] = 0
        return noise

    def dead(self, index: int) -> tuple[int, ...]:
        return self._dead


def sweeps(count: int, settings: KitSettings = SETTINGS, first: int = 1) -> bytes:
    """Whole sweeps to and fro, from forward sweep 0 on; the first may begin late."""
    out = b""
    for sweep in range(count):
        order = range(1, 17) if sweep % 2 == 0 else range(16, 0, -1)
        for number in order:
            if sweep or number >= first:
                out += pack_line(settings, number, line(sweep, number, settings.envelope))
    return out


def line(sweep: int, number: int, envelope: bool = False) -> np.ndarray:
    random = np.random.default_rng((sweep, number))
    return random.integers(1, 256, 211) if envelope else random.normal(50, 3, 211).round().astype(np.int16)


def found_right(found, settings: KitSettings = SETTINGS, shift: int = 0) -> bool:
    return all(np.array_equal(item.samples, line(item.sweep + shift, item.number, settings.envelope)) for item in found)


@pytest.mark.parametrize("envelope", [False, True])
@pytest.mark.parametrize("chunk", [1, 2, 63, 64, 65, 4096])
def test_every_line_comes_out_in_any_chunks(envelope: bool, chunk: int) -> None:
    settings = KitSettings(80, 90, 8, 16, 57, envelope)
    assert settings.samples == 211
    found = in_chunks(LineDecoder(settings).feed, sweeps(4, settings), chunk)
    assert [item.sweep for item in found] == [n // 16 for n in range(64 - LAG)]
    assert [item.backward for item in found] == [n // 16 % 2 == 1 for n in range(64 - LAG)]
    assert found_right(found, settings)


@pytest.mark.parametrize("envelope", [False, True])
def test_a_byte_lost_anywhere_costs_two_lines_and_no_wrong_one(envelope: bool) -> None:
    settings = KitSettings(80, 90, 8, 16, 57, envelope)
    whole = sweeps(6, settings)
    for place in range(5, 4 * 16 * settings.line_bytes, 997):
        decoder = LineDecoder(settings)
        found = decoder.feed(whole[:place] + whole[place + 1 :])
        assert found_right(found, settings)
        assert len(found) >= 6 * 16 - LAG - 2 - 1
        assert decoder.breaks == 1


def test_many_bytes_lost_are_several_sweeps_and_still_no_wrong_line() -> None:
    whole, size = sweeps(8), SETTINGS.line_bytes
    found = LineDecoder(SETTINGS).feed(whole[: 10 * size + 5] + whole[27 * size + 9 :])
    early, late = found[:9], found[9:]
    assert found_right(early)
    # the rest of sweep 0 and most of sweep 1 went by unseen: its numbers fall, so it is no part of sweep 0
    assert late[0].backward
    assert late[0].sweep == 1
    assert found_right(late)


def test_lines_of_a_constant_offset_do_not_look_like_numbers() -> None:
    """Counts of 47 to 53 are within 1 to 64: a search by less than the whole law would lock on to them."""
    settings = KitSettings(80, 160, 8, 64, 57, False)
    random = np.random.default_rng(3)
    lines = [pack_line(settings, n, random.normal(50, 3, 1689).round()) for n in (*range(1, 65), *range(64, 0, -1))]
    decoder = LineDecoder(settings)
    found = decoder.feed(b"".join(lines)[1700:])
    assert [item.number for item in found][:62] == list(range(3, 65))
    assert decoder.breaks == 1


@given(st.lists(st.integers(0, 6), min_size=1, max_size=9))
def test_a_line_at_a_time_obeys_the_same_law(numbers: list[int]) -> None:
    """What is asked of the next line is what the search asks of a dozen."""
    decoder = LineDecoder(KitSettings(80, 90, 8, 5, 57, False))
    held = 0
    for number in numbers:
        if not decoder._lawful(number):
            break
        decoder._held.append((number, b""))
        held += 1
    whole = bool(_obeys(np.array(numbers)[:, None], 5)[0])
    assert whole == (held == len(numbers))
    assert bool(_obeys(np.array(numbers[:held] or [1])[:, None], 5)[0])


@pytest.mark.parametrize("data", [bytes(6), bytes([90, 80, 8, 64, 57, 0]), bytes([8, 90, 7, 64, 57, 0]), b"HTTP/1"])
def test_settings_that_no_kit_has_are_not_understood(data: bytes) -> None:
    driver = EchopenDriver()
    driver.identify(0)
    assert driver.feed(data, 0) == []
    with pytest.raises(NotUnderstood, match="not an echOpen kit"):
        driver.tick(0)


@pytest.mark.parametrize("envelope", [False, True])
def test_a_session_gives_the_sweeps_of_the_source(envelope: bool) -> None:
    talk = Talk(EchopenDriver(), EchopenDevice(Kit(), envelope=envelope)).connect()
    assert talk.capabilities.modes == ("B",)
    assert talk.capabilities.simulated
    heard = talk.start(1.0)
    assert len(heard) >= 55
    assert [frame.direction for frame in heard[:4]] in ([1, -1, 1, -1], [-1, 1, -1, 1])
    assert all(not frame.missing.any() for frame in heard)
    if not envelope:
        kit = Kit()
        known = [kit.rf(index) for index in range(6)]
        assert all(any(np.array_equal(frame.samples, rf) for rf in known) for frame in heard)
    assert heard[0].sampling == Kit.sampling
    assert heard[0].provenance.sound_speed_m_s == 1480
    stopped = talk.stop(0.1)
    assert Acknowledged("STOP") in stopped
    assert not frames(stopped), "a sweep under way is no picture to freeze"
    assert not frames(talk.run(0.5))


def test_a_real_kit_does_not_pass_for_a_twin() -> None:
    driver = EchopenDriver()
    driver.identify(0)
    [found] = driver.feed(bytes([80, 160, 8, 64, 57, 0]), 0)
    assert isinstance(found, Identified)
    assert not found.capabilities.simulated


def test_dead_lines_are_masked_and_not_filled() -> None:
    talk = Talk(EchopenDriver(), EchopenDevice(Kit(dead=(0, 1, 5, 15)))).connect()
    for frame in talk.start(0.5):
        assert np.flatnonzero(frame.missing).tolist() == [0, 1, 5, 15]
        assert not frame.samples[frame.missing].any()


def test_a_sweep_that_was_under_way_is_not_half_a_picture() -> None:
    driver = EchopenDriver()
    driver.identify(0)
    driver.feed(SETTINGS.pack() + sweeps(1)[: 5 * SETTINGS.line_bytes], 0)
    driver.configure(Settings(), 0)
    driver.start(0)
    events = driver.feed(sweeps(3)[5 * SETTINGS.line_bytes :], 1)
    got = [event.frame for event in events if isinstance(event, FrameReceived)]
    assert [frame.direction for frame in got] == [-1]
    assert np.array_equal(got[0].samples[3], line(1, 4))


def test_a_lost_byte_in_a_session_is_a_masked_hole() -> None:
    talk = Talk(EchopenDriver(), EchopenDevice(Kit())).connect()
    talk.start(0.2)
    once = iter([True])
    talk.alter = lambda data: data[1:] if data and next(once, False) else data
    heard = frames(talk.run(1.0))
    holes = [int(frame.missing.sum()) for frame in heard]
    assert sum(holes) <= 3
    assert holes[-1] == 0
    kit = Kit()
    for frame in heard:
        good = ~frame.missing
        assert any(np.array_equal(frame.samples[good], kit.rf(index)[good]) for index in range(6))


def test_a_stream_that_cannot_be_followed_asks_for_a_new_connection() -> None:
    talk = Talk(EchopenDriver(), EchopenDevice(Kit())).connect()
    talk.alter = lambda data: bytes(len(data))
    with pytest.raises(NotUnderstood, match="is not an echOpen kit"):
        talk.run(6)


def test_a_kit_that_falls_silent_is_a_time_out() -> None:
    talk = Talk(EchopenDriver(), EchopenDevice(Kit())).connect()
    talk.alter = lambda data: b""
    with pytest.raises(ProbeTimeout, match="stopped sending"):
        talk.run(4)


def test_wishes_change_nothing_and_nothing_is_kept_to_fetch() -> None:
    talk = Talk(EchopenDriver(), EchopenDevice(Kit()))
    talk.connect(Settings(format=SampleFormat.IQ_I8, lines=3, frame_interval_us=1, gain_db=99))
    [applied] = [event.settings for event in talk.events if isinstance(event, Applied)]
    assert (applied.format, applied.lines, applied.sampling) == (SampleFormat.RF_I16, 16, Kit.sampling)
    talk.write(talk.driver.fetch(0, SampleFormat.RF_I16, talk.now_ns))
    assert [e.request for e in talk.run(0.1) if isinstance(e, Refused)] == ["FETCH"]
    assert talk.sent == b""


def test_the_search_holds_no_more_than_it_says() -> None:
    decoder = LineDecoder(SETTINGS)
    random = np.random.default_rng(0)
    most = 0
    for _ in range(60):
        decoder.feed(random.bytes(70_000))
        most = max(most, decoder.pending)
    assert most <= decoder.most_pending
    assert decoder.most_pending == (RUN + LAG + 1) * SETTINGS.line_bytes + 65536


def test_the_real_film_goes_through_the_wire_unchanged(recordings: Path) -> None:
    film = Recording.load(recordings / "echopen_labtool")
    source = RecordingSource(film)
    assert kit_settings(source, False) == KitSettings(80, 160, 8, 64, 57, False, True)
    talk = Talk(EchopenDriver(), EchopenDevice(source), rate=20_000_000).connect()
    heard = talk.start(1.0)
    assert len(heard) >= 14
    for frame in heard:
        original = next(f for f in film.all if np.array_equal(f.samples[40], frame.samples[40]))
        assert np.array_equal(frame.samples, original.samples)
        assert (frame.geometry, frame.sampling) == (original.geometry, original.sampling)


def test_the_phantom_fits_into_the_kits_words() -> None:
    source = PhantomSource()
    settings = kit_settings(source, False)
    assert (settings.sector_deg, settings.lines, settings.decimation) == (72, 96, 8)
    own = source.sampling
    assert own.range_mm(0, 1480) <= settings.r0_mm
    assert settings.rf_mm <= own.range_mm(own.samples, 1480)
    seconds = np.arange(own.samples) / own.rate_hz + own.first_sample_ns * 1e-9
    tone = np.sin(2 * np.pi * 3.5e6 * seconds)[None]
    wanted = settings.sampling
    there = np.arange(wanted.samples) / wanted.rate_hz + wanted.first_sample_ns * 1e-9
    moved = to_window(tone, own, wanted)[0]
    assert np.abs(moved - np.sin(2 * np.pi * 3.5e6 * there))[50:-50].max() < 0.05
