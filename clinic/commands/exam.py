"""``sauti exam``: one exam without a screen, from the probe's bytes to the signed PDF."""

from __future__ import annotations

import argparse
import unicodedata
from pathlib import Path

from clinic.console import Console
from clinic.errors import BadRequest
from clinic.examine import DRIVER, Plan, default_caliper, examine
from clinic.headless import CaliperMm, Script
from clinic.patient_file import read_patient_file
from clinic.settings import Settings
from clinic.site import read_passphrase
from probe.links.address import PRACTICE
from records.bodies import LONGEST_NAME
from records.home import Home


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--probe", required=True, metavar="ADDRESS", help="a serial device, tcp:HOST:PORT, or: practice"
    )
    parser.add_argument("--driver", default=DRIVER, metavar="NAME", help=f"the probe's protocol (default {DRIVER})")
    parser.add_argument("--patient", required=True, type=Path, metavar="FILE", help="the patient as JSON")
    parser.add_argument("--operator", required=True, metavar="NAME", help="who examines, as on the report")
    parser.add_argument("--unlock", required=True, type=Path, metavar="FILE", help="file whose first line unlocks")
    parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="folder for the PDF")
    parser.add_argument("--facility", default="", metavar="NAME", help="name of the clinic, for a home that is new")
    parser.add_argument("--json", action="store_true", help="say everything as one JSON object per line")
    parser.add_argument("--preset", default="", help="imaging preset (default: the one that fits the probe)")
    parser.add_argument("--frames", type=int, default=20, metavar="N", help="live frames before freezing (default 20)")
    parser.add_argument(
        "--caliper", nargs=4, type=float, metavar=("X", "Z", "X", "Z"), help="ends of the distance to measure, in mm"
    )
    parser.add_argument("--label", default="", help="what that distance is")
    parser.add_argument("--view", default="Frozen view", help="name of the kept view")
    parser.add_argument(
        "--patience", type=float, default=60.0, metavar="S", help="how long to wait for a lost probe (default 60)"
    )


def run(arguments: argparse.Namespace) -> int:
    """Run the exam and print its id last."""
    console = Console.standard(as_json=arguments.json)
    script = Script(
        patient=read_patient_file(arguments.patient),
        operators_name=_short("--operator", arguments.operator),
        out=arguments.out,
        view=_short("--view", arguments.view),
        frames=int(_within("--frames", arguments.frames, 1, 10_000)),
        caliper_mm=_caliper(arguments.caliper) if arguments.caliper else default_caliper(arguments.probe),
        caliper_label=_short("--label", arguments.label)
        or ("Head, outer to outer" if arguments.probe == PRACTICE else "Distance"),
        patience_s=_within("--patience", arguments.patience, 0.1, 86_400),
    )
    home, passphrase = Home(Settings.read().home), read_passphrase(arguments.unlock)
    facility = _short("--facility", arguments.facility)
    plan = Plan(home, passphrase, arguments.probe, arguments.preset, facility, "sauti exam", arguments.driver)
    issued = examine(plan, script, console)
    console.say("done", issued.report.exam, exam=issued.report.exam, report=str(issued.path))
    return 0


def _short(name: str, value: str) -> str:
    if any(unicodedata.category(sign) in ("Cc", "Cs") for sign in value):
        raise BadRequest(f"{name} holds control characters", "It must be printable: it stands on the report.")
    if len(value) > LONGEST_NAME:
        raise BadRequest(f"{name} is longer than {LONGEST_NAME} letters", "It must fit the report.")
    return value


def _caliper(ends_mm: list[float]) -> CaliperMm:
    ax, az, bx, bz = (_within("--caliper", end, -1000, 1000) for end in ends_mm)
    return ax, az, bx, bz


def _within(name: str, value: float, low: float, high: float) -> float:
    if not low <= value <= high:
        raise BadRequest(f"{name} must lie between {low:g} and {high:g}")
    return value
