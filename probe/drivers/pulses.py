"""The transmitted pulse of boards that check nothing themselves: whatever is asked, it stays inside limits.

A stock pic0rick drives its transducer for a second when it is told to. The limits are those of the project's
reference of protocols: 24 to 500 ns for each half of the pulse, at most 20 us of damping.
"""

from __future__ import annotations

from dataclasses import dataclass

from probe.settings import Settings

TICK_NS = 8
CENTRES_HZ = (1_000_000, 2_500_000, 3_500_000, 5_000_000, 7_500_000, 10_000_000)
USUAL_HZ = 5_000_000
DAMP_NS = 6_000


@dataclass(frozen=True, slots=True)
class PulseLimits:
    """What no command may exceed.

    Args:
        on_ns: Shortest and longest half of a pulse.
        damp_ns: Shortest and longest damping behind it.
        pulses: Most pulses of one transmission.
    """

    on_ns: tuple[int, int] = (24, 500)
    damp_ns: tuple[int, int] = (0, 20_000)
    pulses: int = 1

    def allow(self, pulse: Pulse) -> bool:
        """Whether a pulse lies inside."""
        (low, high), (short, long) = self.on_ns, self.damp_ns
        halves = low <= pulse.first_ns <= high and low <= pulse.second_ns <= high
        return halves and short <= pulse.damp_ns <= long and 1 <= pulse.repeats <= self.pulses


@dataclass(frozen=True, slots=True)
class Pulse:
    """One half, the other half, and the damping behind them; nanoseconds. So many of them without a pause."""

    first_ns: int
    second_ns: int
    damp_ns: int
    repeats: int = 1


LIMITS = PulseLimits()


def pulse_for(settings: Settings, limits: PulseLimits = LIMITS) -> tuple[Pulse, int]:
    """The pulse of the centre frequency asked for, in whole ticks, and the frequency that was chosen."""
    asked = settings.centre_hz or USUAL_HZ
    centre_hz = min(CENTRES_HZ, key=lambda offered: (abs(offered - asked), offered))
    low, high = limits.on_ns
    half_ns = min(max(500_000_000 // centre_hz // TICK_NS * TICK_NS, -(-low // TICK_NS) * TICK_NS), high)
    return Pulse(half_ns, half_ns, min(DAMP_NS, limits.damp_ns[1])), centre_hz
