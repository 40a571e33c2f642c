"""Whatever is changed behind the record's back is found: rows, files, single bits."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from records import canonical, envelope, events
from records.database import Database, open_writable
from records.errors import Damaged, RecordsError
from records.vault import Vault
from tests.conftest import Faults
from tests.records.making import CHEAP, PASSPHRASE, Entropy, Site

Meddling = Callable[[Database], object]


def _flip(db: Database, column: str, seq: int = 4) -> None:
    (value,) = db.execute(f"SELECT {column} FROM journal WHERE seq = ?", [seq]).fetchone()
    changed = bytes([*value[:-2], value[-2] ^ 1, value[-1]])
    db.execute(f"UPDATE journal SET {column} = ? WHERE seq = ?", [changed, seq])


def _rewrite_header(db: Database) -> None:
    """Headers changed in earnest: canonical, with their hashes; only the signatures are not renewed."""
    before, seq = envelope.START, 0
    for seq, header in db.execute("SELECT seq, header FROM journal ORDER BY seq").fetchall():
        fields = json.loads(header)
        fields["actor"] = "system"
        written = canonical.encode(fields)
        before = envelope.chain(before, written)
        db.execute("UPDATE journal SET header = ?, hash = ? WHERE seq = ?", [written, before, seq])
        db.execute("UPDATE heads SET hash = ? WHERE seq = ?", [before, seq])


def _swap(db: Database) -> None:
    for old, new in ((3, 999), (4, 3), (999, 4)):
        db.execute("UPDATE journal SET seq = ? WHERE seq = ?", [new, old])


def _forge_epoch(db: Database) -> None:
    key = Vault(Entropy(9)(32)).verify_key
    db.execute("UPDATE epochs SET verify_key = ?", [key])


def _append_unsigned(db: Database) -> None:
    (seq,) = db.execute("SELECT max(seq) FROM journal").fetchone()
    last, header = db.execute("SELECT hash, header FROM journal WHERE seq = ?", [seq]).fetchone()
    fields = {**json.loads(header), "seq": seq + 1, "id": "018f22e2-79b0-7cc3-98c4-dc0c0c073990"}
    written = canonical.encode(fields)
    db.execute(
        "INSERT INTO journal (node, epoch, seq, id, type, entity, header, salt, body, hash)"
        " SELECT node, epoch, ?, ?, type, entity, ?, salt, body, ? FROM journal WHERE seq = ?",
        [seq + 1, fields["id"], written, envelope.chain(last, written), seq],
    )


MEDDLINGS: dict[str, Meddling] = {
    **{
        f"a bit of {column}": lambda db, column=column: _flip(db, column)
        for column in ("header", "body", "salt", "hash")
    },
    **{
        f"another {column}": lambda db, column=column, value=value: db.execute(
            f"UPDATE journal SET {column} = ? WHERE seq = 4", [value]
        )
        for column, value in (("type", "exam.signed"), ("entity", "x"), ("id", "x"), ("node", "x"), ("epoch", "x"))
    },
    "a body of another event": lambda db: db.execute(
        "UPDATE journal SET body = (SELECT body FROM journal WHERE seq = 3),"
        " salt = (SELECT salt FROM journal WHERE seq = 3) WHERE seq = 4"
    ),
    "a body without a tombstone": lambda db: db.execute("UPDATE journal SET body = NULL, salt = NULL WHERE seq = 4"),
    "a body without its salt": lambda db: db.execute("UPDATE journal SET salt = NULL WHERE seq = 4"),
    "a header with its hash": _rewrite_header,
    "two events swapped": _swap,
    "an event missing": lambda db: db.execute("DELETE FROM journal WHERE seq = 4"),
    "the last event missing": lambda db: db.execute("DELETE FROM journal ORDER BY place DESC LIMIT 1"),
    "an event after the last signature": _append_unsigned,
    "all signatures missing": lambda db: db.execute("DELETE FROM heads"),
    "the last signature missing": lambda db: db.execute("DELETE FROM heads ORDER BY seq DESC LIMIT 1"),
    "a signature of another head": lambda db: db.execute(
        "UPDATE heads SET signature = (SELECT signature FROM heads WHERE seq = 2)"
    ),
    "the site's key": _forge_epoch,
    "the epoch unknown": lambda db: db.execute("DELETE FROM epochs"),
    "a projected row": lambda db: db.execute("UPDATE measurements SET value = value + 1"),
    "a projected row missing": lambda db: db.execute("DELETE FROM patients"),
    "a projected state": lambda db: db.execute("UPDATE exams SET state = 'open'"),
}


@pytest.mark.parametrize("what", MEDDLINGS)
def test_changed_rows_are_found(site: Site, what: str) -> None:
    site.signed()
    assert site.store.verify().events == 8
    site.store.close()
    db = open_writable(site.paths.database, site.vault.database_key("clinic"))
    MEDDLINGS[what](db)
    db.close()
    with pytest.raises(Damaged):
        site.reopen().verify()
    if not what.startswith("a projected"):
        # The chain alone finds it, without help from the tables.
        with pytest.raises(Damaged):
            site.reopen().journal.verify()


def test_a_tombstone_that_was_not_carried_out_is_found(site: Site) -> None:
    exam = site.signed()
    salt, body = site.store._db.execute("SELECT salt, body FROM journal WHERE seq = 3").fetchone()
    [registered] = site.queries().history(exam.patient)
    site.commit(events.body_erased(exam.patient, (registered.header.id,), "asked"))
    site.store._db.execute("UPDATE journal SET salt = ?, body = ? WHERE seq = 3", [salt, body])
    with pytest.raises(Damaged, match="tombstone"):
        site.store.journal.verify()


def _rescued(site: Site) -> None:
    """Open, verify and read everything, as a start after a damage would."""
    store = site.open()
    try:
        store.verify()
    finally:
        store.close()


def test_any_bit_of_the_database_file(site: Site, faults: Faults, capfd: pytest.CaptureFixture[str]) -> None:
    for number in range(6):
        site.signed(number)
    site.store.close()
    whole = site.paths.database.read_bytes()
    for seed in faults.seeds(1000):
        place = int.from_bytes(Entropy(seed)(4), "big") % (8 * len(whole))
        broken = bytearray(whole)
        broken[place // 8] ^= 1 << place % 8
        site.paths.database.write_bytes(broken)
        with pytest.raises(Damaged):
            _rescued(site)
    site.paths.database.write_bytes(whole)
    _rescued(site)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("size", [0, 1, 100, 4095, 4096, 10_000])
def test_a_cut_database_file_is_not_taken_for_a_new_one(site: Site, size: int) -> None:
    site.signed()
    site.store.close()
    whole = site.paths.database.read_bytes()
    site.paths.database.write_bytes(whole[:size])
    with pytest.raises(RecordsError):
        site.queries()
    with pytest.raises(Damaged):
        _rescued(site)
    assert site.paths.database.read_bytes() == whole[:size]


def test_a_missing_database_is_not_begun_anew(site: Site) -> None:
    site.signed()
    site.store.close()
    site.paths.database.unlink()
    with pytest.raises(Damaged, match="is gone"):
        _rescued(site)
    assert not site.paths.database.exists()


def test_reading_a_damaged_page_is_a_sentence(site: Site) -> None:
    for number in range(40):
        site.started(number)
    site.store.close()
    data = bytearray(site.paths.database.read_bytes())
    for page in range(3, len(data) // 4096):
        data[page * 4096 + 50] ^= 1
    site.paths.database.write_bytes(data)
    with pytest.raises(Damaged, match="damaged"):
        site.queries().exams()


def test_any_byte_of_the_vault(tmp_path: Path) -> None:
    file = tmp_path / "vault.json"
    Vault.create(file, PASSPHRASE, Entropy(), CHEAP)
    whole = file.read_bytes()
    for place in range(len(whole)):
        broken = bytearray(whole)
        broken[place] ^= 1 << place % 7
        file.write_bytes(broken)
        with pytest.raises(Damaged):
            Vault.open(file, PASSPHRASE)
    for size in range(0, len(whole), 7):
        file.write_bytes(whole[:size])
        with pytest.raises(Damaged):
            Vault.open(file, PASSPHRASE)
    file.write_bytes(whole)
    Vault.open(file, PASSPHRASE)


def test_any_bit_of_a_blob(site: Site, faults: Faults) -> None:
    image = site.image(site.started(), b"pixels " * 100)
    ref = image.blobs["display"]
    file = site.blobs.path(ref.address)
    whole = file.read_bytes()
    for seed in faults.seeds(2000):
        broken = bytearray(whole)
        place = int.from_bytes(Entropy(seed)(4), "big") % (8 * len(whole))
        broken[place // 8] ^= 1 << place % 8
        file.write_bytes(broken)
        with pytest.raises(Damaged):
            site.blobs.read(ref)
    file.write_bytes(whole)
    assert site.blobs.read(ref) == b"pixels " * 100
