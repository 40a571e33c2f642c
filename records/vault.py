"""The vault: every key of a site, behind one passphrase. Specified in docs/reference/vault.md.

A random master key is wrapped with XChaCha20-Poly1305 under Argon2id(passphrase), and once more for each operator under
Argon2id(PIN) and a secret of the device. Everything else is derived from it with keyed BLAKE2b, so one secret has to be
kept and one rule says where each key lives: in memory, as long as the vault is open. The file carries a digest of
itself, so that a damaged file and a wrong passphrase get different sentences.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import NoReturn

from nacl import exceptions, public, signing

from records.envelope import node_of
from records.errors import Damaged, Invalid
from records.files import make_folder
from records.ids import Entropy
from records.model import Operator
from records.pins import PinEntry, device_name, digits_of, wrapping_key
from records.slots import KEY_BYTES, PASSPHRASE, PIN, VERSION, Fields, Slot, Stretching, VaultFile

SHORTEST_PASSPHRASE = 8


class Vault:
    """An open vault. It holds secrets: its ``repr`` names the node only, and it cannot be copied or pickled.

    Args:
        master: 32 random bytes, from which every other key follows.
    """

    __slots__ = ("_box", "_master", "_signing", "box_key", "node", "verify_key")

    def __init__(self, master: bytes) -> None:
        self._master = master
        self._signing = signing.SigningKey(_derive(master, b"sauti.sign"))
        self._box = public.PrivateKey(_derive(master, b"sauti.box"))
        self.verify_key = bytes(self._signing.verify_key)
        self.box_key = bytes(self._box.public_key)
        self.node = node_of(self.verify_key)

    @classmethod
    def create(
        cls,
        path: Path,
        passphrase: str,
        entropy: Entropy,
        stretching: Stretching | None = None,
        pin: PinEntry | None = None,
    ) -> Vault:
        """Make a site's vault; with the first operator's PIN in the same write, so that there is never half a site.

        Raises:
            Invalid: The passphrase is too short, or there is a vault already.
            NotWritable: It cannot be written.
        """
        check_passphrase(passphrase)
        if path.exists():
            raise Invalid("This site has a vault already", "Open it with its passphrase.")
        vault, cost = cls(entropy(KEY_BYTES)), stretching or Stretching()
        make_folder(path.parent)
        slots = [vault._passphrase_slot(passphrase, entropy, cost)]
        if pin is not None:
            slots.append(vault._pin_slot(pin, entropy, cost))
        VaultFile(path, vault._site(), tuple(slots)).write()
        return vault

    @classmethod
    def open(cls, path: Path, passphrase: str) -> Vault:
        """Open a site's vault.

        Raises:
            NotFound: There is none.
            WrongPassphrase: It stayed shut.
            Damaged: The file is not a vault.
        """
        file = VaultFile.read(path)
        slot = file.passphrase
        return cls(slot.master(file.site, slot.stretching.key(passphrase, slot.salt)))

    @classmethod
    def open_with_pin(cls, path: Path, operator_id: str, pin: str, device_secret: bytes) -> Vault:
        """Open a site's vault for an operator. Whoever calls counts the tries (``clinic.access``).

        Raises:
            NotFound: There is no vault, or this operator has no PIN here.
            Invalid: This cannot be a PIN; it was not tried.
            WrongPassphrase: It stayed shut.
            Damaged: The file is not a vault, or the device secret is not the one that the PIN was set with.
        """
        file = VaultFile.read(path)
        slot = file.pin(operator_id)
        digits = digits_of(pin)
        _check_device(slot, device_secret)
        return cls(slot.master(file.site, wrapping_key(slot.stretching.key(digits, slot.salt), device_secret)))

    def change_passphrase(self, path: Path, new: str, entropy: Entropy, stretching: Stretching | None = None) -> None:
        """Wrap the same keys under a new passphrase; the old one opens nothing any more, every PIN stays.

        Raises:
            Invalid: The passphrase is too short.
            NotWritable: The old file stays.
            NotFound, Damaged: The file is not this site's vault.
        """
        check_passphrase(new)
        slots = self._own_file(path).slots
        first = self._passphrase_slot(new, entropy, stretching or Stretching())
        VaultFile(path, self._site(), (first, *slots[1:])).write()

    def add_pin(self, path: Path, pin: PinEntry, entropy: Entropy, stretching: Stretching | None = None) -> None:
        """Let an operator open the site with a PIN; it takes the place of the one before.

        Raises:
            Damaged: The file is not this site's vault, or other PINs were set with another device secret.
            NotWritable: The old file stays.
        """
        file = self._own_file(path)
        for slot in file.pins:
            if slot.fields["operator"] != pin.operator.operator_id:
                _check_device(slot, pin.device_secret)
        added = self._pin_slot(pin, entropy, stretching or Stretching())
        slots = [added if _is_of(fields, pin.operator.operator_id) else fields for fields in file.slots]
        if added not in slots:
            slots.append(added)
        VaultFile(path, self._site(), tuple(slots)).write()

    def remove_pin(self, path: Path, operator_id: str) -> None:
        """Let an operator's PIN open nothing any more; what the operator recorded stays.

        Raises:
            NotFound: The operator has none.
            Damaged: The file is not this site's vault.
            NotWritable: The old file stays.
        """
        file = self._own_file(path)
        file.pin(operator_id)
        others = tuple(fields for fields in file.slots if not _is_of(fields, operator_id))
        VaultFile(path, self._site(), others).write()

    def remove_all_pins(self, path: Path) -> None:
        """Leave the passphrase as the only way in; also where a PIN's slot is damaged.

        Raises:
            Damaged: The file is not this site's vault.
            NotWritable: The old file stays.
        """
        others = tuple(fields for fields in self._own_file(path).slots if fields.get("kind") != PIN)
        VaultFile(path, self._site(), others).write()

    def database_key(self, store: str) -> bytes:
        """The raw SQLCipher key of a store: 32 bytes."""
        return _derive(self._master, b"sauti.db." + store.encode())

    def sign(self, message: bytes) -> bytes:
        """An ed25519 signature: 64 bytes."""
        return self._signing.sign(message).signature

    def open_sealed(self, sealed: bytes) -> bytes:
        """The bytes that somebody sealed to this site's ``box_key``.

        Raises:
            Damaged: They were changed, or are for another site.
        """
        try:
            return public.SealedBox(self._box).decrypt(sealed)
        except (exceptions.CryptoError, exceptions.TypeError, ValueError) as error:
            raise Damaged("Sealed bytes do not open here", "They are damaged or for another site.") from error

    def __repr__(self) -> str:
        return f"<open vault of node {self.node}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a vault cannot be copied or pickled")

    def _site(self) -> Fields:
        return {
            "v": VERSION, "node": self.node, "verify_key": self.verify_key.hex(), "box_key": self.box_key.hex(),
        }  # fmt: skip

    def _own_file(self, path: Path) -> VaultFile:
        file = VaultFile.read(path)
        if file.site != self._site():
            raise Damaged(f"The vault {path} is another site's", "Nothing was changed.")
        return file

    def _passphrase_slot(self, passphrase: str, entropy: Entropy, stretching: Stretching) -> Fields:
        slot = Slot.new(PASSPHRASE, stretching, entropy)
        wrapping = stretching.key(passphrase, slot.salt)
        return slot.holding(self._master, self._site(), wrapping, entropy).to_fields()

    def _pin_slot(self, pin: PinEntry, entropy: Entropy, stretching: Stretching) -> Fields:
        about: Fields = {
            "operator": pin.operator.operator_id, "operators_name": pin.operator.operators_name,
            "device": device_name(pin.device_secret),
        }  # fmt: skip
        slot = Slot.new(PIN, stretching, entropy, about)
        wrapping = wrapping_key(stretching.key(pin.digits, slot.salt), pin.device_secret)
        return slot.holding(self._master, self._site(), wrapping, entropy).to_fields()


def check_passphrase(passphrase: str) -> None:
    """Whether a site may be shut with it.

    Raises:
        Invalid: It is too short.
    """
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise Invalid(f"The passphrase is shorter than {SHORTEST_PASSPHRASE} characters", "Take six or more words.")


def pin_operators(path: Path) -> tuple[Operator, ...]:
    """Who may sign in with a PIN, as the file says it before anything is open; a name is proven when its PIN opened.

    Raises:
        NotFound: There is no vault.
        Damaged: The file, or one of its PINs.
    """
    slots = VaultFile.read(path).pins
    return tuple(Operator(str(slot.fields["operator"]), str(slot.fields["operators_name"])) for slot in slots)


def seal_to(box_key: bytes, data: bytes) -> bytes:
    """Seal bytes so that only the vault of this ``box_key`` opens them; the sender needs no key and no passphrase."""
    return public.SealedBox(public.PublicKey(box_key)).encrypt(data)


def verify(verify_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether a signature is that key's over the message."""
    try:
        signing.VerifyKey(verify_key).verify(message, signature)
    except (exceptions.CryptoError, ValueError):
        return False
    return True


def _derive(master: bytes, purpose: bytes) -> bytes:
    return hashlib.blake2b(purpose, key=master, digest_size=KEY_BYTES).digest()


def _is_of(fields: Fields, operator_id: str) -> bool:
    return (fields.get("kind"), fields.get("operator")) == (PIN, operator_id)


def _check_device(slot: Slot, device_secret: bytes) -> None:
    if len(device_secret) != KEY_BYTES or slot.fields["device"] != device_name(device_secret):
        raise Damaged("This device key is not the one of this site", "Bring the right one, or use the passphrase.")
