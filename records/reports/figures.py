"""A measured number as people read it, whatever its unit: on the screen, on the picture and on paper the same."""

from __future__ import annotations

from records.model import Measurement
from records.reports.formatting import plain, tenths_of_mm, tenths_of_mm_up

LENGTH, TIME, RATE = "um", "ms", "/min"
_WORDS = {"d": "days", RATE: "per min"}


def figures(one: Measurement) -> tuple[str, str, str]:
    """Value, error and unit of a measurement; see ``figures_of``."""
    return figures_of(one.value, one.error, one.unit)


def figures_of(value: int, error: int, unit: str) -> tuple[str, str, str]:
    """Value, error and unit as printed. A unit that this table does not know is shown as it was recorded.

    Args:
        value, error: In whole ``unit``; an error of 0 was not stated, and is an empty text.
        unit: UCUM.

    Raises:
        Invalid: A length is below zero.
    """
    if unit == LENGTH:
        return tenths_of_mm(value), tenths_of_mm_up(error) if error else "", "mm"
    return str(value), str(error) if error else "", _WORDS.get(unit, plain(unit))
