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
    def linear(cls, lines: int, pitch_um: float) -> Geometry:
        """A flat array: parallel lines, straight down, ``pitch_um`` apart, centred on x = 0."""
        xs = tuple(round((i - (lines - 1) / 2) * pitch_um) for i in range(lines))
        return cls((0,) * lines, xs, (0,) * lines)

    @classmethod
    def convex(cls, lines: int, sector_deg: float, radius_mm: float) -> Geometry:
        """A curved array of a radius: lines leave its face at right angles; z = 0 where the face is foremost."""
        half = math.radians(sector_deg) / 2
        turns = tuple(half * (2 * i / (lines - 1) - 1) if lines > 1 else 0.0 for i in range(lines))
        return cls(
            tuple(round(math.degrees(turn) * 1000) for turn in turns),
            tuple(round(1000 * radius_mm * math.sin(turn)) for turn in turns),
            tuple(round(1000 * radius_mm * (math.cos(turn) - 1)) for turn in turns),
        )

    @classmethod
    def lounger(
        cls, lines: int, *, travel_mm: float, crank_mm: float, radius_mm: float, offset_mm: float, tilt_deg: float
    ) -> Geometry:
        """The rocking head of echOpen's probe V1: it swings behind a pivot, and its beams cross in front of it.

        Args:
            lines: How many; the slider that drives the head moves by equal steps.
            travel_mm: The slider's whole way.
            crank_mm: Distance of the slider's rail from the pivot: ``tan turn = slider / crank``.
            radius_mm: From the pivot back to the head.
            offset_mm: Of this transducer on the head, to the right.
            tilt_deg: Of this transducer on the head, to the left.

        The pivot is x = 0, z = 0. Source: the kinematics in echOpen's Android application; the constants of its heads
        and the formula are in docs/reference/eop1.md, Geometry.
        """
        steps = (travel_mm * (i / (lines - 1) - 0.5) if lines > 1 else 0.0 for i in range(lines))
        turns = tuple(math.atan2(step, crank_mm) for step in steps)
        return cls(
            tuple(round((math.degrees(turn) - tilt_deg) * 1000) for turn in turns),
            tuple(round(1000 * (offset_mm * math.cos(turn) - radius_mm * math.sin(turn))) for turn in turns),
            tuple(round(1000 * (-offset_mm * math.sin(turn) - radius_mm * math.cos(turn))) for turn in turns),
        )

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
