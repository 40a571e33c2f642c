"""The one door to a kernel that runs: ahead-of-time library if the program has one for this processor, else the JIT."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from imaging.kernels.registry import KERNELS


@cache
def kernel(name: str) -> Callable[..., None]:
    """The compiled kernel of that name; compiled at the first call if it must be, never at import."""
    from imaging import native

    found = native.kernel(name)
    if found is not None:
        return found
    from imaging.jit import compile_kernel

    compiled: Callable[..., None] = compile_kernel(KERNELS[name])
    return compiled


def warm_up(tell: Callable[[str, int, int], None] = lambda name, done, of: None) -> None:
    """Get every kernel ready, as a step of its own.

    Args:
        tell: Told each kernel's name, how many are ready, and of how many.
    """
    for done, name in enumerate(KERNELS, start=1):
        kernel(name)
        tell(name, done, len(KERNELS))
