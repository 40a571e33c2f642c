"""Fitting in float64, straight from its definition: a pixel is the mean of the picture over the place that it shows.

That place is one pixel of the result, or one of the picture where that is larger. Beyond its edge the picture goes on
as it ends; a pixel whose centre is outside is black. Nothing of the product is used.
"""

from __future__ import annotations

import numpy as np


def fitted(grey: np.ndarray, target: tuple[int, int], pixel_aspect: float = 1.0) -> np.ndarray:
    """(rows, columns) float64, as large as it goes, centred, in its own proportions."""
    across = min(target[0] * pixel_aspect / grey.shape[0], target[1] / grey.shape[1])
    down = _means(grey.shape[0], target[0], across / pixel_aspect)
    return down @ grey.astype(np.float64) @ _means(grey.shape[1], target[1], across).T


def _means(source: int, target: int, scale: float) -> np.ndarray:
    shares = np.zeros((target, source))
    reach = max(1.0, 1 / scale)
    for pixel in range(target):
        centre = (pixel + 0.5 - target / 2) / scale + source / 2
        if not 0 <= centre <= source:
            continue
        first, last = centre - reach / 2, centre + reach / 2
        for place in range(int(np.floor(first)), int(np.ceil(last))):
            overlap = max(0.0, min(place + 1, last) - max(place, first))
            shares[pixel, min(max(place, 0), source - 1)] += overlap / reach
    return shares
