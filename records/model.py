"""The nouns of the record, as screens, reports and exports read them. Frozen; numbers are integers in stated units.

Names are DICOM keywords in snake case where an element exists. ``*_ms`` are Unix milliseconds, ``*_um`` micrometres.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from records.codes import Coded


@dataclass(frozen=True, slots=True)
class Facility:
    """The clinic (DICOM InstitutionName) and the key that signs for it."""

    institution_name: str
    station_name: str
    node: str


@dataclass(frozen=True, slots=True)
class Operator:
    """Who examines (DICOM OperatorsName)."""

    operator_id: str
    operators_name: str


@dataclass(frozen=True, slots=True)
class Patient:
    """A person. ``birth_date`` is ISO ``YYYY-MM-DD``, ``YYYY-MM`` or ``YYYY``: as exact as is known, or empty.

    ``patient_sex`` is DICOM's F, M or O, or empty when it was not asked. Nothing here describes a fetus.
    """

    id: str
    patient_id: str
    family_name: str
    given_name: str
    birth_date: str
    patient_sex: str

    @property
    def patient_name(self) -> str:
        return f"{self.family_name}, {self.given_name}" if self.given_name else self.family_name


@dataclass(frozen=True, slots=True)
class Pregnancy:
    """One pregnancy of one patient; charts never join two. ``lmp_date`` is ISO or empty."""

    id: str
    patient: str
    lmp_date: str
    opened_ms: int


@dataclass(frozen=True, slots=True)
class Fetus:
    """One fetus of one pregnancy, by letter (A, B, ...)."""

    id: str
    pregnancy: str
    label: str


@dataclass(frozen=True, slots=True)
class BlobRef:
    """Where sealed bytes lie and how to open them.

    Args:
        address: Hex SHA-256 of the sealed bytes: the file's name here, on a stick and at the hub.
        key: Hex key of the sealing; erasing the event's body makes the bytes unreadable everywhere. Not in ``repr``.
        media_type: Of the opened bytes.
        size_bytes: Of the opened bytes.
    """

    address: str
    key: str = field(repr=False)
    media_type: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class ImageSource:
    """How a picture came to be: what a later reader needs to trust or to redo it.

    ``calibrated_on`` is the ISO date of the probe's calibration, empty when there is none.
    ``mechanical_index`` and ``thermal_index`` are decimal strings, or empty: not measured. ``gain_db`` and
    ``dynamic_range_db`` are how the picture was set, as whole numbers in text, or empty: not known.
    """

    probe_model: str
    probe_serial: str
    probe_firmware: str
    preset: str
    sound_speed_m_s: int
    chain_digest: str
    frame_number: int
    simulated: bool
    calibrated_on: str
    mechanical_index: str
    thermal_index: str
    gain_db: str = ""
    dynamic_range_db: str = ""


@dataclass(frozen=True, slots=True)
class ImageAxis:
    """What the pixels along one axis of a picture of one beam stand for: ``first`` at pixel 0, ``step`` to the next.

    ``unit`` is ``um`` (range along the beam), ``us`` (the device's time) or ``mdB`` (thousandths of a decibel below
    white). DICOM says it by PhysicalUnitsXDirection (0018,6024) and PhysicalDeltaX (0018,602C).
    """

    unit: str
    first: int
    step: int


@dataclass(frozen=True, slots=True)
class Image:
    """A kept picture or loop (DICOM SOP instance).

    ``pixel_um`` is the side of a square pixel, ``origin_x_um`` and ``origin_z_um`` are the centre of the
    first pixel in the plane of the transducer: with them every place on the picture has its millimetres again.
    On one that is ``mirrored`` x falls with the column, on one that is ``upside_down`` z falls with the row: the
    pixels are stored as they were shown. (DICOM says this of a region by a negative PhysicalDeltaX or PhysicalDeltaY.)

    That is so in ``mode`` B. A picture of one beam, M-mode or an A-line, is not in millimetres both ways: it has
    ``pixel_um`` 0, so that nobody takes it for one that is, and ``axes`` across and down instead. ``line`` is the line
    of the frames that it shows (-1: all of a beam that stands still, or no single one), ``interval_us`` the time
    between two looks of M-mode.

    ``blobs`` by role: ``frames`` (sweeps before scan conversion), ``rf`` (the same sweep as radio frequency),
    ``display`` (the picture as shown).
    """

    id: str
    exam: str
    view: str
    kind: str
    acquired_ms: int
    rows: int
    columns: int
    pixel_um: int
    origin_x_um: int
    origin_z_um: int
    missing_lines: int
    frames: int
    source: ImageSource
    blobs: dict[str, BlobRef]
    mirrored: bool = False
    upside_down: bool = False
    mode: str = "B"
    axes: tuple[ImageAxis, ...] = ()
    line: int = -1
    interval_us: int = 0


@dataclass(frozen=True, slots=True)
class Measurement:
    """A number taken on an image. ``value`` and ``error`` are integers in ``unit`` (UCUM: ``um``, ``um2``, ``uL``,
    ``deg``, ``ms``, ``/min``, ``d``).

    ``points_mpx`` are the places on the picture in thousandths of a pixel, (column, row, column, row, ...): both ends
    of a distance, the corner and two ends of an angle, both ends of an ellipse's two axes; none of a volume, which is
    made of other measurements.
    """

    id: str
    exam: str
    image: str
    fetus: str
    label: str
    concept: Coded
    value: int
    error: int
    unit: str
    method: str
    points_mpx: tuple[int, ...]
    taken_ms: int


@dataclass(frozen=True, slots=True)
class Finding:
    """A statement of the operator; ``answer`` may always be ``not sure``."""

    id: str
    exam: str
    question: str
    answer: str
    note: str


@dataclass(frozen=True, slots=True)
class Report:
    """A signed sheet: its PDF as a blob. ``number`` counts the versions of one exam's report from 1."""

    id: str
    exam: str
    number: int
    issued_ms: int
    document: BlobRef


@dataclass(frozen=True, slots=True)
class Printing:
    """A report went to paper; ``report`` is its id."""

    report: str
    exam: str
    printer: str
    printed_ms: int


@dataclass(frozen=True, slots=True)
class Amendment:
    """What was added to a signed exam, and by whom (operator id)."""

    exam: str
    note: str
    operator_id: str
    amended_ms: int


@dataclass(frozen=True, slots=True)
class Exam:
    """One visit's scan (DICOM Study). ``state`` is open, read_back or signed."""

    id: str
    study_instance_uid: str
    patient: str
    pregnancy: str
    protocol: str
    state: str
    operator: Operator
    started_ms: int
    signed_ms: int
    simulated: bool


@dataclass(frozen=True, slots=True)
class ExamRecord:
    """An exam with everything that belongs to it: what a report, an export and a review screen are made from."""

    facility: Facility
    exam: Exam
    patient: Patient
    pregnancy: Pregnancy | None = None
    fetuses: tuple[Fetus, ...] = ()
    images: tuple[Image, ...] = ()
    measurements: tuple[Measurement, ...] = ()
    findings: tuple[Finding, ...] = ()
    reports: tuple[Report, ...] = ()
    printings: tuple[Printing, ...] = ()
    amendments: tuple[Amendment, ...] = ()
