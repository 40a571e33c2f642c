"""Pictures, loops and documents as sealed files, named by what they hold. Specified in docs/reference/blobs.md.

    sealed   24-byte nonce || XChaCha20-Poly1305(key, nonce, bytes, associated data "sauti.blob.1\\0")
    address  hex SHA-256 of the sealed bytes: the same on this disk, on a stick and at the hub

The random key lives in the event that refers to the blob: erase that body, and the bytes are noise wherever they are.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from nacl import bindings, exceptions

from records.errors import Damaged, NotFound
from records.files import PART, make_folder, not_writable, sync_folder, write_durably
from records.ids import Entropy
from records.model import BlobRef

_TAG = b"sauti.blob.1\0"
_KEY_BYTES = bindings.crypto_aead_xchacha20poly1305_ietf_KEYBYTES
_NONCE_BYTES = bindings.crypto_aead_xchacha20poly1305_ietf_NPUBBYTES


@dataclass(frozen=True, slots=True)
class SealedBlob:
    """Sealed bytes and the reference that opens them."""

    ref: BlobRef
    sealed: bytes


def seal(data: bytes, media_type: str, entropy: Entropy) -> SealedBlob:
    """Seal bytes under a new random key."""
    key, nonce = entropy(_KEY_BYTES), entropy(_NONCE_BYTES)
    sealed = nonce + bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(data, _TAG, nonce, key)
    return SealedBlob(BlobRef(hashlib.sha256(sealed).hexdigest(), key.hex(), media_type, len(data)), sealed)


def unseal(ref: BlobRef, sealed: bytes) -> bytes:
    """The bytes of a blob.

    Raises:
        Damaged: The sealed bytes are not those of the address, or the key does not open them.
    """
    if hashlib.sha256(sealed).hexdigest() == ref.address:
        try:
            return bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(
                sealed[_NONCE_BYTES:], _TAG, sealed[:_NONCE_BYTES], bytes.fromhex(ref.key)
            )
        except (exceptions.CryptoError, exceptions.TypeError, ValueError):
            pass
    raise Damaged(f"The stored file {ref.address[:12]} is damaged", "Restore it from the backup or the district.")


class Blobs:
    """The blob folder of one store: two-letter folders, files named by address, never rewritten."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, blob: SealedBlob) -> BlobRef:
        """Make a blob durable; the same blob again is looked at, and written only if it is not whole.

        Raises:
            NotWritable: Permission, a full or a read-only disk; nothing was left behind.
        """
        path = self.path(blob.ref.address)
        make_folder(path.parent)
        if self._is_whole(path, blob.ref.address):
            # Its name may not have been synced if the last attempt ended between rename and sync.
            self._sync(path.parent)
        else:
            write_durably(path, blob.sealed)
        return blob.ref

    def read(self, ref: BlobRef) -> bytes:
        """The opened bytes.

        Raises:
            NotFound: The file is not here.
            Damaged: It is here, but not what it was, or it cannot be read.
        """
        try:
            sealed = self.path(ref.address).read_bytes()
        except FileNotFoundError as error:
            raise NotFound(f"The stored file {ref.address[:12]} is not here", "Restore it from the backup.") from error
        except OSError as error:
            raise Damaged(
                f"The stored file {ref.address[:12]} cannot be read ({error.strerror})",
                "Ask for the disk to be checked.",
            ) from error
        return unseal(ref, sealed)

    def sweep(self) -> None:
        """Remove what a killed process left half written; only for the one who holds the home's lock."""
        for leftover in self._folder.glob(f"*/.*{PART}"):
            leftover.unlink(missing_ok=True)

    def _is_whole(self, path: Path, address: str) -> bool:
        try:
            return hashlib.sha256(path.read_bytes()).hexdigest() == address
        except OSError:
            return False

    def _sync(self, folder: Path) -> None:
        try:
            sync_folder(folder)
        except OSError as error:
            raise not_writable(error, folder) from error

    def path(self, address: str) -> Path:
        """Where a blob lies."""
        return self._folder / address[:2] / address
