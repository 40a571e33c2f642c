"""Measurement tools: places on a picture to millimetres, each with the error that must be said beside it."""

from imaging.calipers.angles import Angle, angle
from imaging.calipers.areas import Area, area
from imaging.calipers.ellipses import Ellipse, ellipse_of_axes, ellipse_of_points
from imaging.calipers.lengths import Distance, distance, trace
from imaging.calipers.reading import UNCALIBRATED_PERCENT, Place
from imaging.calipers.times import Interval, Rate, interval, rate, travel
from imaging.calipers.volumes import Volume, volume

__all__ = [
    "UNCALIBRATED_PERCENT",
    "Angle",
    "Area",
    "Distance",
    "Ellipse",
    "Interval",
    "Place",
    "Rate",
    "Volume",
    "angle",
    "area",
    "distance",
    "ellipse_of_axes",
    "ellipse_of_points",
    "interval",
    "rate",
    "trace",
    "travel",
    "volume",
]
