"""Every kernel of the program by name; what the warm-up, the release build and their comparison go through."""

from __future__ import annotations

from imaging.kernels import compress, convert, envelope
from imaging.kernels.kernel import Kernel

KERNELS: dict[str, Kernel] = {
    kernel.name: kernel for kernel in (*envelope.KERNELS, *compress.KERNELS, *convert.KERNELS)
}
