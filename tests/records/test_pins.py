"""PINs beside the passphrase: each opens the same keys, needs its device key, and says nothing of itself."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from records import canonical, slots
from records.errors import Damaged, Invalid, NotFound, WrongPassphrase
from records.model import Operator
from records.pins import PinEntry, check_pin
from records.slots import VaultFile
from records.vault import Vault, pin_operators
from tests.records.making import CHEAP, PASSPHRASE, Entropy

AMINA = Operator("019e2b7c-5a00-7abc-8def-0123456789ab", "Nurse Amina")
ZOE = Operator("019e2b7c-5a00-7abc-8def-0123456789ac", "Zoë O'Brien")
SECRET = Entropy(50)(32)
PIN = "480913"

pins = st.text("0123456789", min_size=6, max_size=12).filter(lambda digits: not _refused(digits))
alone = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def _refused(digits: str) -> bool:
    try:
        check_pin(digits)
    except Invalid:
        return True
    return False


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "vault.json"


@pytest.fixture
def made(file: Path) -> Vault:
    """A site of two operators who took the same PIN."""
    vault = Vault.create(file, PASSPHRASE, Entropy(), CHEAP, PinEntry(AMINA, PIN, SECRET))
    vault.add_pin(file, PinEntry(ZOE, PIN, SECRET), Entropy(2), CHEAP)
    return vault


def _opens(file: Path, operator: Operator = AMINA, pin: str = PIN, secret: bytes = SECRET) -> Vault:
    return Vault.open_with_pin(file, operator.operator_id, pin, secret)


def test_the_passphrase_and_both_pins_open_the_same_keys(made: Vault, file: Path) -> None:
    opened = [Vault.open(file, PASSPHRASE), _opens(file), _opens(file, ZOE)]
    assert {vault.database_key("clinic") for vault in opened} == {made.database_key("clinic")}
    assert pin_operators(file) == (AMINA, ZOE)
    one, other = VaultFile.read(file).pins
    assert (one.salt, one.wrapped) != (other.salt, other.wrapped)


@alone
@given(pins, st.binary(min_size=32, max_size=32), st.integers(0, 2**32))
def test_any_pin_and_any_device_secret_come_round(file: Path, pin: str, secret: bytes, seed: int) -> None:
    file.unlink(missing_ok=True)
    made = Vault.create(file, PASSPHRASE, Entropy(seed), CHEAP, PinEntry(AMINA, pin, secret))
    assert _opens(file, AMINA, pin, secret).database_key("clinic") == made.database_key("clinic")
    for wrong in (pin[:-1] + str((int(pin[-1]) + 1) % 10), (pin + "0")[:12] if len(pin) < 12 else pin[1:]):
        with pytest.raises(WrongPassphrase, match="PIN is not right"):
            _opens(file, AMINA, wrong, secret)
    with pytest.raises(Damaged, match="device key is not the one"):
        _opens(file, AMINA, pin, bytes([secret[0] ^ 1]) + secret[1:])


@alone
@given(st.integers(0), st.integers(1, 255))
def test_any_changed_byte_is_noticed(made: Vault, file: Path, place: int, flip: int) -> None:
    good = file.read_bytes()
    bad = bytearray(good)
    bad[place % len(bad)] ^= flip
    file.write_bytes(bad)
    try:
        with pytest.raises((Damaged, WrongPassphrase)):
            _opens(file)
        with pytest.raises(Damaged):
            pin_operators(file)
    finally:
        file.write_bytes(good)


@pytest.mark.parametrize(
    "change",
    [{"operators_name": "Somebody"}, {"operator": ZOE.operator_id[:-1] + "d"}, {"passes": 2}, {"salt": "00" * 16},
     {"wrapped": "00" * 72}, {"extra": 1}],
    ids=str,
)  # fmt: skip
def test_a_forged_slot_with_a_right_check_does_not_open(
    made: Vault, file: Path, change: dict[str, canonical.Value]
) -> None:
    whole = VaultFile.read(file)
    forged = {**whole.slots[1], **change}
    replace(whole, slots=(whole.slots[0], forged, *whole.slots[2:])).write()
    with pytest.raises(WrongPassphrase):
        Vault.open_with_pin(file, str(forged["operator"]), PIN, SECRET)
    assert Vault.open(file, PASSPHRASE).node == made.node


@pytest.mark.parametrize(
    "change",
    [{"passes": 65}, {"passes": "1"}, {"memory_bytes": 1 << 40}, {"kdf": "md5"}, {"salt": "00"}, {"salt": "zz" * 16},
     {"wrapped": ""}, {"operator": "somebody"}, {"operators_name": ""}, {"operators_name": 5}, {"device": ""}],
    ids=str,
)  # fmt: skip
def test_a_slot_of_another_form_is_damaged_and_the_passphrase_repairs_it(
    made: Vault, file: Path, change: dict[str, canonical.Value]
) -> None:
    whole = VaultFile.read(file)
    replace(whole, slots=(whole.slots[0], {**whole.slots[1], **change}, *whole.slots[2:])).write()
    for attempt in (lambda: _opens(file), lambda: _opens(file, ZOE), lambda: pin_operators(file)):
        with pytest.raises(Damaged, match=r"Use the passphrase"):
            attempt()
    opened = Vault.open(file, PASSPHRASE)
    opened.remove_all_pins(file)
    opened.add_pin(file, PinEntry(AMINA, PIN, SECRET), Entropy(3), CHEAP)
    assert _opens(file).node == made.node


@pytest.mark.parametrize("listed", [[], {}, "x", [1], [{}], None])
def test_slots_of_another_form_are_damage(made: Vault, file: Path, listed: canonical.Value) -> None:
    fields = canonical.decode(file.read_bytes())
    del fields["check"]
    fields["slots"] = listed
    file.write_bytes(canonical.encode({**fields, "check": slots._check(fields)}))
    with pytest.raises(Damaged, match="is damaged"):
        Vault.open(file, PASSPHRASE)


def test_a_new_passphrase_keeps_the_pins(made: Vault, file: Path) -> None:
    made.change_passphrase(file, "chai ya tangawizi", Entropy(5), CHEAP)
    with pytest.raises(WrongPassphrase):
        Vault.open(file, PASSPHRASE)
    assert {_opens(file).node, _opens(file, ZOE).node, Vault.open(file, "chai ya tangawizi").node} == {made.node}


def test_a_new_pin_takes_the_old_ones_place(made: Vault, file: Path) -> None:
    made.add_pin(file, PinEntry(AMINA, "990214", SECRET), Entropy(6), CHEAP)
    with pytest.raises(WrongPassphrase):
        _opens(file)
    assert _opens(file, pin="990214").node == _opens(file, ZOE).node == made.node
    assert pin_operators(file) == (AMINA, ZOE)


def test_a_removed_operator_is_unknown_and_the_others_stay(made: Vault, file: Path) -> None:
    made.remove_pin(file, AMINA.operator_id)
    assert pin_operators(file) == (ZOE,)
    for attempt in (lambda: _opens(file), lambda: made.remove_pin(file, AMINA.operator_id)):
        with pytest.raises(NotFound, match="no PIN here"):
            attempt()
    assert _opens(file, ZOE).node == Vault.open(file, PASSPHRASE).node


def test_a_slot_of_a_later_sauti_is_kept(made: Vault, file: Path) -> None:
    later: canonical.Value = {"kind": "district", "sealed": "5b5b"}
    whole = VaultFile.read(file)
    replace(whole, slots=(*whole.slots, later)).write()  # type: ignore[arg-type]
    made.change_passphrase(file, "chai ya tangawizi", Entropy(5), CHEAP)
    made.add_pin(file, PinEntry(AMINA, "990214", SECRET), Entropy(6), CHEAP)
    made.remove_pin(file, ZOE.operator_id)
    assert VaultFile.read(file).slots[-1] == later
    assert pin_operators(file) == (AMINA,)


def test_all_pins_of_a_site_share_one_device_key(made: Vault, file: Path) -> None:
    before = file.read_bytes()
    with pytest.raises(Damaged, match="not the one of this site"):
        made.add_pin(file, PinEntry(AMINA, PIN, Entropy(9)(32)), Entropy(6), CHEAP)
    assert file.read_bytes() == before
    made.remove_pin(file, ZOE.operator_id)
    made.add_pin(file, PinEntry(AMINA, PIN, Entropy(9)(32)), Entropy(6), CHEAP)
    assert _opens(file, secret=Entropy(9)(32)).node == made.node


@pytest.mark.parametrize("size", [0, 31, 33, 65])
def test_a_device_secret_has_one_length(made: Vault, file: Path, size: int) -> None:
    with pytest.raises(Damaged):
        _opens(file, secret=bytes(size))
    with pytest.raises(Damaged):
        PinEntry(AMINA, PIN, bytes(size))


def test_another_sites_vault_is_never_changed(made: Vault, file: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "other.json"
    Vault.create(elsewhere, PASSPHRASE, Entropy(8), CHEAP, PinEntry(AMINA, PIN, SECRET))
    before = elsewhere.read_bytes()
    for attempt in (
        lambda: made.add_pin(elsewhere, PinEntry(AMINA, PIN, SECRET), Entropy(), CHEAP),
        lambda: made.remove_pin(elsewhere, AMINA.operator_id),
        lambda: made.remove_all_pins(elsewhere),
        lambda: made.change_passphrase(elsewhere, "chai ya tangawizi", Entropy(), CHEAP),
    ):
        with pytest.raises(Damaged, match="another site's"):
            attempt()
    assert elsewhere.read_bytes() == before


def test_a_vault_from_before_there_were_pins_opens_and_takes_one(file: Path) -> None:
    made = Vault.create(file, PASSPHRASE, Entropy(), CHEAP)
    assert [slot["kind"] for slot in VaultFile.read(file).slots] == ["passphrase"]
    assert pin_operators(file) == ()
    made.add_pin(file, PinEntry(AMINA, PIN, SECRET), Entropy(2), CHEAP)
    assert _opens(file).node == Vault.open(file, PASSPHRASE).node == made.node


@pytest.mark.parametrize(
    "common",
    ["111111", "000000000000", "123456", "456789012", "890123", "987654", "210987", "121212", "123123", "48134813",
     "1231231", "112233", "998877", "111222", "159753", "123321", "102030", "789456123"],
)  # fmt: skip
def test_a_common_pin_is_refused(common: str) -> None:
    with pytest.raises(Invalid, match="Too many people") as refusal:
        check_pin(common)
    assert common not in str(refusal.value)


@pytest.mark.parametrize(
    "malformed", ["", "48091", "4809134809134", "48091a", "480 913", "48091²", "-480913", "\ud800" * 6]
)
def test_what_is_no_pin_is_refused_before_it_is_tried(made: Vault, file: Path, malformed: str) -> None:
    with pytest.raises(Invalid, match="6 to 12 digits"):
        check_pin(malformed)
    with pytest.raises(Invalid, match="6 to 12 digits"):
        _opens(file, pin=malformed)


def test_few_six_digit_pins_are_refused() -> None:
    """The list must not shrink what a thief has to try by more than a thousandth or two."""
    refused = sum(_refused(f"{number:06d}") for number in range(0, 1_000_000, 17))
    assert 20 < refused < 2000 / 17


@pytest.mark.parametrize("typed", ["٤٨٠٩١٣", "४८०९१३", "４８０９１３"])
def test_the_same_digits_of_another_keyboard(made: Vault, file: Path, typed: str) -> None:
    assert check_pin(typed) == PIN
    assert _opens(file, pin=typed).node == made.node


def test_nothing_says_a_pin(made: Vault, file: Path, caplog: pytest.LogCaptureFixture) -> None:
    entry = PinEntry(AMINA, PIN, SECRET)
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("test").warning("%r %s", entry, VaultFile.read(file))
    errors = []
    for pin in ("480914", "12", "998877"):
        with pytest.raises((WrongPassphrase, Invalid)) as refusal:
            _opens(file, pin=pin)
        errors.append(f"{refusal.value!r} {refusal.value}")
    said = f"{entry!r} {entry} {caplog.text} {errors}"
    assert "Nurse Amina" in said
    for secret in (PIN, "480914", "998877", SECRET.hex(), repr(SECRET)):
        assert secret not in said
    assert PIN.encode() not in file.read_bytes()
