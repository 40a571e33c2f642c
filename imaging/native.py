"""Kernels compiled ahead of time (packaging/kernels.py): small libraries, one per processor level, called by ctypes.

ctypes lets go of the GIL during a call, so row ranges run side by side on an executor. Arrays are passed as a pointer
and their sizes; a wrong array would be read beyond its end, so every call checks type, order and dimensions first.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from imaging.kernels.registry import KERNELS

# Best first. Each is the LLVM name of a processor level; CPUID says which of them this processor has.
LEVELS = ("x86-64-v3", "x86-64")
_ELEMENTS: dict[str, tuple[str, Any]] = {
    "i16": ("int16", None), "i32": ("int32", None), "i64": ("int64", ctypes.c_int64), "u8": ("uint8", None),
    "u16": ("uint16", None), "u32": ("uint32", None), "f32": ("float32", ctypes.c_float),
}  # fmt: skip


def folder() -> Path:
    """Where the libraries lie: beside this package in the binary, in ``build/kernels`` of a source tree."""
    if getattr(sys, "frozen", False):
        return Path(__file__).parent / "libraries"
    return Path(__file__).parents[1] / "build" / "kernels"


def kernel(name: str) -> Callable[..., None] | None:
    """The ahead-of-time kernel for this processor, or None where the program has none.

    A source tree uses them only when ``SAUTI_KERNELS=native`` asks for it: there the JIT follows a changing source.
    """
    if not getattr(sys, "frozen", False) and os.environ.get("SAUTI_KERNELS") != "native":
        return None
    level = best_level()
    return None if level is None else bind(level, name)


@cache
def best_level() -> str | None:
    """The best level that is both built and supported by this processor."""
    for level in LEVELS:
        path = folder() / f"libsauti-{level}.so"
        if path.is_file() and _supported(level):
            return level
    return None


def bind(level: str, name: str) -> Callable[..., None]:
    """The kernel of a library as a function of arrays and numbers."""
    function = getattr(_library(level), f"k_{name}")
    arguments = KERNELS[name].signature.split()
    function.restype = None
    function.argtypes = [kind for word in arguments for kind in _c_types(word)]
    converters = tuple(_converter(word) for word in arguments)

    def call(*values: Any) -> None:  # noqa: ANN401
        flat: list[Any] = []
        for convert, value in zip(converters, values, strict=True):
            flat.extend(convert(value))
        function(*flat)

    return call


@cache
def _library(level: str) -> ctypes.CDLL:
    return ctypes.CDLL(str(folder() / f"libsauti-{level}.so"))


def _supported(level: str) -> bool:
    if level == "x86-64":
        return True
    base = folder() / "libsauti-x86-64.so"
    return base.is_file() and bool(_library("x86-64").sauti_has_v3())


def _c_types(word: str) -> Sequence[Any]:
    element, _, shape = word.lstrip(">").partition("[")
    if not shape:
        return (_ELEMENTS[element][1],)
    return (ctypes.c_void_p, *(ctypes.c_int64,) * shape.count(":"))


def _converter(word: str) -> Callable[[Any], Sequence[Any]]:
    element, _, shape = word.lstrip(">").partition("[")
    if not shape:
        return lambda value: (value,)
    kind, dimensions = np.dtype(_ELEMENTS[element][0]), shape.count(":")

    def convert(array: Any) -> Sequence[Any]:  # noqa: ANN401
        if array.dtype != kind or array.ndim != dimensions or not array.flags.c_contiguous:
            raise TypeError(f"a kernel expects {word}, not {array.dtype} of {array.ndim} dimensions")
        return (array.ctypes.data, *array.shape)

    return convert
