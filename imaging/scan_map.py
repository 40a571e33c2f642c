"""The inverse map of a scan: which line and which sample lie at a pixel. NumPy, at planning time only."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from imaging.layout import Layout
from probe.geometry import Geometry

Floats = NDArray[np.float64]
_REFINEMENTS = 4


def polar_of(geometry: Geometry, layout: Layout, nearest_mm: float, farthest_mm: float) -> tuple[Floats, Floats]:
    """For each pixel, (rows, columns) of: line as a number with fraction, and range in mm; NaN outside the scan.

    Between two lines, origin and angle change evenly with the line number.
    """
    nearest_mm = max(0.0, nearest_mm)
    x, z = layout.columns_mm(), layout.rows_mm()
    line, range_mm = _sector(geometry, x, z) if geometry.is_sector else _cells(geometry, x, z)
    with np.errstate(invalid="ignore"):
        outside = ~((range_mm >= nearest_mm) & (range_mm <= farthest_mm)) | np.isnan(line)
    line[outside] = np.nan
    range_mm[outside] = np.nan
    return line, range_mm


def _sector(geometry: Geometry, x: Floats, z: Floats) -> tuple[Floats, Floats]:
    """One apex and rising angles: the line follows from the angle alone."""
    apex = geometry.origins_mm()[0]
    across, along = x[None, :] - apex[0], z[:, None] - apex[1]
    angles = geometry.angles_rad()
    angle = np.arctan2(across, along)
    line = np.interp(angle, angles, np.arange(float(len(angles))), left=np.nan, right=np.nan)
    return line, np.hypot(across, along)


def _cells(geometry: Geometry, x: Floats, z: Floats) -> tuple[Floats, Floats]:
    """Any lines that do not cross where they are scanned: halve the range of lines until a pixel is between two."""
    rays = np.concatenate([geometry.origins_mm(), geometry.angles_rad()[:, None]], axis=1)
    line, range_mm = np.full((len(z), len(x)), np.nan), np.full((len(z), len(x)), np.nan)
    start = _off(rays[0], x[None, :], z[:, None])
    found = np.nonzero(start * _off(rays[-1], x[None, :], z[:, None]) <= 0)
    places = x[found[1]], z[found[0]]
    low, high = np.zeros(len(places[0]), dtype=np.int64), np.full(len(places[0]), len(rays) - 1)
    while (high - low > 1).any():
        middle = (low + high) // 2
        same = _off(rays[middle].T, *places) * start[found] > 0
        low, high = np.where(same, middle, low), np.where(same, high, middle)
    share, distance = _between(rays[low].T, rays[high].T, *places)
    line[found] = low + share * (high - low)
    range_mm[found] = distance
    return line, range_mm


def _between(near: Floats, far: Floats, x: Floats, z: Floats) -> tuple[Floats, Floats]:
    """Of points between two rays each: the place between them, 0 to 1, and the range, by false position."""
    low, high = np.zeros_like(x), np.ones_like(x)
    at_low, at_high = _off(near, x, z), _off(far, x, z)
    share = np.zeros_like(x)
    for _ in range(_REFINEMENTS):
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(at_low == at_high, 0.0, low + (high - low) * (at_low / (at_low - at_high)))
        at_share = _off(near + share * (far - near), x, z)
        same = at_share * at_low > 0
        low, at_low = np.where(same, share, low), np.where(same, at_share, at_low)
        high, at_high = np.where(same, high, share), np.where(same, at_high, at_share)
    ray = near + share * (far - near)
    return share, (x - ray[0]) * np.sin(ray[2]) + (z - ray[1]) * np.cos(ray[2])


def _off(ray: Floats, x: Floats, z: Floats) -> Floats:
    """How far a point lies to the right of a ray (x, z, angle)."""
    off: Floats = (x - ray[0]) * np.cos(ray[2]) - (z - ray[1]) * np.sin(ray[2])
    return off
