"""A whole exam from a locked home to a PDF: what the commands and the self-test share."""

from __future__ import annotations

import platform
import secrets
from dataclasses import dataclass
from queue import SimpleQueue

from clinic.clock import SystemClock
from clinic.compose import ProbeChoice, Site, build
from clinic.console import Console
from clinic.events import Event
from clinic.headless import CaliperMm, HeadlessExam, Script
from clinic.identify import identify, require_picture
from clinic.site import open_vault
from clinic.version import program_version
from clinic.workstation.reports import Issued
from probe.links.address import PRACTICE
from records.files import make_folder
from records.home import Home

DRIVER = "eop1"


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
        driver: The protocol's name.
    """

    home: Home
    passphrase: str
    address: str
    preset: str
    institution_name: str
    holder: str
    driver: str = DRIVER


def examine(plan: Plan, script: Script, console: Console) -> Issued:
    """Unlock the home, ask the probe who it is, and play the script on it."""
    home, address = plan.home, plan.address
    make_folder(script.out)  # before anything is recorded: a signed exam should not lack its paper for a typing error
    clock = SystemClock()
    events: SimpleQueue[Event] = SimpleQueue()
    lock = home.lock(plan.holder)
    try:
        new = not home.vault.exists()
        vault = open_vault(home, plan.passphrase, secrets.token_bytes)
        if new:
            console.say("site_created", f"New site in {home.path}; keep the passphrase safe.", home=str(home.path))
        capabilities = identify(address, plan.driver, clock)
        require_picture(capabilities)
    except BaseException:
        lock.release()
        raise
    choice = ProbeChoice(address, capabilities.simulated, plan.driver, plan.preset)
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
