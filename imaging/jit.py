"""Kernels compiled at run time: for development and tests. The only module that imports numba."""

from __future__ import annotations

from typing import Any

import numba
from numba import types

from imaging.kernels.kernel import Kernel

_ELEMENTS = {
    "i16": types.int16,
    "i32": types.int32,
    "i64": types.int64,
    "u8": types.uint8,
    "u16": types.uint16,
    "u32": types.uint32,
    "f32": types.float32,
}


def numba_signature(signature: str) -> Any:  # noqa: ANN401  (numba has no types of its own to name)
    """Numba's form of a kernel's signature."""
    return types.void(*(_argument(word) for word in signature.split()))


def compile_kernel(kernel: Kernel) -> Any:  # noqa: ANN401
    """Compile a kernel for its signature, from numba's cache when it is there."""
    options: dict[str, Any] = {"nogil": True, "error_model": "numpy", "boundscheck": False}
    if kernel.reassociate:
        options["fastmath"] = {"reassoc", "contract", "nsz"}
    signature = numba_signature(kernel.signature)
    try:
        return numba.njit(signature, cache=True, **options)(kernel.function)
    except RuntimeError:
        # Neither the source's folder nor the user's cache can be written: compile without keeping it.
        return numba.njit(signature, **options)(kernel.function)


def _argument(word: str) -> Any:  # noqa: ANN401
    element, _, shape = word.lstrip(">").partition("[")
    kind = _ELEMENTS[element]
    return types.Array(kind, shape.count(":"), "C", readonly=word[0] != ">") if shape else kind
