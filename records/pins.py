"""PINs: what may be one, and what it is bound to. Rules after NIST SP 800-63B, activation secrets."""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass, field

from records.errors import Damaged, Invalid
from records.model import Operator

SHORTEST, LONGEST = 6, 12
SECRET_BYTES = 32
_UP, _DOWN = "0123456789" * 3, "9876543210" * 3
# Walks over a keypad and other favourites that no rule below catches.
_COMMON = frozenset([
    "159753", "159357", "951753", "357159", "753951", "147258", "258369", "147369", "147852", "258147", "369258",
    "741852", "852963", "963852", "852456", "456852", "789456", "456789", "456123", "123654", "321654", "654123",
    "321456", "987456", "123789", "789123", "123321", "456654", "789987", "102030", "010203", "112358", "314159",
    "271828", "147258369", "741852963", "963852741", "789456123", "123654789", "987456321", "159753456",
])  # fmt: skip


@dataclass(frozen=True, slots=True)
class PinEntry:
    """An operator's new PIN, checked. Its ``repr`` names the operator only.

    Args:
        operator: Whose.
        digits: 6 to 12, not a common PIN; decimal digits of any script are the same digits.
        device_secret: 32 random bytes that this computer, or its stick, has and nobody knows.

    Raises:
        Invalid: The PIN breaks a rule; the sentence says which and never repeats it.
        Damaged: The device secret has another length.
    """

    operator: Operator
    digits: str = field(repr=False)
    device_secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "digits", check_pin(self.digits))
        if len(self.device_secret) != SECRET_BYTES:
            raise Damaged("The device key is damaged", f"It has {SECRET_BYTES} bytes.")


def check_pin(typed: str) -> str:
    """The digits of a PIN that somebody may take.

    Raises:
        Invalid: It breaks a rule; the sentence never repeats it.
    """
    digits = digits_of(typed)
    if _is_common(digits):
        raise Invalid("Too many people take this PIN", "Choose digits without a row, a pattern or a repetition.")
    return digits


def digits_of(typed: str) -> str:
    """The digits 0 to 9 of a typed PIN, whatever script the keyboard writes.

    Raises:
        Invalid: It cannot be a PIN: too short, too long, or not digits only.
    """
    digits = "".join(str(unicodedata.decimal(sign, "?")) for sign in typed)
    if "?" in digits or not SHORTEST <= len(digits) <= LONGEST:
        raise Invalid(f"A PIN has {SHORTEST} to {LONGEST} digits", "Type digits only.")
    return digits


def wrapping_key(stretched: bytes, device_secret: bytes) -> bytes:
    """The key of a PIN's slot: 32 bytes that need both the stretched PIN and the device secret."""
    return hashlib.blake2b(b"sauti.pin.1\0" + stretched, key=device_secret, digest_size=32).digest()


def device_name(device_secret: bytes) -> str:
    """The public name of a device secret, 16 hex digits: tells another device's key from a wrong PIN."""
    return hashlib.blake2b(b"sauti.device.1", key=device_secret, digest_size=8).hexdigest()


def _is_common(digits: str) -> bool:
    return digits in _COMMON or _repeats(digits) or _runs(digits) or _runs_in_pairs(digits)


def _repeats(digits: str) -> bool:
    """One block again and again: 111111, 121212, 123123."""
    half = len(digits) // 2
    return any(digits == (digits[:size] * len(digits))[: len(digits)] for size in range(1, half + 1))


def _runs(digits: str) -> bool:
    """A row up or down, over the nought too: 345678, 890123, 987654."""
    return digits in _UP or digits in _DOWN


def _runs_in_pairs(digits: str) -> bool:
    """A row or one block with every digit doubled or tripled: 112233, 998877, 111222."""
    return any(
        digits == "".join(sign * times for sign in digits[::times]) and _runs(digits[::times]) for times in (2, 3)
    )
