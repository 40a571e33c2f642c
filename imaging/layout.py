"""Layout: which millimetre each pixel of a picture is. Square pixels, whole micrometres."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from imaging.errors import CannotImage
from probe.geometry import Geometry
from probe.settings import Sampling

SMALLEST_PX, LARGEST_PX = 16, 4096
MOST_ZOOM_PERCENT = 1000


@dataclass(frozen=True, slots=True)
class View:
    """What of the scan is shown, and which way round.

    Args:
        zoom_percent: 100 shows everything, 200 half of each side.
        x_um, z_um: What is in the middle of a zoomed picture; None is the middle of the scan.
        mirrored: Left and right change places.
        upside_down: The skin is at the bottom.
        depth_mm: Only so far along the lines; None is all that was sampled.
    """

    zoom_percent: int = 100
    x_um: int | None = None
    z_um: int | None = None
    mirrored: bool = False
    upside_down: bool = False
    depth_mm: int | None = None


WHOLE = View()


@dataclass(frozen=True, slots=True)
class Layout:
    """The millimetre map of a picture.

    Args:
        width_px, height_px: Size.
        pixel_um: Side of a pixel.
        origin_x_um, origin_z_um: Where the centre of the pixel in column 0, row 0 lies in the plane of ``Geometry``.
        mirrored: x falls with the column.
        upside_down: z falls with the row.
    """

    width_px: int
    height_px: int
    pixel_um: int
    origin_x_um: int
    origin_z_um: int
    mirrored: bool = False
    upside_down: bool = False

    def columns_mm(self) -> NDArray[np.float64]:
        """(width,) x of each column."""
        step = -self.pixel_um if self.mirrored else self.pixel_um
        return np.asarray((self.origin_x_um + step * np.arange(self.width_px)) / 1000, dtype=np.float64)

    def turned(self, mirrored: bool, upside_down: bool) -> Layout:
        """The same places, left and right or top and bottom exchanged where that is not so yet."""
        across, down = self.pixel_um * (self.width_px - 1), self.pixel_um * (self.height_px - 1)
        x_um = self.origin_x_um + across * (int(mirrored) - int(self.mirrored))
        z_um = self.origin_z_um + down * (int(upside_down) - int(self.upside_down))
        return Layout(self.width_px, self.height_px, self.pixel_um, x_um, z_um, mirrored, upside_down)

    def rows_mm(self) -> NDArray[np.float64]:
        """(height,) z of each row."""
        step = -self.pixel_um if self.upside_down else self.pixel_um
        return np.asarray((self.origin_z_um + step * np.arange(self.height_px)) / 1000, dtype=np.float64)


def fit(
    geometry: Geometry, sampling: Sampling, sound_speed_m_s: int, width_px: int, height_px: int, view: View = WHOLE
) -> Layout:
    """The layout that shows everything that was scanned, as large as it fits, in the middle; or a part of that.

    Raises:
        CannotImage: The size or the view is not possible, or the scan has no extent.
    """
    box = _box_mm(geometry, _shallow(sampling, sound_speed_m_s, view.depth_mm), sound_speed_m_s)
    return _fit_box(box, width_px, height_px, view)


def fit_all(
    scans: Sequence[tuple[Geometry, Sampling]], sound_speed_m_s: int, width_px: int, height_px: int, view: View = WHOLE
) -> Layout:
    """The same for several scans that are to be seen together.

    Raises:
        CannotImage: The size or the view is not possible, or the scans have no extent.
        ValueError: There is no scan.
    """
    shown = [(geometry, _shallow(sampling, sound_speed_m_s, view.depth_mm)) for geometry, sampling in scans]
    boxes = [_box_mm(geometry, sampling, sound_speed_m_s) for geometry, sampling in shown]
    left, top, right, bottom = zip(*boxes, strict=True)
    return _fit_box((min(left), min(top), max(right), max(bottom)), width_px, height_px, view)


def _fit_box(box: tuple[float, float, float, float], width_px: int, height_px: int, view: View) -> Layout:
    for side in (width_px, height_px):
        if not SMALLEST_PX <= side <= LARGEST_PX:
            raise CannotImage(
                f"A picture of {width_px} x {height_px} pixels is not possible",
                f"Each side may have {SMALLEST_PX} to {LARGEST_PX} pixels.",
            )
    left, top, right, bottom = box
    pixel_um = math.ceil(1000 * max((right - left) / (width_px - 1), (bottom - top) / (height_px - 1)))
    if not 1 <= pixel_um <= 100_000:
        raise CannotImage("The probe's geometry leaves nothing to show", "Check the probe's settings.")
    plain = Layout(
        width_px,
        height_px,
        pixel_um,
        round(500 * (left + right) - pixel_um * (width_px - 1) / 2),
        round(500 * (top + bottom) - pixel_um * (height_px - 1) / 2),
    )
    return plain if view == WHOLE else _viewed(plain, view)


def _viewed(plain: Layout, view: View) -> Layout:
    """A part of a layout, moved so that it stays inside, then turned round."""
    if not 100 <= view.zoom_percent <= MOST_ZOOM_PERCENT:
        raise CannotImage(f"A zoom of {view.zoom_percent} % is not possible", f"Choose 100 to {MOST_ZOOM_PERCENT} %.")
    pixel_um = max(1, -(-100 * plain.pixel_um // view.zoom_percent))
    x_um = _zoomed(plain.origin_x_um, plain.pixel_um, pixel_um, plain.width_px, view.x_um)
    z_um = _zoomed(plain.origin_z_um, plain.pixel_um, pixel_um, plain.height_px, view.z_um)
    shown = Layout(plain.width_px, plain.height_px, pixel_um, x_um, z_um)
    return shown.turned(view.mirrored, view.upside_down)


def _shallow(sampling: Sampling, sound_speed_m_s: int, depth_mm: int | None) -> Sampling:
    """The window up to a depth; as it is where it ends before.

    Raises:
        CannotImage: It begins deeper.
    """
    if depth_mm is None or sampling.rate_hz < 1:
        return sampling
    seconds = depth_mm / (500 * sound_speed_m_s) - sampling.first_sample_ns * 1e-9
    samples = min(sampling.samples, math.floor(seconds * sampling.rate_hz) + 1)
    if samples < 2:
        raise CannotImage(f"The probe shows nothing within {depth_mm} mm", "Choose a greater depth.")
    return replace(sampling, samples=samples)


def _zoomed(origin_um: int, whole_um: int, pixel_um: int, count: int, middle_um: int | None) -> int:
    """The first pixel's place along one axis."""
    room = whole_um * (count - 1)
    shown = pixel_um * (count - 1)
    middle = origin_um + room / 2 if middle_um is None else middle_um
    return round(min(max(middle - shown / 2, origin_um), origin_um + room - shown))


def _box_mm(geometry: Geometry, sampling: Sampling, sound_speed_m_s: int) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of all lines from their first sample to their last."""
    angles, origins = geometry.angles_rad(), geometry.origins_mm()
    if geometry.is_sector and angles[0] < 0 < angles[-1]:
        angles, origins = np.append(angles, 0.0), np.append(origins, origins[:1], axis=0)
    ranges = (max(0.0, sampling.range_mm(at, sound_speed_m_s)) for at in (0, sampling.samples - 1))
    ends = [(origins[:, 0] + r * np.sin(angles), origins[:, 1] + r * np.cos(angles)) for r in ranges]
    x, z = np.concatenate([end[0] for end in ends]), np.concatenate([end[1] for end in ends])
    return float(x.min()), float(z.min()), float(x.max()), float(z.max())
