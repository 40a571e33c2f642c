"""What is fuzzed: bytes in, and a promise about them that ``run`` breaks by raising."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib import import_module

LONGEST = 4096


class Broken(AssertionError):
    """A decoder did not keep its promise."""


@dataclass(frozen=True)
class Target:
    """One decoder.

    Args:
        name: ``group:what``.
        run: Takes an input of at most ``LONGEST`` bytes; raises for a broken promise, and for nothing else. Gives how
            many bytes the decoder had of it, where an input only describes them.
        seeds: Good inputs, made when they are asked for; nothing binary lies in the repository.
        modules: Where the words of the dictionary stand; asked when they are needed.
    """

    name: str
    run: Callable[[bytes], int | None]
    seeds: Callable[[], Sequence[bytes]]
    modules: Callable[[], tuple[str, ...]]

    def words(self) -> list[bytes]:
        """Marks and keys of the protocol: the constants of the modules' own code."""
        found: set[bytes] = set()
        for name in self.modules():
            module = import_module(name)
            for value in vars(module).values():
                found |= set(_words(value, name))
        return sorted(found)


def _words(value: object, module: str) -> Iterable[bytes]:
    match value:
        case bytes():
            yield value
        case str() if value.isprintable():
            yield value.encode()
        case types.FunctionType() if value.__module__ == module:
            yield from _constants(value.__code__)
        case _:
            for each in _inside(value, module):
                yield from _words(each, module)


def _inside(value: object, module: str) -> Iterable[object]:
    if isinstance(value, type) and value.__module__ == module:
        return list(vars(value).values())
    if isinstance(value, dict):
        return [*value.keys(), *value.values()]
    return value if isinstance(value, tuple | frozenset) else ()


def _constants(code: types.CodeType) -> Iterable[bytes]:
    for constant in code.co_consts[1:]:  # the first is the docstring, or None
        if isinstance(constant, types.CodeType):
            yield from _constants(constant)
        elif isinstance(constant, bytes):
            yield constant
        elif isinstance(constant, str) and constant.isascii():
            yield constant.encode()


def dictionary(target: Target) -> list[bytes]:
    """The target's words that a fuzzer can use."""
    return [word for word in target.words() if 2 <= len(word) <= 48]
