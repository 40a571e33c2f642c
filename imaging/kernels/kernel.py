"""What a kernel is: a plain function with a signature, so that one source serves Python, the JIT and the release build.

Signature: argument types separated by spaces. ``i64`` and ``f32`` are scalars; ``u8[:,:]`` is a C-contiguous array of
two dimensions that is only read, ``>u8[:,:]`` one that is written. Element types are i16, i32, i64, u8, u16, u32, f32.
A kernel fills arrays that it is given, for a range of rows ``lo <= row < hi``; it never allocates, raises, slices, or
imports anything.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kernel:
    """One kernel.

    Args:
        name: Unique; the symbol of the release build is ``k_<name>``.
        function: The source.
        signature: See the module.
        version: Counts changes of the output; part of every picture's digest.
        reassociate: Sums may be reordered (SIMD); only for filters, whose tolerance is stated.
    """

    name: str
    function: Callable[..., None]
    signature: str
    version: int
    reassociate: bool = False
