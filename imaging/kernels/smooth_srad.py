"""Speckle-reducing anisotropic diffusion of a polar picture (Yu and Acton, IEEE Trans. Image Process. 11, 2002)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def smooth_srad(
    grey: NDArray[np.uint8],
    intensities: NDArray[np.float32],
    speckle: NDArray[np.float32],
    table: NDArray[np.uint8],
    dead: NDArray[np.uint8],
    image: NDArray[np.float32],
    flow: NDArray[np.float32],
    smooth: NDArray[np.uint8],
    lo: int,
    hi: int,
) -> None:
    """Diffuse where the picture varies as speckle does, and not across what varies more.

    Each step needs its neighbours' last step, so the whole picture is one row: ``lo`` to ``hi`` is 0 to 1.

    Args:
        grey: (lines, m).
        intensities: (256,) intensity of each grey, above 0.
        speckle: (steps,) squared coefficient of variation of speckle at each step, above 0.
        table: (65536,) grey of a float32 intensity whose upper 16 bits are the index.
        dead: (lines,) 1 where a line holds no echoes; nothing flows to or from it.
        image: (2 lines, m + 2) scratch: the picture before and after a step, its first and last column doubled.
        flow: (lines, m + 2) scratch.
        smooth: (lines, m) result.
        lo, hi: 0 and 1; 0 and 0 does nothing.
    """
    one = np.float32(1)
    quarter = np.float32(0.25)
    half = np.float32(0.5)
    eighth = np.float32(0.125)
    sixteenth = np.float32(0.0625)
    lines = grey.shape[0]
    m = grey.shape[1]
    for _ in range(lo, hi):
        for line in range(lines):
            for j in range(m):
                image[line, np.uintp(j + 1)] = intensities[np.uintp(grey[line, j])]
        before = 0
        after = lines
        for step in range(speckle.shape[0]):
            expected = speckle[step]
            scale = one / np.float32(expected * np.float32(one + expected))
            for line in range(lines):
                row = np.uintp(before + line)
                image[row, 0] = image[row, 1]
                image[row, np.uintp(m + 1)] = image[row, np.uintp(m)]
            for line in range(lines):
                row = np.uintp(before + line)
                left = max(line - 1, 0)
                right = min(line + 1, lines - 1)
                if dead[left] != 0:
                    left = line
                if dead[right] != 0:
                    right = line
                beside = np.uintp(before + left)
                beyond = np.uintp(before + right)
                for j in range(1, m + 1):
                    here = image[row, np.uintp(j)]
                    inverse = one / here
                    up = (image[row, np.uintp(j - 1)] - here) * inverse
                    down = (image[row, np.uintp(j + 1)] - here) * inverse
                    near = (image[beside, np.uintp(j)] - here) * inverse
                    far = (image[beyond, np.uintp(j)] - here) * inverse
                    slope = (up * up + down * down) + (near * near + far * far)
                    bend = (up + down) + (near + far)
                    mean = one + quarter * bend
                    varies = (half * slope - sixteenth * (bend * bend)) / (mean * mean)
                    excess = max(varies - expected, np.float32(0))
                    flow[line, np.uintp(j)] = one / (one + excess * scale)
                flow[line, np.uintp(m + 1)] = flow[line, np.uintp(m)]
            for line in range(lines):
                row = np.uintp(before + line)
                left = max(line - 1, 0)
                right = min(line + 1, lines - 1)
                if dead[left] != 0:
                    left = line
                if dead[right] != 0:
                    right = line
                beside = np.uintp(before + left)
                beyond = np.uintp(before + right)
                target = np.uintp(after + line)
                for j in range(1, m + 1):
                    here = image[row, np.uintp(j)]
                    own = flow[line, np.uintp(j)]
                    up = image[row, np.uintp(j - 1)] - here
                    near = image[beside, np.uintp(j)] - here
                    down = (image[row, np.uintp(j + 1)] - here) * flow[line, np.uintp(j + 1)]
                    far = (image[beyond, np.uintp(j)] - here) * flow[np.uintp(right), np.uintp(j)]
                    image[target, np.uintp(j)] = here + eighth * (own * (up + near) + (down + far))
            before, after = after, before
        for line in range(lines):
            row = np.uintp(before + line)
            for j in range(m):
                value = image[row, np.uintp(j + 1)]
                smooth[line, j] = table[np.uintp(np.float32(value).view(np.uint32) >> np.uint32(16))]
