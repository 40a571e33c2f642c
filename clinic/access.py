"""Who may open this site, and how: the first start, signing in with a PIN, the passphrase as the way back.

What a screen or a command calls; it asks nobody and shows nothing.
"""

from __future__ import annotations

import contextlib
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path

from clinic.attempts import MOST, Attempts
from clinic.device_key import have_device_key, make_device_key, read_device_key
from clinic.errors import BadRequest, OutOfOrder
from clinic.passphrase import spellings
from records.bodies import LONGEST_NAME
from records.errors import Damaged, Invalid, NotWritable, RecordsError, WrongPassphrase
from records.home import Home, HomeLock
from records.ids import Entropy, uuid7
from records.model import Operator
from records.pins import PinEntry, check_pin
from records.slots import Stretching
from records.vault import Vault, check_passphrase, pin_operators

_WAY_BACK = "Use the passphrase; then the PIN works again, or set a new one."


@dataclass(frozen=True, slots=True)
class Access:
    """The ways into one home.

    Args:
        home: The site's folder.
        lock: Its lock, held: two processes that guess at once would be counted as one.
        device_key: File of the device key, as ``Settings.device_key``.
        entropy: Gives random bytes.
        stretching: Cost of a new passphrase or PIN; tests take a cheap one.
    """

    home: Home
    lock: HomeLock
    device_key: Path
    entropy: Entropy
    stretching: Stretching = field(default_factory=Stretching)

    def is_new(self) -> bool:
        """Whether this is a first start: then ``found_site``, else ``sign_in``."""
        return self.home.is_new

    def operators(self) -> tuple[Operator, ...]:
        """Who may sign in with a PIN, before anything is open; empty where a site has a passphrase only.

        Raises:
            NotFound, Damaged: There is no vault, or it is damaged.
        """
        return pin_operators(self.home.vault)

    def found_site(self, passphrase: str, operators_name: str, pin: str, wall_ms: int) -> tuple[Vault, Operator]:
        """The first start: the device key, then in one write the vault with its passphrase and the first PIN.

        Killed at any moment, the next start finds a whole site or begins again; a device key that was made before is
        taken again.

        Raises:
            BadRequest, Invalid: There is a site, or the name, PIN or passphrase cannot be taken; nothing was made.
            NotFound, Damaged, NotWritable: The device key or the vault cannot be written.
        """
        if not self.is_new():
            raise Invalid("This site has been set up already", "Sign in, or use the passphrase.")
        check_passphrase(passphrase)
        operator = self._new_operator(operators_name, wall_ms)
        check_pin(pin)
        entry = PinEntry(operator, pin, have_device_key(self.device_key, self.entropy))
        vault = Vault.create(self.home.vault, passphrase, self.entropy, self.stretching, entry)
        return vault, operator

    def tries_left(self, operator_id: str) -> int:
        """How many PINs may still be tried before the passphrase is asked for.

        Raises:
            Damaged: The counts cannot be read.
        """
        return self._attempts.left(operator_id)

    def sign_in(self, operator_id: str, pin: str) -> Vault:
        """Open the site with an operator's PIN.

        A try is on the disk before it is made. What cannot be a PIN, and a device key that is missing or another one,
        is no try.

        Raises:
            WrongPassphrase: The PIN is not right; the sentence says how many tries are left.
            OutOfOrder: Ten wrong tries in a row closed this PIN.
            Invalid: This cannot be a PIN.
            NotFound, Damaged, NotWritable: No such operator, no device key, or a file that cannot be used.
        """
        secret = read_device_key(self.device_key)
        if self._attempts.left(operator_id) == 0:
            raise OutOfOrder(f"This PIN is closed after {MOST} wrong tries", _WAY_BACK)
        self._attempts.count(operator_id)
        try:
            vault = Vault.open_with_pin(self.home.vault, operator_id, pin, secret)
        except WrongPassphrase as error:
            raise WrongPassphrase("The PIN is not right", _left(self._attempts.left(operator_id))) from error
        except RecordsError:
            self._attempts.take_back(operator_id)
            raise
        with contextlib.suppress(NotWritable):  # the PIN was right; a count that is too high errs on the safe side
            self._attempts.forget(operator_id)
        return vault

    def unlock_with_passphrase(self, passphrase: str) -> Vault:
        """Open the site with the passphrase; PINs that were closed may be tried again.

        Raises:
            WrongPassphrase, NotFound, Damaged: See ``Vault.open``.
        """
        *first, last = spellings(passphrase)
        for spelling in first:
            with contextlib.suppress(WrongPassphrase):
                return self._unlocked(Vault.open(self.home.vault, spelling))
        return self._unlocked(Vault.open(self.home.vault, last))

    def set_pin(self, vault: Vault, operator: Operator, pin: str) -> None:
        """Give an operator a PIN, or a new one; it may be tried ten times.

        Args:
            vault: Open, of this home.
            operator: As recorded, or new here.
            pin: 6 to 12 digits.

        Raises:
            Invalid: The PIN cannot be taken.
            NotFound, Damaged: The device key of the other PINs is missing or another one.
            NotWritable: The old PIN stays.
        """
        check_pin(pin)
        secret = self._secret_of_the_others()
        vault.add_pin(self.home.vault, PinEntry(operator, pin, secret), self.entropy, self.stretching)
        self._attempts.forget(operator.operator_id)

    def add_operator(self, vault: Vault, operators_name: str, pin: str, wall_ms: int) -> Operator:
        """Let somebody new sign in.

        Raises:
            BadRequest: No name, or somebody here has it.
            Invalid, NotFound, Damaged, NotWritable: See ``set_pin``.
        """
        operator = self._new_operator(operators_name, wall_ms)
        if any(other.operators_name == operator.operators_name for other in self.operators()):
            raise BadRequest(
                f"There is an operator {operator.operators_name} already",
                "Add a letter: reports must tell them apart.",
            )
        self.set_pin(vault, operator, pin)
        return operator

    def remove_operator(self, vault: Vault, operator_id: str) -> None:
        """Let an operator's PIN open nothing any more; exams keep the name of who made them.

        Raises:
            NotFound, Damaged, NotWritable: See ``Vault.remove_pin``.
        """
        vault.remove_pin(self.home.vault, operator_id)
        self._attempts.forget(operator_id)

    def reset_pins(self, vault: Vault) -> None:
        """After a lost or damaged device key: every PIN is gone, a sound key is there, and PINs can be set again.

        Raises:
            NotFound, Damaged, NotWritable: The stick is not plugged in, or something cannot be written.
        """
        vault.remove_all_pins(self.home.vault)
        self._attempts.forget_all()
        try:
            have_device_key(self.device_key, self.entropy)
        except Damaged:
            make_device_key(self.device_key, self.entropy)

    @property
    def _attempts(self) -> Attempts:
        return Attempts(self.home.pin_failures)

    def _new_operator(self, operators_name: str, wall_ms: int) -> Operator:
        return Operator(uuid7(wall_ms, self.entropy), clean_name(operators_name))

    def _secret_of_the_others(self) -> bytes:
        # A key made anew beside PINs that need the old one would shut those out, and lie where the stick should be.
        if self.operators():
            return read_device_key(self.device_key)
        return have_device_key(self.device_key, self.entropy)

    def _unlocked(self, vault: Vault) -> Vault:
        with contextlib.suppress(NotWritable):  # a full disk must not keep out who has the passphrase
            self._attempts.forget_all()
        return vault


def clean_name(typed: str) -> str:
    """An operator's name as it stands on reports: normal form C, without spaces around.

    Raises:
        BadRequest: No name, signs that cannot be printed, or more than a page holds.
    """
    name = unicodedata.normalize("NFC", typed.strip())
    if not name or any(unicodedata.category(sign) in ("Cc", "Cs") for sign in name):
        raise BadRequest("The operator has no name", "Give the name that shall stand on the report.")
    if len(name) > LONGEST_NAME:
        raise BadRequest(f"The operator's name is longer than {LONGEST_NAME} letters", "It must fit the report.")
    return name


def _left(tries: int) -> str:
    if tries == 0:
        return f"It is closed now. {_WAY_BACK}"
    return "1 try is left." if tries == 1 else f"{tries} tries are left."
