"""The heads of echOpen's probes V0 and V1, the "lounger": one rocks and sweeps from right to left."""

from __future__ import annotations

from probe.geometry import Geometry

# name -> offset of the transducer on the head in mm, its tilt in degrees, its centre frequency
HEADS = {
    "PROBE_V1__3_5MHZ": (-6.2658, -10.0, 3_500_000),
    "PROBE_V1__5MHZ": (6.2658, 10.0, 5_000_000),
}


def geometry(lines: int, head: str) -> Geometry:
    """Places of the lines from left to right; line 1 of the probe is the last of them."""
    offset_mm, tilt_deg, _ = HEADS[head]
    return Geometry.lounger(
        lines, travel_mm=16, crank_mm=10, radius_mm=12.5, offset_mm=offset_mm, tilt_deg=tilt_deg
    )  # fmt: skip
