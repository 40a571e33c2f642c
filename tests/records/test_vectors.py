"""The vectors of the reference pages, computed twice: by the product, and from the page's own words with other code."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from nacl import bindings, pwhash, signing

from records import canonical, envelope, vault
from records.blobs import seal, unseal
from records.envelope import Header
from records.errors import Damaged
from records.model import Operator
from records.vault import Vault
from tests.records.pages import json_lines, page, vectors

EVENTS = vectors("event-envelope")
BLOB = vectors("blobs")
ZERO = bytes(32)


def test_the_site_of_the_page() -> None:
    opened = Vault(EVENTS["master"])
    assert opened.verify_key == EVENTS["verify_key"]
    assert opened.node == EVENTS["node"].hex() == hashlib.sha256(EVENTS["verify_key"]).hexdigest()[:32]
    seed = hashlib.blake2b(b"sauti.sign", key=EVENTS["master"], digest_size=32).digest()
    assert bytes(signing.SigningKey(seed).verify_key) == EVENTS["verify_key"]


@pytest.mark.parametrize(("number", "before"), [(1, ZERO), (2, EVENTS["hash_1"])])
def test_events_in_the_page_s_own_words(number: int, before: bytes) -> None:
    salt, body, header = (EVENTS[f"{name}_{number}"] for name in ("salt", "body", "header"))
    promised = hashlib.sha256(b"sauti.body.1\x00" + salt + body).digest()
    assert promised == EVENTS[f"commitment_{number}"]
    assert json.loads(header)["commitment"] == promised.hex()
    assert hashlib.sha256(b"sauti.event.1\x00" + before + header).digest() == EVENTS[f"hash_{number}"]
    for data in (body, header):
        rewritten = json.dumps(json.loads(data), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        assert rewritten.encode() == data


def test_events_by_the_product() -> None:
    last = envelope.START
    for number in (1, 2):
        header = Header.from_bytes(EVENTS[f"header_{number}"])
        assert header.to_bytes() == EVENTS[f"header_{number}"]
        assert header.commitment == envelope.commitment(EVENTS[f"salt_{number}"], EVENTS[f"body_{number}"])
        last = envelope.chain(last, header.to_bytes())
        assert last == EVENTS[f"hash_{number}"]
        assert (header.seq, header.node, header.epoch) == (number, EVENTS["node"].hex(), EVENTS["epoch"].hex())
    assert Header.from_bytes(EVENTS["header_2"]).supersedes == (Header.from_bytes(EVENTS["header_1"]).id,)


def test_the_head_and_its_signature() -> None:
    tail = EVENTS["node"] + EVENTS["epoch"] + bytes([0, 0, 0, 0, 0, 0, 0, 2]) + EVENTS["hash_2"]
    assert EVENTS["head_2"] == b"sauti.head.1\x00" + tail
    assert envelope.head(EVENTS["node"].hex(), EVENTS["epoch"].hex(), 2, EVENTS["hash_2"]) == EVENTS["head_2"]
    assert Vault(EVENTS["master"]).sign(EVENTS["head_2"]) == EVENTS["signature_2"]
    assert vault.verify(EVENTS["verify_key"], EVENTS["head_2"], EVENTS["signature_2"])
    assert not vault.verify(EVENTS["verify_key"], EVENTS["head_2"] + b"\x00", EVENTS["signature_2"])
    assert not vault.verify(EVENTS["verify_key"], EVENTS["head_2"], EVENTS["signature_2"][:-1])


def test_the_texts_of_the_page_are_its_bytes() -> None:
    assert [line.encode() for line in json_lines("event-envelope")] == [EVENTS["body_1"], EVENTS["header_1"]]


@pytest.mark.parametrize(
    "change",
    [
        {"v": 2}, {"extra": 1}, {"node": "00"}, {"epoch": "zz" * 16}, {"seq": -1}, {"seq": "1"}, {"id": "x"},
        {"hlc": [1]}, {"hlc": [1, True]}, {"supersedes": "x"}, {"supersedes": [1]}, {"commitment": "00"},
        {"actor": None}, {"schema": None},
    ],
    ids=str,
)  # fmt: skip
def test_a_header_of_another_form_is_damaged(change: dict[str, canonical.Value]) -> None:
    fields = {**json.loads(EVENTS["header_1"]), **change}
    with pytest.raises(Damaged):
        Header.from_bytes(canonical.encode(fields))


@pytest.mark.parametrize("field", sorted(json.loads(EVENTS["header_1"])))
def test_a_header_without_a_field_is_damaged(field: str) -> None:
    fields = json.loads(EVENTS["header_1"])
    del fields[field]
    with pytest.raises(Damaged):
        Header.from_bytes(canonical.encode(fields))


def test_the_blob_of_the_page() -> None:
    entropy = iter([BLOB["key"], BLOB["nonce"]])
    blob = seal(BLOB["data"], "text/plain", lambda size: next(entropy))
    assert blob.sealed == BLOB["sealed"]
    assert blob.ref.address == BLOB["address"].hex() == hashlib.sha256(BLOB["sealed"]).hexdigest()
    assert unseal(blob.ref, BLOB["sealed"]) == BLOB["data"]
    opened = bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(
        BLOB["sealed"][24:], b"sauti.blob.1\x00", BLOB["sealed"][:24], BLOB["key"]
    )
    assert opened == b"Sauti"


def test_the_vault_of_the_page(tmp_path: Path) -> None:
    text, _ = json_lines("vault")
    file = tmp_path / "vault.json"
    file.write_text(text, encoding="utf-8")
    opened, keys = Vault.open(file, "maji ya kunde"), vectors("vault")
    assert opened.node == Vault(keys["master"]).node == json.loads(text)["node"]
    for store in ("clinic", "practice"):
        purpose = f"sauti.db.{store}".encode()
        derived = hashlib.blake2b(purpose, key=keys["master"], digest_size=32).digest()
        assert opened.database_key(store) == keys[store] == derived
    fields = json.loads(text)
    check = fields.pop("check")
    assert hashlib.sha256(b"sauti.vault.1\x00" + canonical.encode(fields)).hexdigest() == check


def test_the_pin_of_the_page(tmp_path: Path) -> None:
    first, text = (json.loads(line) for line in json_lines("vault"))
    keys, operator = vectors("vault"), "019e2b7c-5a00-7abc-8def-0123456789ab"
    assert text["slots"][0] == first["slots"][0], "a reader that knows no PIN finds what it knows"
    file = tmp_path / "vault.json"
    file.write_bytes(canonical.encode(text))
    for opened in (
        Vault.open_with_pin(file, operator, "480913", keys["device_secret"]),
        Vault.open(file, "maji ya kunde"),
    ):
        assert opened.database_key("clinic") == keys["clinic"]
    assert vault.pin_operators(file) == (Operator(operator, "Nurse Amina"),)


def test_the_pin_in_the_page_s_own_words() -> None:
    keys, text = vectors("vault"), json.loads(json_lines("vault")[1])
    slot = text["slots"][1]
    secret = keys["device_secret"]
    stretched = pwhash.argon2id.kdf(32, b"480913", bytes.fromhex(slot["salt"]), slot["passes"], slot["memory_bytes"])
    assert stretched == keys["stretched"]
    wrapping = hashlib.blake2b(b"sauti.pin.1\x00" + stretched, key=secret, digest_size=32).digest()
    assert wrapping == keys["wrapping"]
    assert hashlib.blake2b(b"sauti.device.1", key=secret, digest_size=8).digest() == bytes.fromhex(slot["device"])
    wrapped = bytes.fromhex(slot.pop("wrapped"))
    bound = {name: text[name] for name in ("v", "node", "verify_key", "box_key")}
    opened = bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(
        wrapped[24:], canonical.encode({**bound, "slot": slot}), wrapped[:24], wrapping
    )
    assert opened == keys["master"]


def test_the_pages_name_their_tests() -> None:
    for name in ("event-envelope", "blobs", "vault"):
        assert "tests/records/test_vectors.py" in page(name)
