"""What is seen of a target in frames: the front of a plate along each line, or bright points."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from probe.coding import envelope
from probe.errors import ProbeRefused
from probe.frame import Frame
from probe.settings import SampleFormat

_A_LAW = 87.6
# of the brightest line: a weaker one does not see the plate
_PLATE_SHARE = 0.4
# of its own line's highest value: where the front of an echo is taken to be
_FRONT_SHARE = 0.5
_LEAST_LINES = 8
_LEAST_CONTRAST = 5.0
_ECHO_MM = 2.5
# how far from its place a plate's echo may be: a share of its time, and what the time zero may be off
_ECHO_SHARE, _MOST_ZERO_US = 0.25, 3.0
# of a block's own time: before it, the pulse still rings; how alike a line must be to itself one echo later
_RINGING_SHARE, _LEAST_LIKENESS = 0.6, 0.1
# half the width of a point's echo, of all lines; how many bright spots are looked at for each point wanted
_POINT_SHARE, _CANDIDATES = 0.06, 5


@dataclass(frozen=True, slots=True)
class Sighting:
    """One target seen on one line, in what the probe told.

    Args:
        angle_deg: Of the line, or between lines.
        time_us: Two-way, from transmission.
        direction: +1 in a forward sweep, -1 in a backward one.
        origin_mm: (x, z) where the line begins.
    """

    angle_deg: float
    time_us: float
    direction: int
    origin_mm: tuple[float, float] = (0.0, 0.0)


def amplitude(frame: Frame) -> NDArray[np.float64]:
    """(lines, samples) of the echoes' size, linear, in any unit; missing lines are zero."""
    samples, format = frame.samples, frame.format  # noqa: A001  (the field's word)
    if format.is_rf:
        centre = frame.settings.centre_hz or frame.sampling.rate_hz // 4
        size = envelope(samples.astype(np.int16), frame.sampling.rate_hz, centre).astype(np.float64)
    elif not format.is_envelope:
        size = np.hypot(samples[..., 0].astype(np.float64), samples[..., 1].astype(np.float64))
    else:
        size = _linear(samples.astype(np.float64), format, frame.settings.log_range_db or 60)
    size[frame.missing] = 0
    return size


def mean_sweeps(frames: Sequence[Frame]) -> Iterator[tuple[Frame, NDArray[np.float64]]]:
    """For each direction that there is: its first frame, and the mean (lines, samples) over its sweeps."""
    for direction in (1, -1):
        chosen = [frame for frame in frames if frame.direction == direction]
        if chosen:
            yield chosen[0], np.mean([amplitude(frame) for frame in chosen], axis=0)


def plate_sightings(frames: Sequence[Frame]) -> list[Sighting]:
    """The front of the one strong echo on every line that sees it.

    Raises:
        ProbeRefused: No plate stands out.
    """
    seen = [sighting for frame, size in mean_sweeps(frames) for sighting in _fronts(frame, size)]
    if len(seen) < _LEAST_LINES:
        raise ProbeRefused("No plate is seen", "Turn it until a bright line crosses the picture.")
    return seen


def echo_sightings(frames: Sequence[Frame], expected_us: float) -> list[Sighting]:
    """Of a probe of one line: the front of the strongest echo about where a plate must be, in each frame.

    Raises:
        ProbeRefused: There is none.
    """
    reach_us = _ECHO_SHARE * expected_us + min(_MOST_ZERO_US, _ECHO_SHARE * expected_us)
    found = [_echo(frame, expected_us - reach_us, expected_us + reach_us) for frame in frames]
    seen = [sighting for sighting in found if sighting is not None]
    if 2 * len(seen) < len(frames) or not seen:
        raise ProbeRefused("No plate is seen at its distance", "Turn it until its echo is the strongest.")
    return seen


def echo_spacings(frames: Sequence[Frame], expected_us: float) -> list[float]:
    """Of a probe of one line: the time between the echoes that go to and fro in a block, microseconds, of each frame.

    Raises:
        ProbeRefused: No echo comes again after about the expected time.
    """
    found = [_spacing(amplitude(frame).max(axis=0), frame.sampling.rate_hz, expected_us) for frame in frames]
    seen = [spacing for spacing in found if spacing is not None]
    if 2 * len(seen) < len(frames) or not seen:
        raise ProbeRefused(
            "No echo comes again as it would in this block", "Press the probe on with gel, and check the number."
        )
    return seen


def point_sightings(frames: Sequence[Frame], most: int) -> list[Sighting]:
    """The points that stand out most from what lies beside them, at most ``most`` of each direction."""
    return [sighting for frame, size in mean_sweeps(frames) for sighting in _points(frame, size, most)]


def _linear(codes: NDArray[np.float64], format: SampleFormat, range_db: int) -> NDArray[np.float64]:
    if format is SampleFormat.ENVELOPE_U8_LOG:
        return np.where(codes > 0, 10 ** ((codes - 255) * range_db / (254 * 20)), 0.0)
    if format is SampleFormat.ENVELOPE_U8_ALAW:
        part = codes / 255 * (1 + math.log(_A_LAW))
        return np.where(part < 1, part / _A_LAW, np.exp(part - 1) / _A_LAW)
    return codes


