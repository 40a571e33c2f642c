"""Words that screens share: moments in local time, one or many, what a probe puts out and measures of itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from clinic.clock import Clock
from probe.capabilities import Capabilities
from probe.driver import DeviceStatus

# probes stop transmitting at some percent more than none; this is early enough to fetch the cable
LOW_PERCENT = 15


def moment(clock: Clock, wall_ms: int) -> str:
    """A moment as ``2026-05-01 14:02``, in the time of this place."""
    offset = timedelta(minutes=clock.utc_offset_min(wall_ms))
    return (datetime.fromtimestamp(wall_ms / 1000, UTC) + offset).strftime("%Y-%m-%d %H:%M")


def many(count: int, word: str) -> str:
    """``1 picture``, ``2 pictures``."""
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def output(capabilities: Capabilities) -> str:
    """``MI 0.41, TI not measured``: each index as its maker measured it, or that he did not."""
    mechanical, thermal = capabilities.mechanical_index, capabilities.thermal_index
    if mechanical is None and thermal is None:
        return "MI, TI not measured"
    return f"MI {mechanical or 'not measured'}, TI {thermal or 'not measured'}"


def sensors(status: DeviceStatus) -> str:
    """``probe: battery 71 %, 34 °C``; empty without sensors."""
    battery = "" if status.battery_percent is None else f"battery {status.battery_percent} %"
    if battery and (status.battery_percent or 0) <= LOW_PERCENT:
        battery += " LOW"
    warmth = "" if status.temperature_c is None else f"{status.temperature_c} °C"
    said = ", ".join(filter(None, (battery, warmth)))
    return f"probe: {said}" if said else ""
