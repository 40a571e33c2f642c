"""What a twin measures of itself; a test or a demonstration turns the values."""

from __future__ import annotations

from dataclasses import dataclass

TEMPERATURE_LIMIT_C = 43
BATTERY_LIMIT_PERCENT = 5


@dataclass(slots=True)
class Sensors:
    """What a board measures of itself; None where it has no such sensor."""

    battery_percent: int | None = None
    temperature_c: int | None = None

    @property
    def unfit(self) -> str | None:
        """Why the transmitter must be off."""
        if self.temperature_c is not None and self.temperature_c >= TEMPERATURE_LIMIT_C:
            return "temperature"
        if self.battery_percent is not None and self.battery_percent <= BATTERY_LIMIT_PERCENT:
            return "battery"
        return None
