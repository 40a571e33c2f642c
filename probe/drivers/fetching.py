"""One FETCH on its way: which frame, what has come of it, whether to ask again. Sans-I/O."""

from __future__ import annotations

from enum import Enum

from probe import messages
from probe.assembly import Assembler, SweepPlan
from probe.driver import LinkCounters
from probe.drivers.requests import SEQ_MODULUS
from probe.frame import Frame
from probe.settings import SampleFormat

DRY_NS = 1_500_000_000
RETRIES = 2


class Progress(Enum):
    """Where a fetch stands."""

    IDLE = "idle"
    ASKED = "asked"
    ARRIVING = "arriving"
    AGAIN = "again"


class Fetching:
    """At most one fetch at a time. A frame with holes is asked for again, twice, before it is taken as it is."""

    def __init__(self) -> None:
        self.progress = Progress.IDLE
        self._number = 0
        self._format = SampleFormat.RF_I16
        self._retries = 0
        self._heard_ns = 0
        self._assembler: Assembler | None = None

    def begin(self, number: int, format: SampleFormat) -> messages.Body:
        """The body of the first FETCH for a frame."""
        self._number, self._format, self._retries = number, format, 0
        return self.ask()

    def ask(self) -> messages.Body:
        """The body of FETCH, also when it is asked again."""
        self.progress, self._assembler = Progress.ASKED, None
        return {"frame": self._number % SEQ_MODULUS, "format": int(self._format)}

    def accept(self, plan: SweepPlan, now_ns: int) -> None:
        """The device said that the frame is coming, made with these settings."""
        if self.progress is Progress.ASKED:
            self.progress, self._heard_ns = Progress.ARRIVING, now_ns
            # the live counters count sweeps; an answer made of ring memory is none
            self._assembler = Assembler(plan, LinkCounters())

    def cancel(self) -> None:
        """Forget it."""
        self.progress, self._assembler = Progress.IDLE, None

    def target(self, frame_id: int, now_ns: int) -> tuple[Assembler | None, int]:
        """The assembler for a fetched block and the full number of its frame; None when nobody asked for it."""
        if self._assembler is None or frame_id != self._number % SEQ_MODULUS:
            return None, 0
        self._heard_ns = now_ns
        return self._assembler, self._number

    def ended(self, frame: Frame | None, dead: int) -> Frame | None:
        """The frame to hand out after FRAME_END; None when it has holes and is asked for again."""
        holes = frame is None or int(frame.missing.sum()) > dead
        if holes and self._retry():
            return None
        self.cancel()
        return frame

    def dried_up(self, now_ns: int) -> bool:
        """Nothing has come for long and all retries are used; a retry that is left is taken."""
        if self.progress is not Progress.ARRIVING or now_ns - self._heard_ns < DRY_NS:
            return False
        if self._retry():
            return False
        self.cancel()
        return True

    def _retry(self) -> bool:
        if self._retries >= RETRIES:
            return False
        self._retries += 1
        self.progress, self._assembler = Progress.AGAIN, None
        return True
