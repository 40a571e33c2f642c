"""Painter: a picture with its marks as the escape codes of one terminal. Sixel or cells, behind one door."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from textual.geometry import Region

from clinic.terminal.fit import Fit
from clinic.terminal.marks import Marks

Grey = NDArray[np.uint8]


class Painter(Protocol):
    """Paints pictures of one size; owns its buffers.

    ``shape_px`` is (rows, columns) of the pixels that it paints, ``pixel_aspect`` their height over their width.
    """

    shape_px: tuple[int, int]
    pixel_aspect: float

    def paint(self, grey: Grey, marks: Marks | None, region: Region) -> str:
        """The escape codes that draw a picture of ``shape_px`` in a region of the screen."""


def inked(registers: bytes, grey: Grey, marks: Marks | None, first_ink: int) -> Grey:
    """Greys as colour registers, and marks as the registers behind them, which begin at ``first_ink``.

    Args:
        registers: 256 bytes, the register of each grey. ``translate`` is twice as fast as indexing an array.
        grey: In C order.
        marks: Of a mask of the same shape.
        first_ink: Register of the first ink.
    """
    out: Grey = np.frombuffer(bytearray(grey).translate(registers), np.uint8)
    if marks is not None:
        out[marks.where] = marks.inks + np.uint8(first_ink - 1)
    return out.reshape(grey.shape)


def atomic(region: Region, text: str, tag: int) -> str:
    """One string: synchronized update, cursor kept, the picture in its place, a tagged cursor report asked for."""
    return f"\x1b[?2026h\x1b7{back_to(region)}{text}\x1b[1;{tag}H\x1b[6n\x1b8\x1b[?2026l"


def back_to(region: Region) -> str:
    """The cursor to a region's first cell."""
    return f"\x1b[{region.y + 1};{region.x + 1}H"


def planned_for(fit: Fit | None, source: tuple[int, int], painter: Painter) -> bool:
    """Whether a fit is still the one for a picture and a painter."""
    if fit is None or fit.source != source or fit.target != painter.shape_px:
        return False
    return abs(fit.scale[1] / fit.scale[0] - painter.pixel_aspect) < 1e-9
