"""Which bright point is which wire: of all poses that lay two wires on two points, the one with most wires wins."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations, permutations

import numpy as np
from numpy.typing import NDArray

from probe.calibration.fit import Wires
from probe.calibration.layout import SECTOR, Layout
from probe.calibration.sightings import Sighting
from probe.errors import ProbeRefused

_PAIRS = 4
# a header that says 80 degrees of a sector of 57 was met in the field
_SCALES = tuple(0.65 * 1.05**step for step in range(18))
_MOST_TURN = math.radians(30)
# how far off a point may be before any error is known: a share of its range, and some millimetres
_SHARE, _SLACK_MM = 0.03, 1.5
_LEAST_WIRES = 5


def match(
    seen: Sequence[Sighting],
    wires_mm: Sequence[tuple[float, float]],
    sound_speed_m_s: float,
    layout: Layout = SECTOR,
    surface_mm: float | None = None,
) -> Wires:
    """The sightings that are wires, of both directions, of a probe whose lines lie so.

    Raises:
        ProbeRefused: Too few of the wires are seen.
    """
    places: list[tuple[float, float]] = []
    sightings: list[Sighting] = []
    for direction in (1, -1):
        points = [sighting for sighting in seen if sighting.direction == direction]
        if len(points) < 2:
            continue
        for wire, point in _assign(points, np.asarray(wires_mm, dtype=np.float64), sound_speed_m_s, layout):
            places.append(wires_mm[wire])
            sightings.append(points[point])
    if len(set(places)) < min(_LEAST_WIRES, len(wires_mm)):
        raise ProbeRefused(
            f"Only {len(set(places))} of the {len(wires_mm)} wires are recognised",
            "Hold the probe still on the phantom so that the wires stand out, and check the phantom's file.",
        )
    return Wires(tuple(places), tuple(sightings), surface_mm)


def _assign(
    points: Sequence[Sighting], wires: NDArray[np.float64], sound_speed_m_s: float, layout: Layout
) -> list[tuple[int, int]]:
    """(wire, point) pairs of the best pose, at the scale of angles, or of distances of lines, at which it is best."""
    pairs = sorted(combinations(range(len(wires)), 2), key=lambda p: -float(np.hypot(*(wires[p[0]] - wires[p[1]]))))
    best: list[tuple[int, int]] = []
    best_off = math.inf
    for scale in _SCALES:
        where = _places(points, scale, sound_speed_m_s, layout)
        for i, j in pairs[:_PAIRS]:
            for a, b in permutations(range(len(where)), 2):
                turn = _turn(wires[j] - wires[i], where[b] - where[a])
                if turn is None:
                    continue
                found, off = _near(_laid(wires, turn, wires[i], where[a]), where)
                if (len(found), -off) > (len(best), -best_off):
                    best, best_off = found, off
    return best


def _places(points: Sequence[Sighting], scale: float, sound_speed_m_s: float, layout: Layout) -> NDArray[np.float64]:
    """(points, 2) x and z in mm, as the probe tells them but for a scale of its angles or of its width."""
    told = np.array([1000 * p.angle_deg for p in points])
    angles = np.radians(layout.turned(told, scale, 0.0) / 1000)
    origins = layout.moved(told, np.array([p.origin_mm for p in points]), scale, 0.0, scale)
    ranges = np.array([sound_speed_m_s / 2000 * p.time_us for p in points])
    places: NDArray[np.float64] = origins + ranges[:, None] * np.stack([np.sin(angles), np.cos(angles)], axis=1)
    return places


def _turn(wire: NDArray[np.float64], seen: NDArray[np.float64]) -> float | None:
    """By how much to turn so that one step lies along the other; None when their lengths do not go together."""
    length, told = float(np.hypot(*wire)), float(np.hypot(*seen))
    if abs(length - told) > 0.12 * length + _SLACK_MM:
        return None
    turn = math.atan2(wire[1] * seen[0] - wire[0] * seen[1], float(wire @ seen))
    return turn if abs(turn) < _MOST_TURN else None


def _laid(
    wires: NDArray[np.float64], turn: float, hold: NDArray[np.float64], at: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The wires turned about one of them, which is laid at a place."""
    x, z = (wires - hold).T
    cos, sin = math.cos(turn), math.sin(turn)
    return np.stack([at[0] + cos * x + sin * z, at[1] - sin * x + cos * z], axis=1)


def _near(laid: NDArray[np.float64], where: NDArray[np.float64]) -> tuple[list[tuple[int, int]], float]:
    """The nearest point of each wire within reach, no point twice, and the sum of the distances."""
    off = np.hypot(*(laid[:, None, :] - where[None, :, :]).transpose(2, 0, 1))
    reach = _SLACK_MM + _SHARE * np.hypot(laid[:, 0], laid[:, 1])
    found: list[tuple[int, int]] = []
    total = 0.0
    for wire in np.argsort(off.min(axis=1)):
        point = int(off[wire].argmin())
        if off[wire, point] <= reach[wire] and point not in {p for _, p in found}:
            found.append((int(wire), point))
            total += float(off[wire, point])
    return found, total
