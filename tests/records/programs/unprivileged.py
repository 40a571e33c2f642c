"""As a user without rights: tries to make, to write and to read homes that belong to somebody else."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from records.errors import RecordsError
from records.files import write_durably
from records.home import CLINIC, Home
from records.queries import Queries
from records.store import Store
from records.vault import Vault
from tests.records.making import CHEAP, PASSPHRASE, Clock, Entropy
from tests.records.process import say

parent, closed = Path(sys.argv[1]), Path(sys.argv[2])
Vault.create(parent / "warm" / "vault.json", PASSPHRASE, Entropy(), CHEAP)
os.setgroups([])
os.setgid(65534)
os.setuid(65534)
home = Home(closed)
vault = Vault.open(home.vault, PASSPHRASE)


def attempt(name: str, action) -> None:
    try:
        result = action()
    except RecordsError as error:
        say(f"{name}: {type(error).__name__}: {error.title}")
    else:
        say(f"{name}: {result}")


attempt("new home", lambda: Home(parent / "new").lock("test"))
attempt("new vault", lambda: Vault.create(parent / "new.json", PASSPHRASE, Entropy(), CHEAP))
attempt("lock", lambda: home.lock("test"))
attempt("store", lambda: Store(home.store(CLINIC), vault, Clock(), Entropy()))
attempt("file", lambda: write_durably(closed / "x", b""))
attempt("passphrase", lambda: vault.change_passphrase(home.vault, "another one", Entropy(), CHEAP))
attempt("read", lambda: len(Queries(home.store(CLINIC), vault).patients()))
