"""The site on disk: its vault and its first event. Made once, opened at every start."""

from __future__ import annotations

from pathlib import Path

from clinic.errors import BadRequest
from records import events
from records.events import Draft
from records.home import Home
from records.ids import Entropy, uuid7
from records.model import Facility
from records.slots import Stretching
from records.vault import Vault

_LONGEST_LINE = 4096


def read_passphrase(path: Path) -> str:
    """The passphrase in a file: its first line, without the line's end.

    Raises:
        BadRequest: The file cannot be read, or holds none.
    """
    try:
        with path.open(encoding="utf-8", newline="\n") as file:
            line = file.readline(_LONGEST_LINE)
    except (OSError, UnicodeDecodeError) as error:
        raise BadRequest(f"The passphrase file {path} cannot be read", "Check its name and its permissions.") from error
    if len(line) == _LONGEST_LINE:
        raise BadRequest(f"The passphrase file {path} holds no passphrase", "Its first line is too long.")
    passphrase = line.removesuffix("\n").rstrip("\r")
    if not passphrase:
        raise BadRequest(f"The passphrase file {path} is empty", "Write the passphrase on its first line.")
    return passphrase


def open_vault(home: Home, passphrase: str, entropy: Entropy, stretching: Stretching | None = None) -> Vault:
    """The site's vault; a new site gets one with this passphrase. The caller holds the home's lock.

    Raises:
        WrongPassphrase, Damaged, Invalid, NotWritable: See ``records.vault``.
    """
    if home.is_new:
        return Vault.create(home.vault, passphrase, entropy, stretching)
    return Vault.open(home.vault, passphrase)


def first_event(vault: Vault, institution_name: str, station_name: str, wall_ms: int, entropy: Entropy) -> Draft:
    """What a new store begins with."""
    return events.site_created(Facility(institution_name, station_name, vault.node), uuid7(wall_ms, entropy))
