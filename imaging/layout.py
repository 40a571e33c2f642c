"""Layout: which millimetre each pixel of a picture is. Square pixels, whole micrometres."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from imaging.errors import CannotImage
from probe.geometry import Geometry
from probe.settings import Sampling

SMALLEST_PX, LARGEST_PX = 16, 4096


@dataclass(frozen=True, slots=True)
class Layout:
    """The millimetre map of a picture.

    Args:
        width_px, height_px: Size.
        pixel_um: Side of a pixel.
        origin_x_um, origin_z_um: Where the centre of the pixel in column 0, row 0 lies in the plane of ``Geometry``.
    """

    width_px: int
    height_px: int
    pixel_um: int
    origin_x_um: int
    origin_z_um: int


def fit(geometry: Geometry, sampling: Sampling, sound_speed_m_s: int, width_px: int, height_px: int) -> Layout:
    """The layout that shows everything that was scanned, as large as it fits, in the middle.

    Raises:
        CannotImage: The size is not possible, or the scan has no extent.
    """
    for side in (width_px, height_px):
        if not SMALLEST_PX <= side <= LARGEST_PX:
            raise CannotImage(
                f"A picture of {width_px} x {height_px} pixels is not possible",
                f"Each side may have {SMALLEST_PX} to {LARGEST_PX} pixels.",
            )
    left, top, right, bottom = _box_mm(geometry, sampling, sound_speed_m_s)
    pixel_um = math.ceil(1000 * max((right - left) / (width_px - 1), (bottom - top) / (height_px - 1)))
    if not 1 <= pixel_um <= 100_000:
        raise CannotImage("The probe's geometry leaves nothing to show", "Check the probe's settings.")
    return Layout(
        width_px,
        height_px,
        pixel_um,
        round(500 * (left + right) - pixel_um * (width_px - 1) / 2),
        round(500 * (top + bottom) - pixel_um * (height_px - 1) / 2),
    )


def _box_mm(geometry: Geometry, sampling: Sampling, sound_speed_m_s: int) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of all lines from their first sample to their last."""
    angles, origins = geometry.angles_rad(), geometry.origins_mm()
    if geometry.is_sector and angles[0] < 0 < angles[-1]:
        angles, origins = np.append(angles, 0.0), np.append(origins, origins[:1], axis=0)
    ranges = (max(0.0, sampling.range_mm(at, sound_speed_m_s)) for at in (0, sampling.samples - 1))
    ends = [(origins[:, 0] + r * np.sin(angles), origins[:, 1] + r * np.cos(angles)) for r in ranges]
    x, z = np.concatenate([end[0] for end in ends]), np.concatenate([end[1] for end in ends])
    return float(x.min()), float(z.min()), float(x.max()), float(z.max())
