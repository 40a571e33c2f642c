"""The statements of the first page: who, what was asked, what was found, with which instrument, and what is missing."""

from __future__ import annotations

from collections.abc import Iterable

from records.model import Amendment, ExamRecord, Finding, Image, Patient
from records.reports.formatting import age_years, local_day, moment, moment_in_zone, partial_date, plain, short_id
from records.reports.plates import STILL, calibration, output, probe_name, stated, worded
from records.reports.sheet import Banner, Line, Mark, Section

NOTICE = (
    "INVESTIGATIONAL. This is not a cleared medical device. Not for diagnosis, nor for dating or delivery decisions, "
    "unless your authority has registered it. Read this sheet together with the patient."
)
SHORT_NOTICE = "Investigational: not a cleared medical device"
TISSUE_M_S = 1540
_SEXES = {"F": "female", "M": "male", "O": "other"}


def banner(record: ExamRecord, offset_min: int) -> Banner:
    """The patient in one name and three lines."""
    patient = record.patient
    return Banner(
        plain(patient.patient_name) or "Name not recorded",
        (
            stated("Patient no.", plain(patient.patient_id)),
            _born(patient, record.exam.started_ms, offset_min),
            stated("Sex", _SEXES.get(patient.patient_sex, plain(patient.patient_sex))),
        ),
    )


def _born(patient: Patient, started_ms: int, offset_min: int) -> Line:
    line = stated("Birth date", partial_date(patient.birth_date))
    age = age_years(patient.birth_date, local_day(started_ms, offset_min))
    return Line(line.label, f"{line.value}, {age}" if age else line.value, line.missing)


def examination(record: ExamRecord, offset_min: int) -> Section:
    """What was done, when and by whom."""
    exam, facility = record.exam, record.facility
    return Section(
        "Examination",
        (
            stated("Indication", ""),
            stated("Started", moment_in_zone(exam.started_ms, offset_min)),
            stated("Operator", plain(exam.operator.operators_name)),
            stated("Workstation", plain(facility.station_name)),
        ),
    )


def pregnancy(record: ExamRecord) -> Section:
    """The pregnancy as it was told, or that none is known."""
    if record.pregnancy is None:
        return Section("Pregnancy", (Line("Pregnancy", "none recorded for this exam", missing=True),))
    letters = ", ".join(plain(fetus.label) for fetus in record.fetuses)
    count = f"{len(record.fetuses)} ({letters})" if letters else ""
    lmp = stated("Last period began", partial_date(record.pregnancy.lmp_date))
    return Section("Pregnancy", (lmp, stated("Fetuses", count), Line("Dating", "not calculated", missing=True)))


def findings(found: Iterable[Finding]) -> Section:
    """The operator's answers; ``not sure`` is an answer like any other."""
    lines = tuple(Line(worded(one.question), _answer(one)) for one in found)
    return Section("Findings", lines or (Line("Findings", "none recorded", missing=True),))


def _answer(one: Finding) -> str:
    answer, note = worded(one.answer) or "Not answered", plain(one.note)
    return f"{answer}. {note}" if note else answer


def amendments(added: Iterable[Amendment], offset_min: int) -> Section:
    """What was added after signing; without any, a section of no lines."""
    return Section("Added after signing", tuple(_amendment(one, offset_min) for one in added))


def _amendment(one: Amendment, offset_min: int) -> Line:
    return Line(moment_in_zone(one.amended_ms, offset_min), f"{plain(one.note)} (operator {short_id(one.operator_id)})")


def instrument(images: tuple[Image, ...]) -> Section:
    """What made the pictures; where they differ, each kind once."""
    if not images:
        return Section("Pictures and instrument", (Line("Pictures", "none kept", missing=True),))
    sources = [image.source for image in images]
    return Section(
        "Pictures and instrument",
        (
            Line("Pictures", _counted(images)),
            _each("Probe", (stated("Probe", probe_name(source)) for source in sources)),
            _each("Firmware", (stated("Firmware", plain(source.probe_firmware)) for source in sources)),
            _each("Preset", (stated("Preset", worded(source.preset)) for source in sources)),
            _each("Sound speed", (_speed(source.sound_speed_m_s) for source in sources)),
            _each("Calibration", (calibration(source) for source in sources)),
            _each("MI / TI", (output(source) for source in sources)),
        ),
    )


def _speed(metres_per_second: int) -> Line:
    note = "" if metres_per_second == TISSUE_M_S else f" (soft tissue: {TISSUE_M_S})"
    return Line("Sound speed", f"{metres_per_second} m/s{note}")


def _each(label: str, lines: Iterable[Line]) -> Line:
    kinds = {line.value: line.missing for line in lines}
    return Line(label, "; ".join(kinds), any(kinds.values()))


def _counted(images: tuple[Image, ...]) -> str:
    stills = sum(image.kind == STILL for image in images)
    loops = len(images) - stills
    words = f"{stills} printed"
    return f"{words}; {loops} {'loop' if loops == 1 else 'loops'} kept, not printed" if loops else words


def marks(record: ExamRecord, number: int, offset_min: int) -> tuple[Mark, ...]:
    """Warnings, the gravest first."""
    sources = [image.source for image in record.images]
    found = [
        (simulated(record), Mark("practice", "PRACTICE — simulated pictures, not an examination of a patient", True)),
        (record.exam.state != "signed", Mark("draft", "DRAFT — not signed", True)),
        (
            any(not source.calibrated_on for source in sources),
            Mark("uncalibrated", "UNCALIBRATED — distances not validated: no dating, growth or weight from them", True),
        ),
        (
            any(source.sound_speed_m_s != TISSUE_M_S for source in sources),
            Mark("sound_speed", _speeds(sorted({source.sound_speed_m_s for source in sources} - {TISSUE_M_S}))),
        ),
        (number > 1, Mark("replaces", _replaced(record, number, offset_min))),
    ]
    return tuple(mark for applies, mark in found if applies)


def _speeds(others: list[int]) -> str:
    """What another sound speed means for lengths, in tenths of a percent rounded to the nearest, by integers."""
    return " ".join(_speed_effect(speed) for speed in others if speed > 0)


def _speed_effect(speed: int) -> str:
    permille = (abs(TISSUE_M_S - speed) * 2000 + speed) // (2 * speed)
    than = "longer" if speed < TISSUE_M_S else "shorter"
    percent = f"{permille // 10}.{permille % 10} %"
    truth = f"In soft tissue ({TISSUE_M_S} m/s) true lengths along the beam are {percent} {than}."
    return f"Lengths were read at {speed} m/s. {truth}"


def simulated(record: ExamRecord) -> bool:
    """True if anything in the exam was simulated."""
    return record.exam.simulated or any(image.source.simulated for image in record.images)


def _replaced(record: ExamRecord, number: int, offset_min: int) -> str:
    earlier = max((report.issued_ms for report in record.reports if report.number < number), default=0)
    return f"Report {number} of this exam. It amends report {number - 1}, issued {moment(earlier, offset_min)}."
