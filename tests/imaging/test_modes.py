"""A-mode, M-mode and what is refused: curves and strips show what is there, at its millimetre and at its moment."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from imaging.amode import AModeChain
from imaging.calipers import interval
from imaging.chain import Status
from imaging.errors import CannotImage, NoPictureYet
from imaging.mmode import MMode, MModeChain
from imaging.modes import Mode, format_for, is_parked, offers
from imaging.preset import Preset
from probe.capabilities import Capabilities
from probe.frame import Frame
from probe.geometry import Geometry
from probe.settings import SampleFormat
from tests.imaging import naive, naive_polar
from tests.imaging.sweeps import DTYPES, frame_of, points, speckle

RATE_HZ, FIRST_NS, SAMPLES, SPEED = 20_000_000, 13_000, 1500, 1540
SWEPT, PARKED = Geometry.sector(5, 8.0), Geometry((1000,) * 8, (0,) * 8, (0,) * 8)
INTERVAL_US = 50_000


def _sweep(depth_mm: float, number: int, at_us: int, **changes: object) -> Frame:
    """A wire on the middle line at a depth."""
    echoes = points(SWEPT, [(0.0, depth_mm)], SAMPLES, FIRST_NS, RATE_HZ, SPEED)
    frame = frame_of(echoes, SWEPT, rate_hz=RATE_HZ, first_sample_ns=FIRST_NS, number=number, device_us=at_us)
    return dataclasses.replace(
        frame, settings=dataclasses.replace(frame.settings, frame_interval_us=INTERVAL_US), **changes
    )


def _beating(count: int, rate_hz: float) -> list[Frame]:
    """Sweeps of a wire that moves 3 mm up and down."""
    frames = []
    for number in range(count):
        at_us = 1_000_000 + number * INTERVAL_US
        seconds = (at_us + 2 * 500) / 1e6  # the middle line is fired 1 ms after the first
        frames.append(_sweep(40 + 3 * math.sin(2 * math.pi * rate_hz * seconds), number, at_us))
    return frames


def _strip(frames: list[Frame], preset: Preset, line: int = 2, **sizes: int) -> MMode:
    chain = MModeChain.plan(frames[0], preset, line, **({"width_px": 200, "height_px": 300, "span_ms": 2000} | sizes))
    for frame in frames:
        assert chain.run(frame) is Status.OK
    return chain.picture()


def test_a_strip_shows_depth_against_time(obstetric: Preset) -> None:
    strip = _strip(_beating(40, 1.5), obstetric)
    columns = np.flatnonzero(strip.filled)[5:]
    depths = np.array([strip.to_mm(int(strip.pixels[:, column].argmax())) for column in columns])
    # a column shows the first line that was fired in it or after it
    fired_us = 1_001_000 + INTERVAL_US * np.arange(40)
    first = np.searchsorted(fired_us // strip.us_per_column, strip.started_us // strip.us_per_column + columns)
    moments = fired_us[first] / 1e6
    wanted = 40 + 3 * np.sin(2 * math.pi * 1.5 * moments)
    assert np.abs(depths - wanted).max() < 0.35
    assert strip.interval_us == INTERVAL_US
    assert (strip.last_frame, strip.line, strip.preset_name) == (39, 2, "obstetric")
    assert not strip.pixels.flags.writeable


def test_a_strip_is_what_its_slow_twin_makes_of_the_line(obstetric: Preset) -> None:
    frame = _sweep(41.3, 3, 1_000_000)
    strip = _strip([frame], obstetric)
    job = MModeChain.plan(frame, obstetric, 2, 200, 300, 2000)._job
    grey, ranges = naive.detect_rf(frame, obstetric, job.layout)
    sample = (strip.to_mm(np.arange(300)) - ranges[0]) / (ranges[1] - ranges[0])
    sample[(sample < 0) | (sample > len(ranges) - 1)] = np.nan
    wanted = naive_polar.columns(grey[2], sample)
    errors = np.abs(strip.pixels[:, -1] - wanted)
    assert errors.max() <= 2
    assert errors.mean() <= 0.35
    assert strip.filled.tolist() == [False] * 199 + [True]


def test_a_gap_stays_black(obstetric: Preset) -> None:
    frames = _beating(40, 1.5)
    strip = _strip([*frames[:15], *frames[25:]], obstetric)
    black = np.flatnonzero(~strip.filled)
    assert len(black[black > 20]) == 54  # 550 ms between two lines, ten a column, less the column of the second
    assert (strip.pixels[:, ~strip.filled] == 0).all()


def test_time_that_jumps_begins_anew(obstetric: Preset) -> None:
    frames = _beating(12, 1.5)
    for jump in (-9_000_000, 9_000_000):
        late = dataclasses.replace(frames[-1], device_us=20_000_000 + jump)
        strip = _strip([*frames[:-1], late], obstetric)
        assert strip.filled.sum() == 1


def test_the_strip_runs_round(obstetric: Preset) -> None:
    frames = _beating(40, 1.5)
    short = _strip(frames, obstetric, width_px=50, span_ms=500)
    long = _strip(frames, obstetric, width_px=200, span_ms=2000)
    np.testing.assert_array_equal(short.pixels, long.pixels[:, -50:])
    assert short.filled.all()


def test_a_gap_is_not_forgotten_when_more_lines_fall_into_its_column(obstetric: Preset) -> None:
    echoes = points(PARKED, [(40 * math.sin(math.radians(1)), 40.0)], SAMPLES, FIRST_NS, RATE_HZ, SPEED)
    frame = frame_of(echoes, PARKED, rate_hz=RATE_HZ, first_sample_ns=FIRST_NS, device_us=0)
    late = dataclasses.replace(frame, number=8, device_us=31_500)  # 28 ms after the last line, at 10 ms a column
    strip = _strip([frame, late], obstetric, line=-1, span_ms=2000)
    assert strip.us_per_column == 10_000
    assert strip.looked_us[-4:].tolist() == [500, 0, 0, 28_000]
    assert interval(strip, 196, 199).error_s == pytest.approx(math.hypot(0.010, 0.00025, 0.014))


LAG = [dataclasses.replace(SWEPT, angle_mdeg=tuple(angle + lag for angle in SWEPT.angle_mdeg)) for lag in (-1900, 1900)]


def _to_and_fro(count: int) -> list[Frame]:
    """Sweeps of a calibrated head: those backwards lie 3.8 degrees to the right of the others."""
    frames = []
    for number in range(count):
        geometry, way = LAG[number % 2], -1 if number % 2 else 1
        echoes = points(geometry, [(0.0, 40.0)], SAMPLES, FIRST_NS, RATE_HZ, SPEED)
        echoes[:, ::50] += 3  # no line is dead
        late_us = np.arange(5)[::way] * 500
        frame = frame_of(echoes, geometry, rate_hz=RATE_HZ, first_sample_ns=FIRST_NS, number=number, direction=way)
        settings = dataclasses.replace(frame.settings, frame_interval_us=INTERVAL_US)
        frames.append(dataclasses.replace(frame, line_us=late_us, device_us=number * INTERVAL_US, settings=settings))
    return frames


def test_a_calibrated_heads_sweeps_to_and_fro_show_one_beam(obstetric: Preset) -> None:
    """The beam of line 3 forwards, at 0.1 degrees, is that of line 1 backwards, at -0.1; line 0 has none."""
    frames = _to_and_fro(20)
    strip = _strip(frames, obstetric, line=3)
    seen = strip.pixels[:, strip.filled]
    assert np.ptp(seen.argmax(axis=0)) <= 1
    assert seen.max(axis=0).min() > 0.8 * seen.max()
    times_us = [frame.device_us + int(frame.line_us[1 if frame.direction < 0 else 3]) for frame in frames]
    assert set(strip.looked_us[strip.filled][1:]) <= set(np.diff(times_us).tolist()) | {INTERVAL_US}
    edge = MModeChain.plan(frames[0], obstetric, 0, 200, 300, 2000)
    assert [edge.run(frame) for frame in frames[:3]] == [Status.OK, Status.NO_LINES, Status.OK]
    line = AModeChain(frames[0], obstetric, 3)
    for frame in frames[:2]:
        assert line.run(frame) is Status.OK
        assert line.a_line().strongest_mm(35, 45) == pytest.approx(40, abs=0.2)
    np.testing.assert_array_equal(line.a_line().samples, frames[1].samples[1])
    other = dataclasses.replace(frames[2], geometry=Geometry.sector(5, 9.0))
    assert line.run(other) is edge.run(other) is Status.OTHER_PLAN


def test_a_parked_beam_gives_every_line(obstetric: Preset) -> None:
    echoes = points(PARKED, [(40 * math.sin(math.radians(1)), 40.0)], SAMPLES, FIRST_NS, RATE_HZ, SPEED)
    frame = frame_of(echoes, PARKED, rate_hz=RATE_HZ, first_sample_ns=FIRST_NS, missing=(3,))
    strip = _strip([frame], obstetric, line=-1, span_ms=100)
    assert strip.interval_us == 500
    assert strip.line == -1
    assert 7 <= strip.filled.sum() <= 8


def test_a_parked_beam_on_a_sweep_backwards_runs_forwards_in_time(obstetric: Preset) -> None:
    echoes = points(PARKED, [(40 * math.sin(math.radians(1)), 40.0)], SAMPLES, FIRST_NS, RATE_HZ, SPEED)
    frame = frame_of(echoes * np.arange(1, 9)[:, None] / 8, PARKED, rate_hz=RATE_HZ, first_sample_ns=FIRST_NS)
    backward = dataclasses.replace(frame, samples=frame.samples[::-1], line_us=frame.line_us[::-1], direction=-1)
    forward, back = (_strip([each], obstetric, line=-1, span_ms=100) for each in (frame, backward))
    np.testing.assert_array_equal(back.pixels, forward.pixels)
    assert back.interval_us == forward.interval_us == 500


@pytest.mark.parametrize("format", list(DTYPES))
def test_any_format_gives_a_strip_and_a_line(obstetric: Preset, format: SampleFormat) -> None:
    samples = np.abs(speckle(6, 400)) % 120
    if format is SampleFormat.IQ_I8:
        samples = np.stack([samples, samples], axis=2)
    frame = frame_of(samples, format=format)
    assert _strip([frame], obstetric).pixels[:, -1].any()
    chain = AModeChain(frame, obstetric, 2)
    assert chain.run(frame) is Status.OK
    line = chain.a_line()
    assert line.decibel.min() >= -obstetric.dynamic_range_db
    assert line.decibel.max() > line.decibel.min()
    assert len(line.samples) == (400 if format is SampleFormat.RF_I16 else 0)


def test_an_a_line_finds_the_echo(obstetric: Preset) -> None:
    frame = _sweep(41.3, 3, 0)
    chain = AModeChain(frame, obstetric, 2)
    with pytest.raises(NoPictureYet):
        chain.a_line()
    assert chain.run(frame) is Status.OK
    line = chain.a_line()
    assert line.strongest_mm(20, 60) == pytest.approx(41.3, abs=0.05)
    np.testing.assert_array_equal(line.samples, frame.samples[2])
    assert line.samples_mm[np.abs(line.samples.astype(int)).argmax()] == pytest.approx(41.3, abs=0.1)
    quiet = dataclasses.replace(obstetric, gain_db=-20)
    chain.retune(quiet)
    assert chain.run(frame) is Status.OK
    assert chain.a_line().decibel.max() == pytest.approx(line.decibel.max() - 20, abs=0.3)
    with pytest.raises(CannotImage, match="echo"):
        line.strongest_mm(500, 600)


def test_one_line_is_enough_for_an_a_line(obstetric: Preset) -> None:
    single = frame_of(speckle(2, 800)[:1], Geometry.sector(1, 0))
    chain = AModeChain(single, obstetric, 0)
    assert chain.run(single) is Status.OK
    assert _strip([single], obstetric, line=-1).filled.any()


def test_a_dead_line_leaves_the_last_curve(obstetric: Preset) -> None:
    frame = _sweep(41.3, 3, 0)
    chain = AModeChain(frame, obstetric, 2)
    assert chain.run(frame) is Status.OK
    before = chain.a_line().decibel
    silent = np.array(frame.samples)
    silent[2] = 40
    assert chain.run(dataclasses.replace(frame, samples=silent, number=4)) is Status.NO_LINES
    assert chain.a_line().frame_number == 3
    np.testing.assert_array_equal(chain.a_line().decibel, before)


@pytest.mark.parametrize("line", [-1, 5, 99])
def test_a_line_that_is_not_there_is_refused(obstetric: Preset, line: int) -> None:
    frame = _sweep(40, 1, 0)
    with pytest.raises(CannotImage, match="no line"):
        MModeChain.plan(frame, obstetric, line, 200, 300, 2000)
    with pytest.raises(CannotImage, match="no line"):
        AModeChain(frame, obstetric, line)


def test_bad_frames_get_a_status(obstetric: Preset) -> None:
    frame = _sweep(40, 1, 0)
    strip, curve = MModeChain.plan(frame, obstetric, 2, 200, 300, 2000), AModeChain(frame, obstetric, 2)
    bad = {
        Status.OTHER_PLAN: dataclasses.replace(frame, format=SampleFormat.ENVELOPE_U16),
        Status.BAD_SAMPLES: dataclasses.replace(frame, samples=np.zeros((5, 3), np.int16)),
        Status.NO_LINES: dataclasses.replace(frame, missing=np.ones(5, bool)),
    }
    for status, each in bad.items():
        assert strip.run(each) is status
        assert curve.run(each) is status
    assert strip.run(dataclasses.replace(frame, line_us=np.zeros(2, np.int64))) is Status.BAD_SAMPLES
    with pytest.raises(NoPictureYet):
        strip.picture()
    with pytest.raises(CannotImage, match="pixels"):
        MModeChain.plan(frame, obstetric, 2, 5, 300, 2000)
    with pytest.raises(CannotImage, match="ms"):
        MModeChain.plan(frame, obstetric, 2, 200, 300, 5)


def test_knobs_of_a_strip_change_what_comes_next(obstetric: Preset) -> None:
    frames = _beating(4, 1.0)
    chain = MModeChain.plan(frames[0], obstetric, 2, 200, 300, 2000)
    digest = chain.digest
    assert chain.run(frames[0]) is Status.OK
    chain.retune(dataclasses.replace(obstetric, gain_db=-30))
    assert chain.run(frames[1]) is Status.OK
    picture = chain.picture()
    assert picture.digest != digest
    assert picture.pixels[:, -1].max() < picture.pixels[:, -6].max() - 60
    chain.forget()
    with pytest.raises(NoPictureYet):
        chain.picture()


def _reasons(format: SampleFormat, geometry: Geometry) -> dict[Mode, str]:
    return {offer.mode: offer.reason for offer in offers(format, geometry)}


def test_modes_follow_from_the_data() -> None:
    """The table of reference/modes.md."""
    swept_rf, swept_envelope = _reasons(SampleFormat.RF_I16, SWEPT), _reasons(SampleFormat.ENVELOPE_U8_LOG, SWEPT)
    assert [mode for mode, why in swept_rf.items() if not why] == [Mode.A, Mode.B, Mode.M, Mode.SAFT]
    assert [mode for mode, why in swept_envelope.items() if not why] == [Mode.A, Mode.B, Mode.M]
    assert "beam" in swept_rf[Mode.COLOUR]
    assert "phase" in swept_envelope[Mode.PULSED]
    assert not _reasons(SampleFormat.IQ_I16, SWEPT)[Mode.SAFT]
    assert "phase" in swept_envelope[Mode.SAFT]
    parked = _reasons(SampleFormat.IQ_I16, PARKED)
    assert [mode for mode, why in parked.items() if not why] == [Mode.A, Mode.M, Mode.COLOUR, Mode.PULSED]
    assert "one line" in parked[Mode.B]
    assert is_parked(PARKED)
    assert all(reason.endswith(".") for reason in (*swept_rf.values(), *parked.values()) if reason)


def test_a_format_is_chosen_for_a_mode() -> None:
    said = Capabilities(
        "eop1", "m", "s", "f", True, ("B",), (SampleFormat.ENVELOPE_U8_LOG, SampleFormat.RF_I16), (), 0, 64, 999, 1,
        (3_500_000,), (0, 0),
    )  # fmt: skip
    assert format_for(Mode.M, said, SWEPT) is SampleFormat.ENVELOPE_U8_LOG
    assert format_for(Mode.SAFT, said, SWEPT) is SampleFormat.RF_I16
    assert format_for(Mode.COLOUR, said, SWEPT) is None
