"""The workstation: all verbs behind one door, and the order in which its threads are born and ended."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType

from clinic.receipts import Receipt
from clinic.workstation.desk import Desk
from clinic.workstation.exams import Exams
from clinic.workstation.operators import Operators
from clinic.workstation.patients import Patients
from clinic.workstation.reports import Reports
from clinic.workstation.scanning import Scanning
from records.home import HomeLock


class Workstation:
    """One open store and one probe. A context manager: leaving it stops the probe, commits what was posted, unlocks.

    Args:
        desk: Shared by the verbs.
        scanning: The probe's verbs.
        lock: The home's lock, released last.
        version: Of the program.
    """

    def __init__(self, desk: Desk, scanning: Scanning, lock: HomeLock, version: str) -> None:
        self._desk = desk
        self._lock = lock
        self.scanning = scanning
        self.operators = Operators(desk)
        self.patients = Patients(desk)
        self.exams = Exams(desk)
        self.reports = Reports(desk, version)

    def errand(self, run: Callable[[], None]) -> Receipt[None]:
        """Do something small that waits for a disk, in the errand thread."""
        return self._desk.courier.ask(run)

    def close(self) -> None:
        """Stop the threads in the order of the data: probe, pictures, errands, records."""
        self.scanning.close()
        self._desk.courier.stop()
        self._desk.writer.stop()
        self._desk.close()
        self._lock.release()

    def __enter__(self) -> Workstation:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
