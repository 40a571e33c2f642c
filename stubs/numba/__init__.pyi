from collections.abc import Callable
from typing import Any

from numba import types as types

class _Config:
    CACHE_DIR: str
    DISABLE_JIT: bool

config: _Config

def njit(
    signature: object = ...,
    *,
    nogil: bool = ...,
    cache: bool = ...,
    error_model: str = ...,
    boundscheck: bool = ...,
    fastmath: bool | set[str] = ...,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]: ...
