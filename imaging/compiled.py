"""The one door to compiled kernels: libraries made ahead of time where they are present, else the JIT.

``SAUTI_KERNELS`` (or an argument) forces a way: ``native``, ``native:x86-64`` for one level, ``jit``, or ``python``.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from typing import Any, Protocol

from numpy.typing import NDArray

from imaging import native
from imaging.errors import NoKernels
from imaging.kernels.registry import KERNELS

Bound = Callable[[NDArray[Any], int, int], None]


class Kernels(Protocol):
    """All kernels of the registry, compiled in one way."""

    @property
    def way(self) -> str:
        """How: ``native:`` and the level, ``jit`` or ``python``."""

    def call(self, name: str) -> Callable[..., None]:
        """The kernel, called with all its arguments."""

    def bind(self, name: str, *middle: NDArray[Any]) -> Bound:
        """The kernel with everything fixed but its first array and its row range."""


class FunctionKernels:
    """Kernels that are Python callables: compiled by the JIT, or not at all.

    Args:
        way: What ``way`` says.
        compile: Makes the callable of a kernel's name.
    """

    def __init__(self, way: str, compile: Callable[[str], Callable[..., None]]) -> None:
        self.way = way
        self._compile = compile
        self._functions: dict[str, Callable[..., None]] = {}

    def call(self, name: str) -> Callable[..., None]:
        if name not in self._functions:
            self._functions[name] = self._compile(name)
        return self._functions[name]

    def bind(self, name: str, *middle: NDArray[Any]) -> Bound:
        function = self.call(name)

        def run(source: NDArray[Any], lo: int, hi: int) -> None:
            function(source, *middle, lo, hi)

        return run


def kernels(way: str = "") -> Kernels:
    """The kernels, compiled the way asked for, or the best one that this installation has.

    Raises:
        NoKernels: The way asked for is not here.
    """
    return _kernels(way or os.environ.get("SAUTI_KERNELS", ""))


@cache
def _kernels(way: str) -> Kernels:
    if way in ("", "native") or way.startswith("native:"):
        library = native.load(way.partition(":")[2])
        if library is not None:
            return library
        if way:
            raise NoKernels(f"There are no kernel libraries for {way!r} here", "Run: make kernels")
    if way == "python":
        return FunctionKernels("python", lambda name: KERNELS[name].function())
    if way in ("", "jit"):
        return _just_in_time()
    raise NoKernels(f"{way!r} is no way to run kernels", "Use native, jit or python.")


def _just_in_time() -> Kernels:
    try:
        from imaging.jit import compile_kernel
    except ImportError as error:
        raise NoKernels("The imaging kernels are missing from this installation", "Install Sauti again.") from error
    return FunctionKernels("jit", lambda name: compile_kernel(KERNELS[name]))
