"""From samples to polar grey: one front per kind of data. Each is planned once and fills its own buffers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from imaging.compiled import kernel
from imaging.errors import Unplannable
from imaging.filters import design
from imaging.grey import linear_code_table, log_code_table, power_table
from imaging.mapping import Depths
from imaging.preset import Preset
from probe.frame import Frame
from probe.settings import SampleFormat

# The brightest one of 500 samples is white, but never so low that noise alone would light up a picture of nothing.
WHITE_QUANTILE = 0.998
LOWEST_CODE_LEVEL_DB = -30.0
LOWEST_RF_POWER = 16.0**2

Parameters = dict[str, int | float | str]
Spread = Callable[[Callable[..., None], int, tuple[Any, ...]], None]


class Front(Protocol):
    """Fills ``grey`` from a frame's samples."""

    depths: Depths
    parameters: Parameters
    grey: NDArray[np.uint8]

    def run(self, samples: NDArray[Any], spread: Spread) -> None:
        """Image the samples; ``spread`` runs a kernel over ranges of lines."""


def make_front(frame: Frame, preset: Preset) -> Front:
    """The front for a frame's format.

    Raises:
        Unplannable: There is none for it yet.
    """
    match frame.format:
        case SampleFormat.RF_I16:
            return RfFront(frame, preset)
        case SampleFormat.ENVELOPE_U8_LOG | SampleFormat.ENVELOPE_U8_LINEAR | SampleFormat.ENVELOPE_U16:
            return CodeFront(frame, preset)
    raise Unplannable(f"Data of the kind {frame.format.name} cannot be imaged yet", "Choose another format.")


class RfFront:
    """Radio frequency: band-pass, power, automatic level, table."""

    def __init__(self, frame: Frame, preset: Preset) -> None:
        lines, count = frame.samples.shape[:2]
        rate_hz = frame.sampling.rate_hz
        centre_hz = frame.settings.centre_hz or rate_hz // 4
        self._filter = design(rate_hz, centre_hz, centre_hz * preset.bandwidth_percent / 100)
        decimation = self._filter.decimation
        kept = -(-count // decimation)
        spacing = frame.sampling.spacing_mm(preset.sound_speed_m_s) * decimation
        self.depths = Depths(frame.sampling.range_mm(0, preset.sound_speed_m_s), spacing, kept)
        width = kept + self._filter.taps.shape[1]
        self._phases = np.zeros((lines, decimation, width), dtype=np.float32)
        self._sums = np.zeros((lines, 2, kept), dtype=np.float32)
        self._power = np.zeros((lines, kept), dtype=np.float32)
        self._bits = self._power.view(np.uint32)
        self._table = power_table(preset.dynamic_range_db, preset.gain_db)
        self.grey = np.zeros((lines, kept), dtype=np.uint8)
        self.parameters: Parameters = {
            "front": "rf", "front_version": 1, "centre_hz": centre_hz, "decimation": decimation,
            "taps": len(self._filter.impulse), "white_quantile": "0.998",
        }  # fmt: skip

    def run(self, samples: NDArray[np.int16], spread: Spread) -> None:
        """See ``Front``."""
        lines = samples.shape[0]
        band = self._filter
        spread(kernel("split_phases"), lines, (samples, self._phases, band.decimation, band.pad))
        spread(kernel("band_power"), lines, (self._phases, band.taps, self._sums, self._power))
        reference = max(_quantile(self._power[::2, ::4]), LOWEST_RF_POWER)
        spread(kernel("scale"), lines, (self._power, np.float32(1 / reference)))
        spread(kernel("grey_of_bits"), lines, (self._bits, self._table, self.grey))


@dataclass(frozen=True, slots=True)
class _Coding:
    kernel: str
    most: int


class CodeFront:
    """An envelope that the probe made: automatic level, table."""

    _CODINGS: ClassVar[dict[SampleFormat, _Coding]] = {
        SampleFormat.ENVELOPE_U8_LOG: _Coding("grey_of_bytes", 255),
        SampleFormat.ENVELOPE_U8_LINEAR: _Coding("grey_of_bytes", 255),
        SampleFormat.ENVELOPE_U16: _Coding("grey_of_codes", 65535),
    }

    def __init__(self, frame: Frame, preset: Preset) -> None:
        self._coding = self._CODINGS[frame.format]
        self._range_db = (frame.settings.log_range_db or 0) if frame.format is SampleFormat.ENVELOPE_U8_LOG else 0
        self._preset = preset
        self._tables: dict[int, NDArray[np.uint8]] = {}
        self.depths = Depths(
            frame.sampling.range_mm(0, preset.sound_speed_m_s),
            frame.sampling.spacing_mm(preset.sound_speed_m_s),
            frame.samples.shape[1],
        )
        self.grey = np.zeros(frame.samples.shape[:2], dtype=np.uint8)
        self.parameters: Parameters = {
            "front": frame.format.name.lower(), "front_version": 1, "range_db": self._range_db,
            "white_quantile": "0.998",
        }  # fmt: skip

    def run(self, samples: NDArray[Any], spread: Spread) -> None:
        """See ``Front``."""
        white = round(_quantile(samples[::2, ::4]))
        table = self._tables.get(white)
        if table is None:
            table = self._tables[white] = self._table(white)
        spread(kernel(self._coding.kernel), samples.shape[0], (samples, table, self.grey))

    def _table(self, white: int) -> NDArray[np.uint8]:
        preset = self._preset
        if self._range_db:
            level_db = (white - 255) * self._range_db / 254
            level_db = max(level_db, LOWEST_CODE_LEVEL_DB)
            return log_code_table(self._range_db, level_db, preset.dynamic_range_db, preset.gain_db)
        level_db = 20 * np.log10(max(white, 1) / self._coding.most)
        level_db = max(level_db, LOWEST_CODE_LEVEL_DB)
        return linear_code_table(self._coding.most, level_db, preset.dynamic_range_db, preset.gain_db)


def _quantile(values: NDArray[Any]) -> float:
    flat = values.ravel()
    place = int(WHITE_QUANTILE * (flat.size - 1))
    return float(np.partition(flat, place)[place])
