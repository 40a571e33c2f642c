"""Hybrid logical clock: order that survives a wrong wall clock (Kulkarni et al., "Logical physical clocks", 2014)."""

from __future__ import annotations

from dataclasses import dataclass

DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True, order=True)
class Stamp:
    """Milliseconds that never fall, and a counter for events within one of them."""

    ms: int
    counter: int


def after(last: Stamp, wall_ms: int) -> Stamp:
    """The stamp of the next event: the wall clock if it moved on, else one more than the last."""
    return Stamp(wall_ms, 0) if wall_ms > last.ms else Stamp(last.ms, last.counter + 1)


def is_suspect(last: Stamp, wall_ms: int) -> bool:
    """The wall clock stands more than a day before the last event: a dead battery, or a wrong date then or now."""
    return wall_ms < last.ms - DAY_MS
