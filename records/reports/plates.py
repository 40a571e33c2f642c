"""Pictures and the numbers taken on them, as words."""

from __future__ import annotations

from collections.abc import Sequence

from records.model import ExamRecord, Image, ImageSource, Measurement
from records.reports.beams import beam_lines
from records.reports.formatting import (
    NOT_RECORDED,
    figures,
    moment,
    partial_date,
    plain,
    thousandths_of_mm,
    whole_mm,
)
from records.reports.sheet import Line, MeasurementRow, Plate

STILL = "still"
NO_CALIBRATION = "none — distances not validated"
NOT_MEASURED = "not measured"
DIRECT_READING = "direct reading, no chart"
# what no scale of a probe can make wrong
_TIMES = ("ms", "/min", "d")
_CODE_SYSTEMS = {"LN": "LOINC", "SCT": "SNOMED CT", "DCM": "DICOM", "SRT": "SNOMED RT"}


def stills(record: ExamRecord) -> tuple[Image, ...]:
    """The pictures that are printed, in the order in which they were taken."""
    return tuple(sorted((image for image in record.images if image.kind == STILL), key=_when))


def _when(image: Image) -> tuple[int, str]:
    return image.acquired_ms, image.id


def plates(images: Sequence[Image], offset_min: int) -> tuple[Plate, ...]:
    """One plate per picture, numbered from 1."""
    return tuple(_plate(number, image, offset_min) for number, image in enumerate(images, 1))


def _plate(number: int, image: Image, offset_min: int) -> Plate:
    source = image.source
    lines = (
        stated("Taken", moment(image.acquired_ms, offset_min)),
        *(beam_lines(image) if image.axes else _plane_lines(image)),
        *orientation(image),
        stated("Preset", worded(source.preset)),
        *_set(source),
        Line("Sound speed", f"{source.sound_speed_m_s} m/s"),
        stated("Probe", probe_name(source)),
        output(source),
        calibration(source),
        Line("Frame", _frame(image)),
    )
    display = image.blobs.get("display")
    return Plate(number, image.id, worded(image.view) or "View not recorded", lines, display.address if display else "")


def _plane_lines(image: Image) -> tuple[Line, ...]:
    return (
        Line("Depth shown", _depth(image)),
        Line("Width shown", f"{whole_mm(image.columns * image.pixel_um)} mm"),
        Line("Pixel", f"{thousandths_of_mm(image.pixel_um)} mm"),
    )


def _depth(image: Image) -> str:
    """From the transducer to the picture's lower edge; where the picture does not begin at it, from where to where."""
    first_um = image.origin_z_um - image.pixel_um * (image.rows - 1) * image.upside_down
    top_um = first_um - image.pixel_um // 2
    top, bottom = whole_mm(top_um), whole_mm(top_um + image.rows * image.pixel_um)
    return f"{bottom} mm" if top == "0" else f"{top} to {bottom} mm"


def orientation(image: Image) -> tuple[Line, ...]:
    """How a picture is turned round; nothing where it is not."""
    turned = ((image.mirrored, "left and right exchanged"), (image.upside_down, "upside down"))
    words = ", ".join(word for holds, word in turned if holds)
    return (Line("Orientation", words),) if words else ()


def _set(source: ImageSource) -> tuple[Line, ...]:
    """Gain and dynamic range; nothing where they were not recorded yet, so that the reports of then stay the same."""
    words = {"gain": source.gain_db, "dynamic range": source.dynamic_range_db}
    said = ", ".join(f"{word} {value} dB" for word, value in words.items() if value)
    return (Line("Set to", said),) if said else ()


def _frame(image: Image) -> str:
    lines = f"{image.missing_lines} {'line' if image.missing_lines == 1 else 'lines'}"
    return f"{image.source.frame_number}, {lines} missing" if image.missing_lines else str(image.source.frame_number)


def stated(label: str, value: str) -> Line:
    """A line whose empty or unknown value is said in words."""
    return Line(label, value or NOT_RECORDED, missing=value in {"", NOT_RECORDED})


def worded(name: str) -> str:
    """A name from a data file as words: ``basic_obstetric`` is ``Basic obstetric``."""
    words = plain(name.replace("_", " "))
    return words[:1].upper() + words[1:]


def probe_name(source: ImageSource) -> str:
    """Model and serial number, with a word for a simulated one."""
    parts = [plain(source.probe_model), plain(source.probe_serial) and f"no. {plain(source.probe_serial)}"]
    name = ", ".join(filter(None, parts))
    return f"{name} (simulated)" if source.simulated else name


def output(source: ImageSource) -> Line:
    """The acoustic output: AIUM asks for it on every image; an uncalibrated probe has none to show."""
    mechanical, thermal = plain(source.mechanical_index), plain(source.thermal_index)
    if not mechanical and not thermal:
        return Line("MI / TI", NOT_MEASURED, missing=True)
    return Line("MI / TI", f"{mechanical or NOT_MEASURED} / {thermal or NOT_MEASURED}", not (mechanical and thermal))


def calibration(source: ImageSource) -> Line:
    """Whether the picture's millimetres can be trusted."""
    if not source.calibrated_on:
        return Line("Calibration", NO_CALIBRATION, missing=True)
    return Line("Calibration", partial_date(source.calibrated_on))


def rows(record: ExamRecord, printed: Sequence[Plate]) -> tuple[MeasurementRow, ...]:
    """The measurements in the order in which they were taken."""
    plate_of = {plate.image: str(plate.number) for plate in printed}
    image_of = {image.id: image for image in record.images}
    letter_of = {"": "", **{fetus.id: plain(fetus.label) for fetus in record.fetuses}}
    taken = sorted(record.measurements, key=lambda one: one.taken_ms)  # those of one moment as they were placed
    return tuple(
        _row(one, letter_of.get(one.fetus, "?" if one.fetus else ""), plate_of, image_of.get(one.image))
        for one in taken
    )


def _row(one: Measurement, fetus: str, plate_of: dict[str, str], image: Image | None) -> MeasurementRow:
    printed = figures(one.value, one.error, one.unit)
    return MeasurementRow(
        label=plain(one.label) or plain(one.concept.display),
        code=_code(one),
        fetus=fetus,
        value=printed.value,
        error=printed.error,
        unit=printed.unit,
        method=plain(one.method) or "method not recorded",
        reference=DIRECT_READING,
        picture=plate_of.get(one.image, "not printed"),
        scale="" if one.unit in _TIMES or (image and image.source.calibrated_on) else "scale not validated",
    )


def _code(one: Measurement) -> str:
    return plain(f"{_CODE_SYSTEMS.get(one.concept.system, one.concept.system)} {one.concept.code}")
