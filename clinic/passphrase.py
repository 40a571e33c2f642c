"""A site's recovery sentence: made once, shown once, written down on paper."""

from __future__ import annotations

from records.ids import Entropy

WORDS = 6
# Sixteen consonants and four vowels make a syllable six bits. Left out is what ears or hands mix up: r with l, v with
# b, c, q and x with k; and e, whose English name is the sound of Swahili i.
_CONSONANTS, _VOWELS = "bdfghjklmnpstwyz", "aiou"
_SYLLABLE_BITS = 6
_SYLLABLES = 2 * WORDS
BITS = _SYLLABLES * _SYLLABLE_BITS


def make_passphrase(entropy: Entropy) -> str:
    """Six words of two syllables each, as ``maji kuso tida bonu piga lowa``: exactly 72 random bits.

    Args:
        entropy: Gives random bytes; every bit of nine bytes is used once.
    """
    number = int.from_bytes(entropy(BITS // 8), "big")
    syllables = [_syllable(number >> shift & 63) for shift in range(BITS - _SYLLABLE_BITS, -1, -_SYLLABLE_BITS)]
    return " ".join(first + second for first, second in zip(syllables[::2], syllables[1::2], strict=True))


def spellings(typed: str) -> tuple[str, ...]:
    """What may be meant by a typed passphrase: as typed; else in small letters with single spaces, as they are made."""
    plain = " ".join(typed.lower().split())
    return (typed,) if plain == typed else (typed, plain)


def _syllable(bits: int) -> str:
    return _CONSONANTS[bits >> 2] + _VOWELS[bits & 3]
