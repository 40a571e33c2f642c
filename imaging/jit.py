"""The only place that knows numba: kernels compiled as they are needed, and kept in a cache.

The cache lies in the repository's ``.cache/`` when run from source, else in the user's cache folder. Where neither can
be written, kernels are compiled in every process: slower, and nothing else changes.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
from numba import types

from imaging.kernels.registry import Argument, Kernel

_TYPES = {
    "u8": types.uint8, "u16": types.uint16, "u32": types.uint32, "i8": types.int8, "i16": types.int16,
    "i32": types.int32, "i64": types.int64, "f32": types.float32, "f64": types.float64,
}  # fmt: skip


def compile_kernel(kernel: Kernel) -> Callable[..., None]:
    """The kernel as machine code for this processor; plain Python where numba is told to stay out."""
    function: Callable[..., None] = numba.njit(signature(kernel), cache=_cache_ready(), **options(kernel))(
        kernel.function()
    )
    return function


def options(kernel: Kernel) -> dict[str, Any]:
    """How numba is to compile a kernel: the same for the JIT and ahead of time."""
    return {
        "nogil": True,
        "error_model": "numpy",
        "boundscheck": False,
        "fastmath": {"contract"} if kernel.contract else False,
    }


def signature(kernel: Kernel) -> object:
    """The kernel's signature in numba's terms."""
    return types.void(*(_type(argument) for argument in kernel.arguments))


def _type(argument: Argument) -> object:
    element = _TYPES[argument.type]
    if argument.dimensions == 0:
        return element
    return types.Array(element, argument.dimensions, "C", readonly=not argument.written)


def _cache_ready() -> bool:
    """Point numba at a folder that can be written; False where there is none."""
    if numba.config.CACHE_DIR:
        return _writable(Path(numba.config.CACHE_DIR))
    for folder in _cache_folders():
        if _writable(folder):
            numba.config.CACHE_DIR = str(folder)
            return True
    return False


def _cache_folders() -> list[Path]:
    root = Path(__file__).resolve().parents[1]
    folders = [root / ".cache" / "numba"] if (root / "pyproject.toml").is_file() else []
    said = os.environ.get("XDG_CACHE_HOME", "")
    try:
        users = Path(said) if said.startswith("/") else Path.home() / ".cache"
    except RuntimeError:
        return folders
    return [*folders, users / "sauti" / "numba"]


def _writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False
