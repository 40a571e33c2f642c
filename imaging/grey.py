"""Tables from echo to grey. All knobs of brightness are in here: a knob that moves is a new table."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from imaging.preset import Preset
from probe.settings import SampleFormat, Settings

FINE = 64
A_LAW = 87.6
_BLACK = -(1 << 24)


def rf_table(preset: Preset, lift: float = 0.5) -> NDArray[np.uint8]:
    """(65536,) grey of a float32 power whose upper 16 bits are the index; power 1 is white at 0 dB gain.

    Args:
        preset: The knobs.
        lift: Added before the fraction is cut off; a half rounds. Pictures that are averaged take different lifts, so
            that their mean is rounded once and not once each.
    """
    greys: NDArray[np.float64] = np.minimum(_toned(_greys(_code_db(), preset), preset) + lift, 255)
    return np.floor(greys).astype(np.uint8)


def power_table(preset: Preset) -> NDArray[np.uint8]:
    """(65536,) the inverse of ``powers_of_grey``: back to the grey that a power had, whatever the grey map."""
    greys = 255 * (1 + _code_db() / preset.dynamic_range_db)
    return np.clip(np.rint(greys), 0, 255).astype(np.uint8)


def powers_of_grey(preset: Preset) -> NDArray[np.float32]:
    """(256,) power that each grey stands for, 1 for white: what a filter of intensities works on."""
    decibel = (np.arange(256) / 255 - 1) * preset.dynamic_range_db
    return (10 ** (decibel / 10)).astype(np.float32)


def tones(preset: Preset) -> NDArray[np.uint8]:
    """(16321,) what the grey map makes of each 64th of a grey from 0 to 255."""
    return np.rint(_toned(np.arange(255 * FINE + 1) / FINE, preset)).astype(np.uint8)


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
    elif format is SampleFormat.ENVELOPE_U8_ALAW:
        decibel = 20 * np.log10(np.maximum(a_law(codes / 255), 1e-9))
    else:
        decibel = 20 * np.log10(np.maximum(codes, 1) / codes[-1])
    levels = np.rint(FINE * _greys(decibel, preset)).astype(np.int32)
    levels[0] = _BLACK
    return levels


def a_law(coded: NDArray[np.float64]) -> NDArray[np.float64]:
    """Amplitude, 0 to 1, of an A-law code, 0 to 1 (ITU-T G.711's curve with A = 87.6)."""
    bend = 1 + np.log(A_LAW)
    low = coded * bend / A_LAW
    return np.where(coded * bend < 1, low, np.exp(coded * bend - 1) / A_LAW)


def depth_offsets(ranges_mm: NDArray[np.float64], preset: Preset) -> NDArray[np.int32]:
    """(n,) what depth adds to an envelope's grey, in 64ths."""
    greys = depth_db(ranges_mm, preset) * (255 / preset.dynamic_range_db)
    return np.rint(FINE * greys).astype(np.int32)


def depth_db(ranges_mm: NDArray[np.float64], preset: Preset) -> NDArray[np.float64]:
    """(n,) gain for depth: a slope, and the sliders on top of it."""
    slope: NDArray[np.float64] = np.maximum(ranges_mm, 0) * (preset.tgc_db_m / 1000)
    if not preset.tgc_curve_db:
        return slope
    places = np.linspace(0, preset.depth_mm, len(preset.tgc_curve_db))
    return slope + np.interp(ranges_mm, places, preset.tgc_curve_db)


def _toned(greys: NDArray[np.float64], preset: Preset) -> NDArray[np.float64]:
    """Greys from 0 to 255 after the grey map."""
    share = np.clip(greys, 0, 255) / 255
    if preset.grey_map == "bright":
        share = share**0.75
    elif preset.grey_map == "contrast":
        share = share * share * (3 - 2 * share)
    return 255 * share


def _greys(decibel: NDArray[np.float64], preset: Preset) -> NDArray[np.float64]:
    return 255 * (1 + (decibel + preset.gain_db) / preset.dynamic_range_db)
