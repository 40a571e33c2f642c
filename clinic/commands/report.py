"""``sauti report``: the paper of a signed exam, again; or for the first time, where the power failed before it."""

from __future__ import annotations

import argparse
from pathlib import Path

from clinic.clock import SystemClock
from clinic.compose import ProbeChoice, Site, build
from clinic.console import Console
from clinic.errors import BadRequest
from clinic.reading import open_stores
from clinic.settings import Settings
from clinic.version import program_version
from clinic.workstation.reports import report_path, write_copy
from records.errors import NotFound
from records.files import make_folder
from records.home import PRACTICE, Home
from records.vault import Vault


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("exam", help="the exam's id, as sauti exams lists it")
    parser.add_argument("--unlock", required=True, type=Path, metavar="FILE", help="file whose first line unlocks")
    parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="folder for the PDF")
    parser.add_argument("--operator", default="", metavar="NAME", help="who issues it, if it is the first")


def run(arguments: argparse.Namespace) -> int:
    """Write the PDF and print its path."""
    make_folder(arguments.out)
    with open_stores(arguments.unlock) as readings:
        for reading in readings:
            try:
                record = reading.queries.exam(arguments.exam)
            except NotFound:
                continue
            if not record.reports:
                path = _issue(arguments, reading.paths.name, reading.vault)
            else:
                last = max(record.reports, key=lambda report: report.number)
                path = report_path(arguments.out, record.exam.id, last.number)
                write_copy(path, reading.blobs.read(last.document))
            Console.standard().say("report_saved", str(path), report=str(path))
            return 0
    raise NotFound("There is no such exam", "List them with sauti exams.")


def _issue(arguments: argparse.Namespace, store: str, vault: Vault) -> Path:
    if not arguments.operator:
        raise BadRequest("This exam has no report yet", "Say who issues it: --operator NAME.")
    home = Home(Settings.read().home)
    site = Site(home, home.lock("sauti report"), vault)
    choice = ProbeChoice(simulated=store == PRACTICE)
    with build(site, choice, SystemClock(), lambda event: None, program_version()) as workstation:
        workstation.operators.sign_in(arguments.operator).wait()
        return workstation.reports.issue(arguments.exam, arguments.out).wait().path
