"""The passphrase file and the vault of a new or known site."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from clinic.errors import BadRequest
from clinic.site import open_vault, read_passphrase
from records.errors import NotFound, WrongPassphrase
from records.files import make_folder
from records.home import Home
from records.slots import Stretching

CHEAP = Stretching(1, 8192)


def test_the_first_line_is_the_passphrase(tmp_path: Path) -> None:
    path = tmp_path / "unlock"
    path.write_bytes("six brave wörds\r\nnot this\n".encode())
    assert read_passphrase(path) == "six brave wörds"


@pytest.mark.parametrize("content", [b"", b"\nsecond", b"\xff\xff", b"w" * 5000])
def test_a_file_without_one_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "unlock"
    path.write_bytes(content)
    with pytest.raises(BadRequest):
        read_passphrase(path)


def test_a_new_site_gets_a_vault_and_keeps_it(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    first = open_vault(home, "six brave words", os.urandom, CHEAP)
    again = open_vault(home, "six brave words", os.urandom, CHEAP)
    assert first.node == again.node
    with pytest.raises(WrongPassphrase):
        open_vault(home, "six brave birds", os.urandom, CHEAP)


def test_records_without_a_vault_are_never_given_a_new_one(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    make_folder(home.store("clinic").folder)
    home.store("clinic").database.write_bytes(b"records of a site whose vault was lost")
    with pytest.raises(NotFound):
        open_vault(home, "six brave words", os.urandom, CHEAP)
    assert not home.vault.exists()
