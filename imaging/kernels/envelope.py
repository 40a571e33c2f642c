"""RF to power: one complex analytic band-pass, evaluated only at the samples that are kept (imaging.md, the chain)."""

from __future__ import annotations

from typing import Any

from imaging.kernels.kernel import Kernel

Array = Any


def split_phases(rf: Array, phases: Array, decimation: int, pad: int, lo: int, hi: int) -> None:
    """Split each line into contiguous arrays of every ``decimation``-th sample, its mean removed.

    Args:
        rf: (lines, n) int16.
        phases: (lines, decimation, m) float32; ``phases[l, d, i]`` is ``rf[l, i * decimation + d - pad]`` or zero.
        decimation: Every how many samples one is kept.
        pad: Zeros before the line, so that the filter's centre lies on the kept sample.
        lo, hi: Lines to do.
    """
    n = rf.shape[1]
    m = phases.shape[2]
    for line in range(lo, hi):
        total = 0
        for i in range(n):
            total += int(rf[line, i])
        mean = total / n
        for d in range(decimation):
            for i in range(m):
                at = i * decimation + d - pad
                if 0 <= at < n:
                    phases[line, d, i] = rf[line, at] - mean
                else:
                    phases[line, d, i] = 0.0


def band_power(phases: Array, taps: Array, sums: Array, power: Array, lo: int, hi: int) -> None:
    """Squared magnitude of the analytic signal in the band.

    Args:
        phases: From ``split_phases``.
        taps: (decimation, k, 2) float32, real and imaginary; k is a multiple of 4.
        sums: (lines, 2, n) float32 scratch.
        power: (lines, n) float32 result.
        lo, hi: Lines to do.
    """
    decimation = taps.shape[0]
    k = taps.shape[1]
    n = power.shape[1]
    for line in range(lo, hi):
        for j in range(n):
            sums[line, 0, j] = 0.0
            sums[line, 1, j] = 0.0
        for d in range(decimation):
            for q in range(0, k, 4):
                a0 = taps[d, q, 0]
                b0 = taps[d, q, 1]
                a1 = taps[d, q + 1, 0]
                b1 = taps[d, q + 1, 1]
                a2 = taps[d, q + 2, 0]
                b2 = taps[d, q + 2, 1]
                a3 = taps[d, q + 3, 0]
                b3 = taps[d, q + 3, 1]
                for j in range(n):
                    x0 = phases[line, d, j + q]
                    x1 = phases[line, d, j + q + 1]
                    x2 = phases[line, d, j + q + 2]
                    x3 = phases[line, d, j + q + 3]
                    sums[line, 0, j] += a0 * x0 + a1 * x1 + a2 * x2 + a3 * x3
                    sums[line, 1, j] += b0 * x0 + b1 * x1 + b2 * x2 + b3 * x3
        for j in range(n):
            re = sums[line, 0, j]
            im = sums[line, 1, j]
            power[line, j] = re * re + im * im


KERNELS = (
    Kernel("split_phases", split_phases, "i16[:,:] >f32[:,:,:] i64 i64 i64 i64", 1),
    Kernel("band_power", band_power, "f32[:,:,:] f32[:,:,:] >f32[:,:,:] >f32[:,:] i64 i64", 1, reassociate=True),
)
