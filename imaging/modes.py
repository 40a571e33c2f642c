"""Which modes the data can give, and in a sentence why it cannot give the others."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from itertools import groupby

from imaging.stages.registry import DETECTORS
from probe.capabilities import Capabilities
from probe.geometry import Geometry
from probe.settings import SampleFormat

_LEAST_ENSEMBLE = 4
_PHASE = (SampleFormat.RF_I16, SampleFormat.RF_12_PACKED, SampleFormat.RF_10_PACKED, SampleFormat.IQ_I16,
          SampleFormat.IQ_I8)  # fmt: skip


class Mode(Enum):
    """What a screen can show; the names are the field's."""

    A = "A-line"
    B = "B-mode"
    M = "M-mode"
    SAFT = "synthetic aperture"
    COLOUR = "colour Doppler"
    PULSED = "pulsed-wave Doppler"


@dataclass(frozen=True, slots=True)
class Offer:
    """A mode, and why it is refused; an empty reason means that it is there."""

    mode: Mode
    reason: str = ""

    @property
    def available(self) -> bool:
        return not self.reason


def offers(format: SampleFormat, geometry: Geometry) -> tuple[Offer, ...]:
    """Every mode, offered or refused, for samples of a format whose lines lie as the geometry says."""
    if format not in DETECTORS and not format.is_rf:
        return tuple(Offer(mode, "Samples of this kind are not understood.") for mode in Mode)
    reasons = {
        Mode.A: "",
        Mode.M: "",
        Mode.B: "" if _places(geometry) > 1 else "The beam stands still: it shows one line, not a picture.",
        Mode.SAFT: _why_not_saft(format, geometry),
        Mode.COLOUR: _why_no_flow(format, geometry),
        Mode.PULSED: _why_no_flow(format, geometry),
    }
    return tuple(Offer(mode, reasons[mode]) for mode in Mode)


def format_for(mode: Mode, capabilities: Capabilities, geometry: Geometry) -> SampleFormat | None:
    """The first of the probe's live formats that gives a mode; None where none does."""
    for kind in capabilities.formats:
        if any(offer.mode is mode and offer.available for offer in offers(kind, geometry)):
            return kind
    return None


def is_parked(geometry: Geometry) -> bool:
    """All lines look along the same beam, one after the other."""
    return _places(geometry) == 1


def _why_not_saft(format: SampleFormat, geometry: Geometry) -> str:
    if format not in _PHASE:
        return "Focusing lines together needs the echo's phase, and an envelope has none."
    if not geometry.is_sector:
        return "Focusing lines together needs lines that leave from one point, each at an angle of its own."
    return ""


def _why_no_flow(format: SampleFormat, geometry: Geometry) -> str:
    if format not in _PHASE:
        return "Flow needs the echo's phase, and an envelope has none."
    if _ensemble(geometry) < _LEAST_ENSEMBLE:
        return "The beam moves on after each echo, so flow cannot be measured; hold the beam still for it."
    return ""


def _positions(geometry: Geometry) -> list[tuple[int, int, int]]:
    return list(zip(geometry.angle_mdeg, geometry.origin_x_um, geometry.origin_z_um, strict=True))


def _places(geometry: Geometry) -> int:
    return len(set(_positions(geometry)))


def _ensemble(geometry: Geometry) -> int:
    """How many lines in a row look along the same beam, at the place where that is least."""
    return min(len(list(lines)) for _, lines in groupby(_positions(geometry)))
