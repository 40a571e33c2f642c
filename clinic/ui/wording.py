"""Words that several screens share: moments in local time, and one or many."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from clinic.clock import Clock


def moment(clock: Clock, wall_ms: int) -> str:
    """A moment as ``2026-05-01 14:02``, in the time of this place."""
    offset = timedelta(minutes=clock.utc_offset_min(wall_ms))
    return (datetime.fromtimestamp(wall_ms / 1000, UTC) + offset).strftime("%Y-%m-%d %H:%M")


def many(count: int, word: str) -> str:
    """``1 picture``, ``2 pictures``."""
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
