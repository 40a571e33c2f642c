"""Where lines lie: the four shapes that probes have, and the rocking head against echOpen's own synthetic frames."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from probe.geometry import Geometry

# offset_mm and tilt_deg of the two heads
HEADS = {"3_5MHz": (-6.2658, -10.0), "5MHz": (6.2658, 10.0)}


def lounger(head: str, lines: int = 100) -> Geometry:
    offset_mm, tilt_deg = HEADS[head]
    return Geometry.lounger(
        lines, travel_mm=16, crank_mm=10, radius_mm=12.5, offset_mm=offset_mm, tilt_deg=tilt_deg
    )  # fmt: skip


def points(geometry: Geometry, ranges_mm: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(lines, ranges) x and z of points along the lines."""
    angles, origins = geometry.angles_rad()[:, None], geometry.origins_mm()
    return origins[:, :1] + ranges_mm * np.sin(angles), origins[:, 1:] + ranges_mm * np.cos(angles)


def test_a_linear_array_is_parallel_and_centred() -> None:
    geometry = Geometry.linear(4, 300)
    assert geometry.angle_mdeg == geometry.origin_z_um == (0, 0, 0, 0)
    assert geometry.origin_x_um == (-450, -150, 150, 450)
    assert not geometry.is_sector


def test_the_lines_of_a_convex_array_meet_behind_its_face() -> None:
    geometry = Geometry.convex(65, 60.0, 40.0)
    x, z = points(geometry, np.array([-40.0]))
    assert np.allclose(x, 0, atol=0.002)
    assert np.allclose(z, -40, atol=0.002)
    assert max(geometry.origin_z_um) == geometry.origin_z_um[32] == 0
    assert (geometry.angle_mdeg[0], geometry.angle_mdeg[-1]) == (-30_000, 30_000)


@pytest.mark.parametrize("make", [lambda n: Geometry.linear(n, 300), lambda n: Geometry.convex(n, 60, 40)])
def test_one_line_is_the_middle(make) -> None:
    assert make(1) == Geometry((0,), (0,), (0,))


def skew_mm(x: np.ndarray, z: np.ndarray) -> float:
    """How far the four edges of a filled rectangle lie from being straight up and level, as halves of each differ."""
    worst = 0.0
    for along, across in ((x, z), (z, x)):
        low, high = np.percentile(along, (10, 50))
        halves = [across[(along > low) & (along < high)], across[(along > high) & (along < np.percentile(along, 90))]]
        ends = np.array([np.percentile(half, (0.5, 99.5)) for half in halves])
        worst = max(worst, float(np.ptp(ends, axis=0).max()))
    return worst


@pytest.mark.parametrize("head", HEADS)
def test_the_rectangle_under_the_rocking_head_stands_upright(recordings: Path, head: str) -> None:
    """echOpen's emulator shows a rectangle through these kinematics; its rows go from right to left."""
    rows = np.loadtxt(recordings / "echopen_app" / f"probe_v1_{head}_frame0.txt", dtype=int)[::-1]
    inside = rows > rows.max() / 2
    ranges_mm = np.linspace(10, 180, rows.shape[1])
    x, z = points(lounger(head), ranges_mm)
    assert skew_mm(x[inside], z[inside]) < 1.0
    assert skew_mm(x[inside], z[inside]) < skew_mm(*(axis[inside[::-1]] for axis in (x, z))) / 3  # turned round: askew
