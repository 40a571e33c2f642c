"""Every kernel by name: where it is, what it takes, which version its numbers have. Imports no kernel.

Signature grammar (docs/reference/kernels.md): words divided by spaces, one per argument; a word is a type of ``u8 u16
u32 i8 i16 i32 i64 f32 f64``, then ``[:]`` or ``[:,:]`` for an array in C order, then ``!`` if the kernel writes to it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

_WORD = re.compile(r"(u8|u16|u32|i8|i16|i32|i64|f32|f64)(\[:\]|\[:,:\])?(!)?")


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument: element type, number of dimensions (0 for a number), whether the kernel writes to it."""

    type: str
    dimensions: int
    written: bool


@dataclass(frozen=True, slots=True)
class Kernel:
    """A plain function over arrays.

    Args:
        name: What it is called everywhere; ``k_`` and this in a library.
        target: ``module:function``.
        signature: Its arguments, see the module.
        version: Raised whenever its numbers change: it is part of a picture's digest.
        contract: A multiplication and an addition may be rounded once, where the processor can.
    """

    name: str
    target: str
    signature: str
    version: int
    contract: bool = False

    @property
    def arguments(self) -> tuple[Argument, ...]:
        """The signature, taken apart.

        Raises:
            ValueError: It is not of the grammar.
        """
        return tuple(_argument(word) for word in self.signature.split(" "))

    def function(self) -> Callable[..., None]:
        """The plain Python function."""
        module, _, attribute = self.target.partition(":")
        function: Callable[..., None] = getattr(import_module(module), attribute)
        return function


def _argument(word: str) -> Argument:
    match = _WORD.fullmatch(word)
    if match is None or (match[3] and not match[2]):
        raise ValueError(f"{word!r} is no argument of a kernel signature")
    return Argument(match[1], {None: 0, "[:]": 1, "[:,:]": 2}[match[2]], match[3] is not None)


def _table(*kernels: Kernel) -> dict[str, Kernel]:
    return {kernel.name: kernel for kernel in kernels}


def _own(name: str, file: str, signature: str, version: int, contract: bool = False) -> Kernel:
    return Kernel(name, f"imaging.kernels.{file}:{name}", signature, version, contract)


KERNELS: dict[str, Kernel] = _table(
    _own(
        "detect_rf",
        "detect_rf",
        "i16[:,:] i32[:,:] f32[:,:] i64[:] f32[:] u8[:] f32[:,:]! f32[:,:]! u8[:,:]! u8[:]! i64 i64",
        2,
        contract=True,
    ),
    _own("cell_rows", "cell_rows", "u8[:,:] u8[:,:] u8[:,:] i32[:] u8[:,:]! i32[:]! i64 i64", 1),
    _own(
        "fit_grey",
        "fit_grey",
        "u8[:,:] i32[:] i32[:,:] i32[:] i32[:,:] i32[:]! u8[:,:]! i64 i64",
        2,
    ),
    _own("grey_u8", "grey_envelope", "u8[:,:] i32[:] i32[:] u8[:] u8[:,:]! i64 i64", 2),
    _own("grey_u16", "grey_envelope", "u16[:,:] i32[:] i32[:] u8[:] u8[:,:]! i64 i64", 2),
    _own("detect_iq", "detect_iq", "i16[:,:] i64[:] f32[:] u8[:] f32[:]! u8[:,:]! u8[:]! i64 i64", 1),
    _own("double_iq", "double_iq", "i16[:,:] f32[:] f32[:,:]! u8[:]! i64 i64", 1, contract=True),
    _own(
        "filter_rf",
        "filter_rf",
        "i16[:,:] i32[:,:] f32[:,:] f32[:,:]! f32[:,:]! u8[:]! i64 i64",
        2,
        contract=True,
    ),
    _own(
        "focus_lines",
        "focus_lines",
        "f32[:,:] i32[:,:] i32[:,:] i32[:,:] f32[:,:] f32[:,:] f32[:] i64[:] f32[:] u8[:] f32[:,:]! u8[:,:]! u8[:]"
        " i64 i64",
        1,
        contract=True,
    ),
    _own("blend", "blend", "u8[:,:] i32[:] u8[:,:] u16[:,:]! u8[:,:]! i64 i64", 2),
    _own(
        "smooth_srad",
        "smooth_srad",
        "u8[:,:] f32[:] f32[:] u8[:] u8[:] f32[:,:]! f32[:,:]! u8[:,:]! i64 i64",
        1,
    ),
    _own("smooth_guided", "smooth_guided", "u8[:,:] f32[:] u8[:] i32[:,:]! f32[:,:]! u8[:,:]! i64 i64", 1),
    _own("draw_columns", "draw_columns", "u8[:,:] i32[:] i32[:] i64[:] u8[:,:]! i64 i64", 1),
    _own("mean_seen", "mean_seen", "u8[:,:] u8[:,:] u8[:,:]! i64 i64", 1),
    _own("survey", "survey", "u8[:,:] u8[:,:] i32[:] i32[:,:]! i64 i64", 1),
    _own("pack_quads", "pack_quads", "u8[:,:] u8[:] u32[:,:]! i64 i64", 1),
    _own(
        "sixel_bands",
        "sixel",
        "u8[:,:] u8[:] i32[:,:]! u8[:,:]! i32[:]! u8[:]! i32[:]! u8[:,:]! i32[:]! i64 i64",
        1,
    ),
    _own("turn_channels", "turn_channels", "i16[:,:] i64[:] f32[:,:]! f32[:,:]! i64 i64", 1),
    _own("filter_channels", "filter_channels", "f32[:,:] f32[:,:] f32[:,:] i64[:] f32[:,:]! i64 i64", 1, contract=True),
    _own(
        "sum_aligned",
        "sum_aligned",
        "f32[:,:] i32[:,:] i32[:,:] f32[:,:] i64[:] f32[:,:]! f32[:,:]! i64 i64",
        1,
        contract=True,
    ),
    _own(
        "cohere_aligned",
        "cohere_aligned",
        "f32[:,:] i32[:,:] i32[:,:] f32[:,:] i64[:] f32[:,:]! f32[:,:]! f32[:,:]! i64 i64",
        1,
        contract=True,
    ),
    _own(
        "cohere_free",
        "cohere_free",
        "f32[:,:] f32[:,:] f32[:,:] f32[:,:] i32[:,:] f32[:] f32[:] f32[:] i64[:] i32[:]! f32[:,:]! f32[:,:]!"
        " f32[:,:]! f32[:,:]! i64 i64",
        2,
        contract=True,
    ),
    _own(
        "correlate_ensemble",
        "correlate_ensemble",
        "f32[:,:] f32[:,:] f32[:,:]! f32[:,:]! f32[:,:]! f32[:,:]! i64 i64",
        1,
        contract=True,
    ),
    _own("magnitude", "magnitude", "f32[:,:] f32[:,:]! i64 i64", 1),
    _own("scan_convert", "scan_convert", "u32[:] i32[:,:] i32[:] u16[:] u32[:]! u16[:,:]! u8[:,:]! i64 i64", 2),
)
