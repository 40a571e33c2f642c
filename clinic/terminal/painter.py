"""Painter: a picture with its marks as the escape codes of one terminal. Sixel or cells, behind one door."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from textual.geometry import Region

from clinic.terminal.fit import Fit
from clinic.terminal.marks import Mask

Grey = NDArray[np.uint8]


class Painter(Protocol):
    """Paints pictures of one size; owns its buffers.

    ``shape_px`` is (rows, columns) of the pixels that it paints, ``pixel_aspect`` their height over their width.
    """

    shape_px: tuple[int, int]
    pixel_aspect: float

    def paint(self, grey: Grey, mask: Mask | None, region: Region) -> str:
        """The escape codes that draw a picture of ``shape_px`` in a region of the screen."""


def inked(registers: NDArray[np.uint8], grey: Grey, mask: Mask | None, first_ink: int) -> Grey:
    """Greys as colour registers, and marks as the registers behind them, which begin at ``first_ink``."""
    out: Grey = registers[grey]
    if mask is not None:
        marked = np.flatnonzero(mask)
        out.flat[marked] = mask.flat[marked] + np.uint8(first_ink - 1)
    return out


def atomic(region: Region, text: str, tag: int) -> str:
    """One string: synchronized update, cursor kept, the picture in its place, a tagged cursor report asked for."""
    return f"\x1b[?2026h\x1b7{back_to(region)}{text}\x1b[1;{tag}H\x1b[6n\x1b8\x1b[?2026l"


def back_to(region: Region) -> str:
    """The cursor to a region's first cell."""
    return f"\x1b[{region.y + 1};{region.x + 1}H"


def planned_for(fit: Fit | None, source: tuple[int, int], painter: Painter) -> bool:
    """Whether a fit is still the one for a picture and a painter."""
    return fit is not None and fit.source == source and fit.target == painter.shape_px
