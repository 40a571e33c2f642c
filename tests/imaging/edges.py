"""Where a person would put calipers on a body of the practice phantom: found on the picture, by its grey alone."""

from __future__ import annotations

import math

import numpy as np

from imaging.calipers import Place
from imaging.picture import Picture
from probe.phantom import TRUTH


def along(picture: Picture, start_mm: Place, end_mm: Place, count: int) -> np.ndarray:
    """(count,) grey along a line, nearest pixel."""
    share = np.linspace(0, 1, count)
    x = start_mm[0] + share * (end_mm[0] - start_mm[0])
    z = start_mm[1] + share * (end_mm[1] - start_mm[1])
    column, row = picture.to_pixel(x, z)  # type: ignore[arg-type]
    return picture.pixels[np.rint(row).astype(int), np.rint(column).astype(int)].astype(float)


def radial(picture: Picture, middle_mm: Place, degrees: float, radii_mm: np.ndarray) -> np.ndarray:
    """Grey on a ray from a middle, averaged over five neighbouring rays as the eye does."""
    rays = []
    for turned in np.radians(degrees + np.arange(-2, 3)):
        ends = [tuple(middle_mm + r * np.array([np.cos(turned), np.sin(turned)])) for r in radii_mm[[0, -1]]]
        rays.append(along(picture, ends[0], ends[1], len(radii_mm)))
    return np.mean(rays, axis=0)


def place(picture: Picture, middle_mm: Place, degrees: float, radius_mm: float) -> Place:
    turned = math.radians(degrees)
    return picture.to_pixel(middle_mm[0] + radius_mm * math.cos(turned), middle_mm[1] + radius_mm * math.sin(turned))


def radius(width_mm: float, height_mm: float, degrees: float) -> float:
    """Of an ellipse, in a direction."""
    turned = math.radians(degrees)
    return 1 / math.hypot(math.cos(turned) / (width_mm / 2), math.sin(turned) / (height_mm / 2))


def skull_edge(picture: Picture, degrees: float) -> Place:
    """The outer edge of the head's bone: the last place that is as bright as bone."""
    skull = TRUTH.skull
    middle = (skull.x_mm, skull.z_mm)
    radii = radius(skull.width_mm, skull.height_mm, degrees) + np.linspace(-4, 4, 200)
    last = np.flatnonzero(radial(picture, middle, degrees, radii) > 200)[-1]
    return place(picture, middle, degrees, radii[last])
