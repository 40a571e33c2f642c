"""Where scanlines lie in the picture plane: one origin and one direction per line.

The plane is that of the transducer: x to the right, z away from the skin, in mm. A line starts at its origin and
runs along ``(sin angle, cos angle)``. Distance along it follows from time (see ``frame.Sampling``) and the preset's
sound speed, so a geometry never assumes one.

Numbers are integers in the units of the EOP/1 line table: exact on the wire, in a digest and in a record.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Geometry:
    """One origin and angle per scanline; hashable, so a chain can be planned per geometry.

    Args:
        angle_mdeg: Beam angle from the z axis, thousandths of a degree, positive to the right.
        origin_x_um: x of the point where the line's distance is zero, micrometres.
        origin_z_um: z of that point, micrometres.

    Raises:
        ValueError: The three tuples differ in length, or are empty.
    """

    angle_mdeg: tuple[int, ...]
    origin_x_um: tuple[int, ...]
    origin_z_um: tuple[int, ...]

    def __post_init__(self) -> None:
        if not len(self.angle_mdeg) == len(self.origin_x_um) == len(self.origin_z_um) > 0:
            raise ValueError("a geometry needs one angle and one origin for each of its lines")

    @classmethod
    def sector(cls, lines: int, sector_deg: float) -> Geometry:
        """A sector about the origin: ``lines`` angles from -sector/2 to +sector/2, equally spaced."""
        step = sector_deg / (lines - 1) if lines > 1 else 0.0
        angles = tuple(round(1000 * (-sector_deg / 2 + i * step)) for i in range(lines))
        return cls(angles, (0,) * lines, (0,) * lines)

    @classmethod
    def from_table(cls, rows: Sequence[tuple[int, int, int]]) -> Geometry:
        """From (angle_mdeg, origin_x_um, origin_z_um) rows, one per line."""
        angles, xs, zs = zip(*rows, strict=True)
        return cls(tuple(angles), tuple(xs), tuple(zs))

    @property
    def lines(self) -> int:
        return len(self.angle_mdeg)

    @property
    def is_sector(self) -> bool:
        """All lines leave from the same point and the angles rise strictly."""
        one_apex = len(set(self.origin_x_um)) == 1 and len(set(self.origin_z_um)) == 1
        return one_apex and all(a < b for a, b in zip(self.angle_mdeg, self.angle_mdeg[1:], strict=False))

    def angles_rad(self) -> NDArray[np.float64]:
        """(lines,) beam angles in radians."""
        return np.asarray(self.angle_mdeg, dtype=np.float64) * (math.pi / 180_000)

    def origins_mm(self) -> NDArray[np.float64]:
        """(lines, 2) x and z of the origins in mm."""
        return np.stack([np.asarray(self.origin_x_um), np.asarray(self.origin_z_um)], axis=1) / 1000.0
