"""PatientBanner: who is examined, on every screen. It is never scrolled away and never empty."""

from __future__ import annotations

from textual.widgets import Static

from records.model import Patient, Pregnancy

NOBODY = "No patient chosen"


class PatientBanner(Static):
    """The top line of a screen; a second one where the name is long."""

    DEFAULT_CSS = """
    PatientBanner { dock: top; height: auto; max-height: 2; padding: 0 1; }
    PatientBanner { background: $panel; color: #ffffff; text-style: bold; }
    PatientBanner.practice { background: #5f005f; color: #ffd7ff; }
    """

    def __init__(self) -> None:
        super().__init__(NOBODY, markup=False)
        self.text = NOBODY

    def show_patient(
        self, patient: Patient | None, pregnancy: Pregnancy | None = None, *, practice: bool, right: str = ""
    ) -> None:
        """Show who it is.

        Args:
            patient: None while nobody is chosen.
            pregnancy: That the exam belongs to.
            practice: What is recorded now is no patient's.
            right: Said last, as the operator's name.
        """
        parts = ["PRACTICE"] if practice else []
        parts += [NOBODY] if patient is None else _of(patient)
        if pregnancy is not None:
            parts.append(f"LMP {pregnancy.lmp_date}" if pregnancy.lmp_date else "pregnant, LMP not known")
        self.text = " · ".join([*parts, *filter(None, [right])])
        self.update(self.text)
        self.set_class(practice, "practice")


def _of(patient: Patient) -> list[str]:
    born = f"born {patient.birth_date}" if patient.birth_date else "birth date not recorded"
    return [patient.patient_name, patient.patient_id, born, *filter(None, [patient.patient_sex])]
