"""The device key: 32 random bytes in a file. A PIN opens nothing without it, and it opens nothing by itself."""

from __future__ import annotations

from pathlib import Path

from records.errors import Damaged, NotFound
from records.files import write_durably
from records.ids import Entropy
from records.pins import SECRET_BYTES


def read_device_key(path: Path) -> bytes:
    """The device secret.

    Raises:
        NotFound: The file is not there; its stick may not be plugged in.
        Damaged: It is there and is no device key.
    """
    if not path.exists():
        raise NotFound(f"The device key {path} is not there", "Plug in the stick that it is on, or use the passphrase.")
    try:
        # A pipe or a device in its place would never end.
        secret = path.read_bytes() if path.is_file() and path.stat().st_size == SECRET_BYTES else b""
    except OSError as error:
        raise Damaged(f"The device key {path} cannot be read", f"{error.strerror}. Use the passphrase.") from error
    if len(secret) != SECRET_BYTES:
        raise Damaged(f"The device key {path} is damaged", "Use the passphrase, then set the PINs again.")
    return secret


def make_device_key(path: Path, entropy: Entropy) -> bytes:
    """A new device secret, readable by its owner only; whatever lay there is replaced.

    Raises:
        NotFound: Its folder is not there: a folder of a stick is not made on the disk under it.
        NotWritable: It cannot be written.
    """
    if not path.parent.is_dir():
        raise NotFound(f"The folder of the device key {path} is not there", "Plug in its stick, then try again.")
    secret = entropy(SECRET_BYTES)
    write_durably(path, secret)
    return secret


def have_device_key(path: Path, entropy: Entropy) -> bytes:
    """The device secret, made if there is none yet: one stick may serve several computers.

    Raises:
        NotFound, Damaged, NotWritable: See above; a file that is no device key is left alone.
    """
    return read_device_key(path) if path.exists() else make_device_key(path, entropy)
