"""A probe's errors from what it saw of targets whose place is known: least squares, by Gauss and Newton.

With told time t, an echo's true range along its line is ``c/2 (s t + z)``. Lines that turn lie truly at the angle
``m + k (a - m) - d lag/2`` (d = +1 forward, -1 backward; m is the middle line's), and their origins turn with them;
parallel lines lie ``w`` times as far apart. The layout and the target say which of s, z, k, lag and w are looked for.
A plate at distance D and tilt p is met where ``x sin p + z cos p = D``. A wire phantom has a pose of its own: a turn
and a shift, which are looked for as well; its surface, when it is known to lie on the face, fixes the depth.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from probe.calibration.correction import MILLION, Correction
from probe.calibration.layout import SECTOR, Floats, Layout, Motion
from probe.calibration.sightings import Sighting
from probe.errors import ProbeRefused

_ROUNDS = 40
_STEP = 1e-6
# the residual beyond which something else than the target was seen
_OUTLIER = 3.5
# of each target: one that is left out as a whole has a wrong number
_LEAST_KEPT = 0.5
SCALE, ZERO, ANGLE, LAG, LATERAL = "range scale", "time zero", "sector angle", "sweep lag", "lateral scale"
SHARED = (SCALE, ZERO, ANGLE, LAG)
_NO_ERROR = {SCALE: 1.0, ZERO: 0.0, ANGLE: 1.0, LAG: 0.0, LATERAL: 1.0}
# what must be known of a probe before its millimetres count
NEEDED = {
    Motion.ONE_LINE: (SCALE, ZERO),
    Motion.PARALLEL: (SCALE, ZERO, LATERAL),
    Motion.ABOUT_A_POINT: (SCALE, ZERO, ANGLE),
    Motion.EACH_FOR_ITSELF: (SCALE, ZERO, ANGLE),
}
# their face is flat: it may lie on a phantom's surface
_FLAT = (Motion.PARALLEL, Motion.EACH_FOR_ITSELF)


@dataclass(frozen=True, slots=True)
class Plate:
    """A flat plate.

    Args:
        distance_mm: From x = 0, z = 0 of the geometry, perpendicular to the plate; None when nobody measured it.
        seen: Its front.
    """

    distance_mm: float | None
    seen: tuple[Sighting, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """A block of known thickness, in which echoes go to and fro: time between them, and no time zero.

    Args:
        thickness_mm: Between its faces.
        spacings_us: Time between echoes, as often as it was seen.
    """

    thickness_mm: float
    spacings_us: tuple[float, ...]
    seen: tuple[Sighting, ...] = ()


@dataclass(frozen=True, slots=True)
class Wires:
    """A wire phantom.

    Args:
        places_mm: (x, z) of the wire that each sighting is of, in the phantom's own plane.
        seen: As many sightings.
        surface_mm: z of the phantom's surface, on which the face lies; None when it does not, or nobody said.
    """

    places_mm: tuple[tuple[float, float], ...]
    seen: tuple[Sighting, ...]
    surface_mm: float | None = None


@dataclass(frozen=True, slots=True)
class Fit:
    """What came out.

    Args:
        correction: Takes the errors away.
        residual_um: Root mean square of what is left, micrometres.
        found: Which errors the targets could tell; the others are as the probe says.
        used: Sightings that were used.
        left_out: Sightings that were not of the target.
        needed: Which errors must be known of such a probe.
    """

    correction: Correction
    residual_um: int
    found: tuple[str, ...]
    used: int
    left_out: int
    needed: tuple[str, ...] = NEEDED[Motion.ABOUT_A_POINT]

    @property
    def untold(self) -> tuple[str, ...]:
        """What must be known and is not."""
        return tuple(name for name in self.needed if name not in self.found)


Target = Plate | Wires | Block


def fit(targets: Sequence[Target], sound_speed_m_s: float, layout: Layout = SECTOR) -> Fit:
    """The errors that explain all targets best, of a probe whose lines lie so.

    Raises:
        ProbeRefused: There is too little to see, or no errors explain it.
    """
    model = _Model(targets, sound_speed_m_s, layout)
    keep = np.ones(model.rows, dtype=np.bool_)
    for _ in range(4):
        values = _solve(model.residuals, model.start(), keep)
        left = model.residuals(values)
        spread = 1.4826 * float(np.median(np.abs(left[keep]))) + 1e-3
        now = np.abs(left) <= _OUTLIER * spread
        if not now.any() or np.array_equal(now, keep):
            break
        keep = now
    if keep.sum() < 2 * len(values) or any(part.mean() < _LEAST_KEPT for part in model.parts(keep)):
        raise ProbeRefused("What the probe saw does not fit the target", "Check the target's numbers and its place.")
    residual_mm = math.sqrt(float(np.mean(left[keep] ** 2)))
    return Fit(
        model.correction(values), math.ceil(1000 * residual_mm), model.free, int(keep.sum()), int((~keep).sum()),
        NEEDED[layout.motion],
    )  # fmt: skip


class _Model:
    """Residuals in mm as a function of one list of numbers: the shared ones that are free, then each target's own."""

    def __init__(self, targets: Sequence[Target], sound_speed_m_s: float, layout: Layout) -> None:
        self._targets = targets
        self._layout = layout
        self._half_c = sound_speed_m_s / 2000  # mm per microsecond of two-way time
        self.free = _free(targets, layout)
        self._columns = [_Columns(target.seen) for target in targets]
        self.rows = sum(_rows(target) for target in targets)

    def start(self) -> Floats:
        """Where to begin: no error, each target as it seems to lie."""
        values = [_NO_ERROR[name] for name in self.free]
        for target, told in zip(self._targets, self._columns, strict=True):
            if not isinstance(target, Block):
                values += self._own_start(target, self._beams(told, _NO_ERROR).places())
        return np.array(values)

    def residuals(self, values: Floats) -> Floats:
        """(rows,) millimetres."""
        shared = self._shared(values)
        at, parts = len(self.free), []
        for target, told in zip(self._targets, self._columns, strict=True):
            own = self._own(target)
            if isinstance(target, Block):
                parts.append(self._half_c * shared[SCALE] * np.array(target.spacings_us) - target.thickness_mm)
                continue
            parts.append(self._left(target, self._beams(told, shared), values[at : at + own]))
            at += own
        return np.concatenate(parts)

    def parts(self, of_rows: NDArray[np.bool_]) -> list[NDArray[np.bool_]]:
        """What belongs to each target."""
        return np.split(of_rows, np.cumsum([_rows(target) for target in self._targets])[:-1])

    def _beams(self, told: _Columns, shared: dict[str, float]) -> _Beams:
        """Where the echoes truly are, if these are the errors."""
        shift = -told.direction * 1000 * math.degrees(shared[LAG]) / 2
        angles = self._layout.turned(told.angle_mdeg, shared[ANGLE], shift)
        origins = self._layout.moved(told.angle_mdeg, told.origins, shared[ANGLE], shift, shared[LATERAL])
        ranges = self._half_c * (shared[SCALE] * told.time_us) + shared[ZERO]
        return _Beams(np.radians(angles / 1000), ranges, origins)

    def _own(self, target: Target) -> int:
        """How many numbers of its own a target has."""
        if isinstance(target, Block):
            return 0
        if isinstance(target, Wires):
            return 2 if self._on_surface(target) else 3
        return (self._layout.motion is not Motion.ONE_LINE) + (target.distance_mm is None)

    def _on_surface(self, target: Wires) -> bool:
        return self._layout.motion in _FLAT and target.surface_mm is not None

    def _own_start(self, target: Plate | Wires, places: Floats) -> list[float]:
        if isinstance(target, Wires):
            turn, x, z = _pose(target, places)
            return [turn, x] if self._on_surface(target) else [turn, x, z]
        tilt, distance = _plane(places)
        values = [tilt] if self._layout.motion is not Motion.ONE_LINE else []
        return values if target.distance_mm is not None else [*values, distance]

    def _left(self, target: Plate | Wires, beams: _Beams, own: Floats) -> Floats:
        """(rows,) mm between where the target is and where it was seen."""
        if isinstance(target, Wires):
            turn, x = float(own[0]), float(own[1])
            z = -math.cos(turn) * (target.surface_mm or 0.0) if self._on_surface(target) else float(own[2])
            return _left_of_wires(target, beams, (turn, x, z))
        distance = float(own[-1]) if target.distance_mm is None else target.distance_mm
        tilt = float(own[0]) if self._layout.motion is not Motion.ONE_LINE else float(beams.angles[0])
        off = np.clip(beams.angles - tilt, -1.4, 1.4)
        before = beams.origins @ np.array([math.sin(tilt), math.cos(tilt)])
        short: Floats = beams.ranges - (distance - before) / np.cos(off)
        return short

    def correction(self, values: Floats) -> Correction:
        """The shared numbers in a frame's units."""
        shared = self._shared(values)
        return Correction(
            time_zero_ns=round(1000 * shared[ZERO] / self._half_c),
            range_scale_ppm=round(MILLION * shared[SCALE]),
            sector_scale_ppm=round(MILLION * shared[ANGLE]),
            sweep_lag_mdeg=round(1000 * math.degrees(shared[LAG])),
            lateral_scale_ppm=round(MILLION * shared[LATERAL]),
        )

    def _shared(self, values: Floats) -> dict[str, float]:
        """All of them, those that are not free as the probe says; zero is in mm, the lag in radians."""
        return _NO_ERROR | dict(zip(self.free, values.tolist(), strict=False))


