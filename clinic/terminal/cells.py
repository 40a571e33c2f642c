"""Grey pictures as half-block cells, two pixels to a character, for terminals without sixel."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from textual.geometry import Region

from clinic.terminal.inks import COLOURS, INKS, Colour
from clinic.terminal.marks import Marks
from clinic.terminal.painter import Grey, inked
from imaging.compiled import kernels

HALF = "▀"
_TRUE_LEVELS = 64
# xterm's 256 colours: black, the ramp of 24 greys from 8 to 238 in steps of 10, white.
_RAMP = (16, *range(232, 256), 231)
_RAMP_GREY = (0, *range(8, 239, 10), 255)
_CUBE = (0, 95, 135, 175, 215, 255)


class CellEncoder:
    """Encodes pictures of one size in cells; owns its buffers. A ``Painter``.

    Args:
        columns, rows: Size in cells.
        cell_px: Width and height of a cell.
        truecolor: 64 greys; without it the 26 greys of xterm's 256 colours.
    """

    def __init__(self, columns: int, rows: int, cell_px: tuple[int, int], *, truecolor: bool) -> None:
        self.shape_px = (2 * rows, columns)
        self.pixel_aspect = cell_px[1] / 2 / cell_px[0]
        greys = true_greys() if truecolor else _RAMP_GREY
        words = [_true(grey, grey, grey) if truecolor else f"5;{_RAMP[i]}" for i, grey in enumerate(greys)]
        words += [_true(*COLOURS[ink]) if truecolor else f"5;{_nearest(COLOURS[ink])}" for ink in INKS]
        self.levels = len(greys)
        self._registers = nearest_levels(greys).tobytes()
        self._fronts, self._sizes = _table([f"38;{word}" for word in words])
        self._backs, _ = _table([f"48;{word}" for word in words])
        room = columns * (2 * self._fronts.shape[1] + 7)
        self._out = np.zeros((rows, room), np.uint8)
        self._lengths = np.zeros(rows, np.int32)
        self._encode = kernels().call("cell_rows")

    def paint(self, grey: Grey, marks: Marks | None, region: Region) -> str:
        """See ``Painter``; each row is placed by itself."""
        pixels = inked(self._registers, grey, marks, self.levels)
        rows = len(self._lengths)
        self._encode(pixels, self._fronts, self._backs, self._sizes, self._out, self._lengths, 0, rows)
        parts = [
            f"\x1b[{region.y + 1 + row};{region.x + 1}H{self._out[row, : self._lengths[row]].tobytes().decode()}"
            for row in range(rows)
        ]
        return "".join((*parts, "\x1b[m"))


def true_greys() -> tuple[int, ...]:
    """The greys that are sent where the terminal takes any colour."""
    return tuple(round(level * 255 / (_TRUE_LEVELS - 1)) for level in range(_TRUE_LEVELS))


def nearest_levels(greys: tuple[int, ...]) -> NDArray[np.uint8]:
    """(256,) the nearest of the given greys, by its place."""
    nearest: NDArray[np.uint8] = np.abs(np.arange(256)[:, None] - np.array(greys)).argmin(axis=1).astype(np.uint8)
    return nearest


def _true(red: int, green: int, blue: int) -> str:
    return f"2;{red};{green};{blue}"


def _nearest(colour: Colour) -> int:
    """The nearest of the 6 x 6 x 6 colour cube."""
    places = [int(np.abs(np.array(_CUBE) - part).argmin()) for part in colour]
    return 16 + 36 * places[0] + 6 * places[1] + places[2]


def _table(words: list[str]) -> tuple[NDArray[np.uint8], NDArray[np.int32]]:
    room = max(map(len, words))
    table = np.zeros((len(words), room), np.uint8)
    for row, word in zip(table, words, strict=True):
        row[: len(word)] = np.frombuffer(word.encode("ascii"), np.uint8)
    return table, np.array([len(word) for word in words], np.int32)
