"""What a twin of an unchecked board did to its transducer: the record that pulse safety is tested on."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

MOST_KEPT = 10_000


class Shot(NamedTuple):
    """One transmission.

    Args:
        at_ns: When, of the twin's clock.
        first_ns, second_ns: How long each half of the pulse was driven.
        damp_ns: How long it was damped behind it.
        repeats: How many such pulses followed each other.
    """

    at_ns: int
    first_ns: int
    second_ns: int
    damp_ns: int
    repeats: int = 1


def no_shots() -> deque[Shot]:
    """An empty record; the oldest shots are forgotten."""
    return deque(maxlen=MOST_KEPT)