def _free(targets: Sequence[Target], layout: Layout) -> tuple[str, ...]:
    """What the targets can tell of such lines.

    Two known distances tell a scale, one a zero; wires both, but no zero to parallel lines, for which another zero
    looks like another depth of the phantom; lines that turn see a plate curved; both directions tell a lag.
    """
    distances = {round(t.distance_mm, 1) for t in targets if isinstance(t, Plate) and t.distance_mm is not None}
    wires = [target for target in targets if isinstance(target, Wires)]
    parallel, turning = layout.motion is Motion.PARALLEL, layout.turns
    on_surface = any(target.surface_mm is not None for target in wires)
    blocks = any(isinstance(target, Block) for target in targets)
    both = all({sighting.direction for sighting in target.seen} == {1, -1} for target in targets)
    told = {
        SCALE: bool(wires) or blocks or len(distances) > 1,
        ZERO: bool(distances) or (on_surface if parallel else bool(wires)),
        ANGLE: turning,
        LAG: turning and both,
        LATERAL: parallel and bool(wires),
    }
    return tuple(name for name in _NO_ERROR if told[name])


def _rows(target: Target) -> int:
    """How many residuals a target gives."""
    if isinstance(target, Block):
        return len(target.spacings_us)
    return len(target.seen) * (1 if isinstance(target, Plate) else 2)


