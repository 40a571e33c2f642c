"""Where every pixel lies among the scanlines: the tables of scan conversion, planned once per geometry."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from probe.geometry import Geometry

Floats = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Depths:
    """The kept samples of a line in mm: sample j lies at ``start_mm + j * spacing_mm`` along the beam."""

    start_mm: float
    spacing_mm: float
    count: int

    @property
    def end_mm(self) -> float:
        return self.start_mm + (self.count - 1) * self.spacing_mm


@dataclass(frozen=True, slots=True)
class Grid:
    """Square pixels over the field: pixel (row, column) is centred at ``x0 + column * step``, ``z0 + row * step``."""

    rows: int
    columns: int
    step_mm: float
    x0_mm: float
    z0_mm: float


@dataclass(frozen=True, slots=True)
class ScanTables:
    """What ``convert`` wants; see its arguments."""

    cells: NDArray[np.int32]
    weights: NDArray[np.uint16]
    runs: NDArray[np.int64]
    row_runs: NDArray[np.int64]


def fit_grid(geometry: Geometry, depths: Depths, width_px: int, height_px: int) -> Grid:
    """The largest field of square pixels that shows all of the sweep, centred."""
    angles, origins = geometry.angles_rad(), geometry.origins_mm()
    fine = np.linspace(0, len(angles) - 1, 16 * len(angles))
    index = np.arange(len(angles))
    angle = np.interp(fine, index, angles)
    xs, zs = [], []
    for distance in (depths.start_mm, depths.end_mm):
        xs.append(np.interp(fine, index, origins[:, 0]) + distance * np.sin(angle))
        zs.append(np.interp(fine, index, origins[:, 1]) + distance * np.cos(angle))
    x, z = np.concatenate(xs), np.concatenate(zs)
    step = max((x.max() - x.min()) / (width_px - 1), (z.max() - z.min()) / (height_px - 1))
    x0 = (x.max() + x.min()) / 2 - step * (width_px - 1) / 2
    z0 = (z.max() + z.min()) / 2 - step * (height_px - 1) / 2
    return Grid(height_px, width_px, float(step), float(x0), float(z0))


def plan_tables(geometry: Geometry, depths: Depths, grid: Grid) -> ScanTables:
    """Cells and weights of every pixel inside the sweep."""
    x = grid.x0_mm + grid.step_mm * np.arange(grid.columns)
    z = grid.z0_mm + grid.step_mm * np.arange(grid.rows)
    place = _sector_place if geometry.is_sector else _general_place
    line, distance = place(geometry, x, z)
    sample = (distance - depths.start_mm) / depths.spacing_mm
    inside = (line >= 0) & (line <= geometry.lines - 1) & (sample >= 0) & (sample <= depths.count - 1)
    cell_line, across = _split(line[inside], geometry.lines)
    cell_sample, along = _split(sample[inside], depths.count)
    cells = cell_line * (depths.count - 1) + cell_sample
    runs, row_runs = _runs(inside)
    return ScanTables(cells.astype(np.int32), (across << 8 | along).astype(np.uint16), runs, row_runs)


def _sector_place(geometry: Geometry, x: Floats, z: Floats) -> tuple[Floats, Floats]:
    """(rows, columns) line number and distance for lines that leave from one point; NaN-free, outside is -1."""
    dx = x[None, :] - geometry.origins_mm()[0, 0]
    dz = z[:, None] - geometry.origins_mm()[0, 1]
    angles = geometry.angles_rad()
    line = np.interp(np.arctan2(dx, dz), angles, np.arange(len(angles)), left=-1.0, right=float(len(angles)))
    return line, np.hypot(dx, dz)


def _general_place(geometry: Geometry, x: Floats, z: Floats) -> tuple[Floats, Floats]:
    """The same for lines with origins of their own: between which two lines a pixel lies, by its distance to both."""
    shape = (len(z), len(x))
    line, distance = np.full(shape, -1.0), np.zeros(shape)
    before, along_before = _to_line(geometry, 0, x, z)
    for number in range(1, geometry.lines):
        after, along_after = _to_line(geometry, number, x, z)
        between = (before >= 0) & (after <= 0) & (line < 0) & (along_after > 0)
        share = before[between] / np.maximum(before[between] - after[between], 1e-12)
        line[between] = number - 1 + share
        distance[between] = (1 - share) * along_before[between] + share * along_after[between]
        before, along_before = after, along_after
    return line, distance


def _to_line(geometry: Geometry, number: int, x: Floats, z: Floats) -> tuple[Floats, Floats]:
    """How far right of a line each pixel lies, and how far along it."""
    angle = geometry.angles_rad()[number]
    dx = x[None, :] - geometry.origins_mm()[number, 0]
    dz = z[:, None] - geometry.origins_mm()[number, 1]
    return dx * np.cos(angle) - dz * np.sin(angle), dx * np.sin(angle) + dz * np.cos(angle)


def _split(position: Floats, count: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Cell and weight (of 256) of positions; a weight of 256 is the next cell's 0, the last cell's 255."""
    fine = np.rint(position * 256).astype(np.int64)
    cell = np.minimum(fine >> 8, count - 2)
    return cell, np.minimum(fine - (cell << 8), 255)


def _runs(inside: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where inside pixels stand side by side: (runs, 3) columns and index, and (rows + 1,) runs of each row."""
    edges = np.diff(np.pad(inside, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    starts, ends = np.argwhere(edges == 1), np.argwhere(edges == -1)
    lengths = ends[:, 1] - starts[:, 1]
    first = np.concatenate([[0], np.cumsum(lengths)[:-1]]) if len(lengths) else lengths
    runs = np.stack([starts[:, 1], ends[:, 1], first], axis=1).astype(np.int64)
    row_runs = np.searchsorted(starts[:, 0], np.arange(inside.shape[0] + 1)).astype(np.int64)
    return np.ascontiguousarray(runs), row_runs
