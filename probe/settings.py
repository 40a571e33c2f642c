"""What the operator asks of a probe, and what the probe says it took.

A probe measures time, so its window is in nanoseconds and samples; the caller turns a depth in mm into a window with
the preset's sound speed. All numbers are integers: they travel in JSON, enter digests, and are kept in records.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class SampleFormat(IntEnum):
    """How one sample is coded; the values are EOP/1's ``fmt`` byte."""

    RF_I16 = 0x01
    RF_12_PACKED = 0x02
    RF_10_PACKED = 0x03
    IQ_I16 = 0x10
    IQ_I8 = 0x11
    ENVELOPE_U8_LINEAR = 0x20
    ENVELOPE_U8_LOG = 0x21
    ENVELOPE_U8_ALAW = 0x22
    ENVELOPE_U16 = 0x23

    @property
    def is_rf(self) -> bool:
        return self < SampleFormat.IQ_I16

    @property
    def is_envelope(self) -> bool:
        return self >= SampleFormat.ENVELOPE_U8_LINEAR


@dataclass(frozen=True, slots=True)
class Sampling:
    """When the samples of a line were taken, counted from the moment of transmission.

    Args:
        samples: Samples per line.
        rate_hz: Samples per second.
        first_sample_ns: Time from transmission to the first sample (the probe's time zero already subtracted).
    """

    samples: int
    rate_hz: int
    first_sample_ns: int

    def range_mm(self, sample: float, sound_speed_m_s: float) -> float:
        """Distance along the beam of a sample index: half the two-way path at the given sound speed."""
        seconds = self.first_sample_ns * 1e-9 + sample / self.rate_hz
        return 500.0 * sound_speed_m_s * seconds

    def spacing_mm(self, sound_speed_m_s: float) -> float:
        """Distance between neighbouring samples along the beam."""
        return 500.0 * sound_speed_m_s / self.rate_hz


@dataclass(frozen=True, slots=True)
class Settings:
    """A probe's adjustable state. ``None`` in a request leaves the choice to the probe; a probe applies all fields.

    Args:
        format: How live samples are coded.
        lines: Scanlines per frame.
        sampling: The window in time.
        frame_interval_us: Time between frame starts.
        gain_db: Receive gain above the probe's own zero.
        centre_hz: Transmit centre frequency.
        log_range_db: Span of the 8-bit log envelope (code 255 is full scale, code 1 is ``log_range_db`` below it);
            0 for formats that are not logarithmic.
    """

    format: SampleFormat | None = None
    lines: int | None = None
    sampling: Sampling | None = None
    frame_interval_us: int | None = None
    gain_db: int | None = None
    centre_hz: int | None = None
    log_range_db: int | None = None
