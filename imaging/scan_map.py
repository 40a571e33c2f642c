"""The inverse map of a scan: which line and which sample lie at a pixel. NumPy, at planning time only."""

from __future__ import annotations

import math

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
    x = (layout.origin_x_um + layout.pixel_um * np.arange(layout.width_px)) / 1000
    z = (layout.origin_z_um + layout.pixel_um * np.arange(layout.height_px)) / 1000
    line, range_mm = _sector(geometry, x, z) if geometry.is_sector else _cells(geometry, x, z, farthest_mm)
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


def _cells(geometry: Geometry, x: Floats, z: Floats, farthest_mm: float) -> tuple[Floats, Floats]:
    """Any lines: look for the pixels of each cell between two neighbours, in the box round it."""
    line = np.full((len(z), len(x)), np.nan)
    range_mm = np.full_like(line, np.nan)
    rays = np.concatenate([geometry.origins_mm(), geometry.angles_rad()[:, None]], axis=1)
    for first in range(len(rays) - 1):
        near, far = rays[first], rays[first + 1]
        rows, columns = _box(near, far, x, z, farthest_mm)
        share, distance = _between(near, far, x[None, columns], z[rows, None])
        found = ~np.isnan(share)
        line[rows, columns][found] = first + share[found]
        range_mm[rows, columns][found] = distance[found]
    return line, range_mm


def _box(near: Floats, far: Floats, x: Floats, z: Floats, farthest_mm: float) -> tuple[slice, slice]:
    """Rows and columns that can lie between two rays."""
    bulge = farthest_mm * (1 - math.cos(abs(far[2] - near[2]) / 2))
    corners_x = [ray[0] + r * math.sin(ray[2]) for ray in (near, far) for r in (0.0, farthest_mm)]
    corners_z = [ray[1] + r * math.cos(ray[2]) for ray in (near, far) for r in (0.0, farthest_mm)]
    columns = np.searchsorted(x, [min(corners_x) - bulge, max(corners_x) + bulge])
    rows = np.searchsorted(z, [min(corners_z) - bulge, max(corners_z) + bulge])
    return slice(int(rows[0]), int(rows[1])), slice(int(columns[0]), int(columns[1]))


def _between(near: Floats, far: Floats, x: Floats, z: Floats) -> tuple[Floats, Floats]:
    """(rows, columns) of the place between two rays, 0 to 1, and the range; NaN where a pixel is not between them."""
    low, high = np.zeros((z.shape[0], x.shape[1])), np.ones((z.shape[0], x.shape[1]))
    at_low, at_high = _off(near, x, z), _off(far, x, z)
    share = np.zeros_like(low)
    for _ in range(_REFINEMENTS):
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(at_low == at_high, 0.0, low + (high - low) * (at_low / (at_low - at_high)))
        at_share = _off(near[:, None, None] + share * (far - near)[:, None, None], x, z)
        same = at_share * at_low > 0
        low, at_low = np.where(same, share, low), np.where(same, at_share, at_low)
        high, at_high = np.where(same, high, share), np.where(same, at_high, at_share)
    apart = _off(near, x, z) * _off(far, x, z) > 0
    ray = near[:, None, None] + share * (far - near)[:, None, None]
    distance = (x - ray[0]) * np.sin(ray[2]) + (z - ray[1]) * np.cos(ray[2])
    share[apart | (distance < 0)] = np.nan
    return share, distance


def _off(ray: Floats, x: Floats, z: Floats) -> Floats:
    """How far a point lies to the right of a ray."""
    off: Floats = (x - ray[0]) * np.cos(ray[2]) - (z - ray[1]) * np.sin(ray[2])
    return off
