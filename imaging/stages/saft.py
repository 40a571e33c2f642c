"""DETECT for RF and IQ with synthetic aperture: the focus taken as a source, neighbouring lines focused together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imaging import grey
from imaging.errors import CannotImage
from imaging.preset import Preset
from imaging.stage import Job, Place
from imaging.stages.analytic import analytic_lines, has_phase
from imaging.stages.rf import axis_of, power_weight

Floats = NDArray[np.float64]
# angles between lines closer than this share a table: 10 mdeg are 17 um at 100 mm, and far less along the line
_SAME_MDEG = 10
_HAIR = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Routes:
    """How each line hears the places on another.

    Args:
        neighbours: (lines, A) int32 lines that contribute, -1 where there is none.
        rows: (lines, A) int32 row of the other tables.
        samples: (routes, M) filter output, with fraction, at which a place is heard.
        shares: (routes, M) weight, 0 to 1.
    """

    neighbours: NDArray[np.int32]
    rows: NDArray[np.int32]
    samples: Floats
    shares: Floats


class SaftStep:
    """Makes analytic lines, then runs ``focus_lines``. One piece of work, since a line needs its neighbours."""

    rows = 1

    def __init__(self, job: Job) -> None:
        self._job = job
        self._source = source = analytic_lines(job)
        lines, outputs = job.geometry.lines, source.outputs
        self.axis = axis_of(job, source.decimation)
        self._average = average = round(self.axis.step / source.decimation)
        self.output = np.zeros((lines, self.axis.samples), dtype=np.uint8)
        routes = routes_of(job, source.decimation, outputs)
        self.parameters: dict[str, int | str] = {
            **source.parameters, "average": average, "routes": len(routes.samples), "kernel": "focus_lines",
        }  # fmt: skip
        self._weight = np.empty(self.axis.samples, dtype=np.float32)
        self._table = np.empty(65536, dtype=np.uint8)
        self.retune(job.preset)
        cells, turns = _interpolation(routes.samples, source.turn, source.carried)
        self._focus = job.kernels.bind(
            "focus_lines", routes.neighbours, routes.rows, cells, turns, routes.shares.astype(np.float32),
            np.array([job.preset.coherence_percent / 100], dtype=np.float32), np.array([average], dtype=np.int64),
            self._weight, self._table, np.zeros((8, outputs), np.float32), self.output, job.dead,
        )  # fmt: skip

    def run(self, source: NDArray[Any], lo: int, hi: int, part: int) -> None:
        if hi > lo:
            self._source.fill(source)
            self._focus(self._source.lines, 0, self._job.geometry.lines)

    def retune(self, preset: Preset) -> None:
        ranges_mm = self.axis.ranges_mm(self._job.sampling, self._job.preset.sound_speed_m_s)
        self._weight[:] = power_weight(self._average, ranges_mm, preset, self._source.white(preset))
        self._table[:] = grey.rf_table(preset)


def routes_of(job: Job, decimation: float, outputs: int) -> Routes:
    """The tables of a sector: what matters between two lines is the angle between them.

    A place at range r is at d = sqrt(r² + F² - 2 r F cos δ) from another line's focus, so that line hears it at F + d
    beyond the focus and F - d before it; and it hears it only inside the cone that the element spans at its focus.
    """
    lines, preset = job.geometry.lines, job.preset
    reach = min(preset.aperture_lines // 2, lines - 1)
    offsets = np.arange(-reach, reach + 1)
    others = np.arange(lines)[:, None] + offsets[None, :]
    there = (others >= 0) & (others < lines)
    angles = np.asarray(job.geometry.angle_mdeg)
    apart = np.abs(angles[others.clip(0, lines - 1)] - angles[:, None])
    steps, rows = np.unique(np.rint(apart / _SAME_MDEG).astype(np.int64), return_inverse=True)
    delta = np.radians(steps * _SAME_MDEG / 1000)[:, None]
    sampling, speed = job.sampling, preset.sound_speed_m_s
    spacing = sampling.spacing_mm(speed) * decimation
    first = sampling.range_mm(0, speed)
    ranges = (first + spacing * np.arange(outputs))[None, :]
    focus, element = float(preset.focus_mm), float(preset.element_mm)
    ahead = ranges * np.cos(delta) - focus
    distance = np.sqrt(np.maximum(ranges**2 + focus**2 - 2 * ranges * focus * np.cos(delta), 0))
    heard = (focus + np.where(ahead >= 0, distance, -distance) - first) / spacing
    cone = np.abs(ahead) * element / (2 * focus) + 1e-9
    off_axis = np.minimum(ranges * np.sin(delta) / cone, 1)
    # a hair of tolerance, or rounding would make a line deaf to its own first and last sample
    shares = np.where((heard >= -_HAIR) & (heard <= outputs - 1 + _HAIR), np.cos(np.pi / 2 * off_axis) ** 2, 0)
    shares[shares < 1e-3] = 0
    neighbours = np.where(there, others, -1).astype(np.int32)
    return Routes(neighbours, rows.reshape(apart.shape).astype(np.int32), heard, shares)


def _interpolation(samples: Floats, turn: float, carried: bool) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Cells and complex factors: linear between two outputs, the carrier turned to the place itself.

    Where the lines carry it, each output has been turned as far as itself already.
    """
    last = samples.shape[1] - 1
    place = np.clip(samples, 0, last)
    cells = np.minimum(place.astype(np.int32), last - 1)
    share = place - cells
    turned = cells if carried else np.zeros_like(cells)
    near = (1 - share) * np.exp(1j * turn * (place - turned))
    far = share * np.exp(1j * turn * (place - turned - carried))
    parts = [near.real, far.real, near.imag, far.imag]
    return cells.astype(np.int32), np.concatenate(parts, axis=1).astype(np.float32)


@dataclass(frozen=True, slots=True)
class SaftStage:
    """Plans synthetic aperture focusing."""

    name: str = "saft"
    version: int = 1
    place: Place = Place.DETECT

    def plan(self, job: Job) -> SaftStep:
        preset = job.preset
        if not has_phase(job.format):
            raise CannotImage(
                "Focusing lines together needs the echo's phase, and an envelope has none", "Choose RF or IQ."
            )
        if not job.geometry.is_sector:
            raise CannotImage(
                "Focusing lines together needs lines that leave from one point, each at an angle of its own",
                "Set aperture_lines to 0.",
            )
        if preset.focus_mm < 1 or preset.element_mm < 1:
            raise CannotImage(
                f"The preset {preset.name!r} does not say where the element's focus is, or how wide the element is",
                "Give it focus_mm and element_mm, or set aperture_lines to 0.",
            )
        return SaftStep(job)


SAFT = SaftStage()
