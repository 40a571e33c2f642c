"""Negotiation: settings whose live frames fit 80 % of the link, found with the probe and not in spite of it.

The device makes the first proposal (it knows its own sampling). The host asks for better when the frames do not fit
what it knows of the link, or come too seldom: first in a smaller format, then with fewer lines, last less often.
"""

from __future__ import annotations

from dataclasses import replace

from probe.capabilities import Capabilities
from probe.lines import frame_bytes
from probe.samples import line_bytes
from probe.settings import SampleFormat, Settings

LINK_SHARE = 0.8
# ten frames a second is what the eye takes for live; fewer lines than this are no picture
USUAL_INTERVAL_US = 100_000
LEAST_LINES = 64
_SLACK = 1.02


def link_interval_us(applied: Settings, bytes_s: int) -> int:
    """The shortest time between frames that keeps within the link's share; 0 when the settings are not complete."""
    if applied.format is None or applied.lines is None or applied.sampling is None:
        return 0
    size = frame_bytes(applied.lines, applied.format, applied.sampling.samples)
    return -(-size * 1_000_000 // max(1, int(LINK_SHARE * bytes_s)))


def better(capabilities: Capabilities, wish: Settings, applied: Settings, bytes_s: int) -> Settings | None:
    """What to ask instead of what the probe applied; None when it is as good as it can be.

    Args:
        capabilities: What the probe can do.
        wish: What the operator asked for; what is set there is never changed.
        applied: What the probe made of it.
        bytes_s: What the link carries, as far as it is known.
    """
    least_us = link_interval_us(applied, bytes_s)
    given_us = applied.frame_interval_us or 0
    wanted_us = max(wish.frame_interval_us or USUAL_INTERVAL_US, capabilities.min_frame_interval_us)
    # where the interval is much longer than the link asks for, it is the probe's own choice
    if least_us > _SLACK * wanted_us and given_us <= _SLACK * least_us:
        smaller = _smaller_format(capabilities, wish, applied)
        if smaller is not None:
            return replace(wish, format=smaller)
        fewer = _fewer_lines(wish, applied, wanted_us / least_us)
        if fewer is not None:
            return replace(wish, format=applied.format, lines=fewer)
    if given_us < least_us:
        return replace(applied, frame_interval_us=least_us)
    return None


def _smaller_format(capabilities: Capabilities, wish: Settings, applied: Settings) -> SampleFormat | None:
    """The best format that takes fewer bytes than the one in use."""
    if wish.format is not None or applied.format is None:
        return None
    size = line_bytes(applied.format, 1000)
    return next((code for code in capabilities.formats if line_bytes(code, 1000) < size), None)


def _fewer_lines(wish: Settings, applied: Settings, share: float) -> int | None:
    """As many lines as fit at the wanted rate, but never so few that the picture is none."""
    if wish.lines is not None or applied.lines is None:
        return None
    fewer = max(LEAST_LINES, int(applied.lines * share))
    return fewer if fewer < applied.lines else None
