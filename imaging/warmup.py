"""The named step that makes every kernel ready, so that no frame waits for a compiler. Never run by an import."""

from __future__ import annotations

from collections.abc import Callable

from imaging.compiled import Kernels, kernels
from imaging.kernels.registry import KERNELS


def warm_up(progress: Callable[[str, int, int], None] | None = None, ready: Kernels | None = None) -> str:
    """Load or compile every kernel.

    Args:
        progress: Told the name of each kernel before it is made ready, how many are done, and how many there are.
        ready: Kernels, when not the best ones of this installation.

    Returns:
        The way in which kernels run here: ``native:`` and a level, ``jit`` or ``python``.

    Raises:
        NoKernels: Kernels are missing from this installation.
    """
    compiled = ready or kernels()
    for done, name in enumerate(KERNELS):
        if progress is not None:
            progress(name, done, len(KERNELS))
        compiled.call(name)
    return compiled.way
