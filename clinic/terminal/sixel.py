"""Grey pictures as sixel: a fixed palette of greys and inks, and the bands from the kernel."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from textual.geometry import Region

from clinic.terminal.inks import COLOURS, INKS
from clinic.terminal.marks import Marks
from clinic.terminal.painter import Grey, inked
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


def _palette(levels: int) -> str:
    greys = [(int(percent),) * 3 for percent in shown_percent(levels)]
    inks = [tuple(round(part * 100 / 255) for part in COLOURS[ink]) for ink in INKS]
    return "".join(f"#{i};2;{r};{g};{b}" for i, (r, g, b) in enumerate([*greys, *inks]))


class SixelEncoder:
    """Encodes pictures of one size at one number of greys; owns its buffers. A ``Painter``.

    Args:
        width_px: Of the picture.
        height_px: A multiple of six, or the last rows are left out.
        levels: Greys, 2 to 90; the inks take the registers behind them.
    """

    def __init__(self, width_px: int, height_px: int, levels: int) -> None:
        self.shape_px = (height_px - height_px % BAND_ROWS, width_px)
        self.pixel_aspect = 1.0
        self.levels = levels
        bands, colours = self.shape_px[0] // BAND_ROWS, levels + len(INKS)
        self._encode = kernels().call("sixel_bands")
        self._registers = grey_levels(levels).tobytes()
        self._itself = np.arange(256, dtype=np.uint8)
        self._xs = np.zeros((colours, width_px), np.int32)
        self._masks = np.zeros((colours, width_px), np.uint8)
        self._counts = np.zeros(colours, np.int32)
        self._chars = np.zeros(2 * width_px + 2, np.uint8)
        self._lengths = np.zeros(2 * width_px + 2, np.int32)
        self._out = np.zeros((bands, 40 * width_px + 8 * colours), np.uint8)
        self._sizes = np.zeros(bands, np.int32)
        self._head = f'\x1bP0;0;0q"1;1;{width_px};{self.shape_px[0]}{_palette(levels)}'.encode("ascii")

    def paint(self, grey: Grey, marks: Marks | None, region: Region) -> str:
        """See ``Painter``; a sixel picture is drawn where the cursor is."""
        return self.encode(grey, marks)

    def encode(self, grey: Grey, marks: Marks | None = None) -> str:
        """The picture as one escape sequence; ``grey`` is of ``shape_px`` in C order.

        Raises:
            ValueError: It has another size.
        """
        if grey.shape != self.shape_px:
            raise ValueError(f"a picture of {grey.shape} is not {self.shape_px}")
        self._encode(
            inked(self._registers, grey, marks, self.levels), self._itself, self._xs, self._masks, self._counts,
            self._chars, self._lengths, self._out, self._sizes, 0, len(self._sizes),
        )  # fmt: skip
        parts = [self._out[band, : self._sizes[band]].tobytes() for band in range(len(self._sizes))]
        return b"".join((self._head, *parts, _END)).decode("ascii")