def _fronts(frame: Frame, size: NDArray[np.float64]) -> list[Sighting]:
    peaks = size.max(axis=1)
    noise = _noise(size)
    seen = []
    for line in np.flatnonzero((peaks > _PLATE_SHARE * peaks.max()) & (peaks > _LEAST_CONTRAST * noise)):
        values, level = size[line], _FRONT_SHARE * peaks[line]
        at = int(np.argmax(values >= level))
        part = (level - values[at - 1]) / (values[at] - values[at - 1]) if at else 0.0
        seen.append(_sighting(frame, float(line), at - 1 + part))
    return seen


def _echo(frame: Frame, first_us: float, last_us: float) -> Sighting | None:
    """The echo's front: a top of its own between two times, and not the end of the pulse before."""
    values = amplitude(frame).max(axis=0)
    sampling = frame.sampling
    first, last = (round((us * 1000 - sampling.first_sample_ns) * sampling.rate_hz / 1e9) for us in (first_us, last_us))
    first, last = max(1, first), min(len(values) - 1, last)
    inside = np.arange(first, max(first, last))
    tops = (
        inside[(values[inside] >= values[inside - 1]) & (values[inside] > values[inside + 1])]
        if inside.size
        else inside
    )
    if not tops.size:
        return None
    top = int(tops[values[tops].argmax()])
    if values[top] <= _LEAST_CONTRAST * float(np.median(values)):
        return None
    level = _FRONT_SHARE * values[top]
    before = np.flatnonzero(values[:top] < level)
    at = int(before[-1]) if before.size else 0
    part = (level - values[at]) / max(values[at + 1] - values[at], 1e-12)
    return _sighting(frame, 0.0, at + float(np.clip(part, 0, 1)))


def _spacing(values: NDArray[np.float64], rate_hz: int, expected_us: float) -> float | None:
    """Where the line is most like itself, about so long after; the pulse's own ringing is left out."""
    expected = expected_us * rate_hz / 1e6
    heard = values[round(_RINGING_SHARE * expected) :]
    heard = heard - heard.mean()
    least, most = round((1 - _ECHO_SHARE) * expected), round((1 + _ECHO_SHARE) * expected)
    if most + 1 >= len(heard) or least < 2:
        return None
    shifts = np.arange(least - 1, most + 2)
    likeness = np.array([float(heard[:-shift] @ heard[shift:]) for shift in shifts]) / max(float(heard @ heard), 1e-12)
    top = 1 + int(likeness[1:-1].argmax())
    low, middle, high = likeness[top - 1 : top + 2]
    if middle < _LEAST_LIKENESS or middle < low or middle < high:
        return None
    bend = low - 2 * middle + high
    part = 0.5 * (low - high) / bend if bend < 0 else 0.0
    return float((shifts[top] + part) / rate_hz * 1e6)


def _points(frame: Frame, size: NDArray[np.float64], most: int) -> list[Sighting]:
    """Bright spots, each blanking its surroundings; those that are part of something wider come last."""
    left = size.copy()
    reach = max(3, round(_ECHO_MM / frame.sampling.spacing_mm(1500)))
    lines = max(2, round(_POINT_SHARE * len(size)))
    noise = _noise(size)
    seen: list[tuple[float, Sighting]] = []
    for _ in range(_CANDIDATES * most):
        line, at = (int(index) for index in np.unravel_index(int(left.argmax()), left.shape))
        value = float(left[line, at])
        if value <= _LEAST_CONTRAST * noise:
            break
        rows, columns = slice(max(0, line - lines), line + lines + 1), slice(max(0, at - reach), at + reach + 1)
        left[rows, columns] = 0
        if 0 < line < len(size) - 1 and 0 < at < size.shape[1] - 1:
            place = _top(size[line - 1 : line + 2, at]), _top(size[line, at - 1 : at + 2])
            sighting = _sighting(frame, line + place[0], at + place[1])
            seen.append((value / max(_beside(size[:, columns].max(axis=1), line, lines), noise), sighting))
    seen.sort(key=lambda entry: -entry[0])
    return [sighting for _, sighting in seen[:most]]


def _beside(brightest: NDArray[np.float64], line: int, lines: int) -> float:
    """The brightest of the lines just outside a spot, at its depth."""
    near = np.concatenate(
        [brightest[max(0, line - 2 * lines) : max(0, line - lines + 1)], brightest[line + lines :][:lines]]
    )
    return float(near.max()) if near.size else 0.0


def _noise(size: NDArray[np.float64]) -> float:
    """What most of the field is like."""
    return float(np.median(size[size > 0])) if (size > 0).any() else 0.0


def _top(three: NDArray[np.float64]) -> float:
    """Where a parabola through the logarithms of three values has its top, from the middle one; within half a step."""
    low, middle, high = np.log(np.maximum(three, 1e-12))
    bend = low - 2 * middle + high
    return float(np.clip(0.5 * (low - high) / bend, -0.5, 0.5)) if bend < 0 else 0.0


def _sighting(frame: Frame, line: float, sample: float) -> Sighting:
    """At a place between lines and samples."""
    sampling, lines = frame.sampling, np.arange(frame.lines)
    time_us = sampling.first_sample_ns / 1000 + sample / sampling.rate_hz * 1e6
    angle = np.interp(line, lines, np.asarray(frame.geometry.angle_mdeg, dtype=np.float64) / 1000)
    x, z = (float(np.interp(line, lines, column)) for column in frame.geometry.origins_mm().T)
    return Sighting(float(angle), time_us, frame.direction, (x, z))
