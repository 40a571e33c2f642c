"""Complex image to its envelope."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def magnitude(image: NDArray[np.float32], envelope: NDArray[np.float32], lo: int, hi: int) -> None:
    """Magnitude of rows ``lo`` to ``hi``.

    Args:
        image: (rows, 2 columns) real parts then imaginary parts.
        envelope: (rows, columns) result.
        lo, hi: Rows to do.
    """
    columns = envelope.shape[1]
    for row in range(lo, hi):
        for i in range(columns):
            real = image[row, i]
            imaginary = image[row, np.uintp(columns + i)]
            envelope[row, i] = np.sqrt(real * real + imaginary * imaginary)
