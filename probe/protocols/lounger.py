"""The kinematics of echOpen's probes V0 and V1, the "lounger": a head that rocks, each line in a place of its own."""

from __future__ import annotations

import math

from probe.geometry import Geometry

# millimetres: the slide's travel, its distance from the pivot, the rocker's radius
_TRAVEL, _HEIGHT, _ROCKER = 16.0, 10.0, 12.5
# name -> the transducer's offset along the rocker in mm, the turn of its beam in degrees, the centre frequency
HEADS = {
    "PROBE_V1__3_5MHZ": (-6.2658, -10.0, 3_500_000),
    "PROBE_V1__5MHZ": (6.2658, 10.0, 5_000_000),
}


def geometry(lines: int, offset_mm: float, turn_deg: float) -> Geometry:
    """Origin and angle of each line: the rocker turns by ``atan`` of the slide's place over its height.

    The transducer sits a rocker's radius behind the pivot and its offset beside it; both turn with the beam. These
    signs are the ones with which the recorded rectangle stands upright.
    """
    slides = [-_TRAVEL / 2 + line * _TRAVEL / (lines - 1) for line in range(lines)]
    turns = [math.atan(slide / _HEIGHT) for slide in slides]
    return Geometry(
        tuple(round(1000 * (math.degrees(turn) + turn_deg)) for turn in turns),
        tuple(round(1000 * (offset_mm * math.cos(turn) - _ROCKER * math.sin(turn))) for turn in turns),
        tuple(round(1000 * (-offset_mm * math.sin(turn) - _ROCKER * math.cos(turn))) for turn in turns),
    )
