"""Names for records: UUIDv7 (RFC 9562), which sort by time, and DICOM UIDs made from them."""

from __future__ import annotations

import uuid
from collections.abc import Callable

Entropy = Callable[[int], bytes]


def uuid7(wall_ms: int, entropy: Entropy) -> str:
    """A UUIDv7 as lower-case text: 48 bits of milliseconds, 74 bits of randomness.

    Args:
        wall_ms: Unix milliseconds.
        entropy: Gives so many random bytes.
    """
    tail = int.from_bytes(entropy(10), "big")
    number = (
        (wall_ms & (1 << 48) - 1) << 80 | 0x7 << 76 | (tail >> 62 & 0xFFF) << 64 | 0b10 << 62 | tail & (1 << 62) - 1
    )
    return str(uuid.UUID(int=number))


def is_uuid(text: str) -> bool:
    """True for a UUID in the form that ``uuid7`` writes."""
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False


def dicom_uid(identifier: str) -> str:
    """The DICOM UID of a UUID (PS3.5 B.2: root 2.25 and the UUID as one decimal number)."""
    return f"2.25.{uuid.UUID(identifier).int}"
