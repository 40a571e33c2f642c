"""Codes that the record carries beside its words: LOINC, DICOM, SNOMED CT and UCUM, in one table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Coded:
    """A concept with its code; ``system`` is the name that FHIR and DICOM resolve (``LN``, ``DCM``, ``SCT``)."""

    system: str
    code: str
    display: str


DISTANCE = Coded("SRT", "G-D7FE", "Length")
CIRCUMFERENCE = Coded("SCT", "74551000", "Circumference")
AREA = Coded("SCT", "42798000", "Area")
VOLUME = Coded("SCT", "118565006", "Volume")
ANGLE = Coded("SCT", "1483009", "Angle")
BIPARIETAL_DIAMETER = Coded("LN", "11820-8", "Biparietal Diameter")
HEAD_CIRCUMFERENCE = Coded("LN", "11984-2", "Head Circumference")
ABDOMINAL_CIRCUMFERENCE = Coded("LN", "11979-2", "Abdominal Circumference")
FEMUR_LENGTH = Coded("LN", "11963-6", "Femur Length")
CROWN_RUMP_LENGTH = Coded("LN", "11957-8", "Crown Rump Length")
INTERVAL = Coded("SCT", "385673002", "Interval")
HEART_RATE = Coded("LN", "8867-4", "Heart rate")
FETAL_HEART_RATE = Coded("LN", "11948-7", "Fetal Heart Rate")

MEASURES = (
    DISTANCE,
    CIRCUMFERENCE,
    AREA,
    VOLUME,
    ANGLE,
    BIPARIETAL_DIAMETER,
    HEAD_CIRCUMFERENCE,
    ABDOMINAL_CIRCUMFERENCE,
    FEMUR_LENGTH,
    CROWN_RUMP_LENGTH,
    INTERVAL,
    HEART_RATE,
    FETAL_HEART_RATE,
)
