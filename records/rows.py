"""From a projection's row to the value of ``records.model`` that it stands for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from records.codes import Coded
from records.model import (
    Amendment,
    BlobRef,
    Exam,
    Fetus,
    Finding,
    Image,
    ImageAxis,
    ImageSource,
    Measurement,
    Operator,
    Patient,
    Pregnancy,
    Printing,
    Report,
)

Row = Mapping[str, Any]


def patient(row: Row) -> Patient:
    """A patient."""
    return Patient(
        row["id"], row["patient_id"], row["family_name"], row["given_name"], row["birth_date"], row["patient_sex"]
    )


def operator(row: Row) -> Operator:
    """An operator."""
    return Operator(row["id"], row["operators_name"])


def pregnancy(row: Row) -> Pregnancy:
    """A pregnancy."""
    return Pregnancy(row["id"], row["patient"], row["lmp_date"], row["opened_ms"])


def exam(row: Row) -> Exam:
    """An exam, without what belongs to it."""
    return Exam(
        id=row["id"], study_instance_uid=row["study_instance_uid"], patient=row["patient"], pregnancy=row["pregnancy"],
        protocol=row["protocol"], state=row["state"], operator=Operator(row["operator_id"], row["operators_name"]),
        started_ms=row["started_ms"], signed_ms=row["signed_ms"], simulated=bool(row["simulated"]),
    )  # fmt: skip


def image(row: Row) -> Image:
    """An image with its blobs."""
    source, blobs = json.loads(row["source"]), json.loads(row["blobs"])
    return Image(
        id=row["id"], exam=row["exam"], view=row["view"], kind=row["kind"], acquired_ms=row["acquired_ms"],
        rows=row["rows"], columns=row["columns"], pixel_um=row["pixel_um"], origin_x_um=row["origin_x_um"],
        origin_z_um=row["origin_z_um"], mirrored=bool(row["mirrored"]), upside_down=bool(row["upside_down"]),
        mode=row["mode"], axes=tuple(ImageAxis(**axis) for axis in json.loads(row["axes"])), line=row["line"],
        interval_us=row["interval_us"],
        missing_lines=row["missing_lines"], frames=row["frames"], source=ImageSource(**source),
        blobs={role: BlobRef(**ref) for role, ref in blobs.items()},
    )  # fmt: skip


def measurement(row: Row) -> Measurement:
    """A measurement."""
    return Measurement(
        id=row["id"], exam=row["exam"], image=row["image"], fetus=row["fetus"], label=row["label"],
        concept=Coded(**json.loads(row["concept"])), value=row["value"], error=row["error"], unit=row["unit"],
        method=row["method"], points_mpx=tuple(json.loads(row["points_mpx"])), taken_ms=row["taken_ms"],
    )  # fmt: skip


def finding(row: Row) -> Finding:
    """A finding."""
    return Finding(row["id"], row["exam"], row["question"], row["answer"], row["note"])


def report(row: Row) -> Report:
    """A report."""
    document = BlobRef(**json.loads(row["document"]))
    return Report(row["id"], row["exam"], row["number"], row["issued_ms"], document)


def fetus(row: Row) -> Fetus:
    """A fetus."""
    return Fetus(row["id"], row["pregnancy"], row["label"])


def printing(row: Row) -> Printing:
    """A report that went to paper."""
    return Printing(row["report"], row["exam"], row["printer"], row["printed_ms"])


def amendment(row: Row) -> Amendment:
    """What was added to a signed exam."""
    return Amendment(row["exam"], row["note"], row["operator_id"], row["amended_ms"])
