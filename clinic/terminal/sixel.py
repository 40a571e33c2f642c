"""Grey pictures as sixel: a fixed palette of greys, and the bands from the kernel."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from imaging.compiled import kernels

BAND_ROWS = 6
LADDER = (64, 32, 24, 16)
_END = b"\x1b\\"


def grey_levels(count: int) -> NDArray[np.uint8]:
    """(256,) the register of each grey, for so many equally spaced registers."""
    return np.rint(np.arange(256) * (count - 1) / 255).astype(np.uint8)


def shown_percent(count: int) -> NDArray[np.int64]:
    """(count,) brightness of each register in percent, as it is sent: sixel knows no finer steps."""
    return np.rint(np.arange(count) * 100 / (count - 1)).astype(np.int64)


class SixelEncoder:
    """Encodes pictures of one size at one number of greys; owns its buffers.

    Args:
        width_px: Of the picture.
        height_px: A multiple of six, or the last rows are left out.
        levels: Greys, 2 to 100.
    """

    def __init__(self, width_px: int, height_px: int, levels: int) -> None:
        self.width_px = width_px
        self.height_px = height_px - height_px % BAND_ROWS
        self.levels = levels
        bands = self.height_px // BAND_ROWS
        self._encode = kernels().call("sixel_bands")
        self._registers = grey_levels(levels)
        self._xs = np.zeros((levels, width_px), np.int32)
        self._masks = np.zeros((levels, width_px), np.uint8)
        self._counts = np.zeros(levels, np.int32)
        self._chars = np.zeros(2 * width_px + 2, np.uint8)
        self._lengths = np.zeros(2 * width_px + 2, np.int32)
        self._out = np.zeros((bands, 40 * width_px + 8 * levels), np.uint8)
        self._sizes = np.zeros(bands, np.int32)
        palette = "".join(f"#{i};2;{p};{p};{p}" for i, p in enumerate(shown_percent(levels).tolist()))
        self._head = f'\x1bP0;0;0q"1;1;{width_px};{self.height_px}{palette}'.encode("ascii")

    def encode(self, grey: NDArray[np.uint8]) -> str:
        """The picture as one escape sequence; (height_px, width_px) grey in C order.

        Raises:
            ValueError: It has another size.
        """
        if grey.shape[1] != self.width_px or grey.shape[0] < self.height_px:
            raise ValueError(f"a picture of {grey.shape} is not {self.width_px} x {self.height_px}")
        bands = len(self._sizes)
        pixels = np.ascontiguousarray(grey[: self.height_px])
        self._encode(
            pixels, self._registers, self._xs, self._masks, self._counts, self._chars, self._lengths, self._out,
            self._sizes, 0, bands,
        )  # fmt: skip
        parts = [self._out[band, : self._sizes[band]].tobytes() for band in range(bands)]
        return b"".join((self._head, *parts, _END)).decode("ascii")
