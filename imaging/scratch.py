"""Buffers for kernels that begin on a page, as NumPy's own do only by luck.

A vector that lies across two cache lines costs two fetches. And a load whose address agrees with that of a store just
before it in the last 12 bits waits for it: the band-pass of RF takes up to 40 % longer where chance puts its output a
little behind its input within the page (decision 0164).
"""

from __future__ import annotations

import math
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

_PAGE_BYTES = 4096
Element = TypeVar("Element", bound=np.generic)


def zeros(shape: tuple[int, ...], dtype: type[Element]) -> NDArray[Element]:
    """An array of zeros in C order whose first element is the first of a page."""
    kind = np.dtype(dtype)
    size = math.prod(shape) * kind.itemsize
    room = np.zeros(size + _PAGE_BYTES, np.uint8)
    start = -room.ctypes.data % _PAGE_BYTES
    return room[start : start + size].view(kind).reshape(shape)
