"""Sixel bands: grey pixels as the bytes that a terminal draws (DEC STD 070), work in proportion to the pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def sixel_bands(
    pixels: NDArray[np.uint8],
    levels: NDArray[np.uint8],
    xs: NDArray[np.int32],
    masks: NDArray[np.uint8],
    counts: NDArray[np.int32],
    chars: NDArray[np.uint8],
    lengths: NDArray[np.int32],
    out: NDArray[np.uint8],
    sizes: NDArray[np.int32],
    lo: int,
    hi: int,
) -> None:
    """Encode bands of six rows; every pixel is drawn, in the colour register of its level.

    One pass over a band's pixels lists, for each colour, the columns where it stands and its six-bit mask; then each
    colour's columns are written as runs. No sort, and no search over colours that are absent.

    Args:
        pixels: (6 * bands, width) grey.
        levels: (256,) colour register of each grey.
        xs, masks: (colours, width) scratch: columns and masks of each colour.
        counts: (colours,) scratch: how many of them.
        chars, lengths: (2 * width + 2,) scratch: runs of one colour.
        out: (bands, room) result, room at least 40 * width + 8 * colours.
        sizes: (bands,) result: bytes of each band.
        lo, hi: Bands to do.
    """
    width = pixels.shape[1]
    colours = counts.shape[0]
    for band in range(lo, hi):
        for colour in range(colours):
            counts[colour] = 0
        for x in range(width):
            for bit in range(6):
                colour = int(levels[pixels[6 * band + bit, x]])
                n = int(counts[colour])
                if n > 0 and xs[colour, n - 1] == x:
                    masks[colour, n - 1] = int(masks[colour, n - 1]) | (1 << bit)
                else:
                    xs[colour, n] = x
                    masks[colour, n] = 1 << bit
                    counts[colour] = n + 1
        at = 0
        for colour in range(colours):
            entries = int(counts[colour])
            if entries == 0:
                continue
            if at > 0:
                out[band, at] = 36  # $: back to the band's start
                at += 1
            out[band, at] = 35  # #: choose a register
            at += 1
            if colour > 9:
                out[band, at] = 48 + colour // 10
                at += 1
            out[band, at] = 48 + colour % 10
            at += 1
            runs = 0
            next_x = 0
            for i in range(entries):
                x = int(xs[colour, i])
                char = 63 + int(masks[colour, i])
                if x > next_x:
                    chars[runs] = 63
                    lengths[runs] = x - next_x
                    runs += 1
                if runs > 0 and x == next_x and int(chars[runs - 1]) == char:
                    lengths[runs - 1] = int(lengths[runs - 1]) + 1
                else:
                    chars[runs] = char
                    lengths[runs] = 1
                    runs += 1
                next_x = x + 1
            for run in range(runs):
                length = int(lengths[run])
                if length > 3:
                    out[band, at] = 33  # !: repeat
                    at += 1
                    if length > 999:
                        out[band, at] = 48 + length // 1000
                        at += 1
                    if length > 99:
                        out[band, at] = 48 + length // 100 % 10
                        at += 1
                    if length > 9:
                        out[band, at] = 48 + length // 10 % 10
                        at += 1
                    out[band, at] = 48 + length % 10
                    at += 1
                    length = 1
                for _ in range(length):
                    out[band, at] = chars[run]
                    at += 1
        out[band, at] = 45  # -: next band
        sizes[band] = at + 1
