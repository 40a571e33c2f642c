"""First start, PINs and the passphrase: who gets in, who does not, and what each is told."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from clinic.access import Access, clean_name
from clinic.errors import BadRequest, OutOfOrder
from records.errors import Damaged, Invalid, NotFound, NotWritable, WrongPassphrase
from records.home import Home
from records.model import Operator
from records.slots import Stretching
from records.vault import Vault

WORDS = "maji kuso tida bonu piga lowa"
PIN, WRONG = "480913", "480914"
NOW_MS = 1_795_521_600_000
UNKNOWN = "019e2b7c-5a00-7abc-8def-0123456789ab"


@pytest.fixture
def access(tmp_path: Path) -> Iterator[Access]:
    home = Home(tmp_path / "home")
    with home.lock("test") as lock:
        yield Access(home, lock, home.device_key, os.urandom, Stretching(1, 8192))


@pytest.fixture
def founded(access: Access) -> tuple[Vault, Operator]:
    return access.found_site(WORDS, "  Nurse Amina ", PIN, NOW_MS)


def _files(access: Access) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in access.home.path.iterdir() if path.name != "lock"}


def _wrong(access: Access, operator: Operator, times: int) -> str:
    """Try a wrong PIN so often; the last sentence."""
    for _ in range(times):
        with pytest.raises(WrongPassphrase) as refusal:
            access.sign_in(operator.operator_id, WRONG)
    return str(refusal.value)


def test_the_first_start_makes_the_site_and_its_first_operator(access: Access) -> None:
    assert access.is_new()
    vault, operator = access.found_site(WORDS, "  Nurse Amina ", PIN, NOW_MS)
    assert not access.is_new()
    assert access.operators() == (operator,)
    assert operator.operators_name == "Nurse Amina"
    assert access.sign_in(operator.operator_id, PIN).node == access.unlock_with_passphrase(WORDS).node == vault.node
    assert access.device_key.stat().st_mode & 0o777 == 0o600
    assert access.home.vault.stat().st_mode & 0o777 == 0o600
    assert len(access.device_key.read_bytes()) == 32


def test_a_site_is_founded_once(access: Access, founded: tuple[Vault, Operator]) -> None:
    before = _files(access)
    with pytest.raises(Invalid, match="set up already"):
        access.found_site(WORDS, "Other", PIN, NOW_MS)
    assert _files(access) == before


@pytest.mark.parametrize(
    ("words", "name", "pin"),
    [("short", "Amina", PIN), (WORDS, " ", PIN), (WORDS, "A\x1b[31m", PIN), (WORDS, "Amina", "123456")],
)
def test_what_cannot_be_taken_makes_nothing(access: Access, words: str, name: str, pin: str) -> None:
    with pytest.raises((Invalid, BadRequest)):
        access.found_site(words, name, pin, NOW_MS)
    assert _files(access) == {}
    assert access.is_new()


def test_every_wrong_pin_says_how_many_tries_are_left(access: Access, founded: tuple[Vault, Operator]) -> None:
    _, operator = founded
    assert _wrong(access, operator, 1) == "The PIN is not right. 9 tries are left."
    assert _wrong(access, operator, 8) == "The PIN is not right. 1 try is left."
    assert _wrong(access, operator, 1).startswith("The PIN is not right. It is closed now. Use the passphrase;")
    assert access.tries_left(operator.operator_id) == 0
    for pin in (WRONG, PIN):
        with pytest.raises(OutOfOrder, match="closed after 10 wrong tries"):
            access.sign_in(operator.operator_id, pin)


def test_a_right_pin_forgets_the_wrong_ones(access: Access, founded: tuple[Vault, Operator]) -> None:
    _, operator = founded
    for _ in range(3):
        _wrong(access, operator, 9)
        access.sign_in(operator.operator_id, PIN)
    assert access.tries_left(operator.operator_id) == 10


def test_the_passphrase_opens_a_closed_pin_again(access: Access, founded: tuple[Vault, Operator]) -> None:
    vault, operator = founded
    _wrong(access, operator, 10)
    with pytest.raises(WrongPassphrase, match="passphrase is not right"):
        access.unlock_with_passphrase("maji kuso tida bonu piga lowi")
    assert access.tries_left(operator.operator_id) == 0
    access.unlock_with_passphrase(WORDS)
    assert access.sign_in(operator.operator_id, PIN).node == vault.node


def test_a_new_pin_may_be_tried_ten_times(access: Access, founded: tuple[Vault, Operator]) -> None:
    vault, operator = founded
    _wrong(access, operator, 10)
    access.set_pin(vault, operator, "733105")
    assert access.sign_in(operator.operator_id, "733105").node == vault.node
    assert _wrong(access, operator, 1).endswith("9 tries are left.")
    with pytest.raises(WrongPassphrase):
        access.sign_in(operator.operator_id, PIN)


def test_each_operator_is_counted_apart(access: Access, founded: tuple[Vault, Operator]) -> None:
    vault, amina = founded
    zoe = access.add_operator(vault, "Zoë", PIN, NOW_MS)
    _wrong(access, amina, 10)
    assert access.sign_in(zoe.operator_id, PIN).node == vault.node
    assert (access.tries_left(amina.operator_id), access.tries_left(zoe.operator_id)) == (0, 10)
    assert access.operators() == (amina, zoe)


def test_two_operators_have_two_names(access: Access, founded: tuple[Vault, Operator]) -> None:
    vault, _ = founded
    with pytest.raises(BadRequest, match="already"):
        access.add_operator(vault, "Nurse Amina ", PIN, NOW_MS)
    assert len(access.operators()) == 1


def test_a_removed_operator_is_unknown(access: Access, founded: tuple[Vault, Operator]) -> None:
    vault, amina = founded
    zoe = access.add_operator(vault, "Zoë", PIN, NOW_MS)
    _wrong(access, amina, 4)
    access.remove_operator(vault, amina.operator_id)
    assert access.operators() == (zoe,)
    for somebody in (amina.operator_id, UNKNOWN):
        before = _files(access)
        with pytest.raises(NotFound, match=r"no PIN here\. Choose another name"):
            access.sign_in(somebody, PIN)
        assert _files(access) == before


@pytest.mark.parametrize("pin", ["", "48091", "no digits"])
def test_what_cannot_be_a_pin_is_no_try(access: Access, founded: tuple[Vault, Operator], pin: str) -> None:
    _, operator = founded
    with pytest.raises(Invalid, match="6 to 12 digits"):
        access.sign_in(operator.operator_id, pin)
    assert access.tries_left(operator.operator_id) == 10


def test_a_stick_that_is_missing_or_another_one_is_no_try(access: Access, founded: tuple[Vault, Operator]) -> None:
    vault, operator = founded
    secret = access.device_key.read_bytes()
    access.device_key.unlink()
    with pytest.raises(NotFound, match=r"device\.key is not there\. Plug in the stick"):
        access.sign_in(operator.operator_id, PIN)
    for content in (b"", secret[:-1], secret + b"\n"):
        access.device_key.write_bytes(content)
        with pytest.raises(Damaged, match=r"device\.key is damaged\. Use the passphrase"):
            access.sign_in(operator.operator_id, PIN)
    access.device_key.write_bytes(os.urandom(32))
    with pytest.raises(Damaged, match="device key is not the one of this site"):
        access.sign_in(operator.operator_id, PIN)
    assert access.tries_left(operator.operator_id) == 10
    access.device_key.write_bytes(secret)
    assert access.sign_in(operator.operator_id, PIN).node == access.unlock_with_passphrase(WORDS).node == vault.node


def test_no_second_device_key_is_made_beside_pins_that_need_the_first(
    access: Access, founded: tuple[Vault, Operator]
) -> None:
    vault, operator = founded
    access.device_key.unlink()
    before = _files(access)
    with pytest.raises(NotFound, match="Plug in the stick"):
        access.set_pin(vault, operator, "733105")
    assert _files(access) == before


@pytest.mark.parametrize("lost", ["gone", "cut", "another"])
def test_after_a_lost_device_key_pins_are_set_again(access: Access, founded: tuple[Vault, Operator], lost: str) -> None:
    vault, operator = founded
    if lost == "gone":
        access.device_key.unlink()
    else:
        access.device_key.write_bytes(os.urandom(32 if lost == "another" else 7))
    access.reset_pins(vault)
    assert access.operators() == ()
    access.set_pin(vault, operator, PIN)
    assert access.sign_in(operator.operator_id, PIN).node == vault.node


def test_the_device_key_on_a_stick(access: Access, tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    away = replace(access, device_key=stick / "sauti.key")
    with pytest.raises(NotFound, match="Plug in its stick"):
        away.found_site(WORDS, "Amina", PIN, NOW_MS)
    assert not stick.exists(), "a folder of a stick is not made on the disk under it"
    assert away.is_new()
    stick.mkdir()
    _, operator = away.found_site(WORDS, "Amina", PIN, NOW_MS)
    away.sign_in(operator.operator_id, PIN)
    assert set(_files(away)) == {"vault.json", "pin-failures.json"}


def test_one_stick_serves_two_computers(access: Access, tmp_path: Path) -> None:
    access.found_site(WORDS, "Amina", PIN, NOW_MS)
    secret = access.device_key.read_bytes()
    home = Home(tmp_path / "second")
    with home.lock("test") as lock:
        second = replace(access, home=home, lock=lock)
        _, operator = second.found_site(WORDS, "Amina", PIN, NOW_MS)
        assert second.sign_in(operator.operator_id, PIN).node != access.unlock_with_passphrase(WORDS).node
    assert access.device_key.read_bytes() == secret


def test_a_site_from_before_there_were_pins(access: Access) -> None:
    vault = Vault.create(access.home.vault, WORDS, os.urandom, access.stretching)
    assert not access.is_new()
    assert access.operators() == ()
    operator = access.add_operator(access.unlock_with_passphrase(WORDS), "Amina", PIN, NOW_MS)
    assert access.sign_in(operator.operator_id, PIN).node == vault.node


def test_records_whose_vault_was_lost_are_no_new_site(access: Access) -> None:
    access.home.store("clinic").folder.mkdir()
    access.home.store("clinic").database.write_bytes(b"records of a site whose vault was lost")
    with pytest.raises(Invalid, match="set up already"):
        access.found_site(WORDS, "Amina", PIN, NOW_MS)


@pytest.mark.parametrize("typed", ["MAJI KUSO TIDA BONU PIGA LOWA", "  maji kuso  tida bonu piga\tlowa "])
def test_the_passphrase_as_it_is_typed(access: Access, founded: tuple[Vault, Operator], typed: str) -> None:
    assert access.unlock_with_passphrase(typed).node == founded[0].node


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"\x00" * 60, b'{"failures":{"x":-1},"v":1}', b'{"failures":[],"v":1}', b'{"failures":{},"v":2}'],
)
def test_damaged_counts_ask_for_the_passphrase(access: Access, founded: tuple[Vault, Operator], content: bytes) -> None:
    vault, operator = founded
    access.home.pin_failures.write_bytes(content)
    with pytest.raises(Damaged, match=r"count of wrong PINs is damaged\. Use the passphrase"):
        access.sign_in(operator.operator_id, PIN)
    access.unlock_with_passphrase(WORDS)
    assert access.sign_in(operator.operator_id, PIN).node == vault.node


def test_on_a_full_disk_nothing_is_tried_and_the_passphrase_opens(
    access: Access, founded: tuple[Vault, Operator], monkeypatch: pytest.MonkeyPatch
) -> None:
    vault, operator = founded
    _wrong(access, operator, 1)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("records.files.os.fsync", full)
    for pin in (PIN, WRONG):
        with pytest.raises(NotWritable, match="disk is full"):
            access.sign_in(operator.operator_id, pin)
    assert access.unlock_with_passphrase(WORDS).node == vault.node
    monkeypatch.undo()
    assert access.tries_left(operator.operator_id) == 9


def test_no_secret_stands_in_another_file(access: Access) -> None:
    pin = "480913775206"
    vault, operator = access.found_site(WORDS, "Nurse Amina", pin, NOW_MS)
    said = []
    for wrong in ("480913775207", "12"):
        with pytest.raises((WrongPassphrase, Invalid)) as refusal:
            access.sign_in(operator.operator_id, wrong)
        said.append(f"{refusal.value!r}{refusal.value}")
    secret = access.device_key.read_bytes()
    for name, content in _files(access).items():
        known = [pin, pin.encode().hex(), WORDS, vault._master.hex(), *(() if name == "device.key" else [secret.hex()])]
        assert [text for text in known if text.encode() in content] == []
        assert vault._master not in content
        assert (secret in content) is (name == "device.key")
        assert (b"Nurse Amina" in content) is (name == "vault.json"), "the names of the sign-in list, and only there"
    for text in (repr(access), repr(vault), *said):
        assert not any(known in text for known in (pin, "480913775207", WORDS, secret.hex(), repr(secret)))


def test_a_name_is_one_that_can_be_printed() -> None:
    assert clean_name(" Zoe\u0308 ") == "Zoë"
    with pytest.raises(BadRequest, match="no name"):
        clean_name("\t")
