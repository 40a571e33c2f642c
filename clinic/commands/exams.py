"""``sauti exams``: what is in the records of this home; may run beside the workstation."""

from __future__ import annotations

import argparse
from pathlib import Path

from clinic.console import Console
from clinic.reading import Reading, open_stores
from records.model import ExamRecord


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--unlock", required=True, type=Path, metavar="FILE", help="file whose first line unlocks")
    parser.add_argument("--json", action="store_true", help="one JSON object per line")


def run(arguments: argparse.Namespace) -> int:
    """List exams: unsigned ones first, the newest first among each."""
    console = Console.standard(as_json=arguments.json)
    with open_stores(arguments.unlock) as readings:
        listed = [(reading, reading.queries.exam(exam.id)) for reading in readings for exam in reading.queries.exams()]
        listed.sort(key=lambda entry: entry[1].exam.state == "signed")
        for reading, record in listed:
            _say(console, reading, record)
        if not listed:
            console.say("none", "There are no exams here yet.")
    return 0


def _say(console: Console, reading: Reading, record: ExamRecord) -> None:
    exam = record.exam
    state = "signed" if exam.state == "signed" else "NOT SIGNED"
    console.say(
        "exam",
        f"{exam.id}  {state:<10}  {reading.paths.name:<8}  {record.patient.patient_id}  {record.patient.patient_name}"
        f"  images {len(record.images)}, measurements {len(record.measurements)}, reports {len(record.reports)}",
        exam=exam.id,
        state=exam.state,
        store=reading.paths.name,
        patient_id=record.patient.patient_id,
        patient_name=record.patient.patient_name,
        images=[image.id for image in record.images],
        measurements=[measurement.id for measurement in record.measurements],
        reports=[report.id for report in record.reports],
    )
