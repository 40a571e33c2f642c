"""A SET on its way to settings that fit: clamped before it leaves, held against the limits when it comes back."""

from __future__ import annotations

from dataclasses import replace

from probe import limits, negotiation
from probe.capabilities import Capabilities
from probe.errors import ProbeRefused
from probe.settings import Settings

MOST_ROUNDS = 4


class Settling:
    """The operator's wish, and how often the probe was asked about it."""

    def __init__(self) -> None:
        self._wish = Settings()
        self._rounds = 0
        self._before: Settings | None = None

    def begin(self, wish: Settings, capabilities: Capabilities) -> Settings:
        """What to ask first: the wish within the capabilities."""
        self._wish, self._rounds, self._before = limits.clamp(wish, capabilities), 0, None
        return self._wish

    def follow(self, applied: Settings, capabilities: Capabilities, bytes_s: int | None) -> Settings | None:
        """What to ask next, or None when the applied settings are to be used.

        Raises:
            ProbeRefused: The probe went beyond what it says of itself.
        """
        broken = limits.overstepped(applied, capabilities)
        if broken is not None:
            raise ProbeRefused(f"The probe goes beyond its own limit of {broken}", "Do not use it.")
        if bytes_s is None or self._rounds >= MOST_ROUNDS:
            return None
        if applied == self._before:  # the probe cannot do that: what is left is to send less often
            self._wish = replace(self._wish, format=applied.format, lines=applied.lines)
        self._rounds, self._before = self._rounds + 1, applied
        next_wish = negotiation.better(capabilities, self._wish, applied, bytes_s)
        return None if next_wish is None else limits.clamp(next_wish, capabilities)
