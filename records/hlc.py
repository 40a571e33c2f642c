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


def is_jump(last_wall_ms: int, wall_ms: int) -> bool:
    """The wall clock moved by more than a day since the last event, forth or back.

    A long weekend looks the same as a battery that died, so a jump is never silent: it becomes an event of its own.
    """
    return abs(wall_ms - last_wall_ms) > DAY_MS
