"""How far apart two places of an A-line are, along the beam."""

from __future__ import annotations

import math

from imaging.beam_view import BeamView
from imaging.calipers.lengths import Distance
from imaging.calipers.reading import scale_error
from imaging.errors import CannotImage
from imaging.modes import Mode


def apart(view: BeamView, a_column: float, b_column: float) -> Distance:
    """The range from one column of an A-line to another.

    Raises:
        CannotImage: The view is no A-line, or a column is not on it.
    """
    if view.mode is not Mode.A:
        raise CannotImage("Only an A-line has its depth from left to right", "Show the A-line, then measure.")
    for column in (a_column, b_column):
        if not -0.5 <= column <= view.width_px - 0.5:
            raise CannotImage("A caliper is not on the line", "Place both ends inside the picture.")
    value = abs(view.across.at(b_column) - view.across.at(a_column)) / 1000
    calibration = view.provenance.calibration
    residual = 0.0 if calibration is None else calibration.residual_um / 1000
    reading = math.hypot(view.across.step / 1000, math.sqrt(2) * residual)
    return Distance(value, math.hypot(reading, scale_error(calibration, value, 1)), calibration is not None, reading)
