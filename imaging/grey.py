"""Tables from echo to grey. All knobs of brightness are in here: a knob that moves is a new table."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from imaging.preset import Preset
from probe.settings import SampleFormat, Settings

FINE = 64
_BLACK = -(1 << 24)


def rf_table(preset: Preset) -> NDArray[np.uint8]:
    """(65536,) grey of a float32 power whose upper 16 bits are the index; power 1 is white at 0 dB gain."""
    return np.clip(np.rint(_greys(_code_db(), preset)), 0, 255).astype(np.uint8)


@cache
def _code_db() -> NDArray[np.float64]:
    """(65536,) dB of the middle of each index's interval; -1000 where it is no positive number."""
    bits = (np.arange(65536, dtype=np.uint32) << 16) | 0x8000
    with np.errstate(invalid="ignore"):
        power = bits.view(np.float32).astype(np.float64)
        real = np.isfinite(power) & (power > 0)
    real[0] = False
    decibel = np.full(65536, -1000.0)
    decibel[real] = 10 * np.log10(power[real])
    decibel[0x7F80] = 1000.0
    return decibel


def envelope_levels(format: SampleFormat, settings: Settings, preset: Preset) -> NDArray[np.int32]:
    """(256,) or (65536,) grey of an envelope code in 64ths; code 0 is black, the highest is white at 0 dB gain."""
    wide = format is SampleFormat.ENVELOPE_U16
    codes = np.arange(65536 if wide else 256, dtype=np.float64)
    if format is SampleFormat.ENVELOPE_U8_LOG:
        decibel = (codes - 255) * ((settings.log_range_db or 0) / 254)
    else:
        decibel = 20 * np.log10(np.maximum(codes, 1) / codes[-1])
    levels = np.rint(FINE * _greys(decibel, preset)).astype(np.int32)
    levels[0] = _BLACK
    return levels


def depth_offsets(ranges_mm: NDArray[np.float64], preset: Preset) -> NDArray[np.int32]:
    """(n,) what depth adds to an envelope's grey, in 64ths."""
    greys = depth_db(ranges_mm, preset) * (255 / preset.dynamic_range_db)
    return np.rint(FINE * greys).astype(np.int32)


def depth_db(ranges_mm: NDArray[np.float64], preset: Preset) -> NDArray[np.float64]:
    """(n,) gain for depth."""
    return np.maximum(ranges_mm, 0) * (preset.tgc_db_m / 1000)


def _greys(decibel: NDArray[np.float64], preset: Preset) -> NDArray[np.float64]:
    return 255 * (1 + (decibel + preset.gain_db) / preset.dynamic_range_db)
