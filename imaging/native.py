"""Kernels compiled ahead of time: small libraries, called with ctypes, the best level that this processor has.

They are made by ``packaging/kernels.py`` and lie beside the ``imaging`` folder in a bundle (``kernels/``), or in
``build/kernels/`` of the repository. Libraries made of other sources than the ones present are not used.
"""

from __future__ import annotations

import ctypes
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imaging.kernels.registry import KERNELS, Argument

LEVELS = ("x86-64", "x86-64-v3", "x86-64-v4")
_NUMBERED = {"x86-64-v3": 3, "x86-64-v4": 4}  # as the base library's ``sauti_level`` counts
MANIFEST = "kernels.json"
_HERE = Path(__file__).resolve().parent
_NUMBERS = {"i64": ctypes.c_int64, "f32": ctypes.c_float, "f64": ctypes.c_double}
_DTYPES = {
    "u8": np.dtype(np.uint8), "u16": np.dtype(np.uint16), "u32": np.dtype(np.uint32), "i8": np.dtype(np.int8),
    "i16": np.dtype(np.int16), "i32": np.dtype(np.int32), "i64": np.dtype(np.int64), "f32": np.dtype(np.float32),
    "f64": np.dtype(np.float64),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Library:
    """A file as its manifest has it."""

    path: Path
    sha256: str

    @property
    def whole(self) -> bool:
        """Whether it is the file that was built."""
        try:
            return hashlib.sha256(self.path.read_bytes()).hexdigest() == self.sha256
        except OSError:
            return False


class NativeKernels:
    """The kernels of one library.

    Args:
        level: Processor level that it was made for.
        path: The library.

    Raises:
        OSError: It does not load.
        AttributeError: A kernel is missing from it.
    """

    def __init__(self, level: str, path: Path) -> None:
        self.way = f"native:{level}"
        library = ctypes.CDLL(str(path))
        self._functions: dict[str, Any] = {}
        for kernel in KERNELS.values():
            function = getattr(library, f"k_{kernel.name}")
            function.restype = None
            function.argtypes = [kind for argument in kernel.arguments for kind in _c_types(argument)]
            self._functions[kernel.name] = function

    def call(self, name: str) -> Callable[..., None]:
        function, arguments = self._functions[name], KERNELS[name].arguments

        def run(*values: Any) -> None:  # noqa: ANN401  (whatever the signature says)
            if len(values) != len(arguments):
                raise TypeError(f"{name} takes {len(arguments)} arguments")
            function(*(part for pair in zip(arguments, values, strict=True) for part in _c_values(*pair)))

        return run

    def bind(self, name: str, *middle: NDArray[Any]) -> Callable[[NDArray[Any], int, int], None]:
        function, (first, *others) = self._functions[name], KERNELS[name].arguments
        if len(middle) != len(others) - 2:
            raise TypeError(f"{name} takes {len(others) - 2} arguments between its source and its row range")
        fixed = [part for pair in zip(others, middle, strict=False) for part in _c_values(*pair)]
        # most sources are the buffer of the step before, and are looked at once; held, so that no other takes its place
        seen: tuple[Any, tuple[Any, ...]] = (None, ())

        def run(source: NDArray[Any], lo: int, hi: int, _kept: object = middle) -> None:
            nonlocal seen
            last, values = seen  # in one piece: threads share this
            if source is not last:
                values = _c_values(first, source)
                seen = source, values
            function(*values, *fixed, lo, hi)

        return run


def load(level: str = "") -> NativeKernels | None:
    """The libraries of this installation at the level asked for, or the best one; None where there are none."""
    for folder in (_HERE.parent / "kernels", _HERE.parent / "build" / "kernels"):
        kernels = load_from(folder, level)
        if kernels is not None:
            return kernels
    return None


def load_from(folder: Path, level: str = "") -> NativeKernels | None:
    """The same, from one folder; None also where its libraries are of other sources, or damaged."""
    files = _listed(folder)
    base = files.get(LEVELS[0])
    for candidate in [level] if level else reversed(LEVELS):
        # loading a file that is cut short can end the process, so it must be whole, the one that is asked for CPUID too
        if candidate in files and base and _runs_here(candidate, base) and files[candidate].whole:
            try:
                return NativeKernels(candidate, files[candidate].path)
            except (OSError, AttributeError):  # as of a library for another machine
                continue
    return None


def library_name(level: str) -> str:
    """File name of a level's library."""
    return f"sauti-kernels-{level}.so"


def registry_digest() -> str:
    """Of all names, signatures and versions."""
    lines = [f"{kernel.name} {kernel.version} {kernel.signature}\n" for kernel in KERNELS.values()]
    return hashlib.sha256("".join(lines).encode("ascii")).hexdigest()


def source_digest() -> str:
    """Of the kernels' sources; empty in a bundle, which has none."""
    paths = sorted((_HERE / "kernels").glob("*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest() if paths else ""


def _listed(folder: Path) -> dict[str, Library]:
    """The libraries in a folder whose manifest fits this program, by level."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="ascii"))
        if manifest["registry"] != registry_digest() or source_digest() not in ("", manifest["sources"]):
            return {}
        levels = manifest["levels"].items()
        return {level: Library(folder / Path(entry["file"]).name, entry["sha256"]) for level, entry in levels}
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return {}


def _runs_here(level: str, base: Library) -> bool:
    """Whether this processor has the level, as the base library finds by CPUID."""
    if level == LEVELS[0]:
        return True
    try:
        return base.whole and bool(ctypes.CDLL(str(base.path)).sauti_level() >= _NUMBERED[level])
    except (OSError, AttributeError):
        return False


def _c_types(argument: Argument) -> list[type[Any]]:
    if argument.dimensions == 0:
        return [_NUMBERS[argument.type]]
    return [ctypes.c_void_p, *[ctypes.c_int64] * argument.dimensions]


def _c_values(argument: Argument, value: Any) -> tuple[Any, ...]:  # noqa: ANN401  (an array or a number)
    """Pointer and sizes; a wrong array is refused here, for behind the pointer nobody looks."""
    if argument.dimensions == 0:
        return (value,)
    if (
        value.dtype != _DTYPES[argument.type]
        or value.ndim != argument.dimensions
        or not value.flags.c_contiguous
        or (argument.written and not value.flags.writeable)
    ):
        raise TypeError(f"a kernel's argument is not {argument}")
    return (value.ctypes.data, *value.shape)
