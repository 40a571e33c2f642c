"""Scan conversion: scanlines to square pixels by table, four neighbours in one load."""

from __future__ import annotations

from typing import Any

from imaging.kernels.kernel import Kernel

Array = Any


def pack_quads(grey: Array, missing: Array, quads: Array, lo: int, hi: int) -> None:
    """The four corners of every cell in one word; a cell beside a missing line is black, never interpolated.

    Args:
        grey: (lines, n) uint8.
        missing: (lines,) uint8, 1 where a line is missing.
        quads: (lines - 1, n - 1) uint32: this line's sample in bits 0-7, its next 8-15, the next line's 16-23, 24-31.
        lo, hi: Cells' rows to do.
    """
    n = quads.shape[1]
    for line in range(lo, hi):
        if missing[line] != 0 or missing[line + 1] != 0:
            for j in range(n):
                quads[line, j] = 0
        else:
            for j in range(n):
                quads[line, j] = (
                    int(grey[line, j])
                    | int(grey[line, j + 1]) << 8
                    | int(grey[line + 1, j]) << 16
                    | int(grey[line + 1, j + 1]) << 24
                )


def convert(
    quads: Array,
    cells: Array,
    weights: Array,
    runs: Array,
    row_runs: Array,
    scratch: Array,
    out: Array,
    lo: int,
    hi: int,
) -> None:
    """Bilinear interpolation with 8-bit weights, only inside the sector.

    The gather and the arithmetic are two loops, so that the second is pure SIMD.

    Args:
        quads: (cells,) uint32, flat.
        cells: (inside,) int32, the cell of each inside pixel, row by row.
        weights: (inside,) uint16: weight of the next line in the upper byte, of the next sample in the lower.
        runs: (runs, 3) int64: first column, end column, and the first column's index among the inside pixels.
        row_runs: (rows + 1,) int64: runs of row r are ``row_runs[r] <= run < row_runs[r + 1]``.
        scratch: (rows, columns) uint32.
        out: (rows, columns) uint8 result; pixels outside are not touched.
        lo, hi: Rows to do.
    """
    for row in range(lo, hi):
        for run in range(row_runs[row], row_runs[row + 1]):
            first = runs[run, 0]
            end = runs[run, 1]
            shift = runs[run, 2] - first
            for column in range(first, end):
                scratch[row, column] = quads[cells[column + shift]]
            for column in range(first, end):
                quad = int(scratch[row, column])
                across = int(weights[column + shift]) >> 8
                along = int(weights[column + shift]) & 255
                near = (quad & 255) * (256 - along) + (quad >> 8 & 255) * along
                far = (quad >> 16 & 255) * (256 - along) + (quad >> 24) * along
                out[row, column] = (near * (256 - across) + far * across + 32768) >> 16


KERNELS = (
    Kernel("pack_quads", pack_quads, "u8[:,:] u8[:] >u32[:,:] i64 i64", 1),
    Kernel("convert", convert, "u32[:] i32[:] u16[:] i64[:,:] i64[:] >u32[:,:] >u8[:,:] i64 i64", 1),
)
