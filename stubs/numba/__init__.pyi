from collections.abc import Callable
from typing import Any

from numba import types as types

class _Config:
    CACHE_DIR: str
    DISABLE_JIT: bool

config: _Config

def njit(signature: object = ..., **options: object) -> Callable[[Callable[..., Any]], Callable[..., Any]]: ...
