"""What a caliper reads on whatever is shown: the number that stands beside the picture is the one that is recorded."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

from clinic.looks import Shown
from imaging.beam_view import BeamView
from imaging.calipers import Place, distance
from imaging.calipers.lengths import Distance
from imaging.calipers.ranges import apart
from imaging.calipers.times import interval, rate, travel
from imaging.errors import CannotImage
from imaging.mmode import MMode
from imaging.modes import Mode
from imaging.picture import Picture
from records.codes import DISTANCE, FETAL_HEART_RATE, HEART_RATE, INTERVAL, Coded

FETAL_RATE_LABEL = "Fetal heart rate"


class Tool(Enum):
    """What a caliper measures; its value is the label that it begins with."""

    DISTANCE = "Distance"
    TIME = "Time"
    RATE = "Heart rate"


TOOLS: dict[Mode, tuple[Tool, ...]] = {
    Mode.B: (Tool.DISTANCE,),
    Mode.M: (Tool.DISTANCE, Tool.TIME, Tool.RATE),
    Mode.A: (Tool.DISTANCE,),
}


@dataclass(frozen=True, slots=True)
class Span:
    """Something to be measured.

    Args:
        label: What it is.
        ends: Both places, (column, row) in pixels.
        tool: What is read between them.
        beats: For a rate: how many there are from one end to the other.
    """

    label: str
    ends: tuple[Place, Place]
    tool: Tool = Tool.DISTANCE
    beats: int = 1


@dataclass(frozen=True, slots=True)
class Reading:
    """A number as it is recorded: ``value`` and ``error`` in whole ``unit`` (``um``, ``ms`` or ``/min``)."""

    value: int
    error: int
    unit: str
    concept: Coded
    method: str


def read_off(shown: Shown, span: Span) -> Reading:
    """What a span measures.

    Raises:
        CannotImage: It cannot be measured there; the sentence says why.
    """
    if isinstance(shown, Picture):
        return _length(distance(shown, *span.ends), "straight line between two calipers")
    if span.tool not in TOOLS[shown.mode]:
        raise CannotImage(f"{span.tool.value} cannot be measured here", "Show M-mode, then measure.")
    (a_column, a_row), (b_column, b_row) = span.ends
    if shown.mode is Mode.A:
        return _length(apart(shown, a_column, b_column), "along one beam, A-mode")
    strip = _strip_of(shown)
    if span.tool is Tool.DISTANCE:
        return _length(travel(strip, a_row, b_row), "along one beam, M-mode")
    if span.tool is Tool.TIME:
        time = interval(strip, a_column, b_column)
        return Reading(round(1000 * time.seconds), math.ceil(1000 * time.error_s), "ms", INTERVAL, "time in M-mode")
    found = rate(strip, a_column, b_column, span.beats)
    concept = FETAL_HEART_RATE if span.label == FETAL_RATE_LABEL else HEART_RATE
    beats = "1 beat" if span.beats == 1 else f"{span.beats} beats"
    return Reading(
        round(found.per_minute), math.ceil(found.error_per_minute), "/min", concept, f"{beats} in M-mode"
    )  # fmt: skip


def _length(found: Distance, method: str) -> Reading:
    return Reading(round(1000 * found.mm), round(1000 * found.error_mm), "um", DISTANCE, method)


def _strip_of(view: BeamView) -> MMode:
    if view.strip is None:
        raise CannotImage("A strip that was read back is not measured again", "Go live and freeze anew.")
    return view.strip
