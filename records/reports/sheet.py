"""The values of a printed report: words only, ready to be set. Nothing here is computed again by a renderer.

All of it is text, so that every form of the report (PDF now, other exports later) shows the same figures. There is no
place for fetal sex.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """A labelled statement; ``missing`` marks a value that says that something is not known."""

    label: str
    value: str
    missing: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """A titled group of lines."""

    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Banner:
    """Who this sheet is about, for every page: ``name`` large, ``lines`` beside it."""

    name: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """A warning. ``every_page``: it is said on each page, not once.

    ``kind`` is ``practice``, ``draft``, ``uncalibrated``, ``sound_speed`` or ``replaces``.
    """

    kind: str
    text: str
    every_page: bool = False


@dataclass(frozen=True, slots=True)
class MeasurementRow:
    """A measured number. ``value`` and ``error`` are decimal strings in ``unit``; ``error`` is empty if not stated.

    ``code`` names the concept, ``picture`` is the number of the plate that shows it, or a word; ``scale`` says that
    the picture's millimetres are not backed by a calibration, and is empty if they are.
    """

    label: str
    code: str
    fetus: str
    value: str
    error: str
    unit: str
    method: str
    reference: str
    picture: str
    scale: str


@dataclass(frozen=True, slots=True)
class Plate:
    """A picture to print and what must stand beside it.

    ``image`` is the key of its PNG; ``address`` the stored picture's SHA-256, so that the digest covers it.
    """

    number: int
    image: str
    title: str
    lines: tuple[Line, ...]
    address: str


@dataclass(frozen=True, slots=True)
class ReportContent:
    """Everything a report says.

    Args:
        title: What the sheet is.
        institution: The facility, as it signs.
        exam_type: The protocol in words.
        exam_reference: The exam's short id, for people to read out.
        status: Draft or signed, by whom and when.
        signed: Whether the exam is signed.
        practice: Whether anything on it was simulated.
        watermark: A word to lay under every page, or empty.
        banner: The patient.
        sections: Examination, pregnancy, findings, instrument, what was added after signing (often without lines).
        measurements: In the order in which they were taken.
        rounding: How the figures of ``measurements`` were rounded.
        plates: Still pictures, in the order in which they were taken.
        marks: Warnings, the gravest first.
        notice: That this is not a cleared device, in full; ``short_notice`` says it at the foot of every page.
        operator: Who examined, or empty.
        signature: The lines that are left to be filled by hand.
        identifiers: Full ids, for machines and archives.
        issued: When the sheet was made, in words.
        issued_utc: The same moment as ``YYYYMMDDhhmmss`` in UTC, for document metadata.
        version: Of the program.
        digest: Hex SHA-256 of the canonical form of all the other fields.
    """

    title: str
    institution: str
    exam_type: str
    exam_reference: str
    status: str
    signed: bool
    practice: bool
    watermark: str
    banner: Banner
    sections: tuple[Section, ...]
    measurements: tuple[MeasurementRow, ...]
    rounding: str
    plates: tuple[Plate, ...]
    marks: tuple[Mark, ...]
    notice: str
    short_notice: str
    operator: str
    signature: tuple[str, ...]
    identifiers: tuple[Line, ...]
    issued: str
    issued_utc: str
    version: str
    digest: str = ""
