"""vault.json as a file: the site's public names, and slots that lead to the master key. See docs/reference/vault.md.

The first slot is the passphrase's, so that a reader that knows no other kind still opens the site; slots of a kind
unknown here are kept as they are. Nothing in this module's values is secret: a slot holds the master key wrapped.
"""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass, replace
from pathlib import Path

from nacl import bindings, exceptions, pwhash

from records import canonical
from records.errors import Damaged, NotFound, WrongPassphrase
from records.files import write_durably
from records.ids import Entropy, is_uuid

VERSION = 1
KEY_BYTES = 32
PASSPHRASE, PIN = "passphrase", "pin"
_NONCE_BYTES = bindings.crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
_WRAPPED_BYTES = _NONCE_BYTES + KEY_BYTES + bindings.crypto_aead_xchacha20poly1305_ietf_ABYTES

Fields = dict[str, canonical.Value]


@dataclass(frozen=True, slots=True)
class Stretching:
    """Argon2id's cost: passes and bytes of memory. The default takes 0.1 to 0.4 s on two-core PCs."""

    passes: int = 3
    memory_bytes: int = 64 << 20

    def __post_init__(self) -> None:
        if not (1 <= self.passes <= 64 and 8192 <= self.memory_bytes <= 1 << 30):
            raise ValueError("Argon2id parameters out of range")

    def key(self, secret: str, salt: bytes) -> bytes:
        """What a passphrase or the digits of a PIN are stretched to: 32 bytes."""
        # The same word can be typed as different code points; normal form C makes one word one key.
        typed = unicodedata.normalize("NFC", secret).encode("utf-8", "surrogatepass")
        return pwhash.argon2id.kdf(KEY_BYTES, typed, salt, self.passes, self.memory_bytes)


@dataclass(frozen=True, slots=True)
class Slot:
    """One way to the master key.

    Args:
        fields: What the file says of it but ``wrapped``; all of it is bound to the wrapping.
        stretching: What its secret costs to try.
        salt: 16 bytes.
        wrapped: Nonce and sealed master key; empty before ``holding``.
    """

    fields: Fields
    stretching: Stretching
    salt: bytes
    wrapped: bytes = b""

    @classmethod
    def new(cls, kind: str, stretching: Stretching, entropy: Entropy, more: Fields | None = None) -> Slot:
        """An empty slot with a fresh salt."""
        salt = entropy(pwhash.argon2id.SALTBYTES)
        cost: Fields = {"passes": stretching.passes, "memory_bytes": stretching.memory_bytes}
        return cls({"kind": kind, "kdf": "argon2id", **cost, "salt": salt.hex(), **(more or {})}, stretching, salt)

    @classmethod
    def parse(cls, fields: Fields, kind: str) -> Slot:
        """A slot of the file.

        Raises:
            KeyError, TypeError, ValueError: It is none of that kind.
        """
        if (fields["kind"], fields["kdf"]) != (kind, "argon2id"):
            raise ValueError("unknown kind of slot")
        passes, memory_bytes = fields["passes"], fields["memory_bytes"]
        if not isinstance(passes, int) or not isinstance(memory_bytes, int):
            raise TypeError("Argon2id's cost is not a number")
        salt, wrapped = bytes.fromhex(str(fields["salt"])), bytes.fromhex(str(fields["wrapped"]))
        if len(salt) != pwhash.argon2id.SALTBYTES or len(wrapped) != _WRAPPED_BYTES:
            raise ValueError("salt or wrapped key of a wrong length")
        if kind == PIN and not _names_somebody(fields):
            raise ValueError("nobody's slot")
        bound = {key: value for key, value in fields.items() if key != "wrapped"}
        return cls(bound, Stretching(passes, memory_bytes), salt, wrapped)

    def holding(self, master: bytes, site: Fields, wrapping: bytes, entropy: Entropy) -> Slot:
        """This slot with the master key in it."""
        nonce = entropy(_NONCE_BYTES)
        sealed = bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(master, self._bound(site), nonce, wrapping)
        return replace(self, wrapped=nonce + sealed)

    def master(self, site: Fields, wrapping: bytes) -> bytes:
        """The master key.

        Raises:
            WrongPassphrase: Another wrapping key; or the slot or the site's names were forged.
        """
        nonce, sealed = self.wrapped[:_NONCE_BYTES], self.wrapped[_NONCE_BYTES:]
        try:
            return bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(sealed, self._bound(site), nonce, wrapping)
        except exceptions.CryptoError as error:
            what = "PIN" if self.fields["kind"] == PIN else "passphrase"
            raise WrongPassphrase(f"The {what} is not right", "Try again; nothing was changed.") from error

    def to_fields(self) -> Fields:
        """As it stands in the file."""
        return {**self.fields, "wrapped": self.wrapped.hex()}

    def _bound(self, site: Fields) -> bytes:
        return canonical.encode({**site, "slot": self.fields})


