"""One whole exam without a screen: the same verbs that a screen calls, by a script instead of a nurse.

Everything is said when it is true, and a lost probe does not lose the exam: what was kept stays, and the exam goes on
when the probe is back.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue

from clinic.clock import Clock
from clinic.console import Console
from clinic.errors import NoPicture, Stopped
from clinic.events import Event, PictureReady, ProbeChanged, ProbeIdentified, ThreadDied
from clinic.measuring import Placement
from clinic.patient_file import PatientEntry
from clinic.scanner import Frozen
from clinic.workstation.exams import Kept
from clinic.workstation.reports import Issued
from clinic.workstation.workstation import Workstation
from imaging.calipers import Place
from imaging.picture import Picture
from probe.reader import ReaderState
from records.reports.formatting import figures

CaliperMm = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Script:
    """What the nurse would have chosen.

    Args:
        patient: Who.
        operators_name: By whom.
        out: Folder for the PDF.
        protocol: Name of the exam.
        view: Name of the kept view.
        frames: How many live frames to look at before freezing.
        caliper_mm: x, z of both ends in mm; None measures the middle half of the depth.
        caliper_label: What the distance is.
        patience_s: How long to wait for a probe that is lost.
    """

    patient: PatientEntry
    operators_name: str
    out: Path
    protocol: str = "Limited scan"
    view: str = "Frozen view"
    frames: int = 20
    caliper_mm: CaliperMm | None = None
    caliper_label: str = "Distance"
    patience_s: float = 60.0


class HeadlessExam:
    """Plays one script on one workstation."""

    def __init__(
        self, workstation: Workstation, events: SimpleQueue[Event], script: Script, console: Console, clock: Clock
    ) -> None:
        self._workstation = workstation
        self._events = events
        self._script = script
        self._console = console
        self._clock = clock

    def run(self) -> Issued:
        """From sign-in to the PDF.

        Raises:
            ClinicError, ProbeError, ImagingError, RecordsError: What was said before stays true and stays recorded.
        """
        exam = self._open()
        frozen = self._scan(exam)
        kept = self._keep(exam, frozen)
        self._measure(kept)
        return self._close(exam)

    def _open(self) -> str:
        station, script = self._workstation, self._script
        operator = station.operators.sign_in(script.operators_name).wait()
        registered = station.patients.register(script.patient).wait()
        self._console.say(
            "patient_saved", f"Patient saved: {registered.patient.patient_name}", id=registered.patient.id
        )
        exam = station.exams.start(registered, script.protocol).wait()
        self._console.say("exam_saved", f"Exam opened: {exam} by {operator.operators_name}", exam=exam)
        return exam

    def _scan(self, exam: str) -> Frozen:
        self._workstation.scanning.connect()
        try:
            self._look(exam)
        except NoPicture:
            self._rescue(exam)
            raise
        frozen = self._workstation.scanning.freeze().wait(15.0)
        picture = _in_two_dimensions(frozen)
        counters = self._workstation.scanning.counters()
        made_of = "radio frequency" if frozen.frame.format.is_rf else "the live envelope"
        self._console.say(
            "frozen",
            f"Frozen: frame {frozen.picture.frame_number}, made of {made_of}; "
            f"{_counted(len(frozen.loop.frames), 'frame')} in the loop",
            frame=frozen.picture.frame_number,
            loop_frames=len(frozen.loop.frames),
            rf=frozen.frame.format.is_rf,
            missing_lines=len(picture.missing_lines),
            damaged_messages=counters.header_errors + counters.payload_errors,
            incomplete_frames=counters.incomplete_frames,
        )
        return frozen

    def _look(self, exam: str) -> None:
        """Watch live frames until there are enough, through any loss of the probe."""
        seen, lost = 0, False
        self._workstation.scanning.live()
        deadline_ns = self._deadline_ns()
        while seen < self._script.frames:
            match self._next_event(deadline_ns, exam):
                case PictureReady():
                    seen += 1
                    deadline_ns = self._deadline_ns()
                case ProbeIdentified(capabilities):
                    self._console.say("probe", f"Probe: {capabilities.model}", model=capabilities.model)
                case ProbeChanged(ReaderState.LOST, reason) if not lost:
                    lost = True
                    why = str(reason) if reason else "the probe is gone."
                    self._console.say("probe_lost", f"Probe lost: {why} The exam and its loop are kept.", reason=why)
                case ProbeChanged(ReaderState.FROZEN, _) if lost:
                    lost = False
                    self._console.say("probe_back", "Probe back; going on.")
                    self._workstation.scanning.live()
                case ThreadDied(thread, reason):
                    raise Stopped(f"The {thread} thread has stopped ({reason})", "Start Sauti again.") from reason

    def _rescue(self, exam: str) -> None:
        """Keep the loop that was seen before the probe went away for good."""
        try:
            frozen = self._workstation.scanning.freeze().wait(15.0)
        except NoPicture:
            return
        self._keep_loop(exam, frozen)

    def _keep(self, exam: str, frozen: Frozen) -> Kept:
        capabilities = self._workstation.scanning.capabilities
        if capabilities is None:
            raise NoPicture("The probe never said who it is", "Connect it and try again.")
        kept = self._workstation.exams.keep_image(exam, frozen, self._script.view, capabilities).wait()
        self._console.say("image_saved", f"Image saved: {kept.image.id}", exam=exam, image=kept.image.id, kind="still")
        self._keep_loop(exam, frozen)
        return kept

    def _keep_loop(self, exam: str, frozen: Frozen) -> None:
        capabilities = self._workstation.scanning.capabilities
        if capabilities is None:
            return
        loop = self._workstation.exams.keep_loop(exam, frozen, f"{self._script.view}, loop", capabilities).wait()
        self._console.say(
            "image_saved",
            f"Loop saved: {loop.image.id}, {_counted(loop.image.frames, 'frame')}",
            exam=exam,
            image=loop.image.id,
            kind="loop",
        )

    def _measure(self, kept: Kept) -> None:
        ends = caliper_ends(_in_two_dimensions(kept.frozen), self._script.caliper_mm)
        [measured] = self._workstation.exams.measure(kept, [Placement(self._script.caliper_label, ends)]).wait()
        printed = figures(measured.value, measured.error, measured.unit)
        self._console.say(
            "measurement_saved",
            f"{measured.label}: {printed.value} {printed.unit} (± {printed.error} {printed.unit})",
            measurement=measured.id,
            value_um=measured.value,
            error_um=measured.error,
        )

    def _close(self, exam: str) -> Issued:
        exams = self._workstation.exams
        record = exams.record(exam)
        self._console.say(
            "read_back",
            f"Read back: {record.patient.patient_name}, {record.patient.patient_id}; "
            f"{_counted(len(record.images), 'image')}, {_counted(len(record.measurements), 'measurement')}",
            exam=exam,
        )
        exams.read_back(exam).wait()
        exams.sign(exam).wait()
        self._console.say("signed", "Signed.", exam=exam)
        issued = self._workstation.reports.issue(exam, self._script.out).wait()
        self._console.say("report_saved", f"Report: {issued.path}", exam=exam, report=str(issued.path))
        return issued

    def _next_event(self, deadline_ns: int, exam: str) -> Event:
        left_s = (deadline_ns - self._clock.monotonic_ns()) / 1e9
        try:
            return self._events.get(timeout=max(0.0, left_s))
        except Empty:
            raise NoPicture(
                f"No picture came from the probe for {self._script.patience_s:.0f} s",
                f"The exam {exam} is kept, unsigned; look at the probe's cable.",
            ) from None

    def _deadline_ns(self) -> int:
        return self._clock.monotonic_ns() + int(self._script.patience_s * 1e9)


def caliper_ends(picture: Picture, caliper_mm: CaliperMm | None) -> tuple[Place, Place]:
    """The script's caliper on a picture, (column, row) in pixels; without one, the middle half of the depth."""
    if caliper_mm is None:
        column = (picture.width_px - 1) / 2
        return (column, picture.height_px * 0.25), (column, picture.height_px * 0.75)
    ax, az, bx, bz = caliper_mm
    return picture.to_pixel(ax, az), picture.to_pixel(bx, bz)


def _in_two_dimensions(frozen: Frozen) -> Picture:
    if not isinstance(frozen.picture, Picture):
        raise NoPicture("The probe makes no picture in two dimensions", "Examine with it on the screen: sauti.")
    return frozen.picture


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
