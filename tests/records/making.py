"""Values and sites for the records' tests: a settable clock, seeded randomness, names that try the storage."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from records import events
from records.blobs import Blobs, seal
from records.codes import DISTANCE
from records.events import Draft
from records.home import CLINIC, Home
from records.ids import uuid7
from records.model import (
    Exam,
    Facility,
    Fetus,
    Finding,
    Image,
    ImageSource,
    Measurement,
    Operator,
    Patient,
    Pregnancy,
    Report,
)
from records.queries import Queries
from records.slots import Stretching
from records.store import Committed, Store
from records.vault import Vault

NOON_MS = 1_795_521_600_000  # 24 November 2026, 12:00 UTC
PASSPHRASE = "maji ya kunde, ቡና እና ሻይ"
CHEAP = Stretching(passes=1, memory_bytes=8192)
NAMES = (
    ("Adébáyọ̀", "Àṣà"),
    ("O'Brien-N'Diaye", "Zoë"),
    ("محمد", "فاطمة"),
    ("ተስፋዬ", "አበበች"),
    ("Nguyễn", "Thị Ánh"),
    ("Ng'ang'a", ""),
)
SOURCE = ImageSource(
    probe_model="phantom", probe_serial="0001", probe_firmware="eop1", preset="obstetric", sound_speed_m_s=1540,
    chain_digest="5b" * 32, frame_number=7, simulated=True, calibrated_on="2026-01-09", mechanical_index="0.7",
    thermal_index="",
)  # fmt: skip


class Entropy:
    """Bytes that look random and are the same for the same seed."""

    def __init__(self, seed: int = 1) -> None:
        self._seed = seed
        self._count = 0

    def __call__(self, size: int) -> bytes:
        self._count += 1
        return hashlib.shake_256(f"{self._seed}.{self._count}".encode()).digest(size)


@dataclass
class Clock:
    """A wall clock that moves when it is told to."""

    ms: int = NOON_MS

    def __call__(self) -> int:
        self.ms += 1
        return self.ms


@dataclass
class Site:
    """A home with a vault and an open clinic store."""

    path: Path
    seed: int = 1
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.entropy = Entropy(self.seed)
        self.home = Home(self.path)
        self.paths = self.home.store(CLINIC)
        self.vault = (
            Vault.open(self.home.vault, PASSPHRASE)
            if self.home.vault.exists()
            else Vault.create(self.home.vault, PASSPHRASE, self.entropy, CHEAP)
        )
        self.blobs = Blobs(self.paths.blobs)
        self.operator = Operator(self.new(), "Wanjikũ")
        self.store = self.open()
        if self.store.journal.tail.seq == 0:
            facility = Facility("Kituo cha Afya cha Ngong'", "PC 1", self.vault.node)
            self.commit(events.site_created(facility, self.new()), events.operator_added(self.operator))

    def open(self) -> Store:
        return Store(self.paths, self.vault, self.clock, self.entropy)

    def reopen(self) -> Store:
        self.store.close()
        self.store = self.open()
        return self.store

    def commit(self, *drafts: Draft) -> Committed:
        return self.store.commit(drafts, self.operator.operator_id)

    def queries(self) -> Queries:
        return Queries(self.paths, self.vault)

    def new(self) -> str:
        return uuid7(self.clock.ms, self.entropy)

    def patient(self, number: int = 0, **changes: str) -> Patient:
        family, given = NAMES[number % len(NAMES)]
        values = {"id": self.new(), "patient_id": f"ANC-{number:04d}", "family_name": family, "given_name": given}
        return Patient(**{**values, "birth_date": "1999-03", "patient_sex": "F", **changes})

    def pregnancy(self, patient: Patient) -> Pregnancy:
        return Pregnancy(self.new(), patient.id, "2026-05-01", self.clock.ms)

    def fetus(self, pregnancy: Pregnancy, label: str = "A") -> Fetus:
        return Fetus(self.new(), pregnancy.id, label)

    def exam(self, patient: Patient, pregnancy: Pregnancy | None = None) -> Exam:
        name = self.new()
        return Exam(
            name, events.study_instance_uid(name), patient.id, pregnancy.id if pregnancy else "", "obstetric_basic",
            "open", self.operator, self.clock.ms, 0, True,
        )  # fmt: skip

    def image(self, exam: Exam, data: bytes = b"pixels") -> Image:
        ref = self.blobs.put(seal(data, "image/jls", self.entropy))
        return Image(
            self.new(), exam.id, "head_axial", "still", self.clock.ms, 480, 640, 333, -106_000, 0, 0, 1, SOURCE,
            {"display": ref},
        )  # fmt: skip

    def measurement(self, image: Image, fetus: str = "") -> Measurement:
        return Measurement(
            self.new(), image.exam, image.id, fetus, "1", DISTANCE, 52_300, 400, "um", "calipers",
            (1000, 2000, 158_000, 2000), self.clock.ms,
        )  # fmt: skip

    def finding(self, exam: Exam, note: str = "") -> Finding:
        return Finding(self.new(), exam.id, "heartbeat", "not sure", note)

    def report(self, exam: Exam, number: int = 1) -> Report:
        ref = self.blobs.put(seal(b"%PDF", "application/pdf", self.entropy))
        return Report(self.new(), exam.id, number, self.clock.ms, ref)

    def started(self, number: int = 0) -> Exam:
        """A committed patient with an open exam."""
        patient = self.patient(number)
        exam = self.exam(patient)
        self.commit(events.patient_registered(patient), events.exam_started(exam))
        return exam

    def signed(self, number: int = 0) -> Exam:
        """A committed exam with a picture and a measurement, signed."""
        exam = self.started(number)
        image = self.image(exam)
        self.commit(events.image_kept(image), events.measurement_taken(self.measurement(image)))
        self.commit(events.exam_read_back(exam.id))
        self.commit(events.exam_signed(exam.id))
        return exam