@dataclass(frozen=True, slots=True)
class VaultFile:
    """One vault.json, its digest checked.

    Args:
        path: Where it lies.
        site: ``v``, ``node``, ``verify_key``, ``box_key``.
        slots: As they stand in the file; the first is the passphrase's.
    """

    path: Path
    site: Fields
    slots: tuple[Fields, ...]

    @classmethod
    def read(cls, path: Path) -> VaultFile:
        """Read and check it.

        Raises:
            NotFound: There is none.
            Damaged: A changed byte, another version, or not a vault.
        """
        try:
            data = path.read_bytes()
        except FileNotFoundError as error:
            raise NotFound("This site has not been set up", f"There is no vault at {path}.") from error
        except OSError as error:
            raise Damaged("The vault cannot be read", f"{error.strerror} ({path}).") from error
        try:
            return cls(path, *_parse(canonical.decode(data)))
        except (Damaged, KeyError, TypeError, ValueError) as error:
            raise Damaged(
                f"The vault {path} is damaged", "Restore it from the backup; the exams are still there."
            ) from error

    def write(self) -> None:
        """Replace the file, whole or not at all.

        Raises:
            NotWritable: The old file stays.
        """
        fields: Fields = {**self.site, "slots": list(self.slots)}
        write_durably(self.path, canonical.encode({**fields, "check": _check(fields)}))

    @property
    def passphrase(self) -> Slot:
        """The first slot."""
        return Slot.parse(self.slots[0], PASSPHRASE)

    @property
    def pins(self) -> tuple[Slot, ...]:
        """The operators' slots.

        Raises:
            Damaged: One has not the form of a slot; the passphrase still opens the site.
        """
        try:
            return tuple(Slot.parse(fields, PIN) for fields in self.slots if fields.get("kind") == PIN)
        except (KeyError, TypeError, ValueError) as error:
            raise Damaged(f"A PIN in {self.path} is damaged", "Use the passphrase, then set the PINs again.") from error

    def pin(self, operator_id: str) -> Slot:
        """An operator's slot.

        Raises:
            NotFound: There is none.
            Damaged: See ``pins``.
        """
        for slot in self.pins:
            if slot.fields["operator"] == operator_id:
                return slot
        raise NotFound("This operator has no PIN here", "Choose another name, or use the passphrase.")


def _parse(fields: Fields) -> tuple[Fields, tuple[Fields, ...]]:
    if fields.pop("check") != _check(fields) or fields["v"] != VERSION:
        raise ValueError("changed, or of an unknown version")
    listed = fields.pop("slots")
    if not isinstance(listed, list):
        raise TypeError("the slots are no list")
    slots = tuple(slot for slot in listed if isinstance(slot, dict))
    if not slots or len(slots) != len(listed):
        raise ValueError("no slot, or something else among them")
    Slot.parse(slots[0], PASSPHRASE)
    return fields, slots


def _names_somebody(fields: Fields) -> bool:
    name = fields["operators_name"]
    return is_uuid(str(fields["operator"])) and isinstance(name, str) and name != "" and fields["device"] != ""


def _check(fields: Fields) -> str:
    return hashlib.sha256(b"sauti.vault.1\0" + canonical.encode(fields)).hexdigest()
