"""Which line of a frame looks along a beam: the calibrated sweeps to and fro lie a little beside each other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from probe.frame import Frame
from probe.geometry import Geometry


class SameBeam:
    """Finds a planned line's beam in frames of both directions.

    Args:
        like: Gives geometry and direction.
        line: Which line of it.
    """

    def __init__(self, like: Frame, line: int) -> None:
        self._like, self._line = like, line
        self._known: tuple[Geometry, int] = (like.geometry, line)

    def fits(self, frame: Frame) -> bool:
        """Whether its lines lie as planned, or as those of a sweep the other way may."""
        geometry, like = frame.geometry, self._like
        if geometry is like.geometry or geometry is self._known[0] or geometry == like.geometry:
            return True
        return frame.direction == -like.direction and geometry.lines == like.geometry.lines

    def line_of(self, frame: Frame) -> int:
        """The line along the beam, of a frame that fits: the nearest one; -1 where that is more than a line away."""
        geometry = frame.geometry
        if geometry is self._like.geometry:
            return self._line
        if geometry is not self._known[0]:
            self._known = geometry, self._nearest(geometry)
        return self._known[1]

    def _nearest(self, geometry: Geometry) -> int:
        if geometry == self._like.geometry:
            return self._line
        mine, others = _ends_mm(self._like.geometry), _ends_mm(geometry)
        apart = np.abs(others - mine[self._line]).max(axis=(1, 2))
        beside = np.abs(mine - mine[self._line]).max(axis=(1, 2))
        step = beside[beside > 0].min(initial=np.inf)
        nearest = int(apart.argmin())
        return nearest if apart[nearest] <= step else -1


def _ends_mm(geometry: Geometry) -> NDArray[np.float64]:
    """(lines, 2, 2) x and z of each line at its origin and 100 mm along it."""
    origins, angles = geometry.origins_mm(), geometry.angles_rad()
    far = origins + 100 * np.stack([np.sin(angles), np.cos(angles)], axis=1)
    return np.stack([origins, far], axis=1)
