"""What a probe says of itself: identity, data it can deliver, limits, and what has been measured of it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from probe.settings import SampleFormat

# in the place of a serial number or a version that a device does not tell
NOT_REPORTED = "not reported"
_FINEST = (
    SampleFormat.RF_I16, SampleFormat.RF_12_PACKED, SampleFormat.RF_10_PACKED, SampleFormat.IQ_I16,
    SampleFormat.IQ_I8,
)  # fmt: skip
_INDEX = re.compile(r"(0|[1-9][0-9]?)(\.[0-9]{1,3})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Calibration:
    """A measured correction of a probe's millimetres.

    Args:
        made_on: ISO date of the measurement.
        expires_on: ISO date after which it no longer counts.
        operator: Who made it.
        residual_um: Root mean square distance error left over, micrometres.
    """

    made_on: str
    expires_on: str
    operator: str
    residual_um: int


@dataclass(frozen=True, slots=True)
class Capabilities:
    """The answer to "who are you and what can you do".

    Args:
        driver: Name of the driver that spoke to it, as ``eop1``.
        model: Product name (DICOM ManufacturerModelName).
        serial: Device serial number (DICOM DeviceSerialNumber); may repeat between boards of one maker. Where the
            protocol tells none, ``usb:`` and the board's USB serial number, or ``NOT_REPORTED``.
        firmware: Software version (DICOM SoftwareVersions).
        simulated: The data does not come from a transducer. Carried to frame, picture, image and report.
        modes: Modes that the data allows: ``B``, ``M``, ``A``.
        formats: Live sample formats, best first.
        fetch_formats: Formats that FETCH can deliver of a frame that is still in the device's ring.
        ring_frames: How many past frames the device keeps for FETCH.
        max_lines: Most scanlines per frame.
        max_samples: Most samples per line.
        min_frame_interval_us: The fastest frame rate, as a time.
        centre_hz: Transmit centre frequencies that can be chosen.
        gain_db: Lowest and highest gain.
        mechanical_index: As measured by the maker in a hydrophone tank, as a decimal string; None is "not measured".
        thermal_index: The same for the thermal index.
        calibration: The calibration stored for this probe, if any.
        max_pulse_rate_hz: Most transmissions a second, as a mean over a frame, that the maker's limits allow; None: the
            limits above tell all.
        buttons: Names of the buttons on the probe.
        link_bytes_s: What the probe says that its link carries; None: it does not say.
    """

    driver: str
    model: str
    serial: str
    firmware: str
    simulated: bool
    modes: tuple[str, ...]
    formats: tuple[SampleFormat, ...]
    fetch_formats: tuple[SampleFormat, ...]
    ring_frames: int
    max_lines: int
    max_samples: int
    min_frame_interval_us: int
    centre_hz: tuple[int, ...]
    gain_db: tuple[int, int]
    mechanical_index: str | None = None
    thermal_index: str | None = None
    calibration: Calibration | None = None
    max_pulse_rate_hz: int | None = None
    buttons: tuple[str, ...] = ()
    link_bytes_s: int | None = None

    @property
    def finest_fetch(self) -> SampleFormat | None:
        """In which format a frozen frame is fetched: RF however it is packed, else IQ; None: it keeps none of these."""
        return next((code for code in _FINEST if code in self.fetch_formats), None)


def measured_index(value: object) -> str | None:
    """An output index as its maker measured it; whatever is no plain decimal number was not measured."""
    return value if isinstance(value, str) and _INDEX.fullmatch(value) else None
