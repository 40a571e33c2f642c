"""Receiving: which elements listen to a point, and how much each counts."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imaging.errors import CannotImage

# raised cosines by their pedestal: 1 at the middle, 2 pedestal - 1 at the rim
WINDOWS = {"boxcar": 1.0, "hamming": 0.54, "hann": 0.5}


@dataclass(frozen=True, slots=True)
class Receive:
    """An aperture that opens with depth.

    Args:
        f_number: Depth over the width of the listening elements; an element listens to what lies no farther off its
            normal than ``atan(1 / (2 f_number))``.
        window: ``boxcar``, ``hann`` or ``hamming``, over that aperture.

    Raises:
        CannotImage: There is no such window or f-number.
    """

    f_number: float = 1.5
    window: str = "boxcar"

    def __post_init__(self) -> None:
        if not 0.1 <= self.f_number <= 100 or self.window not in WINDOWS:
            raise CannotImage(
                f"There is no receiving with f-number {self.f_number} and window {self.window!r}",
                f"Windows are {', '.join(WINDOWS)}; the f-number is 0.1 to 100.",
            )

    def weights(self, across: NDArray[np.float64], along: NDArray[np.float64]) -> NDArray[np.float64]:
        """Weight of an element for points this far beside its normal and along it; 0 where it does not listen."""
        with np.errstate(divide="ignore", invalid="ignore"):
            rim = 2 * self.f_number * np.abs(across) / along
        pedestal = WINDOWS[self.window]
        # a rim that falls on an element must not be lost to rounding
        listening = (along > 0) & (rim <= 1 + 1e-9)
        return np.where(listening, pedestal + (1 - pedestal) * np.cos(math.pi * np.where(listening, rim, 0.0)), 0.0)
