"""Frame: one sweep of scanlines before imaging. The only value that leaves this package for a picture.

DICOM's "frame" is a displayed picture of a cine; ours is the raw sweep (see docs/explanation/glossary.md).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from probe.capabilities import Calibration
from probe.geometry import Geometry
from probe.settings import SampleFormat, Sampling, Settings


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where the samples come from, so that no later stage has to guess.

    Args:
        model, serial, firmware: The probe, as in its capabilities.
        simulated: True when no transducer made the samples.
        calibration: The calibration in force, or None: then the picture says "uncalibrated".
        sound_speed_m_s: The speed that the probe's own millimetres assumed (1480 for the echOpen kit in water),
            or 0 when it speaks only in time. Information only: the preset's speed makes our millimetres.
    """

    model: str
    serial: str
    firmware: str
    simulated: bool
    calibration: Calibration | None
    sound_speed_m_s: int


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One sweep.

    Args:
        number: The device's frame counter, unwrapped to never fall within a session.
        format: Coding of ``samples``; packed wire formats arrive unpacked as ``RF_I16``.
        samples: (lines, samples) read-only; int16 for RF, uint8 or uint16 for an envelope; IQ is (lines, samples, 2).
        missing: (lines,) bool, True where a line never arrived or the device marked it dead; its samples are zero.
        geometry: Where the lines lie, left to right (a backward sweep is already turned round).
        sampling: When the samples were taken.
        settings: What the probe had applied when it made the frame.
        provenance: Who made it.
        direction: +1 for a forward sweep, -1 for a backward one.
        device_us: The device's clock at the first line.
        received_ns: The host's monotonic clock when the last byte arrived.
        line_us: (lines,) int64 device time of each line after ``device_us``.
        dropped_before: Frames lost (by device or host) since the previous one delivered.
    """

    number: int
    format: SampleFormat
    samples: NDArray[np.int16] | NDArray[np.uint8] | NDArray[np.uint16]
    missing: NDArray[np.bool_]
    geometry: Geometry
    sampling: Sampling
    settings: Settings
    provenance: Provenance
    direction: int
    device_us: int
    received_ns: int
    line_us: NDArray[np.int64]
    dropped_before: int = 0

    @classmethod
    def of_rf(
        cls,
        samples: NDArray[np.int16],
        geometry: Geometry,
        rate_hz: int,
        *,
        first_sample_ns: int = 0,
        centre_hz: int | None = None,
        number: int = 0,
        simulated: bool = False,
    ) -> Frame:
        """A frame of RF that came from no driver, as of a researcher's own file; uncalibrated, and read-only.

        Args:
            samples: (lines, samples) counts; lines that hold one value only are taken for missing.
            geometry: Where the lines lie.
            rate_hz: Samples per second.
            first_sample_ns: Time from transmission to the first sample.
            centre_hz: Transmit centre frequency; None leaves it to the preset.
            number: Number of the frame, rising in a series.
            simulated: No transducer made the samples.

        Raises:
            ValueError: The samples are not int16, or not as many lines as the geometry has.
        """
        if samples.dtype != np.int16 or samples.ndim != 2 or len(samples) != geometry.lines or not samples.size:
            raise ValueError(f"RF of {geometry.lines} lines is an int16 array of as many rows")
        kept = np.array(samples, order="C")
        missing = kept.max(axis=1) == kept.min(axis=1)
        line_us = np.zeros(geometry.lines, dtype=np.int64)
        for array in (kept, missing, line_us):
            array.flags.writeable = False
        sampling = Sampling(samples.shape[1], rate_hz, first_sample_ns)
        settings = Settings(SampleFormat.RF_I16, geometry.lines, sampling, None, 0, centre_hz, 0)
        return cls(
            number, SampleFormat.RF_I16, kept, missing, geometry, sampling, settings,
            Provenance("own data", "", "", simulated, None, 0), 1, 0, 0, line_us,
        )  # fmt: skip

    @property
    def lines(self) -> int:
        return int(self.samples.shape[0])
