"""Which side of the picture a finger on the probe's face is on: is the marker's side where it should be?"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from probe.calibration.sightings import amplitude
from probe.errors import ProbeRefused
from probe.frame import Frame

# a finger changes what is just before the face
_NEAR_SHARE = 0.25
# by how much the touched half must change more than the other
_CLEAR = 2.0
_LEAST_CHANGE = 0.15


class Side(Enum):
    """Of the picture, as a person sees it."""

    LEFT = "left"
    RIGHT = "right"


def touched_side(before: Sequence[Frame], touched: Sequence[Frame]) -> Side:
    """Where the picture changed when one end of the face was touched.

    Raises:
        ProbeRefused: It did not change, or on both sides.
    """
    if not before or not touched or before[0].lines != touched[0].lines:
        raise ProbeRefused("The probe changed its settings meanwhile", "Try again.")
    change = np.abs(_near(touched) - _near(before))
    half = len(change) // 2
    left, right = float(change[:half].mean()), float(change[-half:].mean())
    if max(left, right) < _LEAST_CHANGE or max(left, right) < _CLEAR * min(left, right):
        raise ProbeRefused(
            "It is not clear which end was touched", "Put gel on one fingertip and press it on one end of the face."
        )
    return Side.LEFT if left > right else Side.RIGHT


def _near(frames: Sequence[Frame]) -> NDArray[np.float64]:
    """(lines,) natural logarithm of the mean amplitude just before the face."""
    size = np.mean([amplitude(frame) for frame in frames], axis=0)
    near = size[:, : max(1, round(_NEAR_SHARE * size.shape[1]))].mean(axis=1)
    whole = float(size.mean()) or 1.0
    logs: NDArray[np.float64] = np.log(near / whole + 1e-3)
    return logs
