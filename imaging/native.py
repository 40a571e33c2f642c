"""Kernels compiled ahead of time: libraries loaded with ctypes, the best level that this processor has."""

from __future__ import annotations

from imaging.kernels.registry import KERNELS  # noqa: F401


def load(level: str = "") -> None:
    """PLACEHOLDER"""
    return None