@dataclass(frozen=True, slots=True, eq=False)
class _Beams:
    """Where echoes lie: angle in radians, range and (n, 2) origin in mm, of each."""

    angles: Floats
    ranges: Floats
    origins: Floats

    def places(self) -> Floats:
        """(n, 2) x and z in mm."""
        along = np.stack([np.sin(self.angles), np.cos(self.angles)], axis=1)
        places: Floats = self.origins + self.ranges[:, None] * along
        return places


class _Columns:
    """Sightings as arrays: what the probe told."""

    def __init__(self, seen: Sequence[Sighting]) -> None:
        self.angle_mdeg = np.array([1000 * s.angle_deg for s in seen])
        self.time_us = np.array([s.time_us for s in seen])
        self.direction = np.array([float(s.direction) for s in seen])
        self.origins = np.array([s.origin_mm for s in seen], dtype=np.float64).reshape(-1, 2)


def _left_of_wires(target: Wires, beams: _Beams, pose: tuple[float, float, float]) -> Floats:
    """(2 n,) mm along and across each line."""
    turn, x, z = pose
    places = np.asarray(target.places_mm)
    px = x + math.cos(turn) * places[:, 0] + math.sin(turn) * places[:, 1] - beams.origins[:, 0]
    pz = z - math.sin(turn) * places[:, 0] + math.cos(turn) * places[:, 1] - beams.origins[:, 1]
    across = beams.ranges * (beams.angles - np.arctan2(px, pz))
    left: Floats = np.concatenate([beams.ranges - np.hypot(px, pz), across])
    return left


def _plane(places: Floats) -> tuple[float, float]:
    """Tilt and distance of the line that lies nearest to the points; upright when there is but one."""
    middle = places.mean(axis=0)
    if len(places) < 2 or not np.ptp(places[:, 0]):
        return 0.0, float(middle[1])
    normal = np.linalg.svd(places - middle, full_matrices=False)[2][1]
    normal = normal if normal[1] > 0 else -normal
    return float(np.clip(math.atan2(normal[0], normal[1]), -1, 1)), float(normal @ middle)


def _pose(target: Wires, seen: Floats) -> tuple[float, float, float]:
    """Turn and shift that lay the wires onto the points best (Kabsch, in the plane)."""
    places = np.asarray(target.places_mm)
    a, b = places - places.mean(axis=0), seen - seen.mean(axis=0)
    turn = math.atan2(float((a[:, 1] * b[:, 0] - a[:, 0] * b[:, 1]).sum()), float((a * b).sum()))
    x, z = places.mean(axis=0)
    mean_x, mean_z = seen.mean(axis=0)
    return (
        turn,
        float(mean_x - math.cos(turn) * x - math.sin(turn) * z),
        float(mean_z + math.sin(turn) * x - math.cos(turn) * z),
    )


def _solve(
    residuals: Callable[[Floats], Floats],
    values: Floats,
    keep: NDArray[np.bool_],
) -> Floats:
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
