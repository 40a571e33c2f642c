"""Signing in to a store: the vault says who may, each store records who did."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from clinic.clock import SystemClock
from clinic.compose import ProbeChoice, Site, build
from clinic.errors import BadRequest
from clinic.events import Event, RecordSaved
from clinic.patient_file import parse_patient
from clinic.workstation.workstation import Workstation
from records.home import Home, HomeLock
from records.model import Operator
from records.vault import Vault

AMINA = Operator("019e2b7c-5a00-7abc-8def-0123456789ab", "Nurse Amina")
Unlocked = tuple[Home, HomeLock, Vault]


@contextmanager
def _station(site: Unlocked, simulated: bool, heard: list[Event]) -> Iterator[Workstation]:
    home, lock, vault = site
    lock.release()
    opened = Site(home, home.lock("test"), vault, "Clinic", "PC")
    with build(opened, ProbeChoice(simulated=simulated), SystemClock(), heard.append, "test") as station:
        yield station


def test_who_opened_the_vault_is_recorded_once_in_each_store(site: Unlocked) -> None:
    heard: list[Event] = []
    for simulated in (True, False, True, False):
        with _station(site, simulated, heard) as station:
            for _ in range(2):
                assert station.operators.sign_in_as(AMINA).wait() == AMINA
            assert station.operators.all() == (AMINA,)
    assert [event.types for event in heard if isinstance(event, RecordSaved)] == [("operator.added",)] * 2


def test_the_id_decides_and_not_the_name(site: Unlocked) -> None:
    """An exam without a screen recorded somebody of that name before there was a PIN."""
    with _station(site, True, []) as station:
        by_name = station.operators.sign_in("Nurse Amina").wait()
        assert station.operators.sign_in_as(AMINA).wait() == AMINA
        assert {operator.operator_id for operator in station.operators.all()} == {
            by_name.operator_id,
            AMINA.operator_id,
        }
        assert station.operators.sign_in_as(Operator(AMINA.operator_id, "Amina Okafor")).wait() == AMINA


def test_exams_are_of_who_signed_in(site: Unlocked) -> None:
    with _station(site, True, []) as station:
        station.operators.sign_in_as(AMINA).wait()
        patient = station.patients.register(parse_patient({"patient_id": "7", "family_name": "Okafor"})).wait()
        exam = station.exams.start(patient, "Basic").wait()
        assert station.exams.record(exam).exam.operator == AMINA


@pytest.mark.parametrize("name", ["", "  ", "A\x07"])
def test_a_name_that_cannot_be_printed_records_nobody(site: Unlocked, name: str) -> None:
    with _station(site, True, []) as station:
        with pytest.raises(BadRequest, match="no name"):
            station.operators.sign_in(name)
        assert station.operators.all() == ()
