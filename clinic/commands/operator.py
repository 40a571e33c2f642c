"""``sauti operator``: who may sign in with a PIN. A PIN is asked for, or comes by a pipe; it is never an argument."""

from __future__ import annotations

import argparse
import secrets
import sys
from getpass import getpass
from pathlib import Path

from clinic.access import Access, clean_name
from clinic.clock import SystemClock
from clinic.console import Console
from clinic.errors import BadRequest
from clinic.settings import Settings
from clinic.site import read_passphrase
from records.errors import NotFound
from records.home import CLINIC, PRACTICE, Home
from records.model import Operator
from records.queries import Queries
from records.vault import Vault


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("what", choices=("list", "add", "pin", "remove"), help="pin: give an operator a new one")
    parser.add_argument("name", nargs="?", default="", help="as it stands on reports")
    parser.add_argument("--unlock", required=True, type=Path, metavar="FILE", help="file whose first line unlocks")
    parser.add_argument("--json", action="store_true", help="one JSON object per line")


def run(arguments: argparse.Namespace) -> int:
    """Change who may sign in, and list them."""
    settings, console = Settings.read(), Console.standard(as_json=arguments.json)
    home, passphrase = Home(settings.home), read_passphrase(arguments.unlock)
    if home.is_new:
        raise NotFound("This site has not been set up", f"There is no vault at {home.vault}.")
    with home.lock("sauti operator") as lock:
        access = Access(home, lock, settings.device_key, secrets.token_bytes)
        vault = access.unlock_with_passphrase(passphrase)
        if arguments.what != "list":
            _change(access, vault, arguments.what, clean_name(arguments.name))
        for operator in access.operators():
            console.say(
                "operator", f"{operator.operator_id}  {operator.operators_name}", operator=operator.operator_id,
                operators_name=operator.operators_name,
            )  # fmt: skip
    return 0


def _change(access: Access, vault: Vault, what: str, name: str) -> None:
    known = next((operator for operator in access.operators() if operator.operators_name == name), None)
    if what == "add":
        recorded = None if known else _recorded(access.home, vault, name)
        if recorded:
            access.set_pin(vault, recorded, _new_pin())
        else:
            access.add_operator(vault, name, _new_pin(), SystemClock().wall_ms())
    elif known is None:
        raise NotFound(f"No operator {name} has a PIN here", "List them with sauti operator list.")
    elif what == "pin":
        access.set_pin(vault, known, _new_pin())
    else:
        access.remove_operator(vault, known.operator_id)


def _recorded(home: Home, vault: Vault, name: str) -> Operator | None:
    """Somebody whom the exams know by that name already, so that one person does not become two."""
    for store in (CLINIC, PRACTICE):
        if home.store(store).database.exists():
            queries = Queries(home.store(store), vault)
            try:
                known = next((operator for operator in queries.operators() if operator.operators_name == name), None)
            finally:
                queries.close()
            if known:
                return known
    return None


def _new_pin() -> str:
    first, again = (_ask(prompt) for prompt in ("New PIN: ", "Again: "))
    if first != again:
        raise BadRequest("The two PINs differ", "Nothing was changed; try again.")
    return first


def _ask(prompt: str) -> str:
    return getpass(prompt) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
