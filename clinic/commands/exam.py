"""``sauti exam``: one exam without a screen, from the probe's bytes to the signed PDF."""

from __future__ import annotations

import argparse
import platform
import secrets
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

from clinic.cli import program_version
from clinic.clock import SystemClock
from clinic.compose import ProbeChoice, Site, build
from clinic.console import Console
from clinic.errors import BadRequest
from clinic.events import Event
from clinic.headless import CaliperMm, HeadlessExam, Script
from clinic.identify import identify
from clinic.patient_file import read_patient_file
from clinic.settings import Settings
from clinic.site import open_vault, read_passphrase
from clinic.workstation.reports import Issued
from probe.links.address import PRACTICE
from records.home import Home

DRIVER = "eop1"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--probe", required=True, metavar="ADDRESS", help="a serial device, or: practice")
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
        operators_name=arguments.operator,
        out=arguments.out,
        view=arguments.view,
        frames=int(_within("--frames", arguments.frames, 1, 10_000)),
        caliper_mm=tuple(arguments.caliper) if arguments.caliper else default_caliper(arguments.probe),
        caliper_label=arguments.label or ("Head, outer to outer" if arguments.probe == PRACTICE else "Distance"),
        patience_s=_within("--patience", arguments.patience, 0.1, 86_400),
    )
    home, passphrase = Home(Settings.read().home), read_passphrase(arguments.unlock)
    plan = Plan(home, passphrase, arguments.probe, arguments.preset, arguments.facility, "sauti exam")
    issued = examine(plan, script, console)
    console.say("done", issued.report.exam, exam=issued.report.exam, report=str(issued.path))
    return 0


@dataclass(frozen=True, slots=True)
class Plan:
    """Where and with what an exam is done.

    Args:
        home: Of the site; made if it is new.
        passphrase: Opens its vault.
        address: Of the probe.
        preset: Name; empty chooses by the probe.
        institution_name: Of the clinic, for a new store.
        holder: What another process is told while this one writes.
    """

    home: Home
    passphrase: str
    address: str
    preset: str
    institution_name: str
    holder: str


def examine(plan: Plan, script: Script, console: Console) -> Issued:
    """Unlock the home, ask the probe who it is, and play the script on it."""
    home, address = plan.home, plan.address
    clock = SystemClock()
    events: SimpleQueue[Event] = SimpleQueue()
    lock = home.lock(plan.holder)
    try:
        new = not home.vault.exists()
        vault = open_vault(home, plan.passphrase, secrets.token_bytes)
        if new:
            console.say("site_created", f"New site in {home.path}; keep the passphrase safe.", home=str(home.path))
        capabilities = identify(address, DRIVER, clock)
    except BaseException:
        lock.release()
        raise
    choice = ProbeChoice(address, capabilities.simulated, DRIVER, plan.preset)
    with build(
        Site(home, lock, vault, plan.institution_name, platform.node()), choice, clock, events.put, program_version()
    ) as workstation:
        return HeadlessExam(workstation, events, script, console, clock).run()


def default_caliper(address: str) -> CaliperMm | None:
    """The practice phantom's head is measured where it truly lies; of other probes nothing is known."""
    if address != PRACTICE:
        return None
    from probe.phantom import TRUTH

    skull = TRUTH.skull
    return skull.x_mm, skull.z_mm - skull.height_mm / 2, skull.x_mm, skull.z_mm + skull.height_mm / 2


def _within(name: str, value: float, low: float, high: float) -> float:
    if not low <= value <= high:
        raise BadRequest(f"{name} must lie between {low:g} and {high:g}")
    return value
