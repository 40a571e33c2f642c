"""ImageView: a picture in a Textual screen. Half-block cells underneath, pixels painted beside the compositor.

The widget itself always holds the picture as half-blocks, so dialogs, tmux and screen shots show it too. Where the
terminal answers, each picture is one atomic write to the driver, in sixel or in cells, never through the compositor,
which would blank the pixels on every frame. Textual's internals that this needs (``app._driver.write``,
``screen._compositor``, ``_styles_cache``) are used here alone.
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

from clinic.terminal.capabilities import TerminalCapabilities
from clinic.terminal.cells import HALF, CellEncoder, nearest_levels
from clinic.terminal.fit import Fit, plan_fit
from clinic.terminal.inks import COLOURS, INKS, Colour
from clinic.terminal.marks import Mask, Overlay, draw_marks
from clinic.terminal.pacing import Pacer
from clinic.terminal.painter import Painter, atomic, back_to, inked, planned_for
from clinic.terminal.sixel import BAND_ROWS, LADDER, SixelEncoder

Grey = NDArray[np.uint8]
_PERIOD_NS = 33_000_000
_GREYS = tuple(level * 255 // 31 for level in range(32))
_NEAREST = nearest_levels(_GREYS)
_COLOURS: tuple[Colour, ...] = (*((grey, grey, grey) for grey in _GREYS), *(COLOURS[ink] for ink in INKS))
_BLACK = "on rgb(0,0,0)"


class Liveness(Enum):
    """What the picture is; shown so that it cannot be mistaken."""

    LIVE = "LIVE"
    NOT_LIVE = "NOT LIVE"
    FROZEN = "FROZEN"


@lru_cache(maxsize=len(_COLOURS) ** 2)
def _cell_style(upper: int, lower: int) -> Style:
    top, bottom = _COLOURS[upper], _COLOURS[lower]
    return Style.parse(f"rgb({top[0]},{top[1]},{top[2]}) on rgb({bottom[0]},{bottom[1]},{bottom[2]})")


class ImageView(Widget):
    """Shows grey pictures with marks over them; used by the Textual loop alone.

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
        self._overlay = Overlay()
        self._cells: Grey | None = None
        self._painter: Painter | None = None
        self._fit: Fit | None = None
        self._mask: tuple[Overlay, Fit, Mask] | None = None
        self._overdue = False
        self._blocks_below = False
        self.liveness = Liveness.NOT_LIVE
        self.pacer = Pacer(LADDER, _PERIOD_NS)
        self.painted = 0

    @property
    def shows_pixels(self) -> bool:
        """Whether the terminal draws single pixels, so that small letters can be read."""
        return self._terminal.sixel

    @property
    def shape_px(self) -> tuple[int, int]:
        """(rows, columns) of what is shown, in square pixels of the terminal."""
        width, height = self._terminal.cell_px
        return self.size.height * height, self.size.width * width

    def show(self, grey: Grey, liveness: Liveness, overlay: Overlay | None = None) -> None:
        """Show a picture, or the same one in another state; newest wins, none is queued.

        Args:
            grey: (rows, columns) in C order.
            liveness: A picture that is not live is dimmed.
            overlay: Drawn over it.
        """
        self.liveness = liveness
        self._overlay = overlay or Overlay()
        self._grey = grey if liveness is not Liveness.NOT_LIVE else (grey // 3).astype(np.uint8)
        self._cells = None
        if not self._terminal.answers or self._covered():
            self.refresh()
            return
        self._paint()

    def on_resize(self, event: events.Resize) -> None:
        """Another size: everything is planned anew."""
        self._cells = self._painter = self._fit = None

    def reported(self, tag: int) -> None:
        """The terminal drew the picture of this tag; the next may go."""
        if self.pacer.reported(tag, self._monotonic_ns()) and self._overdue:
            self._paint()

    def tick(self) -> None:
        """Called now and then: a picture that waits for a report which was lost is painted after all."""
        if self._overdue:
            self._paint()

    def render_lines(self, crop: Region) -> list[Strip]:
        """The half-blocks; they lie over the pixels now, so the pixels are painted again behind this refresh."""
        self._styles_cache.clear()  # pictures go by beside the compositor, so what it remembers is an old one
        strips = super().render_lines(crop)
        self._blocks_below = True
        if self._terminal.answers and self._grey is not None:
            self.call_after_refresh(self._paint)
        return strips

    def render_line(self, y: int) -> Strip:
        """The picture as half-blocks, two pixels to a cell."""
        cells = self._half_blocks()
        if cells is None or 2 * y + 1 >= len(cells):
            return Strip.blank(self.size.width, Style.parse(_BLACK))
        pairs = zip(cells[2 * y].tolist(), cells[2 * y + 1].tolist(), strict=True)
        return Strip([Segment(HALF, _cell_style(upper, lower)) for upper, lower in pairs], self.size.width)

    def _half_blocks(self) -> Grey | None:
        if self._grey is None or not self.size.area:
            return None
        if self._cells is None:
            width, height = self._terminal.cell_px
            fit = plan_fit(self._grey.shape, (2 * self.size.height, self.size.width), height / 2 / width)
            self._cells = inked(_NEAREST, fit.apply(self._grey), draw_marks(self._overlay, fit), len(_GREYS))
        return self._cells

    def _paint(self) -> None:
        """Write the newest picture if there is a credit and nothing lies over it."""
        driver = self.app._driver  # noqa: SLF001  (the one way to write beside the compositor)
        if self._grey is None or driver is None or not self._terminal.answers or self._covered():
            return
        now_ns = self._monotonic_ns()
        self._overdue = not self.pacer.may_write(now_ns)
        painter = self._sized_painter()
        if self._overdue or painter is None:
            return
        if not planned_for(self._fit, self._grey.shape, painter):
            self._fit = plan_fit(self._grey.shape, painter.shape_px, painter.pixel_aspect)
        assert self._fit is not None
        region = self.content_region
        text = painter.paint(self._fit.apply(self._grey), self._drawn_mask(self._fit), region)
        if self._blocks_below:  # sixel comes in bands of six rows: a rest below them would still show half-blocks
            text = f"\x1b[{region.bottom};{region.x + 1}H\x1b[48;5;16m{' ' * region.width}\x1b[m{back_to(region)}{text}"
            self._blocks_below = False
        driver.write(atomic(region, text, self.pacer.written(now_ns)))
        self.painted += 1

    def _drawn_mask(self, fit: Fit) -> Mask | None:
        if self._overlay == Overlay():
            return None
        if self._mask is None or self._mask[0] != self._overlay or self._mask[1] is not fit:
            self._mask = (self._overlay, fit, draw_marks(self._overlay, fit))
        return self._mask[2]

    def _sized_painter(self) -> Painter | None:
        columns, rows = self.size
        if not columns or not rows:
            return None
        return self._sized_sixel(columns, rows) if self._terminal.sixel else self._sized_cells(columns, rows)

    def _sized_cells(self, columns: int, rows: int) -> Painter:
        if self._painter is None:
            truecolor = self.app.console.color_system == "truecolor"
            self._painter = CellEncoder(columns, rows, self._terminal.cell_px, truecolor=truecolor)
        return self._painter

    def _sized_sixel(self, columns: int, rows: int) -> Painter | None:
        cell_width, cell_height = self._terminal.cell_px
        width, height = columns * cell_width, rows * cell_height
        if width < BAND_ROWS or height < BAND_ROWS:
            return None
        levels = self.pacer.quality if self.liveness is Liveness.LIVE else LADDER[0]
        painter = self._painter
        if not isinstance(painter, SixelEncoder) or painter.levels != levels:
            painter = self._painter = SixelEncoder(width, height, levels)
        return painter

    def _covered(self) -> bool:
        """Whether anything lies over the picture: another screen, a dialog, a tooltip."""
        if not self.is_attached or self.app.screen is not self.screen or not self.size.area:
            return True
        for widget, (region, _) in self.screen._compositor.visible_widgets.items():  # noqa: SLF001  (front to back)
            if widget is self:
                return False
            if region.overlaps(self.region) and widget not in self.ancestors:
                return True
        return True
