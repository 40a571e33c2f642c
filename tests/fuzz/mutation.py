"""How an input is changed: by bytes, by words of the protocol, by pieces of good inputs, and then often sealed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from tests.fuzz.sealing import sealed
from tests.fuzz.target import LONGEST

ByBytes = Callable[[bytes, int], bytes]


class Mutator:
    """Changes inputs of one target.

    Args:
        seeds: Good inputs.
        words: The dictionary.
    """

    def __init__(self, seeds: Sequence[bytes], words: Sequence[bytes]) -> None:
        self._seeds = [seed[:LONGEST] for seed in seeds] or [b"\0"]
        self._words = list(words) or [b"\0\0"]

    def __call__(self, data: bytes, limit: int, seed: int, by_bytes: ByBytes | None = None) -> bytes:
        """Another input of at most ``limit`` bytes; ``by_bytes`` is the fuzzer's own way, if there is a fuzzer."""
        random = np.random.default_rng(seed)
        out = bytearray(data)
        for _ in range(int(random.integers(1, 4))):
            if by_bytes is not None and random.random() < 0.5:
                out = bytearray(by_bytes(bytes(out), limit))
            else:
                _CHANGES[int(random.integers(len(_CHANGES)))](self, random, out)
        changed = bytes(out[:limit])
        return sealed(changed)[:limit] if random.random() < 0.5 else changed

    def fresh(self, seed: int) -> bytes:
        """An input out of nothing: random bytes, or a seed that was changed."""
        random = np.random.default_rng((seed, 1))
        if random.random() < 0.3:
            return random.bytes(int(random.integers(1, LONGEST)))
        return self(self._seeds[int(random.integers(len(self._seeds)))], LONGEST, seed)

    def _flip(self, random: np.random.Generator, out: bytearray) -> None:
        for _ in range(int(random.integers(1, 6))):
            if out:
                out[int(random.integers(len(out)))] = int(random.integers(256))

    def _drop(self, random: np.random.Generator, out: bytearray) -> None:
        at = int(random.integers(len(out) + 1))
        del out[at : at + int(random.integers(1, 70))]

    def _insert(self, random: np.random.Generator, out: bytearray) -> None:
        at = int(random.integers(len(out) + 1))
        out[at:at] = random.bytes(int(random.integers(1, 70)))

    def _word(self, random: np.random.Generator, out: bytearray) -> None:
        word = self._words[int(random.integers(len(self._words)))]
        at = int(random.integers(len(out) + 1))
        out[at : at + (len(word) if random.random() < 0.5 else 0)] = word

    def _piece(self, random: np.random.Generator, out: bytearray) -> None:
        seed = self._seeds[int(random.integers(len(self._seeds)))]
        start = int(random.integers(len(seed)))
        at = int(random.integers(len(out) + 1))
        out[at:at] = seed[start : start + int(random.integers(1, 1500))]

    def _double(self, random: np.random.Generator, out: bytearray) -> None:
        at = int(random.integers(len(out) + 1))
        out[at:at] = out[at : at + int(random.integers(1, 400))]

    def _extreme(self, random: np.random.Generator, out: bytearray) -> None:
        """A number at its end: what lengths and counters are hurt by."""
        wide = int((1, 2, 4, 8)[int(random.integers(4))])
        value = (b"\xff" * wide, b"\0" * wide, b"\xff" * (wide - 1) + b"\x7f")[int(random.integers(3))]
        at = int(random.integers(len(out) + 1))
        out[at : at + wide] = value


_CHANGES = (
    Mutator._flip, Mutator._drop, Mutator._insert, Mutator._word, Mutator._piece, Mutator._double, Mutator._extreme,
)  # fmt: skip
