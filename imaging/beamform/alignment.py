"""Tables of ``sum_aligned``: for each row and each step from element to line, a place in time and complex weights."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imaging.beamform.aperture import Aperture
from imaging.beamform.lines import Lines
from imaging.beamform.receive import Receive
from imaging.beamform.wave import DivergingWave, PlaneWave, Wave

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class AlignedTables:
    """Arguments of ``sum_aligned`` and ``cohere_aligned`` (see there), and what they were made of.

    Args:
        spans, pairs, weights: Of the kernel.
        listening: (rows, lines) number of elements that count for a point.
    """

    spans: NDArray[np.int32]
    pairs: NDArray[np.int32]
    weights: NDArray[np.float32]
    listening: NDArray[np.float32]


def is_aligned(aperture: Aperture, wave: Wave) -> bool:
    """Whether a wave's time to a line is a time per element and one per step: so it is for plane waves of a linear
    array, and for a wave from a curved array's own centre."""
    if aperture.is_linear:
        return isinstance(wave, PlaneWave)
    return wave == DivergingWave(0.0, -aperture.radius_mm)


def element_delays_s(aperture: Aperture, wave: Wave, sound_speed_m_s: float) -> Floats:
    """(elements,) the part of the wave's time that belongs to the element."""
    if isinstance(wave, PlaneWave):
        x, z, _ = aperture.places(aperture.element_steps())
        return wave.arrival_s(x, z, sound_speed_m_s)
    return np.zeros(aperture.elements)


def aligned_tables(
    lines: Lines, wave: Wave, receive: Receive, sound_speed_m_s: float, moments_hz: float, centre_hz: float,
    first_moment_s: float, moments: int,
) -> AlignedTables:  # fmt: skip
    """Tables for one wave.

    Args:
        lines, wave, receive, sound_speed_m_s: What to image, and how.
        moments_hz, first_moment_s, moments: When the analytic signal is known; ``element_delays_s`` already taken out.
        centre_hz: Frequency about which it turns.
    """
    elements, per_element = lines.aperture.elements, lines.per_element
    steps = np.arange(-per_element * (elements - 1), lines.lines)
    away, across, along = _distances(lines, steps / per_element + lines.first_step)
    share = receive.weights(across, along)
    time_s = _wave_time(lines, wave, steps, sound_speed_m_s) + away / sound_speed_m_s
    place = (time_s - first_moment_s) * moments_hz
    share[(place < 0) | (place >= moments - 1)] = 0
    shares, places = (_by_rest(steps, per_element, values) for values in (share, place))
    tables = _packed(shares, places, steps[0] // per_element, centre_hz / moments_hz)
    return AlignedTables(*tables, _listening(share > 0, steps, elements, lines))


def _distances(lines: Lines, steps: Floats) -> tuple[Floats, Floats, Floats]:
    """(rows, steps) way from a point to an element, its part beside the element's normal, its part along it."""
    depth, lateral = lines.depths_m()[:, None], steps * lines.aperture.pitch_mm / 1000
    if lines.aperture.is_linear:
        along, across = np.broadcast_arrays(depth, lateral)
    else:
        radius = lines.aperture.radius_mm / 1000
        across = (radius + depth) * np.sin(lateral / radius)
        along = (radius + depth) * np.cos(lateral / radius) - radius
    return np.hypot(across, along), across, along


def _wave_time(lines: Lines, wave: Wave, steps: NDArray[np.int64], sound_speed_m_s: float) -> Floats:
    """(rows, steps) the wave's time to a point less its element's part."""
    depth = lines.depths_m()[:, None]
    if isinstance(wave, PlaneWave):
        beside = (steps / lines.per_element + lines.first_step) * lines.aperture.pitch_mm / 1000
        return wave.arrival_s(beside, depth, sound_speed_m_s)
    return depth / sound_speed_m_s


def _by_rest(steps: NDArray[np.int64], per_element: int, values: Floats) -> Floats:
    """(rows, rests, an even number) of values by step: step ``m (b + first) + r`` at place b of rest r; else 0."""
    first = steps[0] // per_element
    count = 2 * math.ceil((steps[-1] // per_element - first + 1) / 2)
    out = np.zeros((len(values), per_element, count))
    out[:, steps % per_element, steps // per_element - first] = values
    return out


def _packed(
    share: Floats, place: Floats, first: int, turns: float
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float32]]:
    """Spans, pairs and weights of (rows, rests, steps) shares and places in moments.

    ``first`` is the number b of the first step; the carrier makes so many ``turns`` per moment.
    """
    rows, rests, count = share.shape
    used = (share > 0).reshape(rows, rests, count // 2, 2).any(axis=3)
    row, rest, pair = np.nonzero(used)
    both = (row[:, None], rest[:, None], 2 * pair[:, None] + np.arange(2))
    at, weight = place[both], share[both]
    before = np.floor(at)
    fraction = at - before
    carrier = np.exp(2j * math.pi * turns * fraction) * weight
    weights = np.empty((len(row), 2, 2), np.complex128)
    weights[..., 0] = (1 - fraction) * carrier
    weights[..., 1] = fraction * carrier * np.exp(-2j * math.pi * turns)
    # the moments stand one row down, below the zeros; a step that does not count points at those
    moment = np.where(weight > 0, before + 1, 0)
    pairs = np.stack([first + 2 * pair, rest, moment[:, 0], moment[:, 1]], axis=1)
    ends = np.cumsum(used.reshape(rows, -1).sum(axis=1))
    spans = np.stack([np.concatenate([[0], ends[:-1]]), ends], axis=1)
    parts = weights.view(np.float64).reshape(len(row), 8)
    return spans.astype(np.int32), pairs.astype(np.int32), parts.astype(np.float32)


def _listening(counts: NDArray[np.bool_], steps: NDArray[np.int64], elements: int, lines: Lines) -> NDArray[np.float32]:
    """(rows, lines) elements that count: line i hears element e where step i - m e counts."""
    out = np.zeros((len(counts), lines.lines), np.float32)
    for element in range(elements):
        start = -lines.per_element * element - steps[0]
        out += counts[:, start : start + lines.lines]
    return out
