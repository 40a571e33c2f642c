"""Tables from power or envelope code to grey. Gain and dynamic range are nothing but a new table."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Table = NDArray[np.uint8]


def power_table(dynamic_range_db: float, gain_db: float) -> Table:
    """(32768,) grey for the upper 16 bits of a float32 power whose reference is one; 0.024 dB a step on average.

    Each entry is exact for the middle of its bin, so the error is at most 0.6 grey at 60 dB.
    """
    bits = (np.arange(32768, dtype=np.uint32) << 16) + 32768
    bits[0x7F80:] = 0  # infinities and what is no number
    power = bits.view(np.float32).astype(np.float64)
    with np.errstate(divide="ignore"):
        return to_grey(10 * np.log10(power), dynamic_range_db, gain_db)


def log_code_table(range_db: float, level_db: float, dynamic_range_db: float, gain_db: float) -> Table:
    """(256,) grey for log envelope codes; code 255 is full scale, code 1 is ``range_db`` below, 0 is nothing.

    Args:
        range_db: Span of the codes.
        level_db: Where white is, relative to full scale.
        dynamic_range_db: From black to white.
        gain_db: Brightness above that.
    """
    codes = np.arange(256, dtype=np.float64)
    table = to_grey((codes - 255) * (range_db / 254) - level_db, dynamic_range_db, gain_db)
    table[0] = 0
    return table


def linear_code_table(full_scale: int, level_db: float, dynamic_range_db: float, gain_db: float) -> Table:
    """(full_scale + 1,) grey for linear envelope codes."""
    with np.errstate(divide="ignore"):
        code_db = 20 * np.log10(np.arange(full_scale + 1, dtype=np.float64) / full_scale)
    return to_grey(code_db - level_db, dynamic_range_db, gain_db)


def to_grey(level_db: NDArray[np.float64], dynamic_range_db: float, gain_db: float) -> Table:
    """Grey of decibels: 0 dB plus gain is white, the dynamic range below it is black."""
    grey = 255 * (np.nan_to_num(level_db, nan=-1e9, neginf=-1e9) + gain_db + dynamic_range_db) / dynamic_range_db
    table: Table = np.clip(np.rint(grey), 0, 255).astype(np.uint8)
    return table
