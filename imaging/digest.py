"""The digest of how a picture was made: with equal samples, equal digests give equal pixels.

Defined in bytes, with a vector, in docs/reference/picture.md.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

PREFIX = b"sauti.chain.1\0"


def canonical(value: Any) -> bytes:  # noqa: ANN401  (anything that JSON can say without fractions)
    """JSON in one way only: sorted keys, no spaces, ASCII, whole numbers.

    Raises:
        ValueError: There is a fraction in it.
    """
    _refuse_fractions(value)
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode("ascii")


def chain_digest(description: dict[str, Any]) -> str:
    """Hexadecimal SHA-256 of a chain's description."""
    return hashlib.sha256(PREFIX + canonical(description)).hexdigest()


def _refuse_fractions(value: Any) -> None:  # noqa: ANN401
    if isinstance(value, float):
        raise ValueError("a digest holds whole numbers and texts only")
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, list | tuple):
        return
    for part in value:
        _refuse_fractions(part)
