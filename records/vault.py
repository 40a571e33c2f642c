"""The vault: every key of a site, behind one passphrase. Specified in docs/reference/vault.md.

A random master key is wrapped with XChaCha20-Poly1305 under Argon2id(passphrase). Everything else is derived from it
with keyed BLAKE2b, so one secret has to be kept and one rule says where each key lives: in memory, as long as the vault
is open. The file carries a digest of itself, so that a damaged file and a wrong passphrase get different sentences.
"""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from nacl import bindings, exceptions, public, pwhash, signing

from records import canonical
from records.envelope import node_of
from records.errors import Damaged, Invalid, NotFound, WrongPassphrase
from records.files import make_folder, write_durably
from records.ids import Entropy

VERSION = 1
SHORTEST_PASSPHRASE = 8
_KEY_BYTES = 32
_NONCE_BYTES = bindings.crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
_WRAPPED_BYTES = _NONCE_BYTES + _KEY_BYTES + bindings.crypto_aead_xchacha20poly1305_ietf_ABYTES


@dataclass(frozen=True, slots=True)
class Stretching:
    """Argon2id's cost: passes and bytes of memory. The default takes about 0.4 s on a two-core PC."""

    passes: int = 3
    memory_bytes: int = 64 << 20

    def __post_init__(self) -> None:
        if not (1 <= self.passes <= 64 and 8192 <= self.memory_bytes <= 1 << 30):
            raise ValueError("Argon2id parameters out of range")

    def key(self, passphrase: str, salt: bytes) -> bytes:
        """The wrapping key of a passphrase."""
        # The same word can be typed as different code points; normal form C makes one word one key.
        typed = unicodedata.normalize("NFC", passphrase).encode("utf-8", "surrogatepass")
        return pwhash.argon2id.kdf(_KEY_BYTES, typed, salt, self.passes, self.memory_bytes)


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
    def create(cls, path: Path, passphrase: str, entropy: Entropy, stretching: Stretching | None = None) -> Vault:
        """Make a site's vault.

        Raises:
            Invalid: The passphrase is too short, or there is a vault already.
            NotWritable: It cannot be written.
        """
        if len(passphrase) < SHORTEST_PASSPHRASE:
            raise Invalid(f"The passphrase is shorter than {SHORTEST_PASSPHRASE} characters", "Take six or more words.")
        if path.exists():
            raise Invalid("This site has a vault already", "Open it with its passphrase.")
        vault = cls(entropy(_KEY_BYTES))
        make_folder(path.parent)
        vault._wrap(path, passphrase, entropy, stretching or Stretching())
        return vault

    @classmethod
    def open(cls, path: Path, passphrase: str) -> Vault:
        """Open a site's vault.

        Raises:
            NotFound: There is none.
            WrongPassphrase: It stayed shut.
            Damaged: The file is not a vault.
        """
        slot = _read_slot(path)
        wrapping = Stretching(slot.passes, slot.memory_bytes).key(passphrase, slot.salt)
        nonce, sealed = slot.wrapped[:_NONCE_BYTES], slot.wrapped[_NONCE_BYTES:]
        try:
            master = bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(sealed, slot.bound, nonce, wrapping)
        except exceptions.CryptoError as error:
            raise WrongPassphrase("The passphrase is not right", "Try again; nothing was changed.") from error
        return cls(master)

    def change_passphrase(self, path: Path, new: str, entropy: Entropy, stretching: Stretching | None = None) -> None:
        """Wrap the same keys under a new passphrase; the old one opens nothing any more.

        Raises:
            Invalid: The passphrase is too short.
            NotWritable: The old file stays.
        """
        if len(new) < SHORTEST_PASSPHRASE:
            raise Invalid(f"The passphrase is shorter than {SHORTEST_PASSPHRASE} characters", "Take six or more words.")
        self._wrap(path, new, entropy, stretching or Stretching())

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

    def _wrap(self, path: Path, passphrase: str, entropy: Entropy, stretching: Stretching) -> None:
        salt, nonce = entropy(pwhash.argon2id.SALTBYTES), entropy(_NONCE_BYTES)
        slot: dict[str, canonical.Value] = {
            "kind": "passphrase", "kdf": "argon2id", "passes": stretching.passes,
            "memory_bytes": stretching.memory_bytes, "salt": salt.hex(),
        }  # fmt: skip
        site: dict[str, canonical.Value] = {
            "v": VERSION, "node": self.node, "verify_key": self.verify_key.hex(), "box_key": self.box_key.hex(),
        }  # fmt: skip
        bound = canonical.encode({**site, "slot": slot})
        sealed = bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(
            self._master, bound, nonce, stretching.key(passphrase, salt)
        )
        site["slots"] = [{**slot, "wrapped": (nonce + sealed).hex()}]
        write_durably(path, canonical.encode({**site, "check": _check(site)}))


@dataclass(frozen=True, slots=True)
class _Slot:
    """What vault.json says: how to stretch, what is wrapped, and everything that the wrapping is bound to."""

    passes: int
    memory_bytes: int
    salt: bytes
    wrapped: bytes
    bound: bytes


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
    return hashlib.blake2b(purpose, key=master, digest_size=_KEY_BYTES).digest()


def _read_slot(path: Path) -> _Slot:
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise NotFound("This site has not been set up", f"There is no vault at {path}.") from error
    except OSError as error:
        raise Damaged("The vault cannot be read", f"{error.strerror} ({path}).") from error
    try:
        return _parse(canonical.decode(data))
    except (Damaged, KeyError, TypeError, ValueError) as error:
        raise Damaged(
            f"The vault {path} is damaged", "Restore it from the backup; the exams are still there."
        ) from error


def _parse(fields: dict[str, canonical.Value]) -> _Slot:
    if fields.pop("check") != _check(fields) or fields["v"] != VERSION:
        raise ValueError("changed, or of an unknown version")
    slots = fields.pop("slots")
    slot = slots[0] if isinstance(slots, list) and slots else None
    if not isinstance(slot, dict) or (slot["kind"], slot["kdf"]) != ("passphrase", "argon2id"):
        raise ValueError("unknown kind of slot")
    passes, memory_bytes = slot["passes"], slot["memory_bytes"]
    if not isinstance(passes, int) or not isinstance(memory_bytes, int):
        raise TypeError("Argon2id's cost is not a number")
    Stretching(passes, memory_bytes)
    salt, wrapped = bytes.fromhex(str(slot["salt"])), bytes.fromhex(str(slot.pop("wrapped")))
    if len(salt) != pwhash.argon2id.SALTBYTES or len(wrapped) != _WRAPPED_BYTES:
        raise ValueError("salt or wrapped key of a wrong length")
    return _Slot(passes, memory_bytes, salt, wrapped, canonical.encode({**fields, "slot": slot}))


def _check(fields: dict[str, canonical.Value]) -> str:
    return hashlib.sha256(b"sauti.vault.1\0" + canonical.encode(fields)).hexdigest()
