"""The vault: opens with its passphrase and nothing else, and never says what it holds."""

from __future__ import annotations

import copy
import logging
import pickle
from pathlib import Path

import pytest

from records import canonical, slots, vault
from records.errors import Damaged, Invalid, NotFound, NotWritable, WrongPassphrase
from records.slots import Stretching
from records.vault import Vault, seal_to
from tests.records.making import CHEAP, PASSPHRASE, Entropy


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "home" / "vault.json"


@pytest.fixture
def made(file: Path) -> Vault:
    return Vault.create(file, PASSPHRASE, Entropy(), CHEAP)


def _keys(opened: Vault) -> tuple[bytes, ...]:
    return opened.verify_key, opened.box_key, opened.database_key("clinic"), opened.database_key("practice")


def test_it_opens_with_its_passphrase(made: Vault, file: Path) -> None:
    opened = Vault.open(file, PASSPHRASE)
    assert _keys(opened) == _keys(made)
    assert len(set(_keys(opened))) == 4
    assert vault.verify(made.verify_key, b"message", opened.sign(b"message"))
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("wrong", ["", "maji", PASSPHRASE + " ", PASSPHRASE.upper(), "\ud800", "x" * 100_000])
def test_another_passphrase_is_told_apart_from_damage(made: Vault, file: Path, wrong: str) -> None:
    before = file.read_bytes()
    with pytest.raises(WrongPassphrase, match="not right"):
        Vault.open(file, wrong)
    assert file.read_bytes() == before


def test_the_same_word_typed_as_other_code_points(file: Path) -> None:
    Vault.create(file, "kahawa ya Zoë", Entropy(), CHEAP)
    Vault.open(file, "kahawa ya Zoe\u0308")


def test_two_sites_share_nothing(tmp_path: Path) -> None:
    one, other = (Vault.create(tmp_path / str(seed), PASSPHRASE, Entropy(seed), CHEAP) for seed in (1, 2))
    assert not set(_keys(one)) & set(_keys(other))
    assert one.node != other.node


def test_a_new_passphrase_keeps_every_key(made: Vault, file: Path) -> None:
    made.change_passphrase(file, "chai ya tangawizi", Entropy(5), CHEAP)
    with pytest.raises(WrongPassphrase):
        Vault.open(file, PASSPHRASE)
    assert _keys(Vault.open(file, "chai ya tangawizi")) == _keys(made)


def test_a_failed_change_keeps_the_old_file(made: Vault, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("records.files.os.fsync", full)
    with pytest.raises(NotWritable, match="disk is full"):
        made.change_passphrase(file, "chai ya tangawizi", Entropy(5), CHEAP)
    monkeypatch.undo()
    assert _keys(Vault.open(file, PASSPHRASE)) == _keys(made)
    assert [path.name for path in file.parent.iterdir()] == ["vault.json"]


@pytest.mark.parametrize("short", ["", "seven c"])
def test_a_short_passphrase_is_refused(made: Vault, file: Path, tmp_path: Path, short: str) -> None:
    with pytest.raises(Invalid, match="shorter than 8"):
        Vault.create(tmp_path / "other.json", short, Entropy(), CHEAP)
    with pytest.raises(Invalid, match="shorter than 8"):
        made.change_passphrase(file, short, Entropy(), CHEAP)
    assert not (tmp_path / "other.json").exists()


def test_a_vault_is_never_made_twice(made: Vault, file: Path) -> None:
    before = file.read_bytes()
    with pytest.raises(Invalid, match="has a vault already"):
        Vault.create(file, PASSPHRASE, Entropy(3), CHEAP)
    assert file.read_bytes() == before


def test_no_vault(file: Path) -> None:
    with pytest.raises(NotFound, match="not been set up"):
        Vault.open(file, PASSPHRASE)


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[]", b"\x00" * 500, b'{"v":1}', b"PK\x03\x04", b'{"check":"","slots":[]}']
)
def test_another_file_in_its_place(file: Path, content: bytes) -> None:
    file.parent.mkdir()
    file.write_bytes(content)
    with pytest.raises(Damaged, match="is damaged"):
        Vault.open(file, PASSPHRASE)


@pytest.mark.parametrize(
    "change", [{"passes": 65}, {"passes": 0}, {"memory_bytes": 1 << 40}, {"memory_bytes": 1}, {"kdf": "md5"}]
)
def test_a_forged_cost_cannot_exhaust_the_machine(made: Vault, file: Path, change: dict[str, canonical.Value]) -> None:
    fields = canonical.decode(file.read_bytes())
    fields["slots"][0].update(change)  # type: ignore[index,union-attr]
    del fields["check"]
    fields["check"] = slots._check(fields)
    file.write_bytes(canonical.encode(fields))
    with pytest.raises(Damaged):
        Vault.open(file, PASSPHRASE)


def test_a_forged_key_is_refused(made: Vault, file: Path) -> None:
    """Everything in the file is bound to the wrapping: another public key with a new check does not open."""
    fields = canonical.decode(file.read_bytes())
    fields["verify_key"] = "00" * 32
    del fields["check"]
    fields["check"] = slots._check(fields)
    file.write_bytes(canonical.encode(fields))
    with pytest.raises(WrongPassphrase):
        Vault.open(file, PASSPHRASE)


def test_it_says_nothing(made: Vault, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("test").warning("%r %s", made, made)
    said = f"{made!r} {made} {caplog.text}"
    assert made.node in said
    for secret in (made._master, made.database_key("clinic"), bytes(made._signing), bytes(made._box)):
        assert secret.hex() not in said
        assert repr(secret) not in said
    assert not hasattr(made, "__dict__")


@pytest.mark.parametrize("copier", [copy.copy, copy.deepcopy, pickle.dumps])
def test_it_cannot_be_copied(made: Vault, copier) -> None:
    with pytest.raises(TypeError, match="cannot be copied"):
        copier(made)


def test_sealed_to_the_site_by_anybody(made: Vault, file: Path) -> None:
    sealed = seal_to(made.box_key, b"an emergency exam")
    assert Vault.open(file, PASSPHRASE).open_sealed(sealed) == b"an emergency exam"
    with pytest.raises(Damaged):
        made.open_sealed(sealed[:-1])
    with pytest.raises(Damaged):
        made.open_sealed(b"")
    with pytest.raises(Damaged):
        Vault(Entropy(4)(32)).open_sealed(sealed)


def test_the_default_cost_is_what_the_page_says() -> None:
    assert (Stretching().passes, Stretching().memory_bytes) == (3, 64 << 20)
