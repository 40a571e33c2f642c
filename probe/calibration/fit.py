"""A probe's errors from what it saw of targets whose place is known: least squares, by Gauss and Newton.

Sector probes: every line leaves one apex. With told time t and told angle a, the true place of an echo is at range
``c/2 (s t + z)`` and angle ``k a - d lag/2`` (d = +1 forward, -1 backward); s, z, k and lag are what is looked for.
A plate at distance D and tilt p is met at ``D / cos(angle - p)``. A wire phantom has a pose of its own: a turn and
a shift, which are looked for as well.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from probe.calibration.correction import MILLION, Correction
from probe.calibration.sightings import Sighting
from probe.errors import ProbeRefused

_ROUNDS = 40
_STEP = 1e-6
# the residual beyond which something else than the target was seen
_OUTLIER = 3.5
SCALE, ZERO, ANGLE, LAG = "range scale", "time zero", "sector angle", "sweep lag"
SHARED = (SCALE, ZERO, ANGLE, LAG)
_NO_ERROR = {SCALE: 1.0, ZERO: 0.0, ANGLE: 1.0, LAG: 0.0}


@dataclass(frozen=True, slots=True)
class Plate:
    """A flat plate.

    Args:
        distance_mm: From the apex, perpendicular to the plate; None when nobody measured it.
        seen: Its front.
    """

    distance_mm: float | None
    seen: tuple[Sighting, ...]


@dataclass(frozen=True, slots=True)
class Wires:
    """A wire phantom.

    Args:
        places_mm: (x, z) of the wire that each sighting is of, in the phantom's own plane.
        seen: As many sightings.
    """

    places_mm: tuple[tuple[float, float], ...]
    seen: tuple[Sighting, ...]


@dataclass(frozen=True, slots=True)
class Fit:
    """What came out.

    Args:
        correction: Takes the errors away.
        residual_um: Root mean square of what is left, micrometres.
        found: Which of ``SHARED`` the targets could tell; the others are as the probe says.
        used: Sightings that were used.
        left_out: Sightings that were not of the target.
    """

    correction: Correction
    residual_um: int
    found: tuple[str, ...]
    used: int
    left_out: int


Target = Plate | Wires


def fit(targets: Sequence[Target], sound_speed_m_s: float) -> Fit:
    """The errors that explain all targets best.

    Raises:
        ProbeRefused: There is too little to see, or no errors explain it.
    """
    model = _Model(targets, sound_speed_m_s)
    keep = np.ones(model.rows, dtype=np.bool_)
    for _ in range(4):
        values = _solve(model.residuals, model.start(), keep)
        left = model.residuals(values)
        spread = 1.4826 * float(np.median(np.abs(left[keep]))) + 1e-3
        now = np.abs(left) <= _OUTLIER * spread
        if not now.any() or np.array_equal(now, keep):
            break
        keep = now
    if keep.sum() < 2 * len(values) or keep.sum() < 0.5 * model.rows:
        raise ProbeRefused("What the probe saw does not fit the target", "Check the target's numbers and its place.")
    residual_mm = math.sqrt(float(np.mean(left[keep] ** 2)))
    return Fit(model.correction(values), math.ceil(1000 * residual_mm), model.free, int(keep.sum()), int((~keep).sum()))


class _Model:
    """Residuals in mm as a function of one list of numbers: the shared ones that are free, then each target's own."""

    def __init__(self, targets: Sequence[Target], sound_speed_m_s: float) -> None:
        self._targets = targets
        self._half_c = sound_speed_m_s / 2000  # mm per microsecond of two-way time
        self.free = _free(targets)
        self._columns = [_columns(target.seen) for target in targets]
        self.rows = sum(len(t.seen) * (1 if isinstance(t, Plate) else 2) for t in targets)

    def start(self) -> NDArray[np.float64]:
        """Where to begin: no error, each target as it seems to lie."""
        values = [_NO_ERROR[name] for name in self.free]
        for target, (angle, time, _) in zip(self._targets, self._columns, strict=True):
            ranges = self._half_c * time
            if isinstance(target, Plate):
                values.append(_tilt(angle, ranges))
                if target.distance_mm is None:
                    values.append(float(ranges.min()))
            else:
                values += _pose(target, angle, ranges)
        return np.array(values)

    def residuals(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """(rows,) millimetres."""
        shared = self._shared(values)
        at, parts = len(self.free), []
        for target, (angle, time, direction) in zip(self._targets, self._columns, strict=True):
            true_range = self._half_c * (shared[SCALE] * time) + shared[ZERO]
            true_angle = shared[ANGLE] * angle - direction * shared[LAG] / 2
            own = 3 if isinstance(target, Wires) else 1 + (target.distance_mm is None)
            parts.append(_left(target, true_range, true_angle, values[at : at + own]))
            at += own
        return np.concatenate(parts)

    def correction(self, values: NDArray[np.float64]) -> Correction:
        """The shared numbers in a frame's units."""
        shared = self._shared(values)
        return Correction(
            time_zero_ns=round(1000 * shared[ZERO] / self._half_c),
            range_scale_ppm=round(MILLION * shared[SCALE]),
            sector_scale_ppm=round(MILLION * shared[ANGLE]),
            sweep_lag_mdeg=round(1000 * math.degrees(shared[LAG])),
        )

    def _shared(self, values: NDArray[np.float64]) -> dict[str, float]:
        """All four, those that are not free as the probe says; zero is in mm, the lag in radians."""
        return _NO_ERROR | dict(zip(self.free, values.tolist(), strict=False))


def _free(targets: Sequence[Target]) -> tuple[str, ...]:
    """What the targets can tell: two known distances tell a scale, one a zero; both directions a lag."""
    distances = {round(t.distance_mm, 1) for t in targets if isinstance(t, Plate) and t.distance_mm is not None}
    wires = any(isinstance(target, Wires) for target in targets)
    both = all({sighting.direction for sighting in target.seen} == {1, -1} for target in targets)
    told = {SCALE: wires or len(distances) > 1, ZERO: wires or bool(distances), ANGLE: True, LAG: both}
    return tuple(name for name in SHARED if told[name])


def _left(
    target: Target, ranges: NDArray[np.float64], angles: NDArray[np.float64], own: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(rows,) mm between where the target is and where it was seen."""
    if isinstance(target, Plate):
        distance = float(own[1]) if target.distance_mm is None else target.distance_mm
        off = np.clip(angles - own[0], -1.4, 1.4)
        short: NDArray[np.float64] = ranges - distance / np.cos(off)
        return short
    places = np.asarray(target.places_mm)
    turn, x, z = (float(value) for value in own)
    px = x + math.cos(turn) * places[:, 0] + math.sin(turn) * places[:, 1]
    pz = z - math.sin(turn) * places[:, 0] + math.cos(turn) * places[:, 1]
    left: NDArray[np.float64] = np.concatenate([ranges - np.hypot(px, pz), ranges * (angles - np.arctan2(px, pz))])
    return left


def _columns(seen: Sequence[Sighting]) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Angles in radians, times in microseconds, directions."""
    rows = np.array([(math.radians(s.angle_deg), s.time_us, s.direction) for s in seen])
    return rows[:, 0], rows[:, 1], rows[:, 2]


def _tilt(angle: NDArray[np.float64], ranges: NDArray[np.float64]) -> float:
    """The angle at which a parabola through the fronts is nearest; the mean angle when it has no nearest."""
    bend, slope, _ = np.polyfit(angle, ranges, 2)
    middle = float(angle.mean())
    return float(np.clip(-slope / (2 * bend), -1, 1)) if bend > 0 else middle


def _pose(target: Wires, angle: NDArray[np.float64], ranges: NDArray[np.float64]) -> list[float]:
    """Turn and shift that lay the wires onto the points best (Kabsch, in the plane)."""
    seen = np.stack([ranges * np.sin(angle), ranges * np.cos(angle)], axis=1)
    places = np.asarray(target.places_mm)
    a, b = places - places.mean(axis=0), seen - seen.mean(axis=0)
    turn = math.atan2(float((a[:, 1] * b[:, 0] - a[:, 0] * b[:, 1]).sum()), float((a * b).sum()))
    x, z = places.mean(axis=0)
    mean_x, mean_z = seen.mean(axis=0)
    return [
        turn,
        float(mean_x - math.cos(turn) * x - math.sin(turn) * z),
        float(mean_z + math.sin(turn) * x - math.cos(turn) * z),
    ]


def _solve(
    residuals: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    values: NDArray[np.float64],
    keep: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """Gauss-Newton with numerical derivatives; the problem is smooth and begins near its end."""
    for _ in range(_ROUNDS):
        now = residuals(values)[keep]
        steps = np.eye(len(values)) * _STEP
        slopes = np.stack([(residuals(values + step)[keep] - now) / _STEP for step in steps], axis=1)
        change = np.linalg.lstsq(slopes, -now, rcond=1e-10)[0]
        values = values + change
        if float(np.abs(change).max()) < 1e-9:
            break
    return values
