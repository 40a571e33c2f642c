"""Tools of M-mode: time between two moments, a rate, and how far something has moved.

Every line is one look. What happens between two looks is not seen, so each moment is known to within half the time
between the look that shows it and the one before. Looks are lost, and a beam that swings to and fro is not looked along
evenly: the times are those of the two looks themselves.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from imaging.calipers.lengths import Distance
from imaging.calipers.reading import scale_error
from imaging.errors import CannotImage
from imaging.mmode import MMode


@dataclass(frozen=True, slots=True)
class Interval:
    """A measured time; ``error_s`` is how far off it may be."""

    seconds: float
    error_s: float


@dataclass(frozen=True, slots=True)
class Rate:
    """Beats per minute; ``error_per_minute`` is how far off it may be."""

    per_minute: float
    error_per_minute: float


def interval(strip: MMode, a_column: float, b_column: float) -> Interval:
    """The time between two columns.

    Raises:
        CannotImage: A column is not on the strip, or nothing was seen there.
    """
    for column in (a_column, b_column):
        if not -0.5 <= column <= strip.pixels.shape[1] - 0.5:
            raise CannotImage("A caliper is not on the strip", "Place both ends inside the strip.")
    seconds = abs(strip.to_seconds(b_column) - strip.to_seconds(a_column))
    looks_us = [int(strip.looked_us[round(column)]) for column in (a_column, b_column)]
    if not all(looks_us):
        raise CannotImage("Nothing was seen at one of the ends", "Place both ends where the strip is not black.")
    # one column for reading both ends, and half the time between looks at each end
    error = math.hypot(strip.us_per_column, looks_us[0] / 2, looks_us[1] / 2) / 1e6
    return Interval(seconds, error)


def rate(strip: MMode, a_column: float, b_column: float, beats: int = 1) -> Rate:
    """The rate of something that happens ``beats`` times between two columns.

    Raises:
        CannotImage: A column is not on the strip or shows nothing, there is a gap between them, there are no beats, or
            they come faster than two looks: what is seen may then be another rate than what is there.
    """
    if beats < 1:
        raise CannotImage("A rate needs at least one beat", "Count the beats between the two ends.")
    whole = interval(strip, a_column, b_column)
    period_us = 1e6 * whole.seconds / beats
    first, last = sorted((round(a_column), round(b_column)))
    looked_us = strip.looked_us[first : last + 1]
    if not looked_us.all():
        raise CannotImage("There is a gap between the two ends", "Beats may hide in it: place both on one side of it.")
    widest_us = int(looked_us.max())
    if period_us < 2 * widest_us or period_us == 0:
        raise CannotImage(
            f"The probe looks {1e6 / widest_us:.0f} times a second there: too seldom for this rate",
            "Hold the beam still in M-mode, or ask for fewer lines.",
        )
    per_minute = 60 * beats / whole.seconds
    return Rate(per_minute, per_minute * whole.error_s / whole.seconds)


def travel(strip: MMode, a_row: float, b_row: float) -> Distance:
    """How far apart two rows are along the line.

    Raises:
        CannotImage: A row is not on the strip.
    """
    for row in (a_row, b_row):
        if not -0.5 <= row <= strip.pixels.shape[0] - 0.5:
            raise CannotImage("A caliper is not on the strip", "Place both ends inside the strip.")
    value = abs(strip.to_mm(b_row) - strip.to_mm(a_row))
    calibration = strip.provenance.calibration
    residual = 0.0 if calibration is None else calibration.residual_um / 1000
    reading = math.hypot(strip.um_per_row / 1000, math.sqrt(2) * residual)
    error = math.hypot(reading, scale_error(calibration, value, 1))
    return Distance(value, error, calibration is not None, reading)
