"""Sample exams and pictures for the report's tests: values only, no store, no clock, no imaging library."""

from __future__ import annotations

import math
import struct
import zlib
from dataclasses import replace

from records.codes import BIPARIETAL_DIAMETER, DISTANCE, FEMUR_LENGTH, HEAD_CIRCUMFERENCE
from records.model import (
    BlobRef,
    Exam,
    ExamRecord,
    Facility,
    Fetus,
    Finding,
    Image,
    ImageSource,
    Measurement,
    Operator,
    Patient,
    Pregnancy,
)

STARTED_MS = 1_773_399_845_000  # 13 March 2026, 11:04:05 UTC
ISSUED_MS = STARTED_MS + 20 * 60_000
EXAM_ID = "019cE6f4-7a10-7cc2-9a53-4b1d6f09c2ae".lower()

SOURCE = ImageSource(
    probe_model="pic0rick",
    probe_serial="0042",
    probe_firmware="eop1-0.3.1",
    preset="obstetric",
    sound_speed_m_s=1540,
    chain_digest="5b" * 32,
    frame_number=60,
    simulated=False,
    calibrated_on="2026-01-09",
    mechanical_index="",
    thermal_index="",
)


def image(number: int, *, view: str = "head_axial", kind: str = "still", **source: object) -> Image:
    """A kept picture, 640 x 480 pixels of a third of a millimetre."""
    blob = BlobRef(f"{number:064x}", "00" * 32, "image/jls", 150_000)
    return Image(
        id=f"image-{number}",
        exam=EXAM_ID,
        view=view,
        kind=kind,
        acquired_ms=STARTED_MS + number * 60_000,
        rows=480,
        columns=640,
        pixel_um=333,
        origin_x_um=-106_394,
        origin_z_um=166,
        missing_lines=0,
        frames=1 if kind == "still" else 40,
        source=replace(SOURCE, **source),  # type: ignore[arg-type]
        blobs={"display": blob},
    )


def measurement(number: int, *, value: int = 46_251, error: int = 412, **other: object) -> Measurement:
    """A caliper distance on the first picture."""
    one = Measurement(
        id=f"measurement-{number:02d}",
        exam=EXAM_ID,
        image="image-1",
        fetus="",
        label="",
        concept=DISTANCE,
        value=value,
        error=error,
        unit="um",
        method="two calipers",
        points_mpx=(100_000, 100_000, 238_000, 100_000),
        taken_ms=STARTED_MS + number * 1000,
    )
    return replace(one, **other)  # type: ignore[arg-type]


def exam_record(**other: object) -> ExamRecord:
    """A signed obstetric exam of a woman whose name needs letters beyond Latin-1."""
    record = ExamRecord(
        facility=Facility("Centre de santé de Ñuñoa-sur-Rivière", "workstation 1", "0a" * 16),
        exam=Exam(
            id=EXAM_ID,
            study_instance_uid="2.25.2145634517234563456345634563456345634",
            patient="patient-1",
            pregnancy="pregnancy-1",
            protocol="basic_obstetric",
            state="signed",
            operator=Operator("operator-1", "Sr. Amélie Okọ́nkwọ"),
            started_ms=STARTED_MS,
            signed_ms=STARTED_MS + 15 * 60_000,
            simulated=False,
        ),
        patient=Patient("patient-1", "ANC-0042", "Adébáyọ̀", "Àṣà Héloïse", "1999-03-02", "F"),
        pregnancy=Pregnancy("pregnancy-1", "patient-1", "2025-10-01", STARTED_MS),
        fetuses=(Fetus("fetus-1", "pregnancy-1", "A"),),
        images=(image(1), image(2, view="femur")),
        measurements=(
            measurement(1, concept=BIPARIETAL_DIAMETER, fetus="fetus-1", method="calipers, outer to inner"),
            measurement(2, concept=HEAD_CIRCUMFERENCE, value=171_950, error=1_201, fetus="fetus-1", method="ellipse"),
            measurement(3, concept=FEMUR_LENGTH, value=29_049, fetus="fetus-1", image="image-2"),
            measurement(4, label="Cervix", value=3_050, error=0),
        ),
        findings=(
            Finding("finding-1", EXAM_ID, "fetal_heartbeat_seen", "yes", ""),
            Finding("finding-2", EXAM_ID, "placenta_covers_the_cervix", "not_sure", "Bladder empty; look again."),
            Finding("finding-3", EXAM_ID, "number_of_fetuses", "1", ""),
        ),
    )
    return replace(record, **other)  # type: ignore[arg-type]


def bare_record() -> ExamRecord:
    """A draft of which nothing is known but that it was begun."""
    full = exam_record()
    exam = replace(full.exam, protocol="", state="open", signed_ms=0, operator=Operator("operator-1", ""))
    return ExamRecord(Facility("", "", ""), exam, Patient("patient-1", "", "", "", "", ""))


def practice_record() -> ExamRecord:
    """An exam of the phantom, on an uncalibrated simulated probe that looks into water."""
    full = exam_record()
    source = {"simulated": True, "calibrated_on": "", "sound_speed_m_s": 1480, "preset": "water_tank"}
    images = (image(1, view="phantom", **source), image(2, view="phantom", **source), image(3, kind="loop", **source))
    return replace(full, exam=replace(full.exam, simulated=True), images=images)


def crowded_record(*, pictures: int = 12, measurements: int = 30) -> ExamRecord:
    """A long day: long names, many measurements, many pictures."""
    long_name = "Rakotomalala-Andriantsimiavona Razafindrakotoarivelo Ramanantsoa"
    return exam_record(
        patient=Patient("patient-1", "ANC-" + "0042-" * 8, long_name, "Marie Thérèse Bénédicte", "1999", "F"),
        images=tuple(image(number, view="head_axial_with_a_long_name") for number in range(1, pictures + 1)),
        measurements=tuple(
            measurement(number, label=f"Deepest vertical pool of quadrant {number}", image=f"image-{number % 12 + 1}")
            for number in range(measurements)
        ),
    )


def pictures_of(record: ExamRecord) -> dict[str, bytes]:
    """A sector picture per image of the exam."""
    return {one.id: sector_png(one.columns, one.rows) for one in record.images}


def sector_png(columns: int = 640, rows: int = 480, channels: int = 1, *, seed: int = 1) -> bytes:
    """A grey sector with speckle, an ellipse and two caliper crosses, as an 8-bit PNG."""
    state, lines = seed, []
    for row in range(rows):
        line = bytearray()
        for column in range(columns):
            state = (state * 1_103_515_245 + 12_345) & 0x7FFFFFFF
            line += bytes([_grey(column - columns / 2, row, rows, state >> 24)]) * channels
        lines.append(b"\0" + bytes(line))
    return png(columns, rows, b"".join(lines), channels)


def _grey(x: float, z: float, rows: int, noise: int) -> int:
    if math.hypot(x, z + 20) > rows or abs(x) > 0.75 * (z + 20):
        return 0
    skull = math.hypot(x / (rows * 0.28), (z - rows * 0.55) / (rows * 0.2))
    if abs(skull - 1) < 0.06:
        return 200 + noise // 4
    return noise // (4 if skull < 1 else 2) + 20


def png(columns: int, rows: int, lines: bytes, channels: int = 1, *, depth: int = 8, interlace: int = 0) -> bytes:
    """A PNG of filtered lines."""
    header = struct.pack(">IIBBBBB", columns, rows, depth, 0 if channels == 1 else 2, 0, 0, interlace)
    chunks = _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(lines)) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
