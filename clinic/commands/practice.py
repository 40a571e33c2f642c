"""``sauti practice``: a whole exam on the practice probe, with nothing to prepare."""

from __future__ import annotations

import argparse
import secrets
from pathlib import Path

from clinic.console import Console
from clinic.examine import Plan, default_caliper, examine
from clinic.headless import Script
from clinic.patient_file import PatientEntry, PregnancyEntry
from clinic.settings import Settings
from clinic.site import read_passphrase
from probe.links.address import PRACTICE, RECORDING
from records.files import make_folder, write_durably
from records.home import Home

_PATIENT = PatientEntry("PRACTICE-1", "Practice", "Patient", "", "", PregnancyEntry("", 1))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--out", type=Path, metavar="DIR", help="folder for the PDF (default: in the practice home)")
    parser.add_argument(
        "--recording", type=Path, metavar="FILE", help="on a recorded probe (.sprobe) instead of the phantom"
    )
    parser.add_argument("--json", action="store_true", help="say everything as one JSON object per line")


def run(arguments: argparse.Namespace) -> int:
    """Run the exam; the last line is the path of its PDF.

    It has a home of its own below ``SAUTI_HOME``, with a passphrase that lies beside it: nothing in it is secret.
    """
    address = PRACTICE if arguments.recording is None else f"{RECORDING}{arguments.recording}"
    home = Home(Settings.read().home / "practice-home")
    make_folder(home.path)
    unlock = home.path / "passphrase.txt"
    if not unlock.exists():
        write_durably(unlock, f"{secrets.token_hex(16)}\n".encode())
    script = Script(
        patient=_PATIENT,
        operators_name="Practice operator",
        out=arguments.out or home.reports,
        protocol="Practice",
        view="Head, transverse" if address == PRACTICE else "Recorded view",
        caliper_mm=default_caliper(address),
        caliper_label="Head, outer to outer" if address == PRACTICE else "Distance",
    )
    console = Console.standard(as_json=arguments.json)
    plan = Plan(home, read_passphrase(unlock), address, "", "Practice clinic", "sauti practice")
    issued = examine(plan, script, console)
    console.say("done", str(issued.path), exam=issued.report.exam, report=str(issued.path))
    return 0
