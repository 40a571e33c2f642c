"""Moments as a clinic says them: local date and time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clinic.ui.app import WorkstationApp


def moment(station: WorkstationApp, wall_ms: int) -> str:
    """A moment as ``2026-05-01 14:02``, in the time of this place."""
    offset = timedelta(minutes=station.clock.utc_offset_min(wall_ms))
    return (datetime.fromtimestamp(wall_ms / 1000, UTC) + offset).strftime("%Y-%m-%d %H:%M")
