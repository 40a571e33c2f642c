"""Power to grey by table: the upper 16 bits of a float32 are the index, so no logarithm and no square root."""

from __future__ import annotations

from typing import Any

from imaging.kernels.kernel import Kernel

Array = Any


def scale(power: Array, factor: float, lo: int, hi: int) -> None:
    """Multiply rows in place.

    Args:
        power: (lines, n) float32.
        factor: Brings the reference power to one.
        lo, hi: Lines to do.
    """
    n = power.shape[1]
    for line in range(lo, hi):
        for j in range(n):
            power[line, j] = power[line, j] * factor


def grey_of_bits(bits: Array, table: Array, grey: Array, lo: int, hi: int) -> None:
    """Grey of float32 values that are seen as their bit patterns.

    Args:
        bits: (lines, n) uint32, the bits of non-negative float32.
        table: (32768,) uint8, for the upper 16 bits.
        grey: (lines, n) uint8 result.
        lo, hi: Lines to do.
    """
    n = bits.shape[1]
    for line in range(lo, hi):
        for j in range(n):
            grey[line, j] = table[bits[line, j] >> 16]


def grey_of_codes(codes: Array, table: Array, grey: Array, lo: int, hi: int) -> None:
    """Grey of envelope codes.

    Args:
        codes: (lines, n) uint16.
        table: (65536,) uint8.
        grey: (lines, n) uint8 result.
        lo, hi: Lines to do.
    """
    n = codes.shape[1]
    for line in range(lo, hi):
        for j in range(n):
            grey[line, j] = table[codes[line, j]]


def grey_of_bytes(codes: Array, table: Array, grey: Array, lo: int, hi: int) -> None:
    """Grey of 8-bit envelope codes.

    Args:
        codes: (lines, n) uint8.
        table: (256,) uint8.
        grey: (lines, n) uint8 result.
        lo, hi: Lines to do.
    """
    n = codes.shape[1]
    for line in range(lo, hi):
        for j in range(n):
            grey[line, j] = table[codes[line, j]]


KERNELS = (
    Kernel("scale", scale, ">f32[:,:] f32 i64 i64", 1),
    Kernel("grey_of_bits", grey_of_bits, "u32[:,:] u8[:] >u8[:,:] i64 i64", 1),
    Kernel("grey_of_codes", grey_of_codes, "u16[:,:] u8[:] >u8[:,:] i64 i64", 1),
    Kernel("grey_of_bytes", grey_of_bytes, "u8[:,:] u8[:] >u8[:,:] i64 i64", 1),
)
