"""ImageView: a picture in a Textual screen. Half-block cells underneath, sixel painted beside the compositor.

The widget itself always holds the picture as half-blocks, so dialogs, tmux and terminals without sixel show it too.
Where the terminal draws sixel, each picture is one atomic write to the driver, never through the compositor, which
would blank the pixels on every frame. Textual's internals that this needs (``app._driver.write``) are used here alone.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from clinic.terminal.capabilities import CELLS_ONLY, TerminalCapabilities
from clinic.terminal.fit import plan_fit
from clinic.terminal.pacing import Pacer
from clinic.terminal.sixel import BAND_ROWS, LADDER, SixelEncoder

Grey = NDArray[np.uint8]
_HALF = "▀"
_CELL_LEVELS = 32
_PERIOD_NS = 33_000_000


class Liveness(Enum):
    """What the picture is; shown so that it cannot be mistaken."""

    LIVE = "LIVE"
    NOT_LIVE = "NOT LIVE"
    FROZEN = "FROZEN"


@lru_cache(maxsize=_CELL_LEVELS**2)
def _cell_style(upper: int, lower: int) -> Style:
    top, bottom = (level * 255 // (_CELL_LEVELS - 1) for level in (upper, lower))
    return Style.parse(f"rgb({top},{top},{top}) on rgb({bottom},{bottom},{bottom})")


class ImageView(Widget):
    """Shows grey pictures; used by the Textual loop alone.

    Args:
        terminal: What the terminal can do.
        monotonic_ns: Clock for pacing.
        id: Of the widget.
    """

    DEFAULT_CSS = "ImageView { background: rgb(0,0,0); }"

    def __init__(
        self, terminal: TerminalCapabilities, monotonic_ns: Callable[[], int], *, id: str | None = None
    ) -> None:
        super().__init__(id=id)
        self._terminal = terminal
        self._monotonic_ns = monotonic_ns
        self._grey: Grey | None = None
        self._cells: Grey | None = None
        self._encoder: SixelEncoder | None = None
        self._overdue = False
        self.liveness = Liveness.NOT_LIVE
        self.pacer = Pacer(LADDER, _PERIOD_NS)
        self.painted = 0

    def show(self, grey: Grey, liveness: Liveness) -> None:
        """Show a picture, or the same one in another state; newest wins, none is queued.

        Args:
            grey: (rows, columns), with whatever is burnt into it.
            liveness: A picture that is not live is dimmed.
        """
        changed = liveness is not self.liveness
        self.liveness = liveness
        self._grey = grey if liveness is not Liveness.NOT_LIVE else (grey // 3).astype(np.uint8)
        if not self._terminal.sixel or self._covered():
            self._cells = None
            self.refresh()
            return
        if changed:
            self._cells = None
        self._paint()

    def on_resize(self, event: events.Resize) -> None:
        """Another size: everything is planned anew, pixels after the compositor."""
        self._cells = self._encoder = None
        self.repaint_soon()

    def repaint_soon(self) -> None:
        """Paint again once the compositor has drawn, as after a dialog."""
        self._cells = None
        self.refresh()
        self.call_after_refresh(self._paint)

    def reported(self, tag: int) -> None:
        """The terminal drew the picture of this tag; the next may go."""
        if self.pacer.reported(tag, self._monotonic_ns()) and self._overdue:
            self._paint()

    def render_line(self, y: int) -> Strip:
        """The picture as half-blocks, two pixels to a cell."""
        cells = self._half_blocks()
        if cells is None or y >= self.size.height:
            return Strip.blank(self.size.width, Style.parse("on rgb(0,0,0)"))
        pairs = zip(cells[2 * y].tolist(), cells[2 * y + 1].tolist(), strict=True)
        return Strip([Segment(_HALF, _cell_style(upper, lower)) for upper, lower in pairs], self.size.width)

    def _half_blocks(self) -> Grey | None:
        if self._grey is None or not self.size.area:
            return None
        if self._cells is None:
            width, height = self._terminal.cell_px
            fit = plan_fit(self._grey.shape, (2 * self.size.height, self.size.width), height / 2 / width)
            self._cells = (fit.apply(self._grey).astype(np.uint16) * _CELL_LEVELS >> 8).astype(np.uint8)
        return self._cells

    def _paint(self) -> None:
        """Write the newest picture if there is a credit and nothing lies over it."""
        driver = self.app._driver  # noqa: SLF001  (the one way to write beside the compositor)
        if self._grey is None or driver is None or not self._terminal.sixel or self._covered():
            return
        now_ns = self._monotonic_ns()
        self._overdue = not self.pacer.may_write(now_ns)
        encoder = self._sized_encoder()
        if self._overdue or encoder is None:
            return
        region = self.content_region
        fit = plan_fit(self._grey.shape, (encoder.height_px, encoder.width_px))
        driver.write(frame_text(region, encoder.encode(fit.apply(self._grey)), self.pacer.written(now_ns)))
        self.painted += 1

    def _sized_encoder(self) -> SixelEncoder | None:
        cell_width, cell_height = self._terminal.cell_px
        width, height = self.size.width * cell_width, self.size.height * cell_height
        if width < BAND_ROWS or height < BAND_ROWS:
            return None
        levels = self.pacer.quality if self.liveness is Liveness.LIVE else LADDER[0]
        encoder = self._encoder
        fits = encoder is not None and (encoder.width_px, encoder.levels) == (width, levels)
        if not fits or encoder is None or encoder.height_px != height - height % BAND_ROWS:
            encoder = self._encoder = SixelEncoder(width, height, levels)
        return encoder

    def _covered(self) -> bool:
        return not self.is_attached or self.app.screen is not self.screen or not self.size.area


def frame_text(region: Region, sixel: str, tag: int) -> str:
    """One atomic string: synchronized update, cursor kept, picture in its place, a tagged report asked for."""
    place = f"\x1b[{region.y + 1};{region.x + 1}H"
    return f"\x1b[?2026h\x1b7{place}{sixel}\x1b[1;{tag}H\x1b[6n\x1b8\x1b[?2026l"


__all__ = ["CELLS_ONLY", "ImageView", "Liveness", "frame_text"]
