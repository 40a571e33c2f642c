"""Limits: what may be asked of a probe, and whether what it took is within what it said of itself.

A device holds its own limits; this is the second lock on the same door. Nothing outside the capabilities leaves the
host, and a device that says that it went beyond them is not used.
"""

from __future__ import annotations

from dataclasses import replace

from probe.capabilities import Capabilities
from probe.settings import Settings

_US = 1_000_000


def clamp(asked: Settings, capabilities: Capabilities) -> Settings:
    """The nearest settings within the capabilities; what was left to the probe stays so, where its default is safe.

    The frame interval is always named, because it decides how often the probe transmits.
    """
    caps = capabilities
    lines = None if asked.lines is None else min(max(asked.lines, 1), caps.max_lines)
    sampling = asked.sampling
    if sampling is not None:
        sampling = replace(sampling, samples=min(max(sampling.samples, 1), caps.max_samples))
    return replace(
        asked,
        format=asked.format if asked.format in caps.formats else None,
        lines=lines,
        sampling=sampling,
        frame_interval_us=_interval_us(asked, caps, lines),
        gain_db=None if asked.gain_db is None else min(max(asked.gain_db, caps.gain_db[0]), caps.gain_db[1]),
        centre_hz=_nearest(asked.centre_hz, caps.centre_hz),
    )


def overstepped(applied: Settings, capabilities: Capabilities) -> str | None:
    """Which limit of its own a probe's applied settings break, or None; what the probe does not say breaks none."""
    caps = capabilities
    interval, lines, gain = applied.frame_interval_us, applied.lines or 0, applied.gain_db
    checks = {
        "lines": lines <= caps.max_lines,
        "samples": applied.sampling is None or applied.sampling.samples <= caps.max_samples,
        "frame_interval_us": interval is None or interval >= least_interval_us(caps, lines),
        "gain_db": gain is None or caps.gain_db[0] <= gain <= caps.gain_db[1],
        "centre_hz": not caps.centre_hz or applied.centre_hz in (None, *caps.centre_hz),
    }
    return next((name for name, holds in checks.items() if not holds), None)


def least_interval_us(capabilities: Capabilities, lines: int) -> int:
    """The shortest time between frames of so many lines, by the frame limit and the pulse limit."""
    pulses = capabilities.max_pulse_rate_hz
    return max(capabilities.min_frame_interval_us, -(-lines * _US // pulses) if pulses else 0)


def _interval_us(asked: Settings, caps: Capabilities, lines: int | None) -> int | None:
    """Never shorter than allowed; unasked, it stays the probe's choice."""
    if asked.frame_interval_us is None:
        return None
    return max(asked.frame_interval_us, least_interval_us(caps, caps.max_lines if lines is None else lines))


def _nearest(asked: int | None, offered: tuple[int, ...]) -> int | None:
    if asked is None or not offered:
        return None
    return min(offered, key=lambda centre_hz: abs(centre_hz - asked))
