"""Scratch begins on a page, and is otherwise an array like any other."""

from __future__ import annotations

import numpy as np
import pytest

from imaging import scratch


@pytest.mark.parametrize("shape", [(1,), (7, 13), (3, 0)])
@pytest.mark.parametrize("kind", [np.uint8, np.float32, np.int64])
def test_it_begins_on_a_page(shape: tuple[int, ...], kind: type[np.generic]) -> None:
    kept = [scratch.zeros(shape, kind) for _ in range(9)]
    for array in kept:
        assert array.ctypes.data % 4096 == 0 or not array.size
        assert (array.shape, array.dtype) == (shape, np.dtype(kind))
        assert array.flags.c_contiguous
        assert array.flags.writeable
        assert not array.any()
