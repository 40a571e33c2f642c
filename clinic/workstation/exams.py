"""Verbs of an exam: start, keep, measure, look at again, read back, sign."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from clinic.courier import Prepared
from clinic.errors import OutOfOrder
from clinic.exam import LOOP, STILL, image_of, picture_of_image, recorded, sweeps_of
from clinic.looks import Shown
from clinic.measuring import Placement, quantities, volume_of
from clinic.receipts import Receipt
from clinic.scanner import Frozen
from clinic.workstation.desk import Desk
from clinic.workstation.patients import Registered
from probe.capabilities import Capabilities
from records import events
from records.events import Draft
from records.model import Exam, ExamRecord, Image, Measurement

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Kept:
    """A kept image with what was measured on it so far, and the view that it was kept from."""

    image: Image
    frozen: Frozen
    measurements: tuple[Measurement, ...] = ()


class Exams:
    """Exams of this store."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def all(self, state: str = "") -> tuple[Exam, ...]:
        """Exams, newest first; of one state if given."""
        return self._desk.queries.exams(state)

    def unfinished(self) -> tuple[Exam, ...]:
        """Exams that nobody has signed, newest first."""
        return tuple(exam for exam in self.all() if exam.state != "signed")

    def record(self, exam: str) -> ExamRecord:
        """An exam with everything that belongs to it."""
        return self._desk.queries.exam(exam)

    def start(self, registered: Registered, protocol: str) -> Receipt[str]:
        """Open an exam; the receipt brings its id."""
        exam_id, operator = self._desk.new_id(), self._desk.operator
        exam = Exam(
            id=exam_id, study_instance_uid=events.study_instance_uid(exam_id), patient=registered.patient.id,
            pregnancy=registered.pregnancy.id if registered.pregnancy else "", protocol=protocol, state="open",
            operator=operator, started_ms=self._desk.clock.wall_ms(), signed_ms=0, simulated=self._desk.simulated,
        )  # fmt: skip
        return self._commit(events.exam_started(exam), exam_id)

    def keep_image(
        self, exam: str, frozen: Frozen, view: str, capabilities: Capabilities, placements: Sequence[Placement] = ()
    ) -> Receipt[Kept]:
        """Keep the frozen picture with its sweep and what was measured on it: all of it, or nothing."""
        return self._keep(exam, frozen, view, capabilities, STILL, placements)

    def keep_loop(self, exam: str, frozen: Frozen, view: str, capabilities: Capabilities) -> Receipt[Kept]:
        """Keep the cine up to the frozen picture."""
        return self._keep(exam, frozen, view, capabilities, LOOP)

    def measure(self, kept: Kept, placements: Sequence[Placement]) -> Receipt[tuple[Measurement, ...]]:
        """Measure on a kept picture: everything that was placed, or nothing.

        Raises:
            CannotImage: Some places make no figure.
        """
        measurements = self._measured(kept.image, kept.frozen, placements)
        receipt: Receipt[tuple[Measurement, ...]] = Receipt()
        drafts = [events.measurement_taken(measurement) for measurement in measurements]
        return receipt.after(self._desk.writer.commit(drafts, self._desk.operator.operator_id), measurements)

    def measure_volume(self, exam: str, sides: Sequence[Measurement]) -> Receipt[tuple[Measurement, ...]]:
        """The volume of three kept distances, recorded beside them.

        Raises:
            CannotImage: A distance is zero.
        """
        images = {image.id: image for image in self.record(exam).images}
        measured = recorded(self._desk.new_id(), images[sides[-1].image], volume_of(sides, images), (), self._now())
        receipt: Receipt[tuple[Measurement, ...]] = Receipt()
        draft = events.measurement_taken(measured)
        return receipt.after(self._desk.writer.commit([draft], self._desk.operator.operator_id), (measured,))

    def look_at(self, image: Image) -> Receipt[Shown]:
        """A kept picture, as it was shown, read back from the disk.

        The receipt fails with ``Damaged`` or ``NotFound`` where the file is not what was kept.
        """
        blobs = self._desk.archivist.blobs
        return self._desk.courier.ask(lambda: picture_of_image(image, blobs.read(image.blobs["display"])))

    def read_back(self, exam: str) -> Receipt[None]:
        """The operator has read patient, pictures and numbers back."""
        return self._commit(events.exam_read_back(exam), None)

    def sign(self, exam: str) -> Receipt[None]:
        """Sign; from here on the exam can only be amended."""
        return self._commit(events.exam_signed(exam), None)

    def _keep(
        self,
        exam: str,
        frozen: Frozen,
        view: str,
        capabilities: Capabilities,
        kind: str,
        placements: Sequence[Placement] = (),
    ) -> Receipt[Kept]:
        if frozen.picture.provenance.simulated != self._desk.simulated:
            raise OutOfOrder(
                "Simulated pictures and real records do not mix", "Use the practice store for a simulated probe."
            )
        image_id, acquired_ms = self._desk.new_id(), self._desk.clock.wall_ms()

        def errand() -> Prepared[Kept]:
            frames = frozen.loop.frames if kind == LOOP else sweeps_of(frozen)
            archivist = self._desk.archivist
            blobs = archivist.loop(frames, frozen.picture) if kind == LOOP else archivist.still(frozen)
            image = image_of(image_id, exam, view, kind, acquired_ms, frozen, len(frames), capabilities, blobs)
            measurements = self._measured(image, frozen, placements)
            drafts = [events.image_kept(image), *(events.measurement_taken(one) for one in measurements)]
            return Prepared(drafts, Kept(image, frozen, measurements))

        return self._desk.courier.send(errand, self._desk.operator.operator_id)

    def _measured(self, image: Image, frozen: Frozen, placements: Sequence[Placement]) -> tuple[Measurement, ...]:
        taken_ms = self._now()
        return tuple(
            recorded(self._desk.new_id(), image, quantity, placement.places, taken_ms)
            for placement in placements
            for quantity in quantities(frozen.picture, placement)
        )

    def _now(self) -> int:
        return self._desk.clock.wall_ms()

    def _commit(self, draft: Draft, result: R) -> Receipt[R]:
        receipt: Receipt[R] = Receipt()
        return receipt.after(self._desk.writer.commit([draft], self._desk.operator.operator_id), result)
