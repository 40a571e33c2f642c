"""Numba for the peers, with a cache: ultraspy compiles for 15 s in every process, which is told once and not each time.

Imported before a peer; what it compiles is kept beside the package. Calls that are timed are the same.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

os.environ.setdefault("NUMBA_NUM_THREADS", "1")

import numba


@contextmanager
def kept() -> Iterator[None]:
    """Inside, ``numba.njit`` keeps what it compiles."""
    plain = numba.njit

    def keeping(*functions: Callable[..., Any], **options: object) -> Callable[..., Any]:
        made: Callable[..., Any] = plain(**{**options, "cache": True})
        return made(*functions) if functions else made

    numba.njit = keeping
    try:
        yield
    finally:
        numba.njit = plain
