"""What the clinic and this computer are called, as a new store begins with. A small file; names are no secret."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import dataclass

from clinic.errors import BadRequest
from records.bodies import LONGEST_NAME
from records.files import make_folder, write_durably
from records.home import Home


@dataclass(frozen=True, slots=True)
class SiteNames:
    """DICOM InstitutionName and StationName; empty where nobody said."""

    institution_name: str
    station_name: str


def read_site_names(home: Home) -> SiteNames:
    """The names of this site; a missing or damaged file gives empty ones."""
    try:
        content = json.loads(home.site_names.read_text(encoding="utf-8"))
        return SiteNames(str(content["institution_name"]), str(content["station_name"]))
    except (OSError, ValueError, KeyError, TypeError):
        return SiteNames("", "")


def write_site_names(home: Home, institution_name: str, station_name: str) -> SiteNames:
    """Keep the names; before the vault is made, so that no site lacks them.

    Raises:
        BadRequest: The clinic's name cannot be printed, or fits no page.
        NotWritable: The home cannot be written.
    """
    name = unicodedata.normalize("NFC", institution_name.strip())
    if not name or any(unicodedata.category(sign) in ("Cc", "Cs") for sign in name):
        raise BadRequest("The clinic has no name", "Give the name that shall stand on its reports.")
    if len(name) > LONGEST_NAME:
        raise BadRequest(f"The clinic's name is longer than {LONGEST_NAME} letters", "It must fit the report.")
    make_folder(home.path)
    content = {"institution_name": name, "station_name": station_name}
    write_durably(home.site_names, (json.dumps(content, ensure_ascii=False) + "\n").encode())
    return SiteNames(name, station_name)
