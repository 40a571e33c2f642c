"""``sauti doctor``: the self-test's sheet, to read or to send to whoever helps."""

from __future__ import annotations

import argparse

from clinic.clock import SystemClock
from clinic.console import Console
from clinic.doctor import examine_computer
from clinic.settings import Settings
from clinic.version import program_version


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--json", action="store_true", help="one JSON object per line")


def run(arguments: argparse.Namespace) -> int:
    """Print the sheet; 0 if everything works."""
    console = Console.standard(as_json=arguments.json)
    console.say("doctor", f"Sauti {program_version()} self-test", version=program_version())
    findings = examine_computer(Settings.read().home, SystemClock())
    for finding in findings:
        mark = "ok  " if finding.ok else "FAIL"
        console.say(
            "check", f"{mark} {finding.name}: {finding.text}", name=finding.name, ok=finding.ok, text=finding.text
        )
    well = all(finding.ok for finding in findings)
    console.say("verdict", "Everything works." if well else "Something does not work: see FAIL above.", ok=well)
    return 0 if well else 1
