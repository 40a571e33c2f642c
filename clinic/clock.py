"""The machine's clock, handed to everything that needs time."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Protocol


class Clock(Protocol):
    """Wall time for records, monotonic time for everything that waits or measures."""

    def wall_ms(self) -> int:
        """Unix time in milliseconds; it may jump."""

    def monotonic_ns(self) -> int:
        """Nanoseconds that never run backwards."""

    def utc_offset_min(self, wall_ms: int) -> int:
        """Minutes that local time is ahead of UTC at a moment."""


@dataclass(frozen=True, slots=True)
class SystemClock:
    """The operating system's clocks."""

    def wall_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def monotonic_ns(self) -> int:
        return time.monotonic_ns()

    def utc_offset_min(self, wall_ms: int) -> int:
        return time.localtime(wall_ms / 1000).tm_gmtoff // 60
