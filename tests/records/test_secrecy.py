"""A stolen disk says nothing: no known text, key or passphrase stands in any file of the home."""

from __future__ import annotations

from dataclasses import replace

import pytest

from records import events
from records.blobs import seal
from records.errors import Invalid
from tests.records.making import NAMES, PASSPHRASE, Site


def _contents(site: Site) -> bytes:
    return b"\0".join(path.read_bytes() for path in sorted(site.path.rglob("*")) if path.is_file())


def _forms(text: str) -> set[bytes]:
    return {text.encode(form) for form in ("utf-8", "utf-16-le", "utf-16-be")} | {text.encode().hex().encode()}


def test_a_hundred_known_strings_are_nowhere(site: Site) -> None:
    known: list[str] = [PASSPHRASE, "Kituo cha Afya", "Wanjikũ"]
    for number in range(20):
        family, given = (f"{name or 'Neema'} {number}" for name in NAMES[number % len(NAMES)])
        patient = replace(
            site.patient(number), family_name=family, given_name=given, patient_id=f"ANC-2026-{number:05d}"
        )
        exam = site.exam(patient)
        note = f"hajisikii vizuri, siku ya {number}"
        site.commit(events.patient_registered(patient), events.exam_started(exam))
        image = site.image(exam, f"the picture of {family}, unsealed".encode() * 5)
        site.commit(events.image_kept(image), events.finding_recorded(site.finding(exam, note)))
        known += [family, given, patient.patient_id, note, f"picture of {family}", image.blobs["display"].key]
    ref = site.blobs.put(seal(b"%PDF-1.7 report", "application/pdf", site.entropy))
    known += ["%PDF", ref.key, "patient.registered", "obstetric_basic", "sauti.body", "CREATE TABLE"]
    known += [site.vault.database_key("clinic").hex(), site.vault._master.hex()]
    assert len(known) >= 100
    for moment in ("while open", "after closing"):
        contents = _contents(site)
        assert len(contents) > 100_000
        found = [text for text in known for form in _forms(text) if form in contents]
        assert found == [], moment
        keys = (site.vault._master, site.vault.database_key("clinic"), bytes(site.vault._signing))
        assert not any(key in contents for key in keys)
        site.store.close()
    site.store = site.open()


def test_no_error_repeats_what_it_refused(site: Site) -> None:
    patient = site.patient(family_name="Wanjikũ wa Kamau", birth_date="31 February")
    with pytest.raises(Invalid, match="birth_date") as refusal:
        site.commit(events.patient_registered(patient))
    assert "Kamau" not in str(refusal.value)
    assert "February" not in str(refusal.value)
