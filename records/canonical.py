"""One way to write a value as bytes, so that a digest means the same everywhere.

RFC 8785 (JSON Canonicalization Scheme), restricted so that every JSON writer can meet it: object keys are ASCII,
numbers are integers within +-(2^53 - 1), text is valid Unicode in normal form C. No floating point, so no rounding to
argue about.
"""

from __future__ import annotations

import json
import re
import unicodedata

from records.errors import Damaged, Invalid

Value = str | int | bool | None | list["Value"] | dict[str, "Value"]
LARGEST = 2**53 - 1
_DEEPEST = 16
_HALVES = re.compile("[\ud800-\udfff]")


def encode(value: Value) -> bytes:
    """The canonical bytes of a value.

    Raises:
        Invalid: It holds a float, a number too large, a key that is not ASCII, or text that is not in normal form C.
    """
    _check(value, _DEEPEST)
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def decode(data: bytes) -> dict[str, Value]:
    """The object that canonical bytes stand for.

    Raises:
        Damaged: The bytes are not the canonical form of any object.
    """
    try:
        value = json.loads(data)
        if isinstance(value, dict) and encode(value) == data:
            return value
    except (ValueError, RecursionError):
        pass
    raise Damaged("A record is not in its canonical form", "It was changed or cut; run sauti verify.")


def _check(value: object, depth: int) -> None:
    if depth == 0:
        raise Invalid("A record is nested too deeply")
    if type(value) is dict:
        for key, item in value.items():
            if not (type(key) is str and key.isascii()):
                raise Invalid(f"The key {key!r} is not plain ASCII text")
            _check(item, depth - 1)
    elif type(value) is list:
        for item in value:
            _check(item, depth - 1)
    else:
        _check_scalar(value)


def _check_scalar(value: object) -> None:
    if value is None or isinstance(value, bool):
        return
    # Exact types: a subclass, an enumeration say, may write itself in a way of its own.
    if type(value) is int:
        if abs(value) > LARGEST:
            raise Invalid("A number is too large for a record", "Whole numbers below 2^53 only.")
    elif type(value) is str:
        _check_text(value)
    else:
        raise Invalid(f"A record cannot hold {type(value).__name__} values", "Numbers are whole, in a stated unit.")


def _check_text(value: str) -> None:
    if value.isascii():
        return
    # The text itself may be somebody's name and a sentence may end in a log, so neither sentence repeats it.
    if _HALVES.search(value):
        raise Invalid("A text holds half a character", "Type it again.")
    if not unicodedata.is_normalized("NFC", value):
        raise Invalid("A text is not in Unicode normal form C", "Type it again.")
