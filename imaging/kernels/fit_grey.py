"""A grey picture at another size: the mean of what falls into a pixel, or what lies between two."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def fit_grey(
    grey: NDArray[np.uint8],
    row_at: NDArray[np.int32],
    row_weights: NDArray[np.int32],
    column_at: NDArray[np.int32],
    column_weights: NDArray[np.int32],
    sums: NDArray[np.int32],
    out: NDArray[np.uint8],
    lo: int,
    hi: int,
) -> None:
    """Resample rows ``lo`` to ``hi`` of the result by tables of taps; each set of weights sums to 16384 (2^14).

    Down the columns first, then along the row: both passes are plain sums that the processor does many at a time.

    Args:
        grey: (source rows, source columns).
        row_at: (rows,) first source row of a result's row; -1 is outside, which becomes 0.
        row_weights: (rows, taps).
        column_at: (columns,) first source column; every tap stays inside the source.
        column_weights: (columns, taps); all 0 is outside.
        sums: (source columns,) scratch.
        out: (rows, columns) result.
        lo, hi: Rows to do.
    """
    width = grey.shape[1]
    columns = out.shape[1]
    row_taps = row_weights.shape[1]
    column_taps = column_weights.shape[1]
    for row in range(lo, hi):
        first = int(row_at[row])
        if first < 0:
            for column in range(columns):
                out[row, column] = 0
            continue
        weight = int(row_weights[row, 0])
        for x in range(width):
            sums[x] = weight * int(grey[first, x])
        for tap in range(1, row_taps):
            weight = int(row_weights[row, tap])
            if weight != 0:
                for x in range(width):
                    sums[x] = int(sums[x]) + weight * int(grey[first + tap, x])
        for column in range(columns):
            at = int(column_at[column])
            total = 134217728  # half of 2^28
            for tap in range(column_taps):
                total += int(column_weights[column, tap]) * int(sums[at + tap])
            out[row, column] = total >> 28
