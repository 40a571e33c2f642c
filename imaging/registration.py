"""Registration of forward and backward sweeps: how far apart they show the same thing, measured and taken out.

An oscillating head reports its angle early in one direction and late in the other. Lines of both directions then
stand beside each other as the teeth of a comb. The lag is a property of the probe: measured once, kept, given to
``Chain.plan``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from imaging.detection import check_plannable, job_for, plan_detection, well_formed
from imaging.errors import CannotImage
from imaging.layout import fit
from imaging.preset import Preset
from probe.frame import Frame
from probe.geometry import Geometry

Polar = NDArray[np.floating]
_NODES = 5
_MOST_LAG_SHARE = 0.15
_LEAST_LIKENESS = 0.5
_WINDOWS, _NEAR = 6, 3
_COMB_WINDOW = 8


@dataclass(frozen=True, slots=True)
class Registration:
    """Where the lines of the two directions really lie.

    Args:
        lag_mdeg: How much further to the right a backward sweep shows what a forward one shows, thousandths of a
            degree, at equal distances from the first line to the last; linear between.
        turning_lines: Lines at each end, fired while the head turns round, that are left out.

    Raises:
        ValueError: There is no lag, or the lines left out are fewer than none.
    """

    lag_mdeg: tuple[int, ...]
    turning_lines: int = 0

    def __post_init__(self) -> None:
        if not self.lag_mdeg or self.turning_lines < 0:
            raise ValueError("a registration has a lag, and leaves out no less than nothing")

    def geometries(self, geometry: Geometry) -> tuple[Geometry, Geometry]:
        """Where the lines of a forward and of a backward sweep really lie: the lag is shared equally.

        Raises:
            CannotImage: Angles would no longer rise from line to line.
        """
        nodes = np.linspace(0, geometry.lines - 1, len(self.lag_mdeg))
        half = np.interp(np.arange(geometry.lines), nodes, self.lag_mdeg) / 2
        nominal = np.asarray(geometry.angle_mdeg)
        moved = [
            Geometry(tuple(np.rint(angles).astype(int).tolist()), geometry.origin_x_um, geometry.origin_z_um)
            for angles in (nominal + half, nominal - half)
        ]
        if geometry.is_sector and not all(each.is_sector for each in moved):
            raise CannotImage("The registration does not fit this probe", "Register the probe again.")
        return moved[0], moved[1]


def register(frames: Sequence[Frame], preset: Preset) -> Registration:
    """The registration of a probe, from sweeps to and fro over something that does not move.

    Mean-removed profiles across the lines are correlated between consecutive opposite sweeps, in windows along the
    sweep; a parabola gives fractions of a line, and a slow polynomial joins the windows.

    Raises:
        CannotImage: There are no two opposite sweeps, or they do not show the same thing.
    """
    pairs = [
        (one, other) if one.direction > 0 else (other, one)
        for one, other in pairwise(frames)
        if one.direction * other.direction < 0 and one.geometry == other.geometry
    ]
    if not pairs:
        raise CannotImage("There are no sweeps to and fro to compare", "Scan something that does not move.")
    found = [measured for one, other in pairs for measured in _lags(grey_lines(one, preset), grey_lines(other, preset))]
    if not found:
        raise CannotImage("Forward and backward sweeps do not show the same thing", "Hold the probe still.")
    geometry = pairs[0][0].geometry
    places, lags = np.array(found).T
    nodes = np.linspace(0, geometry.lines - 1, _NODES)
    bend = 2 if len(np.unique(places)) > _NODES else 0
    along = np.polynomial.Polynomial.fit(places, lags, bend)
    step_mdeg = np.gradient(np.asarray(geometry.angle_mdeg, dtype=np.float64))
    lag_mdeg = along(nodes) * np.interp(nodes, np.arange(geometry.lines), step_mdeg)
    return Registration(tuple(np.rint(lag_mdeg).astype(int).tolist()))


def grey_lines(frame: Frame, preset: Preset) -> Polar:
    """(lines, m) grey of a frame before scan conversion; NaN where a line holds no echoes.

    Raises:
        CannotImage: The frame cannot be detected.
    """
    check_plannable(frame)
    if not well_formed(frame):
        raise CannotImage(f"Frame {frame.number} is damaged", "Choose another frame.")
    layout = fit(frame.geometry, frame.sampling, preset.sound_speed_m_s, 640, 480)
    job = job_for(frame, preset, layout)
    np.copyto(job.dead, frame.missing, casting="unsafe")
    step = plan_detection(job)
    step.run(np.ascontiguousarray(frame.samples), 0, step.rows, 0)
    grey = step.output.astype(np.float64)
    grey[job.dead != 0] = np.nan
    return grey


def resampled(polar: Polar, lies: Geometry, wanted: Geometry) -> Polar:
    """A polar picture whose lines lie as one geometry says, at the lines of another; linear between lines."""
    out: Polar = np.empty_like(polar)
    for sample in range(polar.shape[1]):
        out[:, sample] = np.interp(wanted.angle_mdeg, lies.angle_mdeg, polar[:, sample])
    return out


def amplitude(grey: Polar, preset: Preset) -> Polar:
    """What a grey stands for, 1 for white: in decibels every null would be a tooth of the comb."""
    linear: Polar = 10 ** ((grey / 255 - 1) * preset.dynamic_range_db / 20)
    return linear


def comb(one: Polar, other: Polar) -> float:
    """The comb artefact of two sweeps shown line by line in turns: 0 none, 1 nothing but comb.

    Energy of the picture at the Nyquist frequency across lines, in windows of eight, over the energy of all that
    varies across lines.
    """
    mixed = np.where(np.arange(len(one))[:, None] % 2 == 0, one, other)
    mixed = mixed[~np.isnan(mixed).any(axis=1)]
    window = np.hanning(_COMB_WINDOW + 2)[1:-1]
    signs = np.where(np.arange(_COMB_WINDOW) % 2 == 0, 1.0, -1.0)
    parts = np.lib.stride_tricks.sliding_window_view(mixed, _COMB_WINDOW, axis=0)
    parts = parts - parts.mean(axis=-1, keepdims=True)
    teeth = (parts * (window * signs)).sum(axis=-1) ** 2 / (window**2).sum()
    total = (parts**2).sum()
    return float(teeth.sum() / total) if total > 0 else 0.0


def _lags(forward: Polar, backward: Polar) -> list[tuple[float, float]]:
    """(line, lag in lines) of windows along the sweep in which both directions show the same thing.

    The whole sweep gives the lag to within a few lines; short windows then look round that.
    """
    lines = len(forward)
    reach = max(2, int(_MOST_LAG_SHARE * lines))
    whole = _best(forward, backward, reach, lines - reach, 0, reach)
    if whole is None:
        return []
    middle, width, found = round(whole), max(8, lines // _WINDOWS), []
    margin = abs(middle) + _NEAR
    for first in range(margin, lines - margin - width + 1, max(1, width // 2)):
        lag = _best(forward, backward, first, first + width, middle, _NEAR)
        if lag is not None:
            found.append((first + (width - 1) / 2, lag))
    return found


def _best(forward: Polar, backward: Polar, first: int, last: int, middle: int, reach: int) -> float | None:
    """The lag, round ``middle``, at which lines ``first`` to ``last`` are most alike; None where they are not."""
    one = _centred(forward[first:last])
    likeness = np.array([_likeness(one, backward, first + middle + shift) for shift in range(-reach, reach + 1)])
    best = int(likeness.argmax())
    if not 0 < best < 2 * reach or likeness[best] < _LEAST_LIKENESS:
        return None
    return middle + best - reach + _vertex(*likeness[best - 1 : best + 2])


def _likeness(one: Polar, backward: Polar, first: int) -> float:
    other = _centred(backward[first : first + len(one)])
    norm = float(np.sqrt((one**2).sum() * (other**2).sum()))
    return float((one * other).sum() / norm) if norm > 0 else 0.0


def _centred(polar: Polar) -> Polar:
    """Less the mean over its lines at each depth: what does not change across lines says nothing; dead lines are 0."""
    counted = ~np.isnan(polar)
    mean = np.where(counted, polar, 0).sum(axis=0) / np.maximum(counted.sum(axis=0), 1)
    return np.where(counted, polar - mean, 0.0)


def _vertex(left: float, middle: float, right: float) -> float:
    """Where the parabola through three neighbours is highest, from the middle one."""
    bend = left - 2 * middle + right
    return 0.5 * (left - right) / bend if bend < 0 else 0.0
