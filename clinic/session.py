"""A session: one operator, signed in, at one workstation. What a screen is built on, without any screen.

Opening takes about a second (keys are stretched, the store is opened, a real probe is asked who it is), so a screen
does it in a thread of its own and shows that it does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from clinic.bookmark import Bookmark, Step, read_bookmark, write_bookmark
from clinic.clock import Clock
from clinic.compose import ProbeChoice, Site, build
from clinic.events import Post
from clinic.identify import identify
from clinic.log import LOG, told
from clinic.receipts import Receipt
from clinic.workstation.workstation import Workstation
from probe.capabilities import Capabilities
from probe.discovery import FoundPort
from probe.errors import ProbeError
from probe.links.address import PRACTICE
from records.errors import NotFound
from records.home import CLINIC, Home, HomeLock
from records.home import PRACTICE as PRACTICE_STORE
from records.model import ExamRecord, Operator
from records.vault import Vault

DRIVER = "eop1"
_RESUMED = {"open": (Step.SCAN, Step.SUMMARY, Step.READ_BACK), "read_back": (Step.READ_BACK,), "signed": (Step.REPORT,)}


@dataclass(frozen=True, slots=True)
class Keys:
    """An unlocked home, and who unlocked it.

    Args:
        home: Its folder.
        lock: Held.
        vault: Open.
        operator: Who signed in.
        institution_name: Of the clinic, for a new store.
        station_name: Of this computer, for a new store.
    """

    home: Home
    lock: HomeLock
    vault: Vault
    operator: Operator
    institution_name: str
    station_name: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """A probe, and what a person must be told of it.

    ``remark`` says why a probe that is plugged in is not the one, or is empty.
    """

    choice: ProbeChoice
    remark: str = ""


def choose_probe(asked: str, driver: str, found: Sequence[FoundPort], clock: Clock) -> Chosen:
    """Which probe to work with: the one asked for, else one that is plugged in, else the practice probe.

    Of those plugged in, one that scans goes before one that sends single lines, which has M-mode and A-mode only.

    Args:
        asked: An address, or empty.
        driver: Protocol of that address; empty takes what discovery knows of it, else EOP/1.
        found: What discovery lists.
        clock: The machine's clock.

    Raises:
        ProbeError: The probe asked for does not answer, is busy, or may not be used.
    """
    if asked == PRACTICE:
        return Chosen(ProbeChoice())
    if asked:
        known = next((port.driver for port in found if port.address == asked), "")
        spoken = driver or known or DRIVER
        capabilities = _identified(asked, spoken, clock)
        return Chosen(ProbeChoice(asked, capabilities.simulated, spoken))
    return _plugged_in(found, clock)


def _plugged_in(found: Sequence[FoundPort], clock: Clock) -> Chosen:
    """The first probe that answers as its board should, one that scans before one of lines; else practice, and why."""
    remark, of_lines = "", None
    for port in found:
        problem = port.problem()
        if port.driver and problem is not None:
            remark = remark or str(problem)
            LOG.warning("probe refused at %s", told(port.address, problem))
        elif port.by_hand:
            remark = remark or f"At {port.address} may be a probe ({port.board}): choose it with --probe if it is one."
        elif port.driver:
            try:
                capabilities = _identified(port.address, port.driver, clock)
            except ProbeError as error:  # a board that only looks like a probe must not keep anybody out
                remark = remark or str(error)
                continue
            choice = ProbeChoice(port.address, capabilities.simulated, port.driver)
            if "B" in capabilities.modes:
                return Chosen(choice)
            of_lines = of_lines or choice
    return Chosen(ProbeChoice(), remark) if of_lines is None else Chosen(of_lines)


def _identified(address: str, driver: str, clock: Clock) -> Capabilities:
    try:
        return identify(address, driver, clock)
    except ProbeError as error:
        LOG.warning("probe refused at %s", told(address, error))
        raise


class Session:
    """An operator at an open workstation.

    Args:
        keys: What unlocked it.
        chosen: The probe.
        clock: The machine's clock.
        post: Told of everything that happens, from any thread.
        version: Of the program.

    Raises:
        RecordsError: The store cannot be opened; the home's lock is released.
    """

    def __init__(self, keys: Keys, chosen: Chosen, clock: Clock, post: Post, version: str) -> None:
        self.keys = keys
        self.choice = choice = chosen.choice
        self._remark = chosen.remark
        site = Site(keys.home, keys.lock, keys.vault, keys.institution_name, keys.station_name)
        self.workstation: Workstation = build(site, choice, clock, post, version)

    def begin(self) -> Receipt[Operator]:
        """Sign the operator in, and look for the probe; called in the client's own thread."""
        receipt = self.workstation.operators.sign_in_as(self.keys.operator)
        self.workstation.scanning.connect()
        return receipt

    @property
    def simulated(self) -> bool:
        """Everything that is recorded goes to the practice store."""
        return self.choice.simulated

    @property
    def greeting(self) -> str:
        """Which probe it is, and where what is recorded goes."""
        if self._remark:
            return f"{self._remark} This is the practice probe."
        if self.choice.address == PRACTICE:
            return "No probe is plugged in: this is the practice probe. Plug one in and press P."
        kind = "A simulated probe" if self.simulated else "The probe"
        return f"{kind} at {self.choice.address} is used."

    @property
    def reports_folder(self) -> Path:
        """Where a signed exam's PDF is written."""
        return self.keys.home.reports

    def where_we_were(self) -> tuple[ExamRecord, Step] | None:
        """The exam that was on the screen when the program ended, and its step; None if there was none."""
        mark = read_bookmark(self.keys.home)
        if mark is None or mark.store != self._store:
            return None
        try:
            record = self.workstation.exams.record(mark.exam)
        except NotFound:
            return None
        steps = _RESUMED[record.exam.state]
        return record, mark.step if mark.step in steps else steps[0]

    def remember(self, exam: str, step: Step) -> Receipt[None]:
        """Note where we are; off the loop, since it waits for the disk."""
        mark = Bookmark(self._store, exam, step)
        return self.workstation.errand(lambda: write_bookmark(self.keys.home, mark))

    def forget(self) -> Receipt[None]:
        """We are in no exam."""
        return self.workstation.errand(lambda: write_bookmark(self.keys.home, None))

    def close(self) -> None:
        """Stop the probe, commit what was posted, let the home go."""
        self.workstation.close()

    @property
    def _store(self) -> str:
        return PRACTICE_STORE if self.simulated else CLINIC
